import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { drawers } from "../support/drawers";
import { busy } from "../support/faults";
import type { Network } from "../support/network";
import type { Phone } from "../support/phone";
import { fill, kept, save } from "../support/reporting";
import { wake } from "../support/settle";
import type { Server } from "../support/server";
import { expect, test } from "../support/test";

const TEA = "/stations/aixin-tea";
/** Open day and night, so that whoever finds it locked contradicts its hours. */
const ALWAYS = "/stations/leshi-container";
const VERIFICATION = /^\/api\/v1\/verifications\//;

interface Said {
  slug: string;
  kind: string;
  said_at_ms: number;
}

/** What is really in the database. */
function said(server: Server): Said[] {
  return server.rows<Said>("SELECT slug, kind, said_at_ms FROM verifications ORDER BY received_at_ms, said_at_ms");
}

const confirm = (page: Page) => page.getByRole("button", { name: "信息没错" });
const locked = (page: Page) => page.getByRole("button", { name: "门锁着" });
const told = (page: Page) => page.getByTestId("verify").getByRole("status");

async function withoutNetwork(phone: Phone, path = TEA): Promise<Page> {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  return phone.open(path);
}

test("what was said offline survives closing the browser and arrives exactly once, with the time of the tap", async ({
  phone,
  server,
  network,
}) => {
  const page = await withoutNetwork(phone);
  // Today, as China counts it: a minute ago, or just now in the first minute of a day.
  const seconds = Math.floor(Date.now() / 1000);
  const tapped = (seconds - Math.min(60, (seconds + 8 * 3600) % 86_400)) * 1000;
  await page.clock.setFixedTime(tapped);
  await locked(page).click();
  await expect(told(page)).toContainText("已记下，有网就送出");
  await expect(locked(page)).toHaveAttribute("aria-pressed", "true");
  // It is no report.
  await expect(page.getByRole("navigation", { name: "主导航" })).not.toContainText("还没送出");

  await phone.close();
  await phone.reopen();
  const again = await phone.open(TEA);
  await expect(told(again)).toContainText("已记下，有网就送出");
  expect(said(server)).toEqual([]);

  await phone.goOnline();
  await expect(told(again)).toContainText("谢谢，已送达");
  expect(said(server)).toEqual([{ slug: "aixin-tea", kind: "locked", said_at_ms: tapped }]);
  expect(network.count("PUT", VERIFICATION)).toBe(1);
  await expect(again.getByRole("button", { name: "撤回" })).toHaveCount(0);
});

test("a verification whose answer was lost is sent again and stored once", async ({ phone, server, network }) => {
  const page = await phone.open(TEA);
  await phone.installed();
  network.loseAnswers((method, path) => method === "PUT" && VERIFICATION.test(path));
  phone.expected.push(/net::ERR_/);
  await confirm(page).click();
  await expect.poll(() => network.passed.filter(({ path, status }) => VERIFICATION.test(path) && status === 201).length).toBe(1);
  await expect(told(page)).toContainText("已记下，有网就送出");

  network.restore();
  await page.reload();
  await phone.interactive();
  await expect(told(page)).toContainText("谢谢，已送达");
  const [first, ...others] = network.passed.filter(({ method, path }) => method === "PUT" && VERIFICATION.test(path));
  expect(first?.status).toBe(201);
  expect(others.length).toBeGreaterThan(0);
  expect(others.every(({ status }) => status === 200)).toBe(true);
  expect(said(server)).toMatchObject([{ slug: "aixin-tea", kind: "confirmed" }]);
});

test("a captive portal's page is not taken for an acknowledgement", async ({ phone, server, network }) => {
  const page = await phone.open(TEA);
  await phone.installed();
  network.portal();
  await confirm(page).click();
  await expect(told(page)).toContainText("有网络但没连到驿友");
  expect(said(server)).toEqual([]);
  network.restore();
  await page.reload();
  await phone.interactive();
  await expect(told(page)).toContainText("谢谢，已送达");
  expect(said(server)).toHaveLength(1);
});

test("what was not sent yet is taken back, or replaced by the other button", async ({ phone, server, network }) => {
  const page = await withoutNetwork(phone);
  await confirm(page).click();
  await expect(told(page)).toContainText("已记下");
  await page.getByRole("button", { name: "撤回" }).click();
  await expect(told(page)).toContainText("撤回");
  await expect(confirm(page)).toHaveAttribute("aria-pressed", "false");
  expect(await kept(page)).toMatchObject({ verifications: 0 });

  await confirm(page).click();
  await expect(confirm(page)).toHaveAttribute("aria-pressed", "true");
  await locked(page).click();
  await expect(locked(page)).toHaveAttribute("aria-pressed", "true");
  await expect(confirm(page)).toHaveAttribute("aria-pressed", "false");
  expect(await kept(page)).toMatchObject({ verifications: 1 });

  await phone.goOnline();
  await expect(told(page)).toContainText("谢谢，已送达");
  expect(said(server)).toMatchObject([{ kind: "locked" }]);
  // Once it has arrived, the other one is something new.
  await confirm(page).click();
  await expect.poll(() => said(server).map(({ kind }) => kind)).toEqual(["locked", "confirmed"]);
  await expect(told(page)).toContainText("谢谢，已送达");
  await confirm(page).click();
  await page.reload();
  await phone.interactive();
  await expect(confirm(page)).toHaveAttribute("aria-pressed", "true");
  expect(network.count("PUT", VERIFICATION)).toBe(2);
});

test("what the server refuses is given up in words and does not hold up the next", async ({ phone, server, network }) => {
  const page = await withoutNetwork(phone);
  await locked(page).click();
  await expect(told(page)).toContainText("已记下");
  await phone.open(ALWAYS);
  await confirm(page).click();
  await expect(told(page)).toContainText("已记下");
  // While the phone was away, the first of the two stations was taken down.
  phone.expected.push(/status of 422/);
  const problem = { title: "Unprocessable Entity", status: 422, detail: "station names no station", errors: [] };
  await phone.context.route(/\/api\/v1\/verifications\//, async (route) => {
    const refused = route.request().postData()?.includes("aixin-tea") ?? false;
    if (!refused) return route.continue();
    return route.fulfill({ status: 422, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  await phone.goOnline();
  await expect(told(page)).toContainText("谢谢，已送达");
  await phone.open(TEA);
  await expect(told(page)).toContainText("服务器没有收下");
  await expect(locked(page)).toHaveAttribute("aria-pressed", "false");
  expect(said(server)).toMatchObject([{ slug: "leshi-container", kind: "confirmed" }]);
  expect(network.count("PUT", VERIFICATION)).toBe(1);
});

test("a server that has had enough of what is said of stations is asked for one of it, and not for each", async ({ phone, server }) => {
  const page = await withoutNetwork(phone);
  await confirm(page).click();
  await expect(told(page)).toContainText("已记下");
  await phone.open(ALWAYS);
  await locked(page).click();
  await expect(told(page)).toContainText("已记下");
  phone.expected.push(/status of 429/);
  const { status, headers, body } = busy(600, 429);
  let asked = 0;
  await phone.context.route(/\/api\/v1\/verifications\//, async (route) => {
    asked += 1;
    await route.fulfill({ status, headers: headers as Record<string, string>, body });
  });
  await phone.goOnline();
  // The other one was asked.
  await expect(told(page)).toContainText("服务器忙，请它缓一缓");
  // A page that is left before this is noted of both would ask for the second as well.
  const waiting = async () => Object.values((await drawers(page, "verifications")).verifications!);
  await expect.poll(waiting).toMatchObject([{ wait: { reason: "busy" } }, { wait: { reason: "busy" } }]);

  // Every round begins with them: also that of a report that is added meanwhile, which goes all the same.
  await phone.open("/report");
  await fill(page, { photo: null, words: "井盖没了" });
  await save(page);
  await expect(page.getByTestId("saved-state")).toContainText("已送达");
  expect(server.rows("SELECT description FROM reports")).toEqual([{ description: "井盖没了" }]);
  expect(asked).toBe(1);
  expect(said(server)).toEqual([]);
});

test("a report left by the version before is sent, and its database takes verifications", async ({ phone, server, network }) => {
  const page = phone.page;
  // A browser asks for an icon of what is no page.
  phone.expected.push(/status of 404/);
  await page.goto("/healthz");
  await page.evaluate(
    () =>
      new Promise<void>((done, failed) => {
        const opening = indexedDB.open("waypost", 1);
        opening.onerror = () => failed(opening.error);
        opening.onupgradeneeded = () => {
          for (const name of ["drafts", "photos", "thumbs", "outbox"]) opening.result.createObjectStore(name);
        };
        opening.onsuccess = () => {
          const id = "0193a2b0-0000-7000-8000-000000000001";
          const captured_at = "2026-11-24T08:10:00+08:00";
          const body = { category: "road", description: "旧版留下的", lat: 30.31, lng: 120.13, captured_at, photos: [] };
          const writing = opening.result.transaction("outbox", "readwrite");
          writing.objectStore("outbox").put({ id, body, queued_at: 1, stage: { queued: {} } }, id);
          writing.oncomplete = () => {
            opening.result.close();
            done();
          };
          writing.onabort = () => failed(writing.error);
        };
      }),
  );
  await phone.open(TEA);
  await confirm(page).click();
  await expect(told(page)).toContainText("谢谢，已送达");
  await expect.poll(() => server.rows("SELECT description FROM reports")).toEqual([{ description: "旧版留下的" }]);
  expect(network.count("PUT", /^\/api\/v1\/reports\//)).toBe(1);
  expect(said(server)).toHaveLength(1);
});

async function findLocked(network: Network, phones: number): Promise<void> {
  for (let one = 0; one < phones; one += 1) {
    const id = `0193a2b0-0000-7000-8000-00000000000${one}`;
    const answer = await fetch(`${network.origin}/api/v1/verifications/${id}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${String(one).repeat(64)}`, "content-type": "application/json" },
      // A minute ago: what is said in the program is cut to the second, and must not be older.
      body: JSON.stringify({ station: "leshi-container", kind: "locked", at: new Date(Date.now() - 60_000).toISOString() }),
    });
    expect(answer.status).toBe(201);
  }
}

test("a station that three found locked says so until somebody confirms it", async ({ phone, network }) => {
  await findLocked(network, 3);
  const page = await phone.open(ALWAYS);
  const now = page.getByRole("main").locator(".now");
  await expect(now).toContainText("有人报告门锁着");
  await expect(page.getByText("未核实：还没有人到现场确认过。")).toBeVisible();
  await phone.installed();
  // "Just now" ends with the minute.
  await page.clock.setFixedTime(Date.now());
  await page.reload();
  await phone.interactive();
  await expect(now).toContainText("有人报告门锁着");

  await confirm(page).click();
  await expect(told(page)).toContainText("谢谢，已送达");
  await expect(now).toContainText("营业中");
  await expect(page.getByText("刚刚核实")).toBeVisible();
});

test("what a phone has said of a station shows there, though the district was being asked for meanwhile", async ({ phone, network }) => {
  await findLocked(network, 3);
  const page = await phone.open(ALWAYS);
  const now = page.getByRole("main").locator(".now");
  await expect(now).toContainText("有人报告门锁着");
  // Answered from before the tap, and read after it.
  const district = network.suffer((_, path) => path.startsWith("/api/v1/snapshot"), { kind: "hold", what: "answer" }, 1);
  await wake(page);
  await expect.poll(() => district.caused).toBe(1);
  await confirm(page).click();
  await expect(told(page)).toContainText("谢谢，已送达");
  district.end();
  await expect(now).toContainText("营业中");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ phoneOptions: { colorScheme } });

    test("the two buttons are large, apart, and accessible in every state", async ({ phone }) => {
      const page = await withoutNetwork(phone);
      const accessible = async () => {
        const { violations } = await new AxeBuilder({ page }).include("[data-testid=verify]").analyze();
        expect.soft(violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) }))).toEqual([]);
      };
      await accessible();
      const [left, right] = [await confirm(page).boundingBox(), await locked(page).boundingBox()];
      if (!left || !right) throw new Error("a button has no box");
      expect(Math.min(left.height, right.height)).toBeGreaterThanOrEqual(48);
      expect(right.x - (left.x + left.width)).toBeGreaterThanOrEqual(8);
      await locked(page).click();
      await expect(told(page)).toContainText("已记下");
      await accessible();
      await phone.goOnline();
      await expect(told(page)).toContainText("谢谢，已送达");
      await accessible();
    });
  });
}
