import { writeFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import { Phone } from "../support/phone";
import { deliveredCode, exported, fill, kept, leaveWaiting, save, stored, takeOver } from "../support/reporting";
import { expect, test } from "../support/test";

test("what one phone could not send is sent by another, once", async ({ phone, server, network }, info) => {
  const page = await leaveWaiting(phone, "台阶缺了一块");
  const file = await exported(page, info);
  await phone.close();
  network.restore();

  const other = await Phone.start(network, phone.options);
  try {
    const there = await takeOver(other, file, 1);
    await expect(there.getByText(/编号 \S+/).first()).toBeVisible();
    await expect(there.getByTestId("received").locator("img").first()).toBeVisible();
    expect(stored(server)).toMatchObject([{ description: "台阶缺了一块", photos: 1 }]);
    await there.getByTestId("import").setInputFiles(file);
    await expect(there.getByTestId("imported")).toContainText("1 条本来就在这里");
  } finally {
    await other.dispose();
  }

  // The old phone finds a network after all.
  phone.expected.push(/status of 409/);
  await phone.goOnline();
  await phone.reopen();
  const again = await phone.open("/mine");
  await expect(again.getByTestId("report")).toContainText("这条已经送到了：由另一部手机");
  expect(stored(server)).toHaveLength(1);
});

test("what one phone could not say of a station is said by another, once", async ({ phone, server, network }, info) => {
  const said = () => server.rows("SELECT slug, kind FROM verifications");
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const told = (page: Page) => page.getByTestId("verify").getByRole("status");
  const station = await phone.open("/stations/aixin-tea");
  await station.getByRole("button", { name: "门锁着" }).click();
  await expect(told(station)).toContainText("已记下，有网就送出");
  const mine = await phone.open("/mine");
  await expect(mine.getByText("还有 1 条驿站反馈没送出")).toBeVisible();
  const file = await exported(mine, info);
  await phone.close();
  network.restore();

  const other = await Phone.start(network, phone.options);
  try {
    // All within the program, which knows then what is on the phone.
    const there = await other.open("/stations/aixin-tea");
    await there.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
    await there.getByTestId("import").setInputFiles(file);
    await expect(there.getByTestId("imported")).toContainText("接手了 1 条");
    await expect.poll(said).toEqual([{ slug: "aixin-tea", kind: "locked" }]);
    await expect(there.getByTestId("export")).toBeHidden();
    // It is nothing that was said with this phone.
    await there.goBack();
    await expect(there.getByRole("button", { name: "门锁着" })).toHaveAttribute("aria-pressed", "false");
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }

  // The old phone finds a network after all: it has got through, and not by being said twice.
  phone.expected.push(/status of 409/);
  await phone.goOnline();
  await phone.reopen();
  await expect(told(await phone.open("/stations/aixin-tea"))).toContainText("谢谢，已送达");
  expect(said()).toHaveLength(1);
});

test("a file that is not ours is refused in words, and takes nothing with it", async ({ phone }, info) => {
  const page = await leaveWaiting(phone, "路灯不亮");
  const before = await kept(page);
  for (const [name, text] of [["notes.json", '{"drafts": 3}'], ["photo.json", "\u0000\u0001"]] as const) {
    const file = info.outputPath(name);
    writeFileSync(file, text);
    // Opened anew, so that nothing is said yet.
    await phone.open("/mine");
    await page.getByTestId("import").setInputFiles(file);
    await expect(page.getByTestId("imported")).toContainText("不是驿友导出的");
  }
  expect(await kept(page)).toEqual(before);
});

test("a report is taken back from the server with its photo, also without a network first", async ({ phone, server }) => {
  const page = await phone.open("/report");
  await fill(page, { words: "说错了地方" });
  await save(page);
  await deliveredCode(page);
  await phone.installed();
  expect(server.files("photos").length).toBeGreaterThan(0);

  await phone.goOffline();
  await page.getByRole("link", { name: "看我的上报" }).click();
  await page.getByRole("button", { name: "撤回这条上报" }).click();
  await page.getByRole("button", { name: "确定撤回" }).click();
  await expect(page.getByTestId("report")).toContainText("正在撤回");
  expect(stored(server)).toHaveLength(1);

  await phone.goOnline();
  await expect(page.getByTestId("report")).toHaveCount(0);
  expect(stored(server)).toEqual([]);
  await expect.poll(() => server.files("photos").length).toBe(0);
  await expect.poll(() => kept(page)).toMatchObject({ outbox: 0, photos: 0, thumbs: 0 });
});

test("a public report cannot be taken back, and the reporter is told why", async ({ phone, server }) => {
  const page = await phone.open("/report");
  await fill(page, { words: "护栏倒了" });
  await save(page);
  await deliveredCode(page);
  await page.getByRole("link", { name: "看我的上报" }).click();
  await expect(page.getByRole("button", { name: "撤回这条上报" })).toBeVisible();
  phone.expected.push(/status of 409/);
  server.execute("UPDATE reports SET state = 'accepted', is_public = 1");
  await page.getByRole("button", { name: "撤回这条上报" }).click();
  await page.getByRole("button", { name: "确定撤回" }).click();
  await expect(page.getByTestId("report")).toContainText("撤不回了：已经公开受理");
  await expect(page.getByRole("button", { name: "撤回这条上报" })).toHaveCount(0);
  expect(stored(server)).toHaveLength(1);
});

test("a report that may have arrived can no longer be changed, and says why", async ({ phone, server, network }) => {
  const page = await phone.open("/report");
  network.loseAnswers((method, path) => method === "PUT" && path.startsWith("/api/v1/reports/"));
  phone.expected.push(/net::ERR_/);
  await fill(page, { words: "树枝断了" });
  await save(page);
  await expect.poll(() => stored(server)).toHaveLength(1);
  await page.getByRole("link", { name: "看我的上报" }).click();
  const card = page.getByTestId("report");
  await expect(card).toContainText("可能已经送到，所以不能再改");
  await expect(card.getByTestId("edit")).toHaveCount(0);
  await card.getByRole("button", { name: "删除" }).click();
  await expect(card).toContainText("会先请服务器一起删掉");
  // First: a report that arrives is asked about in other words. Only answers to sending are lost, so this one comes.
  await card.getByRole("button", { name: "确定删除" }).click();
  network.restore();
  await expect(card).toHaveCount(0);
  expect(stored(server)).toEqual([]);
});

test("what waits goes before the program is installed", async ({ phone, server }) => {
  const page = await leaveWaiting(phone, "标线磨没了");
  await page.evaluate(() => {
    const offer = Object.assign(new Event("beforeinstallprompt"), { prompt: () => Object.assign(window, { prompted: true }) });
    window.dispatchEvent(offer);
  });
  await page.getByRole("link", { name: "更多" }).click();
  const install = page.getByTestId("install");
  await expect(install).toContainText("还有 1 条没送出");
  await expect(install.getByRole("button", { name: "安装" })).toHaveCount(0);
  await phone.goOnline();
  await install.getByRole("button", { name: "先送出" }).click({ timeout: 3000 }).catch(() => undefined);
  await install.getByRole("button", { name: "安装" }).click();
  expect(await page.evaluate("window.prompted")).toBe(true);
  expect(stored(server)).toHaveLength(1);
});

test("a phone that has never sent anything hears that nothing is known of it, and without a network that nobody can say", async ({ phone }) => {
  const page = await phone.open("/more");
  await phone.installed();
  const about = page.getByTestId("about-me");
  await phone.goOffline();
  await about.getByRole("button", { name: "看看存了什么" }).click();
  await expect(about).toContainText("现在连不上服务器");
  await phone.goOnline();
  await about.getByRole("button", { name: "看看存了什么" }).click();
  await expect(about).toContainText("服务器上没有关于这台手机的东西");
  await phone.goOffline();
  const before = await phone.token();
  await about.getByRole("button", { name: "服务器上和手机上的都删掉" }).click();
  await about.getByRole("button", { name: "全部删掉" }).click();
  await expect(about).toContainText("现在连不上服务器");
  expect(await phone.token()).toBe(before);
});

test("who asks is told what the server has about this phone, and can have it deleted", async ({ phone, server }) => {
  const page = await phone.open("/report");
  await fill(page, { words: "充电口坏了", category: "充电设施" });
  await save(page);
  await deliveredCode(page);
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "更多" }).click();
  const about = page.getByTestId("about-me");
  await about.getByRole("button", { name: "看看存了什么" }).click();
  await expect(about).toContainText("上报 1 条，照片 1 张");
  const [download] = await Promise.all([page.waitForEvent("download"), about.getByRole("button", { name: "存成文件" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^waypost-device-\d{4}-\d{2}-\d{2}\.json$/);

  const token = await phone.token();
  await about.getByRole("button", { name: "服务器上和手机上的都删掉" }).click();
  const opened = await page.evaluate(() => performance.timeOrigin);
  await about.getByRole("button", { name: "全部删掉" }).click();
  await expect.poll(() => page.evaluate(() => performance.timeOrigin).catch(() => opened)).not.toBe(opened);
  await phone.interactive();
  expect(stored(server)).toEqual([]);
  expect(server.rows("SELECT * FROM devices")).toEqual([]);
  await expect.poll(() => kept(page)).toMatchObject({ outbox: 0, photos: 0, thumbs: 0, drafts: 0 });
  await expect.poll(() => phone.token().catch(() => token)).not.toBe(token);
});
