import { metres } from "../support/district";
import { LEDI_HARBOUR } from "../support/phone";
import { asReporter, deliveredCode, expectCleanPhoto, fill, kept, save, stored } from "../support/reporting";
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

test("what is missing is named, and nothing is sent", async ({ phone, network }) => {
  const page = await phone.open("/report");
  await page.getByTestId("save").click();
  await expect(page.getByTestId("faults")).toContainText("还差");
  await expect(page.getByText("请选一类。")).toBeVisible();
  await expect(page.getByText("拍一张照片，或者写一句话。")).toBeVisible();
  expect(network.count("PUT", REPORT)).toBe(0);
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
