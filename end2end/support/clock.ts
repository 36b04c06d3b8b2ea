import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let built: string | undefined;

/**
 * The environment of a process whose wall clock is off by so many seconds. Unlike Playwright's clock it is off in every
 * page and worker of a browser, and from its first moment on.
 */
export function clockAhead(seconds: number): Record<string, string> {
  if (built === undefined) {
    const folder = mkdtempSync(join(tmpdir(), "waypost-clock-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const library = join(folder, "clock.so");
    // The C compiler that Rust's linker needs anyway.
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, join(__dirname, "clock.c"), "-ldl"], { stdio: "inherit" });
    built = library;
  }
  return { LD_PRELOAD: built, WAYPOST_CLOCK_AHEAD: String(seconds) };
}
