import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import { type Page, expect } from "@playwright/test";

import type { Network } from "./network";
import { LEDI_HARBOUR } from "./phone";
import { KERB } from "./reporting";

export interface Seed {
  words: string;
  category?: string;
  /** Metres to the north of 远洋乐堤港. */
  north?: number;
  photo?: boolean;
}

interface Receipt {
  id: string;
  code: string;
}

/** Reports sent over the network as phones send them, each from a phone of its own. */
export async function sendReports(network: Network, seeds: Seed[]): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (const { words, category = "road", north = 0, photo = false } of seeds) {
    const token = createHash("sha256").update(randomUUID()).digest("base64url");
    const headers = { authorization: `Bearer ${token}` };
    const photos: string[] = [];
    if (photo) {
      const bytes = readFileSync(KERB);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const sent = await fetch(`${network.origin}/api/v1/photos/${sha256}`, {
        method: "PUT",
        headers: { ...headers, "content-type": "image/jpeg" },
        body: bytes,
      });
      expect(sent.ok, await sent.text()).toBe(true);
      photos.push(sha256);
    }
    const answer = await fetch(`${network.origin}/api/v1/reports/${randomUUID()}`, {
      method: "PUT",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({
        category,
        description: words,
        lat: LEDI_HARBOUR.latitude + north / 111_195,
        lng: LEDI_HARBOUR.longitude,
        accuracy_m: 15,
        captured_at: new Date().toISOString(),
        landmark: "乐堤港北门",
        photos,
      }),
    });
    expect(answer.status, await answer.clone().text()).toBe(201);
    receipts.push((await answer.json()) as Receipt);
  }
  return receipts;
}

/** A unit that repairs, put there as an admin would. */
export function addUnit(execute: (sql: string) => void, name: string): string {
  const id = randomUUID();
  execute(
    `INSERT INTO units (id, name, contact, phone, closed, created_at_ms)
     VALUES ('${id}', '${name}', '陈师傅', '0571-00000000', 0, 0)`,
  );
  return id;
}

export const rows = (page: Page) => page.getByTestId("case-row");

/** Opens a case of the queue, and waits until all of it is there. */
export async function open(page: Page, words: string): Promise<void> {
  await rows(page).filter({ hasText: words }).getByRole("link").click();
  await expect(page.getByTestId("history").getByRole("listitem").first()).toBeVisible();
}

/** Makes a note of a case past its page, as a colleague does in another tab. */
export async function noteOf(page: Page, id: string, words: string): Promise<void> {
  const status = await page.evaluate(
    async ([id, words]) => {
      const url = `/api/v1/staff/cases/${id}`;
      const { version } = (await (await fetch(url)).json()) as { version: number };
      const body = { event_id: crypto.randomUUID(), version, step: "note", note_internal: words };
      const headers = { "content-type": "application/json" };
      return (await fetch(`${url}/events`, { method: "POST", headers, body: JSON.stringify(body) })).status;
    },
    [id, words] as const,
  );
  expect(status).toBe(200);
}
