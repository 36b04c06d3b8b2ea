import type { Page } from "@playwright/test";

import { nextBuild } from "../support/builds";
import { expect, test } from "../support/test";

const caches = (page: Page) => page.evaluate(async () => (await window.caches.keys()).filter((name) => name.startsWith("waypost-")));

test("a new version waits until it is asked for, then takes over", async ({ phone, network }) => {
  const page = await phone.open("/");
  await phone.installed();
  const [first] = await caches(page);
  // The next load is answered by the service worker, so an update has something to replace.
  await page.reload();
  await phone.interactive();

  network.rewrite("/sw.js", nextBuild);
  await page.reload();
  await phone.interactive();
  const update = page.getByRole("button", { name: "现在更新" });
  await expect(update).toBeVisible();
  expect(await caches(page)).toContain(first);

  const opened = await page.evaluate(() => performance.timeOrigin);
  await update.click();
  await expect.poll(() => page.evaluate(() => performance.timeOrigin).catch(() => opened)).not.toBe(opened);
  await phone.interactive();
  await expect(page.getByRole("heading", { name: "“乐市”集装箱驿站" })).toBeVisible();
  await expect.poll(() => caches(page)).toEqual(["waypost-0123456789ab"]);
  await expect(update).toBeHidden();
});

test("a first visit offers no update", async ({ phone }) => {
  const page = await phone.open("/");
  await phone.installed();
  // "Just now" ends with the minute.
  await page.clock.setFixedTime(Date.now());
  await page.reload();
  await phone.interactive();
  await expect(page.getByText("刚刚更新")).toBeVisible();
  await expect(page.getByRole("button", { name: "现在更新" })).toHaveCount(0);
});

test("a tab that still offers the version another tab has taken just opens it", async ({ phone, network }) => {
  const page = await phone.open("/");
  await phone.installed();
  await page.reload();
  await phone.interactive();
  network.rewrite("/sw.js", nextBuild);
  await page.reload();
  await phone.interactive();
  const other = await phone.open("/market", await phone.context.newPage());
  const [here, there] = [page, other].map((tab) => tab.getByRole("button", { name: "现在更新" }));
  await expect(here!).toBeVisible();
  await expect(there!).toBeVisible();
  await here!.click();
  await expect(here!).toBeHidden();
  await there!.click();
  await expect(there!).toBeHidden();
  await phone.interactive(other);
});

test("a phone that keeps the program can still ask for the plain page", async ({ phone }) => {
  const page = await phone.open("/");
  await phone.installed();
  await page.reload();
  await phone.interactive();
  await page.goto("/?plain");
  await expect(page.getByRole("heading", { name: "驿站", level: 1 })).toBeVisible();
  await expect(page.locator("html")).not.toHaveAttribute("data-live");
});
