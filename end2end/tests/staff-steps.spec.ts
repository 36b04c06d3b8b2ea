import type { BrowserContext, Page, Route } from "@playwright/test";

import { addUnit, rows, sendReports } from "../support/cases";
import { leave } from "../support/drawers";
import { busy } from "../support/faults";
import { DEFAULTS, LARGE, Phone } from "../support/phone";
import { KERB } from "../support/reporting";
import type { Server } from "../support/server";
import { choosePassword, closeAndReopen, expectSignedOut, signIn, worker } from "../support/staff";
import { expect, test } from "../support/test";

const STEPS = "**/api/v1/staff/cases/*/events";

interface Report {
  id: string;
  state: string;
  unit: string | null;
}

/** What the database says of the only report with those words. */
const report = (server: Server, words: string): Report =>
  server.rows<Report>(`SELECT id, state, unit FROM reports WHERE description = '${words}'`)[0]!;

const notes = (server: Server): number => server.rows("SELECT 1 FROM report_events WHERE step = 'note'").length;

/** Requests that stand still until they are let go. */
async function standStill(context: BrowserContext, url: string | RegExp) {
  const waiting: Route[] = [];
  let isFree = false;
  await context.route(url, (route) => (isFree ? route.continue() : void waiting.push(route)));
  return {
    /** How many there are. */
    waiting: () => waiting.length,
    letGo: async () => {
      isFree = true;
      await Promise.all(waiting.splice(0).map((route) => route.continue()));
    },
  };
}

const step = (page: Page, name: string) => page.getByTestId("steps").getByRole("button", { name, exact: true });
const form = (page: Page) => page.getByTestId("form");

/** Waits until the form that was just opened has read what was written before: whoever writes to a drawer waits for its readers. */
async function isRead(page: Page): Promise<void> {
  await expect(form(page)).toBeVisible();
  await leave(page, { drawers: { desk: {} } });
}

async function openCase(page: Page, words: string): Promise<void> {
  await rows(page).filter({ hasText: words }).getByRole("link").click();
  await expect(page.getByRole("heading", { name: words })).toBeVisible();
}

test.describe("at a desk", () => {
  test.use({ phoneOptions: { viewport: LARGE } });

  test("a step belongs to the case on which it was taken, whatever is opened before its answer comes", async ({ phone, server, network }) => {
    const unit = addUnit((sql) => server.execute(sql), "城管中队");
    await sendReports(network, [{ words: "井盖响" }, { words: "路灯不亮", category: "lighting", north: 900 }]);
    const page = await worker(phone, server);
    await openCase(page, "井盖响");
    await page.keyboard.press("g");
    await expect(form(page).getByRole("button", { name: "城管中队" })).toBeVisible();
    const { letGo } = await standStill(phone.context, STEPS);
    await page.keyboard.press("1");
    await openCase(page, "路灯不亮");
    await step(page, "备注").click();
    await page.locator("#words").fill("正在看");
    await letGo();
    await expect.poll(() => report(server, "井盖响")).toMatchObject({ state: "assigned", unit });
    await expect(page.getByTestId("said")).toHaveText(/^\S+ 已派单。$/);
    // What is before them is left alone.
    await expect(page.getByRole("heading", { name: "路灯不亮" })).toBeVisible();
    await expect(page.locator("#words")).toHaveValue("正在看");
    expect(report(server, "路灯不亮")).toMatchObject({ state: "received", unit: null });
  });

  test("a number means the unit beside which it stands, also when a suggestion comes late", async ({ phone, server, network }) => {
    addUnit((sql) => server.execute(sql), "城管中队");
    const second = addUnit((sql) => server.execute(sql), "路灯所");
    server.execute(`INSERT INTO routes (position, category, area, unit) VALUES (0, 'lighting', '', '${second}')`);
    await sendReports(network, [{ words: "路灯不亮", category: "lighting" }]);
    const page = await worker(phone, server);
    await expect(rows(page)).toHaveCount(1);
    const { letGo } = await standStill(phone.context, "**/api/v1/staff/cases/*-*-*-*-*");
    await page.keyboard.press("j");
    await expect(page.getByRole("heading", { name: "路灯不亮" })).toBeVisible();
    await page.keyboard.press("g");
    const units = form(page).getByRole("button", { name: /城管中队|路灯所/ });
    await expect(units).toHaveText([/^城管中队/, /^路灯所/]);
    await letGo();
    await expect(units).toHaveText([/^城管中队/, /^路灯所.*建议/]);
    await page.keyboard.press("2");
    await expect.poll(() => report(server, "路灯不亮").unit).toBe(second);
  });

  test("two taps are one step, and while it is on its way the form says so", async ({ phone, server, network }) => {
    await sendReports(network, [{ words: "树倒了", category: "tree" }]);
    const page = await worker(phone, server);
    await openCase(page, "树倒了");
    await step(page, "备注").click();
    await page.locator("#words").fill("已联系园林");
    const { letGo } = await standStill(phone.context, STEPS);
    await form(page).evaluate((element: HTMLFormElement) => {
      element.requestSubmit();
      element.requestSubmit();
    });
    await expect(form(page).getByRole("button", { name: "正在送出…" })).toBeDisabled();
    await letGo();
    await expect(form(page)).toHaveCount(0);
    await expect(page.getByTestId("history")).toContainText("已联系园林");
    expect(notes(server)).toBe(1);
  });

  test("what is written of a step survives another tap, Escape, another case and a reload", async ({ phone, server, network }) => {
    await sendReports(network, [{ words: "护栏断了" }, { words: "垃圾满了", category: "rubbish", north: 900 }]);
    const page = await worker(phone, server);
    await openCase(page, "护栏断了");
    await step(page, "备注").click();
    await page.getByTestId("after-photo").setInputFiles(KERB);
    await expect(form(page).getByRole("img", { name: "照片 1" })).toBeVisible();
    await page.locator("#words").fill("在等材料");
    const isThere = async () => {
      await expect(page.locator("#words")).toHaveValue("在等材料");
      await expect(form(page).getByRole("img", { name: "照片 1" })).toBeVisible();
    };
    await step(page, "备注").click();
    await isThere();
    await page.keyboard.press("Escape");
    await expect(form(page)).toHaveCount(0);
    // Another step with the same case is written by itself.
    await step(page, "不受理").click();
    await isRead(page);
    await expect(page.locator("#words")).toHaveValue("");
    await openCase(page, "垃圾满了");
    await step(page, "备注").click();
    await isRead(page);
    await expect(page.locator("#words")).toHaveValue("");
    await openCase(page, "护栏断了");
    await page.reload();
    await phone.interactive(page);
    await step(page, "备注").click();
    await isThere();
    await form(page).getByRole("button", { name: "取消" }).click();
    await step(page, "备注").click();
    await isRead(page);
    await expect(page.locator("#words")).toHaveValue("");
    // The line of a photo is there before its picture.
    await expect(form(page).getByRole("listitem")).toHaveCount(0);
  });
});

test("a browser that ends while a repair is on its way loses neither words nor photo", async ({ phone, server, network }) => {
  const unit = addUnit((sql) => server.execute(sql), "城管中队");
  await sendReports(network, [{ words: "台阶松了" }]);
  server.execute(`UPDATE reports SET state = 'assigned', unit = '${unit}'`);
  const page = await worker(phone, server);
  await openCase(page, "台阶松了");
  await step(page, "修好了").click();
  await page.getByTestId("after-photo").setInputFiles(KERB);
  await expect(form(page).getByRole("img", { name: "照片 1" })).toBeVisible();
  await page.locator("#words").fill("换了一块");
  const { waiting } = await standStill(phone.context, "**/api/v1/staff/photos/*");
  await form(page).getByRole("button", { name: "修好了" }).click();
  await expect(form(page).getByRole("button", { name: "正在送出…" })).toBeVisible();
  // Sent is what is kept; the button may say so a moment before.
  await expect.poll(waiting).toBe(1);
  const again = await closeAndReopen(phone);
  await again.goto("/staff");
  await expect(again.getByRole("navigation")).toBeVisible();
  await expect.poll(() => report(server, "台阶松了").state).toBe("fixed");
  expect(server.rows("SELECT note FROM report_events WHERE step = 'fix'")).toEqual([{ note: "换了一块" }]);
  expect(server.rows("SELECT 1 FROM event_photos")).toHaveLength(1);
});

test("a step that does not get through holds up its own case and no other, and is sent when it can be", async ({ phone, server, network }) => {
  await sendReports(network, [{ words: "井盖响" }, { words: "路灯不亮", category: "lighting", north: 900 }]);
  const page = await worker(phone, server);
  const { id } = report(server, "井盖响");
  phone.expectBrokenNetwork();
  await phone.context.route(`**/api/v1/staff/cases/${id}/events`, (route) => route.abort());
  await openCase(page, "井盖响");
  await step(page, "受理").click();
  await expect(page.getByTestId("said")).toContainText("已记在这台设备上");
  await page.getByRole("link", { name: "返回列表" }).click();
  await openCase(page, "路灯不亮");
  await step(page, "受理").click();
  await expect.poll(() => report(server, "路灯不亮").state).toBe("accepted");
  await page.getByRole("link", { name: "返回列表" }).click();
  await expect(page.getByTestId("held")).toContainText("1 步还没送出");
  await phone.context.unroute(`**/api/v1/staff/cases/${id}/events`);
  await page.getByRole("button", { name: "立即送出" }).click();
  await expect.poll(() => report(server, "井盖响").state).toBe("accepted");
  await expect(page.getByTestId("held")).not.toContainText("还没送出");
});

test("two cases that do not get through keep no third one here", async ({ phone, server, network }) => {
  const all = ["井盖响", "树倒了", "路灯不亮"];
  const categories = ["road", "tree", "lighting"];
  await sendReports(network, all.map((words, at) => ({ words, category: categories[at]!, north: at * 900 })));
  const page = await worker(phone, server);
  phone.expectBrokenNetwork();
  const lost = all.slice(0, 2).map((words) => report(server, words).id);
  await phone.context.route(
    (url) => lost.some((id) => url.pathname.endsWith(`/${id}/events`)),
    (route) => route.abort(),
  );
  const back = () => page.getByRole("link", { name: "返回列表" }).click();
  for (const words of all) {
    await openCase(page, words);
    await back();
  }
  await phone.goOffline();
  for (const words of all) {
    await openCase(page, words);
    await step(page, "受理").click();
    await expect(page.getByTestId("unsent")).toContainText("受理");
    await back();
  }
  await expect(page.getByTestId("held")).toContainText("3 步还没送出");
  await phone.goOnline();
  await expect.poll(() => report(server, "路灯不亮").state).toBe("accepted");
  await expect(page.getByTestId("held")).toContainText("2 步还没送出");
});

test("a step is not sent in the name of whoever signs in while it is on its way", async ({ phone, server, network }) => {
  const unit = addUnit((sql) => server.execute(sql), "城管中队");
  await sendReports(network, [{ words: "台阶松了" }]);
  server.execute(`UPDATE reports SET state = 'assigned', unit = '${unit}'`);
  expectSignedOut(phone);
  await choosePassword(phone.page, server.addStaff("张社工", "worker"));
  const page = await worker(phone, server);
  await openCase(page, "台阶松了");
  await step(page, "修好了").click();
  await page.getByTestId("after-photo").setInputFiles(KERB);
  await expect(form(page).getByRole("img", { name: "照片 1" })).toBeVisible();
  const photo = network.suffer((_, path) => path.startsWith("/api/v1/staff/photos/"), { kind: "hold", what: "answer" });
  await form(page).getByRole("button", { name: "修好了" }).click();
  await expect.poll(() => photo.caused).toBe(1);
  await page.getByRole("link", { name: "我的账号" }).click();
  await expect(page.getByText("这台设备")).toBeVisible();
  await page.getByTestId("sign-out").click();
  await expect(page.getByTestId("said")).toContainText("还有 1 步没送出");
  await page.getByTestId("sign-out").click();
  await signIn(page, "张社工");
  await expect(page.getByText("张社工 ·")).toBeVisible();
  photo.end();
  await page.getByRole("navigation").getByRole("link", { name: "案件" }).click();
  // Goes after whatever was on its way.
  await openCase(page, "台阶松了");
  await step(page, "备注").click();
  await page.locator("#words").fill("我来看看");
  await form(page).getByRole("button", { name: "备注" }).click();
  await expect.poll(() => notes(server)).toBe(1);
  expect(report(server, "台阶松了").state).toBe("assigned");
});

test("a step that is taken while it is found out why another does not get through is sent at once", async ({ phone, server, network }) => {
  await sendReports(network, [{ words: "井盖响" }, { words: "路灯不亮", category: "lighting", north: 900 }]);
  const page = await worker(phone, server);
  phone.expected.push(/status of 503/);
  const { status, headers, body } = busy(600);
  const patience = { status, headers: headers as Record<string, string>, body };
  await phone.context.route(`**/api/v1/staff/cases/${report(server, "井盖响").id}/events`, (route) => route.fulfill(patience));
  await openCase(page, "井盖响");
  const queue = await standStill(phone.context, /\/api\/v1\/staff\/cases\?/);
  await step(page, "受理").click();
  await expect(page.getByTestId("said")).toContainText("已记在这台设备上");
  await expect.poll(queue.waiting).toBeGreaterThan(0);
  await page.getByRole("link", { name: "返回列表" }).click();
  await openCase(page, "路灯不亮");
  await step(page, "受理").click();
  await queue.letGo();
  await expect.poll(() => report(server, "路灯不亮").state).toBe("accepted");
});

test("a step that was refused shows what it says, and is sent again to the case as it now is", async ({ phone, server, network }) => {
  await sendReports(network, [{ words: "水管漏水", category: "flooding" }]);
  const page = await worker(phone, server);
  await openCase(page, "水管漏水");
  await phone.goOffline();
  await step(page, "备注").click();
  await page.getByTestId("after-photo").setInputFiles(KERB);
  await expect(form(page).getByRole("img", { name: "照片 1" })).toBeVisible();
  await page.locator("#words").fill("阀门已关");
  await form(page).getByRole("button", { name: "备注" }).click();
  await expect(page.getByTestId("said")).toContainText("已记在这台设备上");
  const other = await Phone.start(network, DEFAULTS);
  try {
    network.restore();
    const there = await worker(other, server, "王社工");
    await openCase(there, "水管漏水");
    await step(there, "受理").click();
    await expect.poll(() => report(server, "水管漏水").state).toBe("accepted");
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }
  phone.expected.push(/status of 409/);
  await phone.goOnline();
  await page.getByRole("link", { name: "返回列表" }).click();
  const refused = page.getByTestId("refused").getByRole("listitem");
  await expect(refused).toContainText("王社工已经「受理」");
  await expect(refused).toContainText("阀门已关");
  await expect(refused).toContainText("附 1 张照片");
  await refused.getByRole("button", { name: "再送一次" }).click();
  await expect.poll(() => notes(server)).toBe(1);
  await expect(refused).toHaveCount(0);
  expect(server.rows("SELECT 1 FROM event_photos")).toHaveLength(1);
});
