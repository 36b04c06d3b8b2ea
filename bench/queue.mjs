// Measures what a queue of photos costs a phone in memory, in a real browser, and prints the figures as one line of JSON.
// Called with the address of a server by the benchmark program.
//
// Memory is what Linux counts as the processes' own share (Pss of /proc/PID/smaps_rollup), of the tab's process and of
// all the browser's processes together: pictures also lie in the browser's own process, which keeps blobs and databases.
import { readFileSync, readdirSync } from "node:fs";

import { withProfile } from "./chromium.mjs";

const REPORTS = 10;
const EACH = 5;
const SETTLED = 7;

const origin = process.argv[2];

/** The browser's processes: everything that this program has started. */
function processes() {
  const read = (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      // It has ended meanwhile.
      return "";
    }
  };
  const parents = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    parents.set(pid, /^PPid:\s+(\d+)/m.exec(read(pid, "status"))?.[1]);
  }
  const ours = (pid) => pid === String(process.pid) || (parents.has(pid) && ours(parents.get(pid)));
  return [...parents.keys()]
    .filter((pid) => pid !== String(process.pid) && ours(pid))
    .map((pid) => ({
      draws: read(pid, "cmdline").includes("--type=renderer"),
      size: Number(/^Pss:\s+(\d+) kB/m.exec(read(pid, "smaps_rollup"))?.[1] ?? 0) / 1024,
    }));
}

/** Megabytes of the tab and of the whole browser, after its garbage was collected: the least of several looks. */
async function memory(context, page) {
  const tab = await context.newCDPSession(page);
  let least = { tab: Infinity, browser: Infinity };
  for (let look = 0; look < SETTLED; look += 1) {
    await tab.send("HeapProfiler.collectGarbage");
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    const all = processes();
    // The page's process is the largest of those that draw pages.
    const pages = all.filter(({ draws }) => draws).map(({ size }) => size);
    const now = { tab: Math.max(...pages), browser: all.reduce((sum, { size }) => sum + size, 0) };
    least = { tab: Math.min(least.tab, now.tab), browser: Math.min(least.browser, now.browser) };
  }
  return least;
}

/** Pictures of a phone's size, no two alike and none that compresses well. */
function picture(page, seed) {
  return page.evaluate(async (seed) => {
    const canvas = new OffscreenCanvas(2048, 1536);
    const ink = canvas.getContext("2d");
    for (let at = 0; at < 6000; at += 1) {
      const mix = Math.imul(at + 1, 2654435761) ^ Math.imul(seed + 1, 40503);
      ink.fillStyle = `hsl(${(mix >>> 3) % 360} 60% ${(mix >>> 9) % 100}%)`;
      ink.fillRect((mix >>> 2) % 2048, (mix >>> 12) % 1536, 24, 24);
    }
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  }, seed);
}

/** The list of reports, opened by a browser that was started for it and has no network. */
async function opened(start, use) {
  const context = await start();
  try {
    await context.setOffline(true);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${origin}/mine`);
    await page.waitForSelector("html[data-live]");
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
    return await use(context, page);
  } finally {
    await context.close();
  }
}

await withProfile(async (start) => {
  const first = await start();
  const home = first.pages()[0] ?? (await first.newPage());
  await home.goto(origin);
  await home.waitForFunction(() => navigator.serviceWorker.ready.then((worker) => worker.active?.state === "activated"));
  await home.waitForFunction(() => Object.keys({ ...localStorage }).some((key) => key.includes("snapshot")));
  const files = [];
  for (let seed = 0; seed < REPORTS * EACH; seed += 1) files.push(Buffer.from(await picture(home, seed), "base64"));
  await first.close();

  const idle = await opened(start, memory);

  let bytes = 0;
  const shooting = await opened(start, async (context, page) => {
    let most = { tab: 0, browser: 0 };
    await page.goto(`${origin}/report`);
    await page.waitForSelector("html[data-live]");
    for (let report = 0; report < REPORTS; report += 1) {
      const shots = files.slice(report * EACH, (report + 1) * EACH);
      bytes += shots.reduce((sum, shot) => sum + shot.length, 0);
      await page.setInputFiles(
        "#photo-camera",
        shots.map((buffer, at) => ({ name: `${report}-${at}.jpg`, mimeType: "image/jpeg", buffer })),
      );
      await page.waitForFunction((each) => document.querySelectorAll(".thumbs img").length === each, EACH);
      await page.check("#category-road");
      await page.waitForSelector(".place-plot:not([hidden])");
      await page.click('[data-testid="save"]');
      await page.waitForSelector('[data-testid="saved-state"]');
      const now = await memory(context, page);
      most = { tab: Math.max(most.tab, now.tab), browser: Math.max(most.browser, now.browser) };
      await page.click('[data-testid="saved"] button');
    }
    return most;
  });

  const queued = await opened(start, async (context, page) => {
    const rows = await page.locator('[data-testid="report"]').count();
    if (rows !== REPORTS) throw new Error(`${rows} reports are queued, not ${REPORTS}`);
    return memory(context, page);
  });

  console.log(JSON.stringify({ photos: REPORTS * EACH, bytes, idle, shooting, queued }));
});
