import type { Page } from "@playwright/test";

import { API } from "../../support/faults";
import type { Phone } from "../../support/phone";
import { picture } from "../../support/noise";
import { deliveredCode, fill, kept, reportOf, save, shoot, stored } from "../../support/reporting";
import { settle, wake } from "../../support/settle";
import { expect, test } from "../../support/test";

/** Some hundred kilobytes, also once it is prepared. */
const LARGE_PHOTO = picture(1, 640, 480);

const thumbs = (page: Page) => page.getByRole("img", { name: /第 \d 张照片/ });

/** Words that are kept, then a photo for which there is no room: what a person sees, and what is still there. */
async function photoWithoutRoom(page: Page, words: string): Promise<void> {
  await page.getByLabel("拍照").setInputFiles(LARGE_PHOTO);
  await expect(page.getByTestId("photo-note")).toContainText("手机存储满了，这张照片没能存下。您写的文字还在");
  await expect(thumbs(page)).toHaveCount(0);
  await expect(page.getByLabel("说一句")).toHaveValue(words);
}

/**
 * The browser gives us only so many bytes more than we use now, or fewer. It is started again for this: Chromium asks
 * for the quota once and relies upon the answer for half a minute.
 */
async function allow(phone: Phone, more: number): Promise<() => Promise<void>> {
  await phone.open("/");
  await phone.installed();
  const origin = phone.network.origin;
  const { usage } = await (await phone.protocol()).send("Storage.getUsageAndQuota", { origin });
  await phone.close();
  await phone.reopen();
  const protocol = await phone.protocol();
  await protocol.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + more });
  phone.expected.push(/no room is left/);
  return async () => void (await protocol.send("Storage.overrideQuotaForOrigin", { origin }));
}

test("fault 01: no room for a photo is said, the words survive, and with room again the report arrives", async ({ phone, server }) => {
  const words = "桥头路沿石断了";
  const before = await phone.open("/report");
  await before.getByLabel("说一句").fill(words);
  await expect(before.getByTestId("draft-note")).toContainText("草稿已存在本机");
  const makeRoom = await allow(phone, 1);
  const page = await phone.open("/report");
  await expect(page.getByLabel("说一句")).toHaveValue(words);
  await photoWithoutRoom(page, words);
  await page.reload();
  await phone.interactive();
  await expect(page.getByLabel("说一句")).toHaveValue(words);
  await settle(phone, server, { drafts: [words] });

  await makeRoom();
  await fill(page, { photo: LARGE_PHOTO });
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
});

test("fault 01: a report for which there is no room is not called saved, and its words stay on the screen", async ({ phone, server }) => {
  const words = "没有地方存了";
  const makeRoom = await allow(phone, 1);
  const page = await phone.open("/report");
  await fill(page, { photo: null, words });
  await page.getByTestId("save").click();
  await expect(page.getByTestId("draft-note")).toContainText("手机存储满了，没能存下。请先别关这个页面");
  await expect(page.getByTestId("saved-state")).toHaveCount(0);
  await expect(page.getByLabel("说一句")).toHaveValue(words);

  await makeRoom();
  await page.getByTestId("save").click();
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
});

/** Either way nobody is left to guess: on /mine the report has its code, or it is said that there is no room to send it. */
async function sentOrTold(page: Page, words: string): Promise<void> {
  const told = page.getByTestId("trouble").getByText("手机存储满了，上报送不出去。请删些照片或应用，再打开这一页。");
  const sent = reportOf(page, words).getByText(/编号 \S+/);
  await expect(told.or(sent).first()).toBeVisible({ timeout: 40_000 });
}

test("fault 01: where there is no room even to send, photos that have arrived give way, and what waits is sent or the person is told", async ({
  phone,
  server,
  network,
}) => {
  const [first, second] = ["早就送到的", "存满以后才有网的"];
  const page = await phone.open("/report");
  await phone.installed();
  await fill(page, { photo: LARGE_PHOTO, words: first });
  await save(page);
  await deliveredCode(page);
  expect(await kept(page), "for a server that is set back to a backup").toMatchObject({ photos: 1 });
  phone.expectBrokenNetwork();
  network.suffer(API, { kind: "reset" });
  await page.getByRole("button", { name: "再报一条" }).click();
  await fill(page, { photo: null, words: second });
  await save(page);
  await settle(phone, server, { received: [first], waiting: [second] });

  // Less than what is used, by more than the database shrinks when it is opened, and by less than the photo takes.
  const makeRoom = await allow(phone, -100_000);
  network.restore();
  const mine = await phone.open("/mine");
  await sentOrTold(mine, second);
  await expect.poll(() => kept(mine)).toMatchObject({ outbox: 2, photos: 0 });

  // As it says: with room again the page is opened once more.
  await makeRoom();
  await phone.open("/mine");
  await settle(phone, server, { received: [first, second] });
  await expect(mine.getByTestId("trouble")).toBeEmpty();
  expect(stored(server)).toMatchObject([{ photos: 1 }, { photos: 0 }]);
});

test.describe("a phone with a small disk", () => {
  test.use({ phoneOptions: { diskMb: 160 } });

  test("fault 01: on a disk that is really full the words survive the browser's end, and the report arrives later", async ({ phone, server }) => {
    const words = "盘满的时候写的";
    const page = await phone.open("/report");
    await phone.installed();
    await page.getByLabel("说一句").fill(words);
    await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
    phone.expected.push(/no room is left/, /not kept/, /small picture not read/);
    phone.disk.fill(0);
    await photoWithoutRoom(page, words);

    await phone.kill();
    phone.disk.makeRoom();
    await phone.reopen();
    const again = await phone.open("/report");
    await expect(again.getByLabel("说一句")).toHaveValue(words);
    await settle(phone, server, { drafts: [words] });
    await fill(again, { photo: LARGE_PHOTO });
    await save(again);
    await deliveredCode(again);
    await settle(phone, server, { received: [words] });
  });

  test("fault 01: what waits on a disk that is really full is sent or the person is told, and with room again it arrives once", async ({
    phone,
    server,
    network,
  }) => {
    const words = "盘满以后才有网的";
    const page = await phone.open("/report");
    await phone.installed();
    phone.expectBrokenNetwork();
    network.suffer(API, { kind: "reset" });
    await fill(page, { photo: LARGE_PHOTO, words });
    await save(page);
    await page.getByRole("link", { name: "看我的上报" }).click();
    await expect(reportOf(page, words)).toContainText("没有网络，或信号太弱");
    phone.expected.push(/no room is left/, /sending is hindered/, /not kept/, /no longer needed stay/, /cannot be read/, /small picture not read/);
    phone.disk.fill(0);
    network.restore();
    await wake(page);
    await sentOrTold(page, words);
    expect(stored(server).length, "not twice").toBeLessThanOrEqual(1);

    phone.disk.makeRoom();
    await phone.open("/mine");
    await settle(phone, server, { received: [words] });
    expect(stored(server)).toMatchObject([{ photos: 1 }]);
  });
});

test("fault 02: nothing is called saved before it is on the disk, and what is called saved outlives a killed browser", async ({
  phone,
  server,
  network,
}) => {
  // Completion of everything written to the outbox can be held back here, as a slow disk does.
  await phone.context.addInitScript(() => {
    const held: (() => void)[] = [];
    const asked: string[] = [];
    const state = { holding: false };
    Object.assign(window, {
      asked,
      hold: () => (state.holding = true),
      go: () => {
        state.holding = false;
        held.splice(0).forEach((tell) => tell());
      },
    });
    const open = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (names, mode, options) {
      if (mode === "readwrite") asked.push(options?.durability ?? "default");
      return open.call(this, names, mode, options);
    };
    const complete = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
    Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
      ...complete,
      set(this: IDBTransaction, heard: ((event: Event) => void) | null) {
        const later = (event: Event): void => {
          if (state.holding && this.mode === "readwrite") held.push(() => heard?.call(this, event));
          else heard?.call(this, event);
        };
        complete?.set?.call(this, heard && later);
      },
    });
  });
  const words = "存好了才算存好";
  network.suffer(API, { kind: "reset" });
  phone.expectBrokenNetwork();
  const page = await phone.open("/report");
  await shoot(page, picture(2));
  await fill(page, { photo: null, words });
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  await page.evaluate("hold()");
  await page.getByTestId("save").click();
  await expect(page.getByTestId("save")).toContainText("正在保存");
  await expect(page.getByTestId("saved-state")).toHaveCount(0);
  await page.evaluate("go()");
  await expect(page.getByTestId("saved-state")).toContainText("已存在本机");
  expect([...new Set((await page.evaluate("asked")) as string[])], "how durable every write was asked to be").toEqual(["strict"]);
  await phone.kill();

  await phone.reopen();
  const again = await phone.open("/mine");
  await settle(phone, server, { waiting: [words] });
  network.restore();
  await wake(again);
  await settle(phone, server, { received: [words] });
});
