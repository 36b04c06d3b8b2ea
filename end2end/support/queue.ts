import { createHash } from "node:crypto";

import type { Page } from "@playwright/test";

import { type Dump, leave } from "./drawers";
import old from "../fixtures/queues/version-1.json";

/** A report as a phone keeps it in its outbox, and the bytes it names. */
export interface Queued {
  words: string;
  category?: string;
  /** How many photos, each like no other. */
  photos?: number;
  /** What else the row says. */
  row?: object;
}

/** Small, so that a long queue tries the queue and not the decoder. */
const JPEG = Buffer.from(Object.values(old.drawers.photos)[0]?.bytes ?? "", "base64");

/** A JPEG like no other: after its end, where no reader looks, stands what makes it so. */
function photo(name: string): { hash: string; bytes: string } {
  const bytes = Buffer.concat([JPEG, Buffer.from(name)]);
  return { hash: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.toString("base64") };
}

/** A report's id by its place in the queue. */
export const idOf = (at: number): string => `0193a2b0-0000-7000-8000-${String(at + 1).padStart(12, "0")}`;

/**
 * A queue as the program itself leaves it, written into the database past it: a long one would take minutes to type.
 * The page must be of our origin and not running the program.
 */
export async function leaveQueue(page: Page, version: number, reports: Queued[]): Promise<void> {
  const dump: Dump = { version, drawers: { drafts: {}, photos: {}, thumbs: {}, outbox: {}, verifications: {} } };
  for (const [at, { words, category = "road", photos = 0, row }] of reports.entries()) {
    const id = idOf(at);
    const shots = Array.from({ length: photos }, (_, one) => photo(`${id} ${one}`));
    for (const { hash, bytes } of shots) {
      dump.drawers.photos![hash] = { bytes };
      dump.drawers.thumbs![hash] = { bytes };
    }
    const body = {
      category,
      description: words,
      lat: 30.3172 + at / 10_000,
      lng: 120.1386,
      accuracy_m: 12,
      captured_at: "2026-11-24T08:10:00+08:00",
      landmark: "",
      photos: shots.map(({ hash }) => hash),
    };
    const stage = { queued: { tries: 0, not_before: 0, reason: null } };
    dump.drawers.outbox![id] = { id, body, uploaded: [], put_begun: false, queued_at: 1_795_500_000_000 + at, stage, ...row };
  }
  await leave(page, dump);
}
