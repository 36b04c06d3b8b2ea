// The browser that the measurements use: a phone's window, a profile of its own, a place in the middle of the district.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The browser tests' own copy: the benchmarks install nothing.
const require = createRequire(new URL("../end2end/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const { args } = require("./support/chromium.json");

const OPTIONS = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args,
  viewport: { width: 360, height: 740 },
  locale: "zh-CN",
  timezoneId: "Asia/Shanghai",
  hasTouch: true,
  geolocation: { latitude: 30.3172, longitude: 120.1386, accuracy: 12 },
  permissions: ["geolocation"],
};

/** Runs `use` with a function that starts the browser on one profile, as often as asked; the profile is gone afterwards. */
export async function withProfile(use) {
  const profile = mkdtempSync(join(tmpdir(), "waypost-bench-"));
  try {
    return await use(() => chromium.launchPersistentContext(profile, OPTIONS));
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}
