import { createHash } from "node:crypto";

import { type Page, expect } from "@playwright/test";

import { type Drawer, drawers } from "./drawers";
import type { Phone } from "./phone";
import type { Server } from "./server";

/** Reports by their words, each where it should be in the end. */
export interface Expected {
  /** Acknowledged: whole on the server, its receipt on the phone. */
  received?: string[];
  /** On the phone, a person must decide. */
  needsYou?: string[];
  drafts?: string[];
  /** On the phone, tried again by itself. */
  waiting?: string[];
  /** On the server from somebody else, or under another report's id, and not on this phone. */
  elsewhere?: string[];
}

/** What is wrong. All empty: nothing lost, nothing doubled, nothing stuck. */
interface Count {
  lost: string[];
  doubled: string[];
  stuck: string[];
  /** Nobody has written these. */
  strange: string[];
}

const NOTHING: Count = { lost: [], doubled: [], stuck: [], strange: [] };

type Place = "draft" | "waiting" | "needs_you" | "received";

interface OnPhone {
  words: string;
  place: Place;
  photos: string[];
  /** Refused because another phone has sent it. */
  isSentElsewhere: boolean;
}

interface Item {
  body: { description?: string | null; photos?: string[] };
  stage: Record<string, unknown>;
}

interface OnServer {
  id: string;
  words: string;
  photos: string[];
}

function rows(outbox: Drawer, drafts: Drawer): OnPhone[] {
  const items = Object.values(outbox).map((row): OnPhone => {
    const { body, stage } = row as Item;
    const place = "received" in stage ? "received" : "needs_you" in stage ? "needs_you" : "waiting";
    const isSentElsewhere = (stage.needs_you as { kind?: string } | undefined)?.kind === "sent_elsewhere";
    return { words: body.description ?? "", place, photos: body.photos ?? [], isSentElsewhere };
  });
  const written = Object.values(drafts).map((row): OnPhone => {
    const { description, photos } = row as { description: string; photos: string[] };
    return { words: description, place: "draft", photos, isSentElsewhere: false };
  });
  return [...items, ...written];
}

/** The reports of a server, each with the photos of which every byte is on its disk. */
function arrived(server: Server): OnServer[] {
  const whole = new Set(
    server.files("photos").map(({ name, bytes }) => {
      const hash = createHash("sha256").update(bytes).digest("hex");
      return name === `${hash}.jpg` ? hash : `damaged ${name}`;
    }),
  );
  const photos = server.rows<{ report: string; photo: string; blob: string; thumb: string }>(
    `SELECT report, photo, blob_sha256 AS blob, thumb_sha256 AS thumb
     FROM report_photos JOIN photos ON photos.sha256 = report_photos.photo ORDER BY report, position`,
  );
  return server.rows<{ id: string; words: string }>("SELECT id, description AS words FROM reports").map((report) => ({
    ...report,
    photos: photos
      .filter((row) => row.report === report.id && whole.has(row.blob) && whole.has(row.thumb))
      .map(({ photo }) => photo),
  }));
}

async function count(page: Page, server: Server, expected: Record<Place, string[]>, elsewhere: string[]): Promise<Count> {
  const { outbox, drafts, photos } = await drawers(page, "outbox", "drafts", "photos");
  const [here, there] = [rows(outbox ?? {}, drafts ?? {}), arrived(server)];
  const found: Count = { lost: [], doubled: [], stuck: [], strange: [] };
  for (const [place, all] of Object.entries(expected) as [Place, string[]][]) {
    for (const words of all) {
      const mine = here.filter((row) => row.words === words);
      const theirs = there.filter((row) => row.words === words);
      if (mine.length > 1 || theirs.length > 1) found.doubled.push(words);
      const [row] = mine;
      if (!row) {
        found.lost.push(theirs.length > 0 ? `the receipt of ${words}` : words);
        continue;
      }
      if (row.place !== place) found.stuck.push(`${words}: ${row.place}, not ${place}`);
      const kept = row.place === "received" ? [] : Object.keys(photos ?? {});
      // What waits may have brought some of its photos to the server already; those the server must have.
      const brought = row.place === "waiting" ? onServer(server) : [];
      // A phone lets go of photos that another one has sent.
      const sent = row.place === "received" || row.isSentElsewhere ? (theirs[0]?.photos ?? []) : [];
      const safe = new Set([...kept, ...brought, ...sent]);
      if (row.place === "received" && theirs.length === 0) found.lost.push(`${words}, although it has a receipt`);
      else for (const photo of row.photos.filter((hash) => !safe.has(hash))) found.lost.push(`photo ${photo} of ${words}`);
    }
  }
  for (const words of elsewhere) {
    const theirs = there.filter((row) => row.words === words).length;
    if (theirs === 0) found.lost.push(words);
    if (theirs > 1) found.doubled.push(words);
    if (here.some((row) => row.words === words)) found.strange.push(`${words}: on this phone, too`);
  }
  const known = new Set([...Object.values(expected).flat(), ...elsewhere]);
  found.strange.push(...[...here, ...there].map(({ words }) => words).filter((words) => !known.has(words)));
  return found;
}

function onServer(server: Server): string[] {
  return server.rows<{ sha256: string }>("SELECT sha256 FROM photos").map(({ sha256 }) => sha256);
}

/**
 * Waits until everything written is where it should be, counted on both sides: what the phone has in its drawers, what
 * the server has in its database and on its disk. Words that nobody expects anywhere are found, too.
 */
export async function settle(phone: Phone, server: Server, expected: Expected, page: Page = phone.page, timeout = 40_000): Promise<void> {
  const places = {
    received: expected.received ?? [],
    needs_you: expected.needsYou ?? [],
    draft: expected.drafts ?? [],
    waiting: expected.waiting ?? [],
  };
  await expect.poll(() => count(page, server, places, expected.elsewhere ?? []), { timeout }).toEqual(NOTHING);
}

/** Tells a page that the network may be back, as the browser itself does. */
export async function wake(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event("online")));
}
