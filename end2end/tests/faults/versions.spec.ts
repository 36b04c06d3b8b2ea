import type { Page } from "@playwright/test";

import { nextBuild } from "../../support/builds";
import { type Dump, drawers, leave } from "../../support/drawers";
import { API, PHOTO_UP, PORTAL, unavailable } from "../../support/faults";
import type { Answer } from "../../support/network";
import { picture } from "../../support/noise";
import { deliveredCode, fill, kept, save, stored } from "../../support/reporting";
import { settle, wake } from "../../support/settle";
import { expect, test } from "../../support/test";

import first from "../../fixtures/queues/version-1.json";
import second from "../../fixtures/queues/version-2.json";

const YEAR_S = 365 * 86_400;
const SNAPSHOT = /^\/api\/v1\/snapshot/;

for (const [years, told] of [
  [3, "快了"],
  [-8, "慢了"],
] as const) {
  test.describe(`a phone whose clock is ${years} years off`, () => {
    test.use({ phoneOptions: { clockAheadS: years * YEAR_S } });

    test("fault 14: it says so, its report bears the right time, and nothing waits for the wrong year", async ({ phone, server, network }) => {
      const [online, offline] = ["时钟不对时报的", "时钟拨回后送的"];
      const page = await phone.open("/");
      await expect(page.getByTestId("clock")).toContainText(told);
      await phone.installed();
      expect(await page.evaluate(() => new Date().getFullYear()), "the browser's own clock is off").toBe(
        new Date(Date.now() + years * YEAR_S * 1000).getFullYear(),
      );
      await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "上报" }).click();
      // The browser believes no position whose time is years away from its own.
      const near = "“乐市”集装箱驿站";
      await fill(page, { photo: picture(1), words: online, near });
      await save(page);
      await deliveredCode(page);
      const [row] = server.rows<{ captured: number; received: number }>(
        "SELECT captured_at_ms AS captured, received_at_ms AS received FROM reports",
      );
      expect(Math.abs((row?.captured ?? 0) - (row?.received ?? 0)), "when it was taken").toBeLessThan(180_000);

      // The server asks for patience, which is noted by the wrong clock; then somebody sets the clock right.
      phone.expectBrokenNetwork();
      network.suffer(API, unavailable(503, 600));
      await page.getByRole("button", { name: "再报一条" }).click();
      await fill(page, { photo: picture(2), words: offline, near });
      await save(page);
      await expect(page.getByTestId("saved")).toContainText("服务器忙");
      await settle(phone, server, { received: [online], waiting: [offline] });
      await phone.close();
      network.restore();
      phone.options.clockAheadS = 0;
      await phone.reopen();
      await phone.open("/mine");
      await settle(phone, server, { received: [online, offline] });
    });
  });
}

test("fault 15: a new version comes only when asked for, and neither the open draft nor the report on its way is lost", async ({
  phone,
  server,
  network,
}) => {
  const [sending, draft] = ["更新时正在送的", "更新时正在写的"];
  const page = await phone.open("/");
  await phone.installed();
  await page.reload();
  await phone.interactive();
  network.rewrite("/sw.js", nextBuild);
  await phone.open("/report");
  const update = page.getByRole("button", { name: "现在更新" });
  await expect(update).toBeVisible();
  const opened = await page.evaluate(() => performance.timeOrigin);

  const hold = network.suffer(PHOTO_UP, { kind: "hold", what: "answer" });
  await fill(page, { photo: picture(1), words: sending });
  await save(page);
  await expect.poll(() => hold.caused).toBeGreaterThan(0);
  await page.getByRole("button", { name: "再报一条" }).click();
  await fill(page, { photo: picture(2), words: draft });
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  expect(await page.evaluate(() => performance.timeOrigin), "nothing has been taken from under the draft").toBe(opened);

  // In the middle of everything, and with words that were typed this very moment.
  await page.getByLabel("说一句").fill(`${draft}，还多几个字`);
  await update.click();
  await expect.poll(() => page.evaluate(() => performance.timeOrigin).catch(() => opened)).not.toBe(opened);
  await phone.interactive();
  hold.end();
  await expect(page.getByLabel("说一句")).toHaveValue(`${draft}，还多几个字`);
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await settle(phone, server, { received: [sending], drafts: [`${draft}，还多几个字`] });
  await fill(page, { photo: null });
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [sending, `${draft}，还多几个字`] });
});

/** What an earlier build has left on this phone, before this one ran for the first time. */
async function leftBy(page: Page, dump: Dump): Promise<void> {
  await page.goto("/healthz");
  await leave(page, dump);
}

test("fault 16: drafts and reports left by the first version are understood, mended and sent", async ({ phone, server }) => {
  // A browser asks for an icon of what is no page.
  phone.expected.push(/status of 404/);
  await leftBy(phone.page, first as Dump);
  const page = await phone.open("/mine");
  await settle(phone, server, { received: ["旧版等待送出的", "旧版送到一半的"], needsYou: ["旧版被退回的"], drafts: ["旧版的草稿"] });
  await page.getByTestId("report").filter({ hasText: "旧版被退回的" }).getByTestId("edit").click();
  await page.getByRole("radio", { name: "路面破损" }).check();
  await save(page);
  await deliveredCode(page);
  await phone.open("/mine");
  await page.getByTestId("draft").getByRole("link", { name: "接着填" }).click();
  await expect(page.getByLabel("说一句")).toHaveValue("旧版的草稿");
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await expect(page.getByRole("radio", { name: "井盖" })).toBeChecked();
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: ["旧版等待送出的", "旧版送到一半的", "旧版被退回的", "旧版的草稿"] });
  expect(stored(server).map(({ photos }) => photos).sort()).toEqual([0, 1, 1, 1]);
});

test("fault 16: what the second version left is sent, with photos that it wrongly believed to be on the server", async ({ phone, server }) => {
  phone.expected.push(/status of (404|422)/);
  await leftBy(phone.page, second as Dump);
  const page = await phone.open("/mine");
  await settle(phone, server, { received: ["上一版等待送出的", "上一版没有地标字段的"], drafts: ["上一版的草稿"] });
  await expect(page.getByTestId("draft")).toContainText("photos[0] is not known");
  await expect.poll(() => server.rows("SELECT slug, kind FROM verifications")).toEqual([{ slug: "aixin-tea", kind: "confirmed" }]);
});

test("fault 16: rows of a newer version stay untouched, are told of, and hold up nothing", async ({ phone, server }) => {
  phone.expected.push(/status of 404/);
  const strange = "019ab000-0000-7000-8000-0000000000ff";
  const row = { id: strange, body: { description: "新版写的" }, queued_at: "tomorrow", stage: { teleporting: 7 } };
  const dump = structuredClone(second) as unknown as Dump;
  dump.drawers.outbox = { [strange]: row };
  dump.drawers.drafts = {};
  dump.drawers.verifications = {};
  await leftBy(phone.page, { ...dump, version: 99 });
  const words = "旧程序写的";
  const page = await phone.open("/report");
  await fill(page, { photo: picture(1), words });
  await save(page);
  await deliveredCode(page);
  await phone.open("/mine");
  await expect(page.getByTestId("trouble")).toContainText("本机有 1 条记录是别的版本写的，这个版本看不懂，原样留着。");
  expect((await drawers(page, "outbox")).outbox![strange]).toEqual(row);
  // Whatever it names is kept as well.
  expect(await kept(page)).toMatchObject({ thumbs: 4 });
  expect((await kept(page)).photos).toBeGreaterThanOrEqual(3);
  expect(stored(server)).toMatchObject([{ description: words, photos: 1 }]);
});

test("fault 25: a bad snapshot of whatever kind leaves the old one in place, on the screen and on the disk", async ({ phone, network }) => {
  const text = (change: (snapshot: Record<string, unknown>) => void) => (answer: Answer): Answer => {
    const snapshot = JSON.parse(answer.body) as Record<string, unknown>;
    change(snapshot);
    return { ...answer, body: JSON.stringify(snapshot) };
  };
  const TITLE = "“乐市”集装箱驿站";
  const page = await phone.open("/");
  await phone.installed();
  const good = await page.evaluate(() => localStorage.getItem("waypost.snapshot.v1"));
  phone.expectBrokenNetwork();
  const same = (answer: Answer): Answer => answer;
  const bad: [string, () => void, string | RegExp][] = [
    ["truncated on the way", () => network.suffer((_, path) => SNAPSHOT.test(path), { kind: "cut-down", after: 20 }), /^离线/],
    ["truncated but whole to the browser", () => network.rewrite(SNAPSHOT, (answer) => ({ ...answer, body: answer.body.slice(0, answer.body.length / 2) })), /^离线/],
    ["not JSON", () => network.suffer((_, path) => SNAPSHOT.test(path), PORTAL), /^离线/],
    ["JSON of another kind", () => network.rewrite(SNAPSHOT, (answer) => ({ ...answer, body: "[1, 2, 3]" })), /^离线/],
    ["fields of another type", () => network.rewrite(SNAPSHOT, text((it) => (it.stations = { none: true }))), /^离线/],
    ["from a newer server", () => network.rewrite(SNAPSHOT, text((it) => Object.assign(it, { min_client: 999, stations: "elsewhere" }))), "这个版本太旧，更新后才能取得新数据。"],
    [
      "larger than a phone keeps",
      () => network.rewrite(SNAPSHOT, text((it) => Object.assign(it, { full: true, padding: "x".repeat(1_600_000) }))),
      "站点资料太大，这部手机存不下，仍显示旧的。",
    ],
  ];
  for (const [what, cause, told] of bad) {
    network.restore();
    network.rewrite(SNAPSHOT, same);
    cause();
    // A phone that has only just been opened again knows no tag of the last answer.
    await phone.open(told === "站点资料太大，这部手机存不下，仍显示旧的。" ? "/report" : "/");
    await expect(page.getByText(told).first(), what).toBeVisible();
    await phone.open("/");
    await expect(page.getByRole("heading", { name: TITLE }), what).toBeVisible();
    expect(await page.evaluate(() => localStorage.getItem("waypost.snapshot.v1")), what).toBe(good);
  }
  network.restore();
  network.rewrite(SNAPSHOT, same);
  await phone.open("/");
  await wake(page);
  await expect(page.getByText("刚刚更新")).toBeVisible();
});
