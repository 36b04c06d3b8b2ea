import { writeFileSync } from "node:fs";

import { metres } from "../support/district";
import { LEDI_HARBOUR } from "../support/phone";
import { KERB, asReporter, deliveredCode, expectCleanPhoto, fill, kept, save, stored } from "../support/reporting";
import { expect, test } from "../support/test";

const HERE = { lat: LEDI_HARBOUR.latitude, lng: LEDI_HARBOUR.longitude };
const REPORT = /^\/api\/v1\/reports\//;
const PHOTO = /^\/api\/v1\/uploads$/;

test("a report with a photo arrives and is told its code", async ({ phone, server }) => {
  const page = await phone.open("/report");
  await fill(page, { words: "路沿石断了，夜里看不见" });
  await save(page);
  const code = await deliveredCode(page);

  const [report, ...others] = stored(server);
  expect(others).toEqual([]);
  expect(report).toMatchObject({ code, category: "road", description: "路沿石断了，夜里看不见", photos: 1 });
  if (report) expect(metres(HERE, report)).toBeLessThan(1);
  expectCleanPhoto(server);
  expect(await asReporter(phone, report?.id ?? "")).toMatchObject({ code, state: "received" });
});

test("a report made offline survives closing the browser and arrives exactly once", async ({ phone, server, network }) => {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();

  const page = await phone.open("/report");
  await fill(page, { words: "井边的路沿石碎了" });
  await save(page);
  await expect(page.getByTestId("saved-state")).toContainText("已存在本机");
  await expect(page.getByRole("navigation", { name: "主导航" })).toContainText("1 条还没送出");

  // Nothing is running any more: only the disk remembers.
  await phone.close();
  await phone.reopen();
  const mine = await phone.open("/mine");
  await expect(mine.getByRole("heading", { name: "等待送出" })).toBeVisible();
  await expect(mine.getByText("井边的路沿石碎了")).toBeVisible();
  await expect(mine.getByText("没有网络，或信号太弱")).toBeVisible();
  expect(stored(server)).toEqual([]);

  await phone.goOnline();
  await expect(mine.getByText(/编号 \S+/).first()).toBeVisible();
  await expect(mine.getByRole("heading", { name: "等待送出" })).toHaveCount(0);

  const [report, ...others] = stored(server);
  expect(others).toEqual([]);
  expect(report).toMatchObject({ category: "road", description: "井边的路沿石碎了", photos: 1 });
  await expect(mine.getByText(`编号 ${report?.code}`).first()).toBeVisible();
  const told = await asReporter(phone, report?.id ?? "");
  expect(told.code).toBe(report?.code);
  expect(told.photos).toHaveLength(1);
  expectCleanPhoto(server);
  expect(network.count("PUT", REPORT)).toBe(1);
  expect(network.count("POST", PHOTO)).toBe(1);
  // Acknowledged; the photo stays for a few days more, in case the server loses what it has.
  await expect.poll(() => kept(mine)).toMatchObject({ photos: 1, drafts: 0, outbox: 1 });
});

test("a report whose answer was lost is sent again and stored once", async ({ phone, server, network }) => {
  const page = await phone.open("/report");
  network.loseAnswers((method, path) => method === "PUT" && REPORT.test(path));
  phone.expected.push(/net::ERR_/);
  await fill(page, {});
  await save(page);
  await expect.poll(() => network.passed.filter(({ path, status }) => REPORT.test(path) && status === 201).length).toBe(1);
  await expect(page.getByTestId("saved-state")).toContainText("已存在本机");

  network.restore();
  await page.getByRole("link", { name: "看我的上报" }).click();
  // It may be sent by itself before the button is found.
  await page.getByRole("button", { name: "立即发送" }).click({ timeout: 3000 }).catch(() => undefined);
  const [report] = stored(server);
  await expect(page.getByText(`编号 ${report?.code}`).first()).toBeVisible();
  // The browser itself also sends again on each connection it had kept open, so how often is not ours to say.
  const [first, ...again] = network.passed.filter(({ method, path }) => method === "PUT" && REPORT.test(path));
  expect(first?.status).toBe(201);
  expect(again.length).toBeGreaterThan(0);
  expect(again.every(({ status }) => status === 200)).toBe(true);
  expect(stored(server)).toHaveLength(1);
});

test("a captive portal's page is not taken for an acknowledgement", async ({ phone, server, network }) => {
  const page = await phone.open("/report");
  await phone.installed();
  network.portal();
  await fill(page, { words: "门口的井盖响" });
  await save(page);
  await expect(page.getByText("有网络但没连到驿友")).toBeVisible();
  expect(await kept(page)).toMatchObject({ photos: 1, outbox: 1 });
  expect(stored(server)).toEqual([]);

  network.restore();
  await page.reload();
  await phone.interactive();
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
  await expect(page.getByText(/编号 \S+/).first()).toBeVisible();
  expect(stored(server)).toMatchObject([{ description: "门口的井盖响", photos: 1 }]);
});

test("two tabs do not send the same report twice", async ({ phone, server, network }) => {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const first = await phone.open("/report");
  await fill(first, {});
  await save(first);
  const second = await phone.context.newPage();
  await phone.open("/mine", second);
  await expect(second.getByRole("heading", { name: "等待送出" })).toBeVisible();

  await phone.goOnline();
  const code = await deliveredCode(first);
  await expect(second.getByText(`编号 ${code}`).first()).toBeVisible();
  expect(network.count("PUT", REPORT)).toBe(1);
  expect(network.count("POST", PHOTO)).toBe(1);
  expect(stored(server)).toHaveLength(1);
});

test("a draft that was never saved is still there after the browser was closed", async ({ phone }) => {
  const page = await phone.open("/report");
  await page.getByLabel("拍照").setInputFiles(KERB);
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await page.getByLabel("说一句").fill("还没写完");
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  await phone.close();
  await phone.reopen();
  const again = await phone.open("/report");
  await expect(again.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await expect(again.getByLabel("说一句")).toHaveValue("还没写完");
});

test("what is missing is named, and nothing is sent", async ({ phone, network }) => {
  const page = await phone.open("/report");
  await page.getByTestId("save").click();
  await expect(page.getByTestId("faults")).toContainText("还差");
  await expect(page.getByText("请选一类。")).toBeVisible();
  await expect(page.getByText("拍一张照片，或者写一句话。")).toBeVisible();
  expect(network.count("PUT", REPORT)).toBe(0);
});

test("a text file that calls itself a photo is refused in words", async ({ phone }, info) => {
  const file = info.outputPath("note.jpg");
  writeFileSync(file, "This is not a picture.\n");
  const page = await phone.open("/report");
  await page.getByLabel("拍照").setInputFiles(file);
  await expect(page.getByTestId("photo-note")).toContainText("“note.jpg”不是这部手机能打开的照片");
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toHaveCount(0);
});

test.describe("a phone whose owner does not say where it is", () => {
  test.use({ phoneOptions: { position: null } });

  test("reports from a landmark", async ({ phone, server, network }) => {
    const page = await phone.open("/report");
    const near = "“乐市”集装箱驿站";
    await fill(page, { near });
    await save(page);
    await deliveredCode(page);
    const [report] = stored(server);
    const { stations } = (await (await fetch(`${network.origin}/api/v1/snapshot`)).json()) as {
      stations: { name: string; lat: number; lng: number }[];
    };
    const place = stations.find(({ name }) => name === near);
    expect(report && place && metres(report, place)).toBeLessThan(1);
  });
});
