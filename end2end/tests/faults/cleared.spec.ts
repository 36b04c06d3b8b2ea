import { readFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import { API } from "../../support/faults";
import { Phone } from "../../support/phone";
import { picture } from "../../support/noise";
import { leaveQueue } from "../../support/queue";
import { deliveredCode, fill, save, stored } from "../../support/reporting";
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
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export").click()]);
  const file = info.outputPath("unsent.json");
  await download.saveAs(file);
  expect(Object.keys((JSON.parse(readFileSync(file, "utf8")) as { photos: object }).photos)).toHaveLength(2);

  const protocol = await phone.protocol();
  await protocol.send("Storage.clearDataForOrigin", { origin: network.origin, storageTypes: "all" });
  await page.goto("/mine");
  await phone.interactive();
  await expect(page.getByText("这部手机上还没有上报")).toBeVisible();
  await settle(phone, server, {});

  network.restore();
  const other = await Phone.start(network, phone.options);
  try {
    const there = await other.open("/mine");
    await there.getByTestId("import").setInputFiles(file);
    await expect(there.getByTestId("imported")).toContainText("接手了 2 条");
    await settle(other, server, { received: [report], drafts: [draft] });
    expect(stored(server)).toMatchObject([{ photos: 2 }]);
  } finally {
    await other.dispose();
  }
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
  // Not while the bytes are in memory, on their way.
  await expect(page.getByTestId("saved")).toContainText("没有网络，或信号太弱");
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
  await wake(page);
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
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
