import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { endWithUs } from "./children";

const PROGRAM = resolve(__dirname, "../../target/release/waypost");

/** The real program on a free port, with a data directory of its own that outlives restarts. */
export class Server {
  readonly dataDir = mkdtempSync(join(tmpdir(), "waypost-e2e-"));
  /** Everything it printed, to be read when a test fails. */
  readonly log: string[] = [];
  #child: ChildProcess | undefined;
  #port = 0;
  readonly #backups: string[] = [];

  static async start(...flags: string[]): Promise<Server> {
    const server = new Server();
    await server.run(...flags);
    return server;
  }

  get port(): number {
    return this.#port;
  }

  async run(...flags: string[]): Promise<void> {
    const child = spawn(PROGRAM, ["serve", "--addr", "127.0.0.1:0", "--data-dir", this.dataDir, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    endWithUs(child);
    this.#port = await new Promise<number>((found, failed) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          this.log.push(line);
          const port = /listening on http:\/\/\S+:(\d+)/.exec(line)?.[1];
          if (port) found(Number(port));
        });
      }
      child.once("error", failed);
      child.once("exit", (code) => failed(new Error(`the server ended with ${code}:\n${this.log.join("\n")}`)));
    });
  }

  /** Ends the process this object started, letting it finish what is under way. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
  }

  /** Ends it as a power cut does, in the middle of whatever it does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
  }

  /** A copy of everything that is kept, as a nightly backup makes it; the server must be stopped. */
  backup(): string {
    const copy = mkdtempSync(join(tmpdir(), "waypost-backup-"));
    this.#backups.push(copy);
    cpSync(this.dataDir, copy, { recursive: true });
    return copy;
  }

  /** Puts such a copy in the place of what is kept; the server must be stopped. */
  putBack(backup: string): void {
    this.erase();
    cpSync(backup, this.dataDir, { recursive: true });
  }

  /** Forgets everything that was kept; the server must be stopped. */
  erase(): void {
    for (const name of readdirSync(this.dataDir)) rmSync(join(this.dataDir, name), { recursive: true, force: true });
  }

  async dispose(): Promise<void> {
    await this.stop();
    for (const folder of [this.dataDir, ...this.#backups]) rmSync(folder, { recursive: true, force: true });
  }

  /** Adds somebody to the staff as an operator does; gives the address below the origin where they choose a password. */
  addStaff(name: string, role: "admin" | "worker" | "unit"): string {
    const flags = ["staff", "add", name, "--role", role, "--data-dir", this.dataDir];
    const said = execFileSync(PROGRAM, flags, { encoding: "utf8" });
    const link = /\/staff\/setup#[\w-]+/.exec(said)?.[0];
    if (!link) throw new Error(`no link in: ${said}`);
    return link;
  }

  /** Does to the database what nobody can do through the interface yet. */
  execute(sql: string): void {
    execFileSync("sqlite3", [this.#database(), `PRAGMA busy_timeout = 5000; ${sql}`]);
  }

  /** What the database really holds, read past the server by SQLite's own shell. */
  rows<Row>(sql: string): Row[] {
    const json = execFileSync("sqlite3", ["-readonly", "-json", this.#database(), sql], { encoding: "utf8" });
    return json.trim() === "" ? [] : (JSON.parse(json) as Row[]);
  }

  #database(): string {
    const file = readdirSync(this.dataDir).find((name) => /\.(db|sqlite3?)$/.test(name));
    if (!file) throw new Error(`no database in ${this.dataDir}`);
    return join(this.dataDir, file);
  }

  /** Every file below a folder of the data directory, with its bytes; without the note whose the photos are. */
  files(folder: string): { name: string; bytes: Buffer }[] {
    const at = join(this.dataDir, folder);
    if (!existsSync(at)) return [];
    return readdirSync(at, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "belongs-to")
      .flatMap((entry) => {
        try {
          return [{ name: entry.name, bytes: readFileSync(join(entry.parentPath ?? entry.path, entry.name)) }];
        } catch (error) {
          // Half-written files come and go while the server works.
          if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
          throw error;
        }
      });
  }
}
