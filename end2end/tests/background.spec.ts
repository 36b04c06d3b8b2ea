import type { CDPSession } from "@playwright/test";

import { REPORT_UP } from "../support/faults";
import { deliveredCode, fill, kept, save, stored } from "../support/reporting";
import { expect, test } from "../support/test";

interface Registration {
  registrationId: string;
  scopeURL: string;
  isDeleted: boolean;
}

/** What the browser does when it finds a network: wakes the worker of an origin. */
async function wake(session: CDPSession, origin: string): Promise<void> {
  const registrations = new Map<string, Registration>();
  session.on("ServiceWorker.workerRegistrationUpdated", (event: { registrations: Registration[] }) => {
    for (const one of event.registrations) registrations.set(one.scopeURL, one);
  });
  await session.send("ServiceWorker.enable");
  await expect.poll(() => registrations.get(`${origin}/`)?.isDeleted).toBe(false);
  const registrationId = registrations.get(`${origin}/`)?.registrationId ?? "";
  await session.send("ServiceWorker.dispatchSyncEvent", { origin, registrationId, tag: "waypost-outbox", lastChance: false });
}

test("a report is sent with every page closed, by the service worker and once", async ({ phone, server, network }) => {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const page = await phone.open("/report");
  await fill(page, { words: "桥下的灯不亮" });
  await save(page);
  const blank = await phone.context.newPage();
  for (const tab of phone.context.pages()) if (tab !== blank) await tab.close();
  await phone.goOnline();
  expect(stored(server)).toEqual([]);

  await wake(await phone.context.newCDPSession(blank), network.origin);
  await expect.poll(() => stored(server)).toMatchObject([{ description: "桥下的灯不亮", photos: 1 }]);

  const [report] = stored(server);
  await phone.open("/mine", blank);
  await expect(blank.getByText(`编号 ${report?.code}`).first()).toBeVisible();
  await expect.poll(() => kept(blank)).toMatchObject({ outbox: 1, drafts: 0 });
  expect(stored(server)).toHaveLength(1);
  const reports = network.passed.filter(({ method, path }) => method === "PUT" && path.startsWith("/api/v1/reports/"));
  expect(reports.map(({ status }) => status)).toEqual([201]);
});

test("the worker leaves a report that an open page is sending to it", async ({ phone, server, network }) => {
  const page = await phone.open("/report");
  await phone.installed();
  const blank = await phone.context.newPage();
  const session = await phone.context.newCDPSession(blank);
  await page.bringToFront();
  const hold = network.suffer(REPORT_UP, { kind: "hold", what: "answer" });
  await fill(page, { words: "井盖翘了" });
  await save(page);
  await expect.poll(() => hold.caused).toBe(1);
  // While the page waits for its answer.
  await wake(session, network.origin);
  hold.end();
  await deliveredCode(page);
  expect(stored(server)).toHaveLength(1);
  expect(network.count("PUT", /^\/api\/v1\/reports\//)).toBe(1);
});

test("a browser that cannot run a worker as a module still opens without a network", async ({ phone }) => {
  await phone.context.addInitScript(() => {
    const container = navigator.serviceWorker;
    const register = container.register.bind(container);
    container.register = (url, options) =>
      options?.type === "module" ? Promise.reject(new TypeError("no modules here")) : register(url, options);
  });
  const page = await phone.open("/");
  await phone.installed();
  expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.scriptURL)).toContain("/sw.js?classic");
  await phone.goOffline();
  await phone.open("/market");
  await expect(page.getByRole("heading", { name: "公益市集" })).toBeVisible();
});
