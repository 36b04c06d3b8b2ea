import type { Page } from "@playwright/test";

import { addUnit, open, rows, sendReports } from "../support/cases";
import { busy } from "../support/faults";
import type { Network } from "../support/network";
import { DEFAULTS, LARGE, Phone } from "../support/phone";
import { KERB } from "../support/reporting";
import { LOOKS, check } from "../support/screen-check";
import type { Server } from "../support/server";
import { closeAndReopen, keepFilter, worker } from "../support/staff";
import { expect, test } from "../support/test";

async function chooseAll(page: Page): Promise<void> {
  for (const box of await rows(page).getByRole("checkbox").all()) await box.check();
}

/** The queue with three reports, all of them chosen, and a unit 环卫所. */
async function threeChosen(phone: Phone, server: Server, network: Network): Promise<Page> {
  addUnit((sql) => server.execute(sql), "环卫所");
  await sendReports(network, [1, 2, 3].map((n) => ({ words: `垃圾堆 ${n}`, category: "rubbish", north: n * 600 })));
  const page = await worker(phone, server);
  await expect(rows(page)).toHaveCount(3);
  await chooseAll(page);
  return page;
}

/** What the database says of the only report with those words. */
const state = (server: { rows<Row>(sql: string): Row[] }, words: string) =>
  server.rows<{ state: string }>(`SELECT state FROM reports WHERE description = '${words}'`)[0]?.state;

test.describe("at a desk", () => {
  test.use({ phoneOptions: { viewport: LARGE } });

  test("three keys take a new report to its unit", async ({ phone, server, network }) => {
    addUnit((sql) => server.execute(sql), "城管中队");
    await sendReports(network, [{ words: "路沿石碎了", photo: true }]);
    const page = await worker(phone, server);
    await expect(rows(page)).toHaveCount(1);
    await page.keyboard.press("j");
    await expect(page.getByRole("heading", { name: "路沿石碎了" })).toBeVisible();
    await page.keyboard.press("g");
    await expect(page.getByTestId("form").getByRole("button", { name: "城管中队" })).toBeVisible();
    await page.keyboard.press("1");
    await expect(page.getByTestId("unit")).toHaveText("城管中队");
    expect(state(server, "路沿石碎了")).toBe("assigned");
    await expect(page.getByTestId("history").getByRole("listitem")).toHaveCount(3);
  });

  test("keys do nothing while somebody writes, and can be switched off", async ({ phone, server, network }) => {
    await sendReports(network, [{ words: "路灯不亮", category: "lighting" }]);
    const page = await worker(phone, server);
    await rows(page).getByRole("link").click();
    await page.keyboard.press("n");
    await page.locator("#words").pressSequentially("add");
    await expect(page.locator("#words")).toHaveValue("add");
    expect(state(server, "路灯不亮")).toBe("received");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("button", { name: "关闭快捷键" }).click();
    await page.getByRole("button", { name: "关闭", exact: true }).click();
    await page.keyboard.press("a");
    await page.keyboard.press("?");
    await expect(page.getByTestId("keys")).toHaveCount(0);
    expect(state(server, "路灯不亮")).toBe("received");
  });

  test("of two who take the same case one is told what the other did, and nothing is lost", async ({ phone, server, network }) => {
    addUnit((sql) => server.execute(sql), "城管中队");
    await sendReports(network, [{ words: "井盖松动", category: "manhole" }]);
    const page = await worker(phone, server);
    await rows(page).getByRole("link").click();
    await expect(page.getByTestId("steps").getByRole("button").first()).toBeVisible();
    const other = await Phone.start(network, { ...DEFAULTS, viewport: LARGE });
    try {
      // The other one sees nothing of it until it is too late.
      await phone.context.route("**/api/v1/staff/cases/*", (route) => (route.request().method() === "GET" ? route.abort() : route.continue()));
      await phone.context.route("**/api/v1/staff/events", (route) => route.abort());
      phone.expectBrokenNetwork();
      const there = await worker(other, server, "王社工");
      await rows(there).getByRole("link").click();
      await there.keyboard.press("a");
      await expect(there.getByTestId("history")).toContainText("受理");

      await page.keyboard.press("d");
      await page.getByRole("radio", { name: "未发现问题" }).check();
      await page.locator("#words").fill("去看过，没有发现");
      await page.getByTestId("form").getByRole("button", { name: "不受理" }).click();
      await expect(page.getByTestId("fault")).toContainText("王社工已经「受理」");
      // What was written is still there.
      await expect(page.locator("#words")).toHaveValue("去看过，没有发现");
      expect(state(server, "井盖松动")).toBe("accepted");
      expect(other.faults).toEqual([]);
    } finally {
      await other.dispose();
    }
  });

  test("what comes in and what a colleague does appears by itself", async ({ phone, server, network }) => {
    const page = await worker(phone, server);
    await expect(page.getByTestId("nothing")).toContainText("都办完了");
    await expect(page.getByText("实时更新", { exact: true })).toBeVisible();
    await sendReports(network, [{ words: "树枝断了", category: "tree" }]);
    await expect(rows(page)).toHaveCount(1);
    await expect(page.getByTestId("nothing")).toHaveCount(0);
  });

  test("many are accepted and given to one unit at once", async ({ phone, server, network }) => {
    const page = await threeChosen(phone, server, network);
    const bulk = page.getByTestId("bulk");
    await bulk.getByRole("button", { name: "受理", exact: true }).click();
    await expect(page.getByTestId("said")).toContainText("办好了 3 件");
    // As they now are: each line is drawn anew when its case has changed.
    await expect(rows(page).filter({ hasText: "已受理" })).toHaveCount(3);
    await chooseAll(page);
    await bulk.getByRole("button", { name: "派单" }).click();
    await bulk.getByRole("button", { name: "环卫所" }).click();
    await expect.poll(() => server.rows("SELECT 1 FROM reports WHERE state = 'assigned'").length).toBe(3);
  });

  test("many new ones are given to one unit in one go, accepted on the way", async ({ phone, server, network }) => {
    const page = await threeChosen(phone, server, network);
    const bulk = page.getByTestId("bulk");
    await bulk.getByRole("button", { name: "派单" }).click();
    await bulk.getByRole("button", { name: "环卫所" }).click();
    await expect(page.getByTestId("said")).toContainText("办好了 3 件");
    expect(server.rows("SELECT 1 FROM reports WHERE state = 'assigned'")).toHaveLength(3);
  });

  test("filters, words and saved filters find what is asked for", async ({ phone, server, network }) => {
    await sendReports(network, [
      { words: "盲道上停满单车", category: "obstruction" },
      { words: "路灯一闪一闪", category: "lighting", north: 500 },
    ]);
    const page = await worker(phone, server);
    await expect(rows(page)).toHaveCount(2);
    await page.getByText("查找").first().click();
    await page.locator("#search").fill("单车");
    await page.locator("#search").press("Enter");
    await expect(rows(page)).toHaveCount(1);
    await keepFilter(page, "单车");
    await page.reload();
    await expect(rows(page)).toHaveCount(2);
    await page.getByRole("group", { name: "我的筛选" }).getByRole("button", { name: "单车", exact: true }).click();
    await expect(rows(page)).toHaveCount(1);
    await page.getByTestId("states").getByRole("button", { name: "已派单" }).click();
    await expect(page.getByText("没有符合的案件")).toBeVisible();
  });

  test("a duplicate is merged into the case beside it", async ({ phone, server, network }) => {
    await sendReports(network, [
      { words: "大坑", north: 0 },
      { words: "又一个人报的大坑", north: 30 },
    ]);
    const page = await worker(phone, server);
    await rows(page).filter({ hasText: "又一个人报的大坑" }).getByRole("link").click();
    await page.getByTestId("similar").getByRole("button", { name: /并入/ }).click();
    await expect(page.getByText(/已并入/).first()).toBeVisible();
    await expect(rows(page)).toHaveCount(1);
    // What it said is read where it is worked on, and its words lead there, whatever the state.
    await rows(page).getByRole("link").click();
    await expect(page.getByTestId("merged")).toContainText("又一个人报的大坑");
    await page.keyboard.press("/");
    await page.locator("#search").fill("又一个人");
    await page.locator("#search").press("Enter");
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("大坑");
  });

  test("a case that was merged by mistake is separated, and is in the queue again", async ({ phone, server, network }) => {
    const [pit, step] = await sendReports(network, [
      { words: "大坑", north: 0 },
      { words: "台阶松了", north: 30 },
    ]);
    const page = await worker(phone, server);
    await open(page, "台阶松了");
    await page.getByTestId("similar").getByRole("button", { name: /并入/ }).click();
    await expect(page.getByTestId("merged-into")).toContainText(pit!.code);
    await expect(rows(page)).toHaveCount(1);
    // From the page of the one through which it is followed to its own.
    await open(page, "大坑");
    await page.getByTestId("merged").getByRole("link", { name: step!.code }).click();
    await expect(page.getByRole("heading", { name: "台阶松了" })).toBeVisible();
    await page.getByTestId("merged-into").getByRole("button", { name: "分开" }).click();
    await expect(page.getByTestId("form")).toContainText("单独回到待办");
    await page.getByTestId("form").getByRole("button", { name: "取消" }).click();
    await expect(page.getByTestId("form")).toHaveCount(0);
    expect(server.rows("SELECT 1 FROM reports WHERE merged_into IS NOT NULL")).toHaveLength(1);

    await page.getByTestId("merged-into").getByRole("button", { name: "分开" }).click();
    await page.getByTestId("form").getByText("内部备注").first().click();
    await page.locator("#internal").fill("隔着一条街");
    await page.getByTestId("form").getByRole("button", { name: "分开" }).click();
    await expect(page.getByTestId("merged-into")).toHaveCount(0);
    await expect(page.getByTestId("history")).toContainText("隔着一条街");
    await expect(page.getByTestId("steps").getByRole("button", { name: "受理", exact: true })).toBeVisible();
    await expect(rows(page)).toHaveCount(2);
    await open(page, "大坑");
    await expect(page.getByRole("heading", { name: "大坑" })).toBeVisible();
    const latest = page.getByTestId("history").getByRole("listitem").first();
    await expect(latest).toContainText(step!.code);
    await expect(latest).toContainText("分开");
    await expect(page.getByTestId("merged")).toHaveCount(0);
  });
});

test("at a street corner without a network a repair with its photo is kept, and sent when there is one", async ({
  phone,
  server,
  network,
}) => {
  addUnit((sql) => server.execute(sql), "城管中队");
  await sendReports(network, [{ words: "台阶松了", photo: true }]);
  const page = await worker(phone, server);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await rows(page).getByRole("link").click();
  await page.getByTestId("steps").getByRole("button", { name: "派单" }).click();
  await page.getByTestId("form").getByRole("button", { name: "城管中队" }).click();
  // Said once the device no longer holds the step; the news may show the unit before.
  await expect(page.getByTestId("said")).toContainText("已派单");
  await expect(page.getByTestId("unit")).toHaveText("城管中队");

  await phone.goOffline();
  await page.reload();
  await phone.interactive(page);
  await expect(page.getByRole("heading", { name: "台阶松了" })).toBeVisible();
  await page.getByTestId("steps").getByRole("button", { name: "修好了" }).click();
  await page.getByTestId("after-photo").setInputFiles(KERB);
  await expect(page.getByTestId("form").getByRole("img", { name: "照片 1" })).toBeVisible();
  await page.locator("#words").fill("换了一块");
  await page.getByTestId("form").getByRole("button", { name: "修好了" }).click();
  await expect(page.getByTestId("said")).toContainText("已记在这台设备上");
  expect(state(server, "台阶松了")).toBe("assigned");
  // It survives the page, and the browser.
  const again = await closeAndReopen(phone);
  await again.goto("/staff");
  await phone.interactive(again);
  await expect(again.getByTestId("held")).toContainText("1 步还没送出");

  await phone.goOnline();
  await expect.poll(() => state(server, "台阶松了")).toBe("fixed");
  await expect(again.getByTestId("held")).not.toContainText("还没送出");
  await again.goto("/staff");
  await again.getByTestId("states").getByRole("button", { name: "已修复" }).click();
  await rows(again).getByRole("link").click();
  await expect(again.getByTestId("history").getByRole("img", { name: "处置后的照片" })).toBeVisible();
});

test("steps that follow each other on one case at the corner are all done, and what a colleague did first is said", async ({
  phone,
  server,
  network,
}) => {
  addUnit((sql) => server.execute(sql), "城管中队");
  await sendReports(network, [
    { words: "栏杆歪了" },
    { words: "水管漏水", category: "flooding", north: 900 },
  ]);
  const page = await worker(phone, server);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect(rows(page)).toHaveCount(2);
  // Units are read beside the queue, and shown once they are kept.
  await expect(page.locator("#filter-unit option", { hasText: "城管中队" })).toBeAttached();
  await phone.goOffline();
  for (const words of ["栏杆歪了", "水管漏水"]) {
    await rows(page).filter({ hasText: words }).getByRole("link").click();
    await page.getByTestId("steps").getByRole("button", { name: "派单" }).click();
    await page.getByTestId("form").getByRole("button", { name: "城管中队" }).click();
    await expect(page.getByTestId("form")).toHaveCount(0);
    await expect(page.getByTestId("unsent")).toContainText("受理、派单");
    await page.getByRole("link", { name: "返回列表" }).click();
  }
  await expect(page.getByTestId("held")).toContainText("4 步还没送出");
  // A colleague who has a network.
  const other = await Phone.start(network, DEFAULTS);
  try {
    network.restore();
    const there = await worker(other, server, "王社工");
    await rows(there).filter({ hasText: "水管漏水" }).getByRole("link").click();
    await there.getByTestId("steps").getByRole("button", { name: "不受理" }).click();
    await there.getByRole("radio", { name: "重复上报" }).check();
    await there.locator("#words").fill("已有人报过");
    await there.getByTestId("form").getByRole("button", { name: "不受理" }).click();
    await expect.poll(() => state(server, "水管漏水")).toBe("declined");
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }
  phone.expected.push(/status of 409/);
  await phone.goOnline();
  await expect.poll(() => state(server, "栏杆歪了")).toBe("assigned");
  const refused = page.getByTestId("refused").getByRole("listitem");
  await expect(refused.first()).toContainText("王社工已经「不受理」");
  // Both steps with it, one after the other.
  await expect(refused).toHaveCount(2);
  expect(state(server, "水管漏水")).toBe("declined");
  for (const left of [1, 0]) {
    await refused.getByRole("button", { name: "放弃这一步" }).first().click();
    await expect(refused).toHaveCount(left);
  }
});

test("a list of units that was not read is not called empty, and comes by itself", async ({ phone, server, network }) => {
  addUnit((sql) => server.execute(sql), "城管中队");
  await sendReports(network, [{ words: "栏杆歪了" }]);
  phone.expected.push(/status of 503/);
  const units = network.suffer((_, path) => path === "/api/v1/staff/units", busy(600));
  const page = await worker(phone, server);
  await expect(rows(page)).toHaveCount(1);
  await chooseAll(page);
  const bulk = page.getByTestId("bulk");
  await bulk.getByRole("button", { name: "派单" }).click();
  await expect(bulk).toContainText("名单还没读到");
  await rows(page).getByRole("link").click();
  await page.getByTestId("steps").getByRole("button", { name: "派单" }).click();
  const form = page.getByTestId("form");
  await expect(form).toContainText("名单还没读到");
  await expect(form).not.toContainText("还没有处置单位");
  units.end();
  // The next news of the queue is as good a time as any.
  await sendReports(network, [{ words: "井盖响", north: 900 }]);
  await expect(form).not.toContainText("名单还没读到");
  await form.getByRole("button", { name: "城管中队" }).click();
  await expect(page.getByTestId("unit")).toHaveText("城管中队");
});

for (const [name, options] of Object.entries(LOOKS)) {
  test.describe(name, () => {
    test.use({ phoneOptions: options });

    test("no screen of the work has an accessibility violation, and each fits", async ({ phone, server, network }) => {
      addUnit((sql) => server.execute(sql), "城管中队");
      addUnit((sql) => server.execute(sql), "市政养护");
      await sendReports(network, [
        { words: "路沿石碎了一大块，电动车经过时差点摔倒，晚上看不清", photo: true },
        { words: "路沿石也碎了", north: 80 },
        { words: "路灯不亮", category: "lighting", north: 900 },
      ]);
      const page = await worker(phone, server);
      const take = (what: string) => check(page, what, name);
      await expect(rows(page)).toHaveCount(3);
      await take("queue");
      await rows(page).filter({ hasText: "路沿石碎了一大块" }).getByRole("link").click();
      await expect(page.getByTestId("similar").getByRole("listitem")).toHaveCount(1);
      await take("case");
      await page.getByTestId("steps").getByRole("button", { name: "派单" }).click();
      await take("assign");
      await page.getByTestId("form").getByRole("button", { name: "城管中队" }).click();
      await expect(page.getByTestId("unit")).toHaveText("城管中队");
      await page.getByTestId("steps").getByRole("button", { name: "修好了" }).click();
      await page.getByTestId("after-photo").setInputFiles(KERB);
      await expect(page.getByTestId("form").getByRole("img", { name: "照片 1" })).toBeVisible();
      await take("fix");
      await page.getByTestId("form").getByRole("button", { name: "取消" }).click();
      await page.getByTestId("steps").getByRole("button", { name: "不受理" }).click();
      await take("decline");
      await page.goto("/staff/templates");
      await expect(page.getByTestId("templates").getByRole("listitem").first()).toBeVisible();
      await take("templates");
    });
  });
}
