import type { Page } from "@playwright/test";

import { nextBuild } from "../../support/builds";
import { type Dump, drawers, leave } from "../../support/drawers";
import { API, PHOTO_UP, PORTAL, REPORT_UP, busy } from "../../support/faults";
import type { Answer } from "../../support/network";
import { picture } from "../../support/noise";
import { type Phone, deviceOf } from "../../support/phone";
import { moveOn } from "../../support/public-reports";
import { leaveQueue } from "../../support/queue";
import { deliveredCode, fill, kept, reportOf, save, stored } from "../../support/reporting";
import type { Server } from "../../support/server";
import { settle, wake } from "../../support/settle";
import { expect, test } from "../../support/test";

import first from "../../fixtures/queues/version-1.json";
import second from "../../fixtures/queues/version-2.json";
import third from "../../fixtures/queues/version-3.json";
import fourth from "../../fixtures/queues/version-4.json";

const DAY_S = 86_400;
const YEAR_S = 365 * DAY_S;
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
      network.suffer(API, busy(600));
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

for (const [off, told, aheadS] of [
  ["3 years fast", "快了", 3 * YEAR_S],
  ["3 years slow", "慢了", -3 * YEAR_S],
  // And some seconds, so that it is one number of minutes to everybody.
  ["5 hours fast", "快了 5 小时", 5 * 3600 + 30],
  ["5 hours slow", "慢了 5 小时", -5 * 3600 - 30],
] as const) {
  test.describe(`a phone whose clock is ${off}`, () => {
    test.use({ phoneOptions: { clockAheadS: aheadS } });

    test("fault 14: how long a report waits, has waited and will wait is told as it is, whatever the clock says", async ({ phone, server, network }) => {
      const [old, fresh] = ["三天前等着的", "刚刚等着的"];
      // Written down by the same clock, as wrong as it is now.
      const now = Date.now() + aheadS * 1000;
      phone.expectBrokenNetwork();
      await phone.page.goto("/healthz");
      await leaveQueue(phone.page, 2, [
        { words: old, row: { queued_at: now - (3 * DAY_S + 3600) * 1000 } },
        { words: fresh, row: { queued_at: now } },
      ]);
      const page = phone.page;
      const down = network.suffer(REPORT_UP, busy(1500));
      // A clock of which it is known how wrong it is, also where the page is opened anew without a word from the server.
      for (const again of [false, true]) {
        if (again) network.suffer((_, path) => path.startsWith("/api/v1/snapshot"), { kind: "reset" });
        // First where it can be seen that the answer was heard: a page that is left before is asked once more.
        await phone.open("/mine");
        // Before it is known how wrong the clock is, it says 25 minutes as well.
        await expect.poll(() => page.evaluate(() => localStorage.getItem("waypost.clock.v1"))).not.toBeNull();
        for (const words of [old, fresh]) {
          await expect(reportOf(page, words)).toContainText(/服务器忙，请它缓一缓 · 约 2[3-6] 分钟后再试/);
        }
        await expect(page.getByTestId("oldest")).toContainText("最早的一条已经等了 3 天，");
        await phone.open("/");
        await expect(page.getByTestId("clock")).toContainText(told);
      }
      await phone.open("/mine");
      expect(down.caused, "the second one waits with the first").toBe(1);

      network.restore();
      await reportOf(page, old).getByRole("button", { name: "立即发送" }).click();
      await expect(reportOf(page, old)).toContainText(/编号 \S+/);
      await expect(page.getByTestId("oldest")).toBeEmpty();
      await reportOf(page, fresh).getByRole("button", { name: "立即发送" }).click();
      await settle(phone, server, { received: [old, fresh] });
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

/** Brings a row of the dump to the server as the build that left it has done, and moves it on as staff do. */
async function hadSent(server: Server, dump: Dump, words: string, states: string[] = []): Promise<void> {
  const rows = Object.values(dump.drawers.outbox!) as { id: string; body: { description: string } }[];
  const { id, body } = rows.find(({ body }) => body.description === words)!;
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/reports/${id}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${String(dump.drawers.device!.token)}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(201);
  if (states.length > 0) moveOn(server, id, states);
}

/** The phone is still who it was, to itself and to the server. */
async function expectSameDevice(phone: Phone, server: Server, dump: Dump): Promise<void> {
  const token = String(dump.drawers.device!.token);
  expect(await phone.token()).toBe(token);
  expect((await drawers(phone.page, "device")).device).toEqual({ token });
  expect(server.rows("SELECT token_sha256 AS device FROM devices")).toEqual([{ device: deviceOf(token) }]);
}

test("fault 16: what the third version left is shown, sent, taken back and mended as its rows say, under its own token", async ({
  phone,
  server,
  network,
}) => {
  const dump = third as Dump;
  await hadSent(server, dump, "第三版已送到的", ["accepted"]);
  await hadSent(server, dump, "第三版要撤回的");
  phone.expectBrokenNetwork();
  await leftBy(phone.page, dump);
  network.suffer(API, { kind: "reset" });
  const page = await phone.open("/mine");
  await expect(page.getByTestId("report")).toHaveCount(6);
  await expect(page.getByTestId("draft")).toHaveCount(1);
  const followed = reportOf(page, "第三版已送到的");
  for (const words of ["编号 K7Q2", "和编号 H7WQ 是同一个问题", "已派人去看"]) await expect(followed).toContainText(words);
  await expect(reportOf(page, "第三版要撤回的")).toContainText("正在撤回");
  await expect(reportOf(page, "第三版被服务器丢过的")).toContainText("可能已经送到，所以不能再改");
  await expect(page.getByTestId("trouble")).toBeEmpty();

  network.restore();
  await wake(page);
  const sent = ["第三版传到一半的", "第三版正在送的", "第三版被服务器丢过的", "第三版已送到的"];
  await settle(phone, server, { received: sent, needsYou: ["第三版被退回的"], drafts: ["第三版的草稿"] });
  expect(server.rows("SELECT at_ms FROM withdrawn"), "taken back").toHaveLength(1);
  // What the server says of it has taken the place of what it said to that version.
  await expect(followed.getByTestId("merged")).toHaveCount(0);
  await expect(followed).toContainText("已受理");

  const refused = reportOf(page, "第三版被退回的");
  await expect(refused).toContainText("照片太大，服务器不收。");
  await refused.getByRole("button", { name: "原样再送一次" }).click();
  await expect(refused).toContainText(/编号 \S+/);
  await page.getByTestId("draft").getByRole("link", { name: "接着填" }).click();
  await expect(page.getByTestId("photo-note")).toContainText("刚才的照片没回来");
  await expect(page.getByLabel("说一句")).toHaveValue("第三版的草稿");
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await expect(page.getByRole("radio", { name: "井盖" })).toBeChecked();
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [...sent, "第三版被退回的", "第三版的草稿"] });
  expect(stored(server).map(({ photos }) => photos).sort()).toEqual([0, 0, 1, 1, 1, 1]);
  await expectSameDevice(phone, server, dump);
  await expect.poll(() => server.rows("SELECT slug, kind FROM verifications")).toEqual([{ slug: "aixin-tea", kind: "confirmed" }]);
});

test("fault 16: what the fourth version left is shown and sent, with what was said of a repair and what was to be deleted", async ({
  phone,
  server,
  network,
}) => {
  const dump = fourth as Dump;
  await hadSent(server, dump, "第四版说没修好的", ["accepted", "assigned", "fixed"]);
  await hadSent(server, dump, "第四版撤不回的", ["accepted"]);
  phone.expectBrokenNetwork();
  await leftBy(phone.page, dump);
  network.suffer(API, { kind: "reset" });
  const page = await phone.open("/mine");
  await expect(page.getByTestId("report")).toHaveCount(5);
  await expect(page.getByTestId("draft")).toHaveCount(1);
  const answered = reportOf(page, "第四版说没修好的");
  await expect(answered.getByTestId("fresh")).toBeVisible();
  await expect(answered.getByTestId("answers")).toContainText("已记下，联网后送出：没修好");
  await expect(answered).toContainText("已修补");
  await expect(reportOf(page, "第四版要删掉的")).toContainText("正在撤回");
  await expect(reportOf(page, "第四版撤不回的")).toContainText("撤不回了：已经公开受理");
  await expect(page.getByTestId("trouble")).toBeEmpty();

  network.restore();
  await wake(page);
  const sent = ["第四版等待送出的", "第四版说没修好的", "第四版正在重送的", "第四版撤不回的"];
  await settle(phone, server, { received: sent, drafts: ["第四版的草稿"] });
  await expect(answered).toContainText("重新处理");
  expect(server.rows("SELECT step, internal_note AS note FROM report_events WHERE actor = 'reporter' AND seq > 0")).toEqual([
    { step: "not_fixed", note: "还是松的" },
  ]);
  expect(server.rows("SELECT at_ms FROM withdrawn"), "the one that had not arrived yet").toHaveLength(1);

  await page.getByTestId("draft").getByRole("link", { name: "接着填" }).click();
  await expect(page.getByLabel("说一句")).toHaveValue("第四版的草稿");
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [...sent, "第四版的草稿"] });
  await expectSameDevice(phone, server, dump);
  // Only what had not been sent.
  await expect.poll(() => server.rows("SELECT slug, kind FROM verifications")).toEqual([{ slug: "leshi-container", kind: "locked" }]);
  // What staff keep on this phone is not the courier's to touch.
  expect((await drawers(page, "desk")).desk).toEqual(dump.drawers.desk);
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
  // "Just now" ends with the minute.
  await page.clock.setFixedTime(Date.now());
  await phone.open("/");
  await wake(page);
  await expect(page.getByText("刚刚更新")).toBeVisible();
});
