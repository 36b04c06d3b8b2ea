import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import type { Server } from "./server";
import { LEDI_HARBOUR } from "./phone";
import { KERB } from "./reporting";

export interface Published {
  category: string;
  words: string;
  /** What has become of it, after "received". */
  states: string[];
  /** Metres to the north and to the east of the middle of the district. */
  north?: number;
  east?: number;
  photo?: boolean;
  /** What was said with the last step. */
  note?: string;
}

/** Sends a report as a phone of its own and moves it on as staff do; gives its code. */
export async function publish(server: Server, report: Published): Promise<string> {
  const origin = `http://127.0.0.1:${server.port}`;
  const headers = { authorization: `Bearer ${createHash("sha256").update(randomUUID()).digest("hex")}` };
  const photos: string[] = [];
  if (report.photo) {
    const bytes = readFileSync(KERB);
    const name = createHash("sha256").update(bytes).digest("hex");
    const sent = await fetch(`${origin}/api/v1/photos/${name}`, { method: "PUT", headers, body: bytes });
    if (!sent.ok) throw new Error(`photo: ${sent.status}`);
    photos.push(name);
  }
  const id = randomUUID();
  const body = {
    category: report.category,
    description: report.words,
    lat: LEDI_HARBOUR.latitude + (report.north ?? 0) / 111_195,
    lng: LEDI_HARBOUR.longitude + (report.east ?? 0) / 96_000,
    accuracy_m: 12,
    captured_at: new Date().toISOString(),
    landmark: "只给工作人员看的地标",
    photos,
  };
  const answer = await fetch(`${origin}/api/v1/reports/${id}`, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const receipt = (await answer.json()) as { code: string };
  if (!answer.ok) throw new Error(`report: ${answer.status} ${JSON.stringify(receipt)}`);
  moveOn(server, id, report.states, report.note);
  return receipt.code;
}

/** Moves a report that was only received so far through these states, with something said in the last one. */
export function moveOn(server: Server, id: string, states: string[], note = ""): void {
  const last = states.at(-1);
  const events = states.map((state, at) => {
    const words = state === last ? note : "";
    return `INSERT INTO report_events (report, seq, state, at_ms, note) VALUES ('${id}', ${at + 1}, '${state}', ${Date.now()}, '${words}');`;
  });
  const isPublic = last && last !== "declined" ? 1 : 0;
  server.execute(
    `${events.join(" ")} UPDATE reports SET state = '${last ?? "received"}', is_public = ${isPublic} WHERE id = '${id}'`,
  );
}
