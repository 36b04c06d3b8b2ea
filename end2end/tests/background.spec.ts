import type { CDPSession, Page } from "@playwright/test";

import { drawers } from "../support/drawers";
import { API, REPORT_UP, busy } from "../support/faults";
import { deliveredCode, fill, kept, leaveWaiting, save, stored } from "../support/reporting";
import { settle } from "../support/settle";
import { expect, test } from "../support/test";

/** What a page asks the browser for, and what the worker is then woken with. */
const TAG = "waypost-outbox";

interface Registration {
  registrationId: string;
  scopeURL: string;
  isDeleted: boolean;
}

/** What the browser does when it finds a network, each time it is called: wakes the worker of an origin. */
async function waker(session: CDPSession, origin: string): Promise<() => Promise<void>> {
  const registrations = new Map<string, Registration>();
  session.on("ServiceWorker.workerRegistrationUpdated", (event: { registrations: Registration[] }) => {
    for (const one of event.registrations) registrations.set(one.scopeURL, one);
  });
  await session.send("ServiceWorker.enable");
  await expect.poll(() => registrations.get(`${origin}/`)?.isDeleted).toBe(false);
  const registrationId = registrations.get(`${origin}/`)?.registrationId ?? "";
  return async () => {
    await session.send("ServiceWorker.dispatchSyncEvent", { origin, registrationId, tag: TAG, lastChance: false });
  };
}

/** What the browser has been asked to wake the worker for. */
function tags(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = (await navigator.serviceWorker.ready) as ServiceWorkerRegistration & { sync: { getTags(): Promise<string[]> } };
    return registration.sync.getTags();
  });
}

test("what is written without a network is put down with the browser, which wakes the worker later", async ({ phone }) => {
  // A browser that is driven allows nothing but what it is told to.
  await phone.context.grantPermissions(["geolocation", "background-sync"]);
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const page = await phone.open("/report");
  expect(await tags(page)).toEqual([]);
  await fill(page, { words: "窨井盖不见了" });
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  expect(await tags(page), "a draft is nobody's to send").toEqual([]);
  await save(page);
  await expect.poll(() => tags(page)).toEqual([TAG]);
});

test("a worker that is woken where there is no network after all leaves the report for the next time", async ({ phone, server, network }) => {
  const words = "天桥的扶手断了";
  const page = await leaveWaiting(phone, words);
  await expect(page.getByTestId("waiting")).toContainText("没有网络，或信号太弱");
  const blank = await phone.context.newPage();
  for (const tab of phone.context.pages()) if (tab !== blank) await tab.close();
  await phone.goOnline();
  phone.expectBrokenNetwork();
  const down = network.suffer(API, { kind: "reset" });
  // A page of ours on which the program does not run, to read what is on the phone.
  await blank.goto("/healthz");
  const row = async () => Object.values((await drawers(blank, "outbox")).outbox!)[0] as { stage: Record<string, { tries: number }> };
  const tries = async () => (await row()).stage.queued?.tries ?? 0;
  const { stage } = await row();
  const before = (stage.queued ?? stage.sending)!.tries;

  const wake = await waker(await phone.context.newCDPSession(blank), network.origin);
  await wake();
  // The worker has tried, and has put it back into the queue.
  await expect.poll(tries).toBeGreaterThan(before);
  expect(down.caused).toBeGreaterThan(0);
  await settle(phone, server, { waiting: [words] }, blank);
  expect(stored(server)).toEqual([]);

  down.end();
  await wake();
  await settle(phone, server, { received: [words] }, blank);
  expect(stored(server)).toMatchObject([{ photos: 1 }]);
  expect(network.passed.filter(({ method, path }) => REPORT_UP(method, path)).map(({ status }) => status)).toEqual([201]);
});

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

  const wake = await waker(await phone.context.newCDPSession(blank), network.origin);
  await wake();
  await expect.poll(() => stored(server)).toMatchObject([{ description: "桥下的灯不亮", photos: 1 }]);

  const [report] = stored(server);
  await phone.open("/mine", blank);
  await expect(blank.getByText(`编号 ${report?.code}`).first()).toBeVisible();
  await expect.poll(() => kept(blank)).toMatchObject({ outbox: 1, drafts: 0 });
  expect(stored(server)).toHaveLength(1);
  const reports = network.passed.filter(({ method, path }) => method === "PUT" && path.startsWith("/api/v1/reports/"));
  expect(reports.map(({ status }) => status)).toEqual([201]);
});

test("a report goes with every page closed also where the server has had enough of what is said of stations", async ({
  phone,
  server,
  network,
}) => {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const page = await phone.open("/stations/aixin-tea");
  await page.getByRole("button", { name: "信息没错" }).click();
  await expect(page.getByTestId("verify").getByRole("status")).toContainText("已记下");
  await phone.open("/report");
  await fill(page, { words: "桥下的灯不亮" });
  await save(page);
  const blank = await phone.context.newPage();
  for (const tab of phone.context.pages()) if (tab !== blank) await tab.close();
  await phone.goOnline();
  const enough = network.suffer((method, path) => method === "PUT" && path.startsWith("/api/v1/verifications/"), busy(600, 429));

  const wake = await waker(await phone.context.newCDPSession(blank), network.origin);
  await wake();
  await expect.poll(() => stored(server)).toMatchObject([{ description: "桥下的灯不亮", photos: 1 }]);
  expect(enough.caused).toBe(1);
  expect(server.rows("SELECT id FROM verifications")).toEqual([]);
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
  const wake = await waker(session, network.origin);
  await wake();
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
