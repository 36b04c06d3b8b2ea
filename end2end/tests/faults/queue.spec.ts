import { drawers } from "../../support/drawers";
import { API, PHOTO_UP, REPORT_UP, reportUp, unavailable } from "../../support/faults";
import type { Phone } from "../../support/phone";
import { picture } from "../../support/noise";
import { type Queued, idOf, leaveQueue } from "../../support/queue";
import { deliveredCode, fill, kept, reportOf, save, stored } from "../../support/reporting";
import { settle, wake } from "../../support/settle";
import { expect, test } from "../../support/test";

/** A page of our origin on which the program does not run, with a queue in the phone's database. */
async function left(phone: Phone, reports: Queued[]): Promise<void> {
  // A browser asks for an icon of what is no page.
  phone.expected.push(/status of 404/);
  await phone.page.goto("/healthz");
  await leaveQueue(phone.page, 2, reports);
}

test("fault 03: forty reports with photos drain, and no row of the queue carries bytes", async ({ phone, server, network }) => {
  const reports = Array.from({ length: 40 }, (_, at) => ({ words: `长队里的第 ${at + 1} 条`, photos: 1 }));
  await left(phone, reports);
  // One more, by the program itself: its row names its photos and does not carry them.
  const down = network.suffer(API, { kind: "reset" });
  phone.expectBrokenNetwork();
  const page = await phone.open("/report");
  await fill(page, { photo: [picture(1), picture(2)], words: "自己写的" });
  await save(page);
  const { outbox } = await drawers(page, "outbox");
  for (const row of Object.values(outbox!)) expect(JSON.stringify(row).length).toBeLessThan(2_000);
  down.end();
  await wake(page);
  await settle(phone, server, { received: [...reports.map(({ words }) => words), "自己写的"] });
  expect(network.count("PUT", /^\/api\/v1\/reports\//), "each once").toBe(41);
});

test("fault 06: two tabs do not send the same queue twice", async ({ phone, server, network }) => {
  const reports = Array.from({ length: 6 }, (_, at) => ({ words: `两个标签页 ${at + 1}`, photos: 1 }));
  await left(phone, reports);
  network.suffer(API, { kind: "reset" });
  phone.expectBrokenNetwork();
  const first = await phone.open("/mine");
  const second = await phone.open("/mine", await phone.context.newPage());
  await expect(first.getByRole("heading", { name: "等待送出" })).toBeVisible();
  await expect(second.getByRole("heading", { name: "等待送出" })).toBeVisible();
  network.restore();
  const before = network.carried.length;
  await Promise.all([wake(first), wake(second)]);
  await settle(phone, server, { received: reports.map(({ words }) => words) });
  const sent = network.carried.slice(before).filter(({ method, path }) => REPORT_UP(method, path));
  expect(sent.map(({ path }) => path).sort(), "each left the phone once").toEqual(reports.map((_, at) => `/api/v1/reports/${idOf(at)}`));
  for (const tab of [first, second]) await expect(tab.getByTestId("code")).toHaveCount(6);
});

test("fault 06: two tabs in a browser without locks send every report, and the server stores each once", async ({ phone, server, network }) => {
  // Both send one upload: the later connection takes over, and the earlier one is told so.
  phone.expected.push(/status of 409/);
  await phone.context.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { value: undefined }));
  const reports = Array.from({ length: 6 }, (_, at) => ({ words: `没有锁 ${at + 1}`, photos: 1 }));
  await left(phone, reports);
  const hold = network.suffer(PHOTO_UP, { kind: "hold", what: "answer" });
  const first = await phone.open("/mine");
  const second = await phone.open("/mine", await phone.context.newPage());
  // Both are at it.
  await expect.poll(() => hold.caused).toBeGreaterThan(1);
  hold.end();
  await settle(phone, server, { received: reports.map(({ words }) => words) });
  for (const tab of [first, second]) await expect(tab.getByTestId("code")).toHaveCount(6);
});

test("fault 07: a report of which a part is on the server is frozen, says so, and arrives as it was", async ({ phone, server, network }) => {
  const words = "已经送出一半";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  // The answer is lost: whatever the phone believes, the server has the report as it is.
  network.suffer(REPORT_UP, { kind: "swallow" });
  await fill(page, { photo: [picture(1), picture(2)], words });
  await save(page);
  await expect.poll(() => stored(server)).toHaveLength(1);
  await expect(page.getByTestId("saved")).toContainText("没有网络，或信号太弱");
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
  const card = reportOf(page, words);
  await expect(card).toContainText("可能已经送到，所以不能再改");
  await expect(card.getByTestId("edit")).toHaveCount(0);
  network.restore();
  await wake(page);
  await expect(card).toContainText(/编号 \S+/);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ photos: 2 }]);
});

test("fault 07: an edit begun before the first part was sent wins over sending", async ({ phone, server, network }) => {
  const [before, after] = ["改之前", "改之后"];
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  network.suffer(API, { kind: "reset" });
  await fill(page, { photo: picture(1), words: before });
  await save(page);
  await page.getByRole("link", { name: "看我的上报" }).click();
  await reportOf(page, before).getByTestId("edit").click();
  await expect(page.getByLabel("说一句")).toHaveValue(before);
  // The network comes back while the form is open: what is being changed must not leave.
  network.restore();
  const refreshed = () => network.count("GET", /^\/api\/v1\/snapshot/);
  const opened = refreshed();
  await wake(page);
  await expect.poll(refreshed).toBeGreaterThan(opened);
  await page.getByLabel("说一句").fill(after);
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [after] });
});

test("fault 07: a report is changed while its photo is on its way, and goes once, as it was last seen", async ({ phone, server, network }) => {
  const [before, after] = ["照片在路上", "照片在路上时改的"];
  const page = await phone.open("/report");
  const photo = network.suffer(PHOTO_UP, { kind: "hold", what: "answer" });
  await fill(page, { photo: picture(1), words: before });
  await save(page);
  await expect.poll(() => photo.caused).toBe(1);
  await page.getByRole("link", { name: "看我的上报" }).click();
  await expect(reportOf(page, before)).toContainText("正在送出");
  await reportOf(page, before).getByTestId("edit").click();
  await expect(page.getByLabel("说一句")).toHaveValue(before);
  await page.getByLabel("说一句").fill(after);
  await save(page);
  photo.end();
  await deliveredCode(page);
  await settle(phone, server, { received: [after] });
  expect(stored(server)).toMatchObject([{ description: after, photos: 1 }]);
});

for (const [what, takesOut] of [
  ["with all of its photos", false],
  ["without the photo that had arrived, which the server then forgets by itself", true],
] as const) {
  test(`fault 07: a report that is changed after its first photo has arrived goes once, as it was last seen, ${what}`, async ({
    phone,
    server,
    network,
  }) => {
    const [before, after] = ["第一张到了才改的", "改过以后的"];
    const page = await phone.open("/report");
    phone.expectBrokenNetwork();
    await fill(page, { photo: [picture(1), picture(2)], words: before });
    // The first photo arrives, and then there is no network any more.
    const first = network.suffer(PHOTO_UP, { kind: "hold", what: "answer" }, 1);
    await save(page);
    await expect.poll(() => first.caused).toBe(1);
    network.suffer(API, { kind: "reset" });
    first.end();
    await expect(page.getByTestId("saved")).toContainText("没有网络，或信号太弱");
    const photos = () => server.rows<{ sha256: string }>("SELECT sha256 FROM photos ORDER BY sha256").map(({ sha256 }) => sha256);
    const [arrived, ...more] = photos();
    expect(more, "only one of them").toEqual([]);
    const [row] = Object.values((await drawers(page, "outbox")).outbox!);
    expect(row).toMatchObject({ uploaded: [arrived], put_begun: false });

    // The report itself has not left the phone, so nothing stands in the way of changing it.
    await page.getByRole("link", { name: "看我的上报" }).click();
    const card = reportOf(page, before);
    await expect(card).toContainText("没有网络，或信号太弱");
    await expect(card).not.toContainText("所以不能再改");
    await card.getByTestId("edit").click();
    await expect(page.getByLabel("说一句")).toHaveValue(before);
    const shown = page.getByRole("img", { name: /第 \d 张照片/ });
    await expect(shown).toHaveCount(2);
    if (takesOut) {
      await page.getByRole("button", { name: "去掉第 1 张照片" }).click();
      await expect(shown).toHaveCount(1);
    }
    await fill(page, { photo: picture(3), words: after });
    network.restore();
    await save(page);
    await deliveredCode(page);

    await settle(phone, server, { received: [after] });
    const sent = Object.values((await drawers(page, "outbox")).outbox!) as { body: { photos: string[] } }[];
    const named = server.rows<{ photo: string }>("SELECT photo FROM report_photos ORDER BY position").map(({ photo }) => photo);
    expect(sent.map(({ body }) => body.photos), "what the person sees, in that order").toEqual([named]);
    expect(named).toHaveLength(takesOut ? 2 : 3);
    expect(named.includes(arrived!)).toBe(!takesOut);
    expect(photos(), "none of them is there twice").toHaveLength(3);

    // What no report names stays for a week; then the sweep takes it, and nothing else.
    await server.stop();
    server.execute("UPDATE photo_devices SET sent_at_ms = sent_at_ms - 8 * 86400000, last_seen_ms = 0");
    await server.run();
    network.target = server.port;
    await expect.poll(photos).toEqual([...named].sort());
    await settle(phone, server, { received: [after] });
  });
}

test("fault 08: a report is not acknowledged before every one of its photos is on the server's disk", async ({ phone, server, network }) => {
  const words = "第二张照片卡住了";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  await fill(page, { photo: [picture(1), picture(2), picture(3)], words });
  // The first one passes.
  const passed = network.suffer(PHOTO_UP, { kind: "hold", what: "answer" }, 1);
  await save(page);
  await expect.poll(() => passed.caused).toBe(1);
  const down = network.suffer(PHOTO_UP, unavailable(502));
  passed.end();
  await expect.poll(() => down.caused).toBeGreaterThan(0);
  await expect(page.getByTestId("saved")).toContainText("服务器出了点问题");
  expect(stored(server)).toEqual([]);
  await settle(phone, server, { waiting: [words] });
  network.restore();
  await wake(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  const uploads = network.passed.map(({ method, path }) => (REPORT_UP(method, path) ? "report" : PHOTO_UP(method, path) ? "photo" : ""));
  expect(uploads.filter(Boolean).at(-1), "the report comes last").toBe("report");
  expect(stored(server)).toMatchObject([{ photos: 3 }]);
});

test("fault 12: a report that can never be sent steps aside, and can be mended or deleted", async ({ phone, server }) => {
  // The server's own refusal: it knows no such category.
  await left(phone, [
    { words: "坏的一", category: "dragon", photos: 1 },
    { words: "好的一", photos: 1 },
    { words: "坏的二", category: "dragon" },
    { words: "好的二" },
  ]);
  phone.expected.push(/status of 422/);
  const page = await phone.open("/mine");
  await settle(phone, server, { received: ["好的一", "好的二"], needsYou: ["坏的一", "坏的二"] });
  await expect(page.getByRole("heading", { name: "需要您处理" })).toBeVisible();
  await expect(reportOf(page, "坏的二")).toContainText("有内容需要修改。");

  await reportOf(page, "坏的二").getByRole("button", { name: "删除" }).click();
  await reportOf(page, "坏的二").getByRole("button", { name: "确定删除" }).click();
  await expect(reportOf(page, "坏的二")).toHaveCount(0);

  await reportOf(page, "坏的一").getByTestId("edit").click();
  await page.getByRole("radio", { name: "路面破损" }).check();
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: ["坏的一", "好的一", "好的二"] });
  expect((await kept(page)).drafts).toBe(0);
});

test("fault 12: a report over which the server always stumbles does not hold up the others", async ({ phone, server, network }) => {
  await left(phone, [{ words: "总是出错" }, { words: "后面的一" }, { words: "后面的二", photos: 1 }]);
  phone.expectBrokenNetwork();
  const trouble = network.suffer(reportUp(idOf(0)), unavailable(502));
  const page = await phone.open("/mine");
  await settle(phone, server, { waiting: ["总是出错"], received: ["后面的一", "后面的二"] });
  await expect(reportOf(page, "总是出错")).toContainText("服务器出了点问题");
  trouble.end();
  await wake(page);
  await settle(phone, server, { received: ["总是出错", "后面的一", "后面的二"] });
});

test("fault 12: a report with which the server always asks for patience does not hold up the others", async ({ phone, server, network }) => {
  await left(phone, [{ words: "总要等一等的" }, { words: "后面等着的一", photos: 1 }, { words: "后面等着的二" }]);
  phone.expectBrokenNetwork();
  const trouble = network.suffer(reportUp(idOf(0)), unavailable(503, 2));
  const page = await phone.open("/mine");
  await settle(phone, server, { waiting: ["总要等一等的"], received: ["后面等着的一", "后面等着的二"] });
  expect(trouble.caused).toBeGreaterThan(0);
  await expect(reportOf(page, "总要等一等的")).toContainText(/服务器忙，请它缓一缓|正在送出/);
  trouble.end();
  // By itself, when the time has come.
  await settle(phone, server, { received: ["总要等一等的", "后面等着的一", "后面等着的二"] }, page, 60_000);
  expect(network.count("PUT", /^\/api\/v1\/reports\//), "each once").toBe(3);
});

test("fault 24: a draft deleted while another report is being sent takes nothing of that report with it", async ({ phone, server, network }) => {
  const words = "正在送的";
  const page = await phone.open("/report");
  // The draft that will be deleted has the very photo that the other report is sending.
  await fill(page, { photo: [picture(1), picture(2)], words: "要删的草稿" });
  await page.getByTestId("park").click();
  await expect(page.getByTestId("draft-note")).toContainText("已存为草稿");
  const hold = network.suffer(PHOTO_UP, { kind: "hold", what: "request" });
  await fill(page, { photo: [picture(1), picture(3)], words });
  await save(page);
  await expect.poll(() => hold.caused).toBeGreaterThan(0);

  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
  const draft = page.getByTestId("draft");
  await draft.getByRole("button", { name: "删除" }).click();
  await draft.getByRole("button", { name: "确定删除" }).click();
  await expect(draft).toHaveCount(0);
  await expect(reportOf(page, words)).toContainText("正在送出");
  network.restore();
  await expect(reportOf(page, words)).toContainText(/编号 \S+/);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ photos: 2 }]);
});
