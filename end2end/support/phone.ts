import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  type ConsoleMessage,
  type Page,
  chromium,
  expect,
} from "@playwright/test";

import SWITCHES from "./chromium.json";
import { clockAhead } from "./clock";
import { SmallDisk } from "./disk";
import type { Network } from "./network";

/** 远洋乐堤港 in WGS-84: the middle of the sample district. */
export const LEDI_HARBOUR = { latitude: 30.3172, longitude: 120.1386, accuracy: 12 };
export const SMALL = { width: 360, height: 740 };
export const LARGE = { width: 1280, height: 800 };

const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: SWITCHES.args,
};

export interface PhoneOptions {
  lang: "zh" | "en";
  /** Where the phone is; null: its owner refuses to say. */
  position: { latitude: number; longitude: number; accuracy: number } | null;
  viewport: { width: number; height: number };
  colorScheme: "light" | "dark";
  javaScript: boolean;
  /** Its profile lies on a disk of its own that has so many megabytes; null: on the machine's. */
  diskMb: number | null;
  /** By how many seconds its clock is wrong, positive: fast. */
  clockAheadS: number;
}

export const DEFAULTS: PhoneOptions = {
  lang: "zh",
  position: LEDI_HARBOUR,
  viewport: SMALL,
  colorScheme: "light",
  javaScript: true,
  diskMb: null,
  clockAheadS: 0,
};

/** What the browser says when it is offline: not a fault of ours, but only where a test took the network away. */
const NETWORK_GONE = /net::ERR_/;

/** The browser calls every 404 an error; that the server has nothing of a photo yet is what the phone asks it for. */
function isOrdinary(message: ConsoleMessage): boolean {
  return message.text().includes("status of 404") && /\/api\/v1\/uploads\/[0-9a-f]{64}$/.test(message.location().url);
}

/** Under which the server knows a phone: it keeps no token, only its hash. */
export const deviceOf = (token: string): string => createHash("sha256").update(token).digest("hex");

/** A real Chromium with a profile on disk that survives closing, in front of one network. */
export class Phone {
  /** Console errors, uncaught errors and CSP violations so far; every test ends with none. */
  readonly faults: string[] = [];
  /** Faults that a test causes on purpose. */
  readonly expected: RegExp[] = [];
  readonly #profile = mkdtempSync(join(tmpdir(), "waypost-phone-"));
  #context: BrowserContext | undefined;
  #offline = false;
  #disk: SmallDisk | undefined;

  private constructor(
    readonly network: Network,
    readonly options: PhoneOptions,
  ) {}

  static async start(network: Network, options: PhoneOptions): Promise<Phone> {
    const phone = new Phone(network, options);
    if (options.diskMb !== null) phone.#disk = await SmallDisk.mount(phone.#profile, options.diskMb);
    await phone.reopen();
    return phone;
  }

  get disk(): SmallDisk {
    if (!this.#disk) throw new Error("this phone has no disk of its own");
    return this.#disk;
  }

  get context(): BrowserContext {
    if (!this.#context) throw new Error("the phone's browser is closed");
    return this.#context;
  }

  get page(): Page {
    const page = this.context.pages()[0];
    if (!page) throw new Error("no tab is open");
    return page;
  }

  /** Starts the browser again on the same profile; offline, if that is how it was left. */
  async reopen(): Promise<void> {
    const { lang, position, viewport, colorScheme, javaScript, clockAheadS } = this.options;
    const executablePath = this.#disk?.wrap(CHROMIUM.executablePath) ?? CHROMIUM.executablePath;
    const env = { ...process.env, ...(clockAheadS === 0 ? {} : clockAhead(clockAheadS)) } as Record<string, string>;
    const options: BrowserContextOptions = {
      baseURL: this.network.origin,
      locale: lang === "zh" ? "zh-CN" : "en-GB",
      timezoneId: "Asia/Shanghai",
      viewport,
      colorScheme,
      javaScriptEnabled: javaScript,
      hasTouch: viewport.width < 600,
      reducedMotion: "reduce",
      ...(position ? { geolocation: position, permissions: ["geolocation"] } : {}),
    };
    const context = await chromium.launchPersistentContext(this.#profile, { ...CHROMIUM, executablePath, env, ...options });
    this.#context = context;
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`[csp] ${event.violatedDirective} refused ${event.blockedURI} in ${event.sourceFile}`);
      });
    });
    context.on("console", (message) => {
      if (message.type() === "error" && !isOrdinary(message)) this.#fault(`console: ${message.text()}`);
    });
    context.on("weberror", (error) => this.#fault(`uncaught: ${error.error().message}`));
    if (this.#offline) await context.setOffline(true);
    if (context.pages().length === 0) await context.newPage();
  }

  /** Closes the browser as a whole; the profile stays. */
  async close(): Promise<void> {
    await this.#context?.close();
    this.#context = undefined;
  }

  /** Ends the browser as Android does: every process at once, with no time to finish anything. */
  async kill(): Promise<void> {
    const context = this.context;
    const gone = new Promise((done) => context.once("close", done));
    this.#context = undefined;
    for (const pid of this.#processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        // Gone with its parent a moment ago.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
    await gone;
    await expect.poll(() => this.#processes()).toEqual([]);
  }

  /** The ids of the processes that work on this phone's profile. */
  #processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(`--user-data-dir=${this.#profile}`);
        } catch {
          return false; // It has ended meanwhile.
        }
      })
      .map(Number);
  }

  async dispose(): Promise<void> {
    await this.close();
    await this.#disk?.dispose();
    rmSync(this.#profile, { recursive: true, force: true });
  }

  /** The test takes the network away or breaks it: what the browser says of that is no fault of ours. */
  expectBrokenNetwork(): void {
    this.expected.push(NETWORK_GONE, /Failed to load resource: the server responded with a status of/);
  }

  /** Chromium's own protocol, for what Playwright has no word for. */
  protocol(page: Page = this.page): Promise<CDPSession> {
    return this.context.newCDPSession(page);
  }

  async goOffline(): Promise<void> {
    this.#offline = true;
    if (!this.expected.includes(NETWORK_GONE)) this.expected.push(NETWORK_GONE);
    this.network.cut();
    await this.#context?.setOffline(true);
  }

  async goOnline(): Promise<void> {
    this.#offline = false;
    this.network.restore();
    await this.#context?.setOffline(false);
  }

  /** Opens a page and waits until it answers to a touch: plain HTML is enough where scripts are off. */
  async open(path: string, page: Page = this.page): Promise<Page> {
    await page.goto(path);
    if (this.options.javaScript) await this.interactive(page);
    return page;
  }

  /** Waits until WASM has taken the page over. */
  async interactive(page: Page = this.page): Promise<void> {
    await expect(page.locator("html")).toHaveAttribute("data-live", "");
  }

  /** Waits until the phone holds all it needs to open any page without the network: the build and the district. */
  async installed(page: Page = this.page): Promise<void> {
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await expect.poll(() => page.evaluate(() => localStorage.getItem("waypost.snapshot.v1"))).not.toBeNull();
  }

  /** The secret by which the server knows whose reports are whose. */
  async token(): Promise<string> {
    const token = await this.page.evaluate(() => localStorage.getItem("waypost.token.v1"));
    if (!token) throw new Error("this phone has no token yet");
    return token;
  }

  #fault(text: string): void {
    if (!this.expected.some((pattern) => pattern.test(text))) this.faults.push(text);
  }
}
