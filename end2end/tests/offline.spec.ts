import { SCREENS, TITLES, isShown } from "../support/screens";
import { expect, test } from "../support/test";

test("a visited page reloads without the network", async ({ phone }) => {
  const page = await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  await page.reload();
  await phone.interactive();
  await isShown(page, "stations");
  await expect(page.getByRole("heading", { name: "“乐市”集装箱驿站" })).toBeVisible();
  await expect(page.getByText(/^离线/)).toBeVisible();
});

test("pages never visited open without the network and answer to a touch", async ({ phone }) => {
  await phone.open("/");
  await phone.installed();
  await phone.close();
  await phone.goOffline();
  await phone.reopen();
  for (const screen of ["station", "report", "mine", "market", "more"] as const) {
    const page = await phone.open(SCREENS[screen]);
    await isShown(page, screen);
    const bar = page.getByRole("navigation", { name: "主导航" });
    const loads = await page.evaluate(() => performance.timeOrigin);
    await bar.getByRole("link", { name: "驿站" }).click();
    await isShown(page, "stations");
    // The running program drew it: a load would have begun another timeline.
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(loads);
  }
});

test("offline, a wrong address says so instead of failing", async ({ phone }) => {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const page = await phone.open("/nowhere");
  await expect(page.getByRole("heading", { level: 1, name: TITLES.zh.missing })).toBeVisible();
});

test("when the network is back the phone says its data is fresh", async ({ phone }) => {
  const page = await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  // "Just now" ends with the minute.
  await page.clock.setFixedTime(Date.now());
  await page.reload();
  await expect(page.getByText(/^离线/)).toBeVisible();
  await phone.goOnline();
  await expect(page.getByText("刚刚更新")).toBeVisible();
});

test("behind a captive portal the phone keeps showing the district it has", async ({ phone, network }) => {
  const page = await phone.open("/");
  await phone.installed();
  network.portal();
  await page.reload();
  await phone.interactive();
  await isShown(page, "stations");
  await expect(page.getByRole("heading", { name: "“乐市”集装箱驿站" })).toBeVisible();
  await expect(page.getByText(/^离线/)).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem("waypost.snapshot.v1"))).toContain("xinxin-shouhu");
});

test("a file that is gone is a 404 and never a page", async ({ network }) => {
  const answer = await fetch(`${network.origin}/pkg/waypost.0000000000000000000000.wasm`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).not.toContain("html");
});
