import { drawers } from "../../support/drawers";
import { PHOTO_UP, REPORT_UP } from "../../support/faults";
import { picture } from "../../support/noise";
import { leaveQueue } from "../../support/queue";
import { deliveredCode, fill, reportOf, save, shoot, stored } from "../../support/reporting";
import { settle, wake } from "../../support/settle";
import { expect, test } from "../../support/test";

for (const [name, rule, what] of [
  ["its photo is on the way", PHOTO_UP, "request"],
  ["the server has its photo and the answer is on the way", PHOTO_UP, "answer"],
  ["the server has it and the receipt is on the way", REPORT_UP, "answer"],
] as const) {
  test(`fault 10: a browser killed while a report is being sent and ${name} finishes it later, once`, async ({ phone, server, network }) => {
    const words = "送到一半被杀";
    const page = await phone.open("/report");
    phone.expectBrokenNetwork();
    const hold = network.suffer(rule, { kind: "hold", what });
    await fill(page, { photo: [picture(1), picture(2)], words });
    await save(page);
    await expect.poll(() => hold.caused).toBeGreaterThan(0);
    await expect
      .poll(async () => Object.values((await drawers(page, "outbox")).outbox!))
      .toMatchObject([{ stage: { sending: {} } }]);
    // It is held from the moment it leaves the phone, and is on the server only later.
    if (rule === PHOTO_UP && what === "answer") await expect.poll(() => server.rows("SELECT sha256 FROM photos")).toHaveLength(1);
    if (rule === REPORT_UP) await expect.poll(() => stored(server)).toHaveLength(1);
    await phone.kill();
    network.restore();

    await phone.reopen();
    const mine = await phone.open("/mine");
    await settle(phone, server, { received: [words] });
    await expect(mine.getByTestId("report")).toContainText(/编号 \S+/);
  });
}

test("fault 18: a page killed while the camera is open comes back with its words and photos", async ({ phone, server }) => {
  const words = "拍照时页面没了";
  const page = await phone.open("/report");
  await shoot(page, picture(1));
  await page.getByRole("radio", { name: "井盖" }).check();
  // The camera opens before the moment after which typing is kept has passed.
  await page.getByLabel("说一句").fill(words);
  const camera = page.waitForEvent("filechooser");
  await page.getByLabel("拍照").click();
  await camera;
  await expect
    .poll(async () => Object.values((await drawers(page, "drafts")).drafts!))
    .toMatchObject([{ description: words, category: "manhole", photos: [expect.any(String)] }]);
  await phone.kill();

  await phone.reopen();
  const again = await phone.open("/report");
  await expect(again.getByLabel("说一句")).toHaveValue(words);
  await expect(again.getByRole("radio", { name: "井盖" })).toBeChecked();
  await expect(again.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await settle(phone, server, { drafts: [words] });
  // The picture that the camera hands over after all.
  await fill(again, { photo: picture(2), category: "井盖" });
  await save(again);
  await deliveredCode(again);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ photos: 2 }]);
});

test("fault 18: a draft that was never saved is still there after the browser was closed", async ({ phone, server }) => {
  const words = "还没写完";
  const page = await phone.open("/report");
  await shoot(page, picture(1));
  await page.getByLabel("说一句").fill(words);
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  await phone.close();
  await phone.reopen();
  const again = await phone.open("/report");
  await expect(again.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await expect(again.getByLabel("说一句")).toHaveValue(words);
  await settle(phone, server, { drafts: [words] });
});

test("fault 20: what a restored server has forgotten is sent again by the phone, whole, and it says so", async ({ phone, server, network }) => {
  const [before, after, last] = ["备份之前的", "备份之后的", "备份那晚的"];
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  await fill(page, { photo: picture(1), words: before });
  await save(page);
  await deliveredCode(page);
  await server.stop();
  const backup = server.backup();
  await server.run();
  network.target = server.port;
  await page.getByRole("button", { name: "再报一条" }).click();
  await fill(page, { photo: [picture(2), picture(3)], words: after });
  await save(page);
  await deliveredCode(page);
  await page.getByRole("button", { name: "再报一条" }).click();
  await fill(page, { photo: picture(4), words: last });
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [before, after, last] });

  await server.stop();
  server.putBack(backup);
  await server.run();
  network.target = server.port;
  expect(stored(server)).toMatchObject([{ description: before }]);
  // One after the other: while the first is on its way, the second waits, and says why.
  const hold = network.suffer(PHOTO_UP, { kind: "hold", what: "request" });
  const mine = await phone.open("/mine");
  await expect.poll(() => hold.caused).toBe(1);
  await expect(mine.getByTestId("waiting").getByText("服务器恢复了旧备份，丢了这一条，正在重新送")).toBeVisible();
  const waiting = mine.getByTestId("waiting").getByTestId("report");
  await expect(waiting).toHaveCount(2);
  await expect(waiting.filter({ hasText: "正在送出……" })).toHaveCount(1);
  await expect(mine.getByTestId("received").getByTestId("report")).toContainText([before]);
  hold.end();

  await settle(phone, server, { received: [before, after, last] });
  const again = stored(server);
  expect(Object.fromEntries(again.map(({ description, photos }) => [description, photos]))).toEqual({ [before]: 1, [after]: 2, [last]: 1 });
  for (const { description, code } of again) await expect(reportOf(mine, description)).toContainText(`编号 ${code}`);
});

test("fault 21: a server killed while it takes a queue loses nothing that it has acknowledged", async ({ phone, server, network }) => {
  phone.expectBrokenNetwork();
  await phone.page.goto("/healthz");
  const reports = Array.from({ length: 15 }, (_, at) => ({ words: `断电时的第 ${at + 1} 条`, photos: 1 }));
  await leaveQueue(phone.page, 2, reports);
  const arrived = () => network.count("PUT", /^\/api\/v1\/reports\//);
  const page = await phone.open("/mine");
  for (const least of [1, 5, 9]) {
    await expect.poll(arrived, { intervals: [10] }).toBeGreaterThanOrEqual(least);
    await server.kill();
    await server.run();
    network.target = server.port;
    await wake(page);
  }
  await settle(phone, server, { received: reports.map(({ words }) => words) });
  await expect(page.getByTestId("code")).toHaveCount(15);
});

test("fault 21: while the server is away the phone says what it knows, and goes on by itself when it is back", async ({ phone, server, network }) => {
  const words = "服务器断电了";
  const page = await phone.open("/report");
  await phone.installed();
  phone.expectBrokenNetwork();
  await server.kill();
  await fill(page, { photo: picture(1), words });
  await save(page);
  await expect(page.getByTestId("saved")).toContainText("没有网络，或信号太弱");
  await server.run();
  network.target = server.port;
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
});
