// Measures the list of stations in a real browser whose processor is slowed down, and prints the figures as one line of
// JSON. Called with the address of a server by the benchmark program.
import { withProfile } from "./chromium.mjs";

const SLOWDOWN = 4;
const TOUCHES = 24;
const OPENINGS = 9;
const ROW = '#main a[href^="/stations/"]';

const origin = process.argv[2];
const snapshot = await (await fetch(`${origin}/api/v1/snapshot`)).json();
const last = snapshot.stations.at(-1).id;

/** Runs in the page before anything else: notes long tasks, and when the list answers to a touch. */
function watch(row) {
  const seen = { longest: 0, live: undefined };
  globalThis.bench = seen;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.longest = Math.max(seen.longest, task.duration);
  }).observe({ type: "longtask", buffered: true });
  const mutations = new MutationObserver(() => {
    if (document.documentElement.hasAttribute("data-live") && document.querySelector(row)) {
      mutations.disconnect();
      seen.live = performance.now();
    }
  });
  mutations.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-live"] });
}

/** Touches a filter; milliseconds until the changed list stands in the page, and until it has been painted. */
async function touch(chip) {
  const main = document.querySelector("#main");
  const box = document.querySelector(chip);
  const changed = new Promise((resolve) => {
    const mutations = new MutationObserver(() => {
      mutations.disconnect();
      resolve();
    });
    mutations.observe(main, { subtree: true, childList: true, characterData: true });
  });
  const start = performance.now();
  box.click();
  await changed;
  const drawn = performance.now() - start;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return { drawn, painted: performance.now() - start };
}

const spread = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], slowest: sorted.at(-1) };
};

await withProfile(async (start) => {
  const context = await start();
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.addInitScript(watch, ROW);
    await page.goto(origin);
    await page.waitForFunction(() => globalThis.bench.live !== undefined);
    // The whole district has arrived, and the next opening is the service worker's.
    await page.waitForFunction((id) => Object.values({ ...localStorage }).some((value) => value.includes(`"${id}"`)), last);
    await page.waitForFunction(() => navigator.serviceWorker.ready.then((worker) => worker.active?.state === "activated"));

    const browser = await context.newCDPSession(page);
    await browser.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });

    const opened = [];
    const longest = [];
    for (let round = 0; round <= OPENINGS; round += 1) {
      await page.reload();
      await page.waitForFunction(() => globalThis.bench.live !== undefined);
      const seen = await page.evaluate(
        () =>
          new Promise((resolve) => {
            // Long tasks are told once they are over and the page is idle.
            requestIdleCallback(() => resolve({ ...globalThis.bench, controlled: navigator.serviceWorker.controller !== null }));
          }),
      );
      if (!seen.controlled) throw new Error("the service worker does not answer for the page");
      // The first one still warms the browser's caches up.
      if (round > 0) {
        opened.push(seen.live);
        longest.push(seen.longest);
      }
    }

    const chips = await page.$$eval('#main input[name="has"]', (boxes) => boxes.map((box) => box.value));
    const filters = ['#main input[name="open"]', ...chips.slice(0, 3).map((chip) => `#main input[value="${chip}"]`)];
    const drawn = [];
    const painted = [];
    for (let round = 0; round < TOUCHES; round += 1) {
      // Each is switched on and, the next time round, off again.
      const one = await page.evaluate(touch, filters[round % filters.length]);
      drawn.push(one.drawn);
      painted.push(one.painted);
    }

    const figures = {
      stations: snapshot.stations.length,
      slowdown: SLOWDOWN,
      drawn: spread(drawn),
      painted: spread(painted),
      opened: spread(opened),
      longest: spread(longest),
    };
    console.log(JSON.stringify(figures));
  } finally {
    await context.close();
  }
});
