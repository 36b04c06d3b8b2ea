import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type BrowserContext, type BrowserContextOptions, type ConsoleMessage, type Page, chromium, expect } from "@playwright/test";

import type { Network } from "./network";

/** 远洋乐堤港 in WGS-84: the middle of the sample district. */
export const LEDI_HARBOUR = { latitude: 30.3172, longitude: 120.1386, accuracy: 12 };
export const SMALL = { width: 360, height: 740 };
export const LARGE = { width: 1280, height: 800 };

const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export interface PhoneOptions {
  lang: "zh" | "en";
  /** Where the phone is; null: its owner refuses to say. */
  position: { latitude: number; longitude: number; accuracy: number } | null;
  viewport: { width: number; height: number };
  colorScheme: "light" | "dark";
  javaScript: boolean;
}

export const DEFAULTS: PhoneOptions = {
  lang: "zh",
  position: LEDI_HARBOUR,
  viewport: SMALL,
  colorScheme: "light",
  javaScript: true,
};

/** What the browser says when it is offline: not a fault of ours, but only where a test took the network away. */
const NETWORK_GONE = /net::ERR_/;

/** The browser calls every 404 an error; that the server has nothing of a photo yet is what the phone asks it for. */
function isOrdinary(message: ConsoleMessage): boolean {
  return message.text().includes("status of 404") && /\/api\/v1\/uploads\/[0-9a-f]{64}$/.test(message.location().url);
}

/** A real Chromium with a profile on disk that survives closing, in front of one network. */
export class Phone {
  /** Console errors, uncaught errors and CSP violations so far; every test ends with none. */
  readonly faults: string[] = [];
  /** Faults that a test causes on purpose. */
  readonly expected: RegExp[] = [];
  readonly #profile = mkdtempSync(join(tmpdir(), "waypost-phone-"));
  #context: BrowserContext | undefined;
  #offline = false;

  private constructor(
    readonly network: Network,
    readonly options: PhoneOptions,
  ) {}

  static async start(network: Network, options: PhoneOptions): Promise<Phone> {
    const phone = new Phone(network, options);
    await phone.reopen();
    return phone;
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
    const { lang, position, viewport, colorScheme, javaScript } = this.options;
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
    const context = await chromium.launchPersistentContext(this.#profile, { ...CHROMIUM, ...options });
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

  async dispose(): Promise<void> {
    await this.close();
    rmSync(this.#profile, { recursive: true, force: true });
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
