import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { endWithUs } from "./children";

const MB = 1024 * 1024;

/**
 * A folder that is a small disk of its own: a tmpfs in a namespace that a child holds open, so that it needs no root and
 * is gone with the child. Programs see it when they are started by {@link SmallDisk.wrap}.
 */
export class SmallDisk {
  private constructor(
    readonly folder: string,
    readonly holder: ChildProcess,
    private readonly scripts: string,
  ) {}

  static async mount(folder: string, megabytes: number): Promise<SmallDisk> {
    const script = `mount -t tmpfs -o size=${megabytes}m,mode=0700 waypost-test "$0" && echo mounted && exec sleep 2147483647`;
    const holder = spawn("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script, folder], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    endWithUs(holder);
    const said: string[] = [];
    await new Promise<void>((ready, failed) => {
      const fail = (why: string): void =>
        failed(
          new Error(
            `A full disk cannot be tried here: mounting a tmpfs in a user namespace failed (${why}). It needs ` +
              `util-linux's unshare and nsenter, and a kernel that lets this user make namespaces ` +
              `(kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), or root.`,
          ),
        );
      createInterface({ input: holder.stderr }).on("line", (line) => said.push(line));
      createInterface({ input: holder.stdout }).on("line", (line) => line === "mounted" && ready());
      holder.once("error", (error) => fail(error.message));
      holder.once("exit", () => fail(said.join("; ") || "it ended without a word"));
    });
    return new SmallDisk(folder, holder, mkdtempSync(join(tmpdir(), "waypost-disk-")));
  }

  /** A program that starts another one where this disk is mounted. */
  wrap(program: string): string {
    const script = join(this.scripts, "run");
    const enter = `nsenter --target ${this.holder.pid} --user --mount --preserve-credentials`;
    writeFileSync(script, `#!/bin/sh\nexec ${enter} ${program} "$@"\n`);
    chmodSync(script, 0o755);
    return script;
  }

  /** The folder as the test itself can reach it. */
  get seenFromHere(): string {
    return `/proc/${this.holder.pid}/root${this.folder}`;
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.seenFromHere);
    return bavail * bsize;
  }

  /** Fills it with something else until only so many bytes are free. */
  fill(leave: number): void {
    const filler = join(this.seenFromHere, "filler");
    for (let piece = 0; this.freeBytes > leave; piece += 1) {
      const size = Math.min(MB, this.freeBytes - leave);
      writeFileSync(`${filler}-${piece}`, Buffer.alloc(size));
      if (size < MB) return;
    }
  }

  /** Takes away what {@link SmallDisk.fill} has put there. */
  makeRoom(): void {
    for (let piece = 0; piece < 4096; piece += 1) rmSync(join(this.seenFromHere, `filler-${piece}`), { force: true });
  }

  async dispose(): Promise<void> {
    const ended = new Promise((done) => this.holder.once("exit", done));
    if (this.holder.kill("SIGKILL")) await ended;
    rmSync(this.scripts, { recursive: true, force: true });
  }
}
