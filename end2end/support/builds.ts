import type { Answer } from "./network";

/** `/sw.js` with the same files under another build's name: to the phone a new version. */
export function nextBuild(answer: Answer): Answer {
  const build = /waypost-"? ?\+? ?"([0-9a-f]+)"/.exec(answer.body)?.[1] ?? /"([0-9a-f]{12})"/.exec(answer.body)?.[1];
  if (!build) throw new Error("no build in /sw.js");
  return { ...answer, body: answer.body.replaceAll(build, "0123456789ab") };
}
