import { readFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import { API } from "../../support/faults";
import { Phone, deviceOf } from "../../support/phone";
import { picture } from "../../support/noise";
import { leaveQueue } from "../../support/queue";
import { deliveredCode, exported, fill, leaveWaiting, reportOf, save, stored, takeOver } from "../../support/reporting";
import { settle, wake } from "../../support/settle";
import { expect, test } from "../../support/test";

/** What the browser is asked for our data, counted. */
async function watchPersist(phone: Phone): Promise<(page: Page) => Promise<number>> {
  await phone.context.addInitScript(() => {
    const persist = StorageManager.prototype.persist;
    Object.assign(window, { asked: 0 });
    StorageManager.prototype.persist = function () {
      (window as unknown as { asked: number }).asked += 1;
      return persist.call(this);
    };
  });
  return (page) => page.evaluate(() => (window as unknown as { asked: number }).asked);
}

test("fault 23: the browser is asked to keep our data from the first saved draft on, and what it says is shown", async ({ phone, server }) => {
  const asked = await watchPersist(phone);
  const words = "请别清除";
  const page = await phone.open("/report");
  expect(await asked(page)).toBe(0);
  await page.getByLabel("说一句").fill(words);
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  await expect.poll(() => asked(page)).toBe(1);
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
  await expect(page.getByTestId("storage")).toContainText(/浏览器答应不会自行清除|空间紧张时浏览器可能清除/);
  await settle(phone, server, { drafts: [words] });
});

test("fault 23: what was exported before the browser cleared everything is sent from another phone, once", async ({ phone, server, network }, info) => {
  const [report, draft] = ["被清除之前导出的", "导出的草稿"];
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  network.suffer(API, { kind: "reset" });
  await fill(page, { photo: [picture(1), picture(2)], words: report });
  await save(page);
  await page.getByRole("button", { name: "再报一条" }).click();
  await page.getByLabel("说一句").fill(draft);
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
  const file = await exported(page, info);
  expect(Object.keys((JSON.parse(readFileSync(file, "utf8")) as { photos: object }).photos)).toHaveLength(2);

  // Not under a page that is sending, which would stumble over it.
  await page.goto("/healthz");
  const protocol = await phone.protocol();
  await protocol.send("Storage.clearDataForOrigin", { origin: network.origin, storageTypes: "all" });
  await page.goto("/mine");
  await phone.interactive();
  await expect(page.getByText("这部手机上还没有上报")).toBeVisible();
  await settle(phone, server, {});

  network.restore();
  const other = await Phone.start(network, phone.options);
  try {
    await takeOver(other, file, 2);
    await settle(other, server, { received: [report], drafts: [draft] });
    expect(stored(server)).toMatchObject([{ photos: 2 }]);
  } finally {
    await other.dispose();
  }
});

test("fault 23: a phone that finds a network after another one has sent its report doubles nothing, and asks nobody to send it as a new one", async ({
  phone,
  server,
  network,
}, info) => {
  const words = "两部手机上都有的";
  const page = await leaveWaiting(phone, words);
  const file = await exported(page, info);
  await phone.close();
  network.restore();

  const other = await Phone.start(network, phone.options);
  try {
    const there = await takeOver(other, file, 1);
    await settle(other, server, { received: [words] });

    phone.expectBrokenNetwork();
    await phone.goOnline();
    await phone.reopen();
    const here = await phone.open("/mine");
    const card = reportOf(here, words);
    await expect(card).toContainText("这条已经送到了：由另一部手机");
    await expect(card.getByTestId("edit")).toHaveCount(0);
    await expect(card.getByTestId("send-now")).toHaveCount(0);
    await expect(card).not.toContainText("当作新的");
    await settle(phone, server, { needsYou: [words] });
    // Being opened again changes nothing, here or there.
    await phone.open("/mine");
    await expect(card).toContainText("这条已经送到了");
    await other.open("/mine");
    await settle(other, server, { received: [words] });
    await expect(reportOf(there, words)).toContainText(/编号 \S+/);
    await expect(there.getByTestId("needs-you")).toBeHidden();
    expect(stored(server)).toMatchObject([{ photos: 1 }]);
    expect(server.rows("SELECT device FROM reports")).toEqual([{ device: deviceOf(await other.token()) }]);

    // It is taken off the phone that did not send it, and off nothing else.
    await card.getByRole("button", { name: "从本机移除" }).click();
    await card.getByRole("button", { name: "确定删除" }).click();
    await expect(card).toHaveCount(0);
    await settle(phone, server, { elsewhere: [words] });
    expect(stored(server)).toMatchObject([{ photos: 1 }]);
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }
});

test("fault 23: how much our data takes and how much the browser allows is told in numbers", async ({ phone, server }) => {
  const words = "占多少地方";
  const page = await phone.open("/report");
  await phone.installed();
  await fill(page, { photo: picture(1), words });
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
  const storage = page.getByTestId("storage");
  const told = /本机已用 ([\d.]+) ([KMG]B)，浏览器说最多 ([\d.]+) ([KMG]B)/;
  await expect(storage).toContainText(told);
  const [, used, usedUnit, quota, quotaUnit] = told.exec(await storage.innerText())!;
  const bytes = (number: string, unit: string): number => Number(number) * { KB: 1e3, MB: 1e6, GB: 1e9 }[unit as "KB" | "MB" | "GB"];
  const shown = { used: bytes(used!, usedUnit!), quota: bytes(quota!, quotaUnit!) };

  // What the browser says itself. Its own upkeep goes on meanwhile, and other programs fill the disk.
  const { usage = 0, quota: most = 0 } = await page.evaluate(() => navigator.storage.estimate());
  expect(usage, "the program alone is some hundred kilobytes").toBeGreaterThan(100_000);
  expect(shown.used / usage).toBeGreaterThan(0.5);
  expect(shown.used / usage).toBeLessThan(2);
  expect(shown.quota / most).toBeGreaterThan(0.9);
  expect(shown.quota / most).toBeLessThan(1.1);
  // And as a bar of the same length.
  const bar = await storage.locator("meter").evaluate((meter: HTMLMeterElement) => ({ value: meter.value, max: meter.max }));
  expect(bar.value / shown.used).toBeCloseTo(1, 1);
  expect(bar.max / shown.quota).toBeCloseTo(1, 1);
  await settle(phone, server, { drafts: [words] });
});

test("fault 23: reports that have waited for days are pointed out with what to do", async ({ phone, server, network }) => {
  phone.expectBrokenNetwork();
  await phone.page.goto("/healthz");
  await leaveQueue(phone.page, 2, [{ words: "三天前的", row: { queued_at: Date.now() - 3 * 86_400_000 } }, { words: "刚才的", row: { queued_at: Date.now() } }]);
  network.suffer(API, { kind: "reset" });
  const page = await phone.open("/mine");
  await expect(page.getByTestId("oldest")).toContainText("最早的一条已经等了 3 天，还只在这部手机上");
  network.restore();
  await wake(page);
  await settle(phone, server, { received: ["三天前的", "刚才的"] });
  await expect(page.getByTestId("oldest")).toBeEmpty();
});

test("fault 23: when only the photo's bytes were cleared, that is said, and the report is mended with another one", async ({ phone, server, network }) => {
  const words = "照片被清掉了";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  const down = network.suffer(API, { kind: "reset" });
  await fill(page, { photo: picture(1), words });
  await save(page);
  await expect(page.getByTestId("saved")).toContainText("没有网络，或信号太弱");
  // Not under a page that has the bytes in memory for another try.
  await page.goto("/healthz");
  await page.evaluate(
    () =>
      new Promise<void>((done, failed) => {
        const opening = indexedDB.open("waypost");
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const writing = opening.result.transaction("photos", "readwrite");
          writing.objectStore("photos").clear();
          writing.oncomplete = () => {
            opening.result.close();
            done();
          };
        };
      }),
  );
  down.end();
  await phone.open("/mine");
  const card = page.getByTestId("report").filter({ hasText: words });
  await expect(card).toContainText("有照片已经不在这部手机上了");
  await card.getByTestId("edit").click();
  await page.getByRole("button", { name: "去掉第 1 张照片" }).click();
  await fill(page, { photo: picture(2) });
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ photos: 1 }]);
});
