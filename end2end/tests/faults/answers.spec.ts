import type { Page } from "@playwright/test";

import { drawers, leave } from "../../support/drawers";
import { API, PHOTO_UP, PORTAL, REPORT_UP, busy, problem, reportUp, unavailable } from "../../support/faults";
import type { Fault } from "../../support/faults";
import { picture } from "../../support/noise";
import { deviceOf } from "../../support/phone";
import { deliveredCode, fill, kept, reportOf, save, stored } from "../../support/reporting";
import { settle, wake } from "../../support/settle";
import { expect, test } from "../../support/test";

/** Opens the list and gives the card of the report with these words. */
async function card(page: Page, words: string) {
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "我的" }).click();
  const found = reportOf(page, words);
  await expect(found).toBeVisible();
  return found;
}

test("fault 04: a report whose answer was lost is sent again and stored once", async ({ phone, server, network }) => {
  const words = "回执丢了";
  const page = await phone.open("/report");
  network.loseAnswers(REPORT_UP);
  phone.expectBrokenNetwork();
  await fill(page, { words });
  await save(page);
  await expect.poll(() => network.passed.filter(({ method, path, status }) => REPORT_UP(method, path) && status === 201).length).toBe(1);
  await expect(page.getByTestId("saved-state")).toContainText("已存在本机");
  await expect(page.getByTestId("saved")).toContainText("没有网络，或信号太弱");

  network.restore();
  await wake(page);
  const code = await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ code, photos: 1 }]);
  // The browser itself also sends again on each connection it had kept open, so how often is not ours to say.
  const [first, ...again] = network.passed.filter(({ method, path }) => REPORT_UP(method, path));
  expect(first?.status).toBe(201);
  expect(again.length).toBeGreaterThan(0);
  expect(again.every(({ status }) => status === 200)).toBe(true);
});

test("fault 04: a photo whose answer was lost is asked after, and neither sent nor stored again", async ({ phone, server, network }) => {
  const words = "照片的回执丢了";
  network.keepsConnections = false;
  const page = await phone.open("/report");
  const trouble = network.loseAnswers(PHOTO_UP);
  phone.expectBrokenNetwork();
  await fill(page, { photo: [picture(1), picture(2)], words });
  await save(page);
  await deliveredCode(page);
  // The browser may send again by itself; the program asks instead.
  expect(trouble.caused, "once for each photo").toBeGreaterThanOrEqual(2);
  expect(network.carried.filter(({ method, path }) => method === "PATCH" && PHOTO_UP(method, path)), "nothing was missing").toEqual([]);
  await settle(phone, server, { received: [words] });
  expect(server.rows("SELECT sha256 FROM photos")).toHaveLength(2);
});

test("fault 09: whatever goes wrong while sending, the phone keeps the report and its photo until it has arrived", async ({
  phone,
  server,
  network,
}) => {
  const words = "怎么都送不出去";
  const receipt = { id: "0193a2b0-0000-7000-8000-000000000001", code: "K7Q2", state: "received", received_at: "2026-11-24T08:10:00+08:00" };
  const json = { "content-type": "application/json" };
  const failures: [Fault, string][] = [
    [{ kind: "reset" }, "没有网络，或信号太弱"],
    [{ kind: "cut-up", after: 40 }, "没有网络，或信号太弱"],
    [{ kind: "cut-down", after: 12 }, "没有网络，或信号太弱"],
    [unavailable(502), "服务器出了点问题"],
    [{ kind: "answer", status: 500, headers: json, body: "{}" }, "服务器出了点问题"],
    [{ kind: "answer", status: 404, headers: { "content-type": "text/html" }, body: "<h1>Not here</h1>" }, "有网络但没连到驿友"],
    [{ kind: "answer", status: 200, headers: json, body: JSON.stringify(receipt) }, "有网络但没连到驿友"],
    [{ kind: "answer", status: 204, headers: {}, body: "" }, "有网络但没连到驿友"],
  ];
  phone.expectBrokenNetwork();
  const page = await phone.open("/report");
  let trouble = network.suffer(REPORT_UP, failures[0]![0]);
  await fill(page, { photo: picture(1), words });
  await save(page);
  for (const [failure, told] of failures) {
    trouble.end();
    trouble = network.suffer(REPORT_UP, failure);
    await wake(page);
    await expect.poll(() => trouble.caused).toBeGreaterThan(0);
    await expect(page.getByTestId("saved")).toContainText(told);
    expect(await kept(page), JSON.stringify(failure)).toMatchObject({ photos: 1, outbox: 1 });
    // It may be trying again this very moment.
    await expect.poll(async () => Object.values((await drawers(page, "outbox")).outbox!)).toMatchObject([{ stage: { queued: {} } }]);
  }
  network.restore();
  await wake(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
});

for (const [asked, told] of [
  [undefined, "服务器出了点问题"],
  [2, "服务器忙，请它缓一缓"],
] as const) {
  test(`fault 09: a server that is down ${asked ? "and says when to come back is left alone until then" : "is asked again"}`, async ({
    phone,
    server,
    network,
  }) => {
    const words = "服务器歇了";
    const page = await phone.open("/report");
    const trouble = network.suffer((method, path) => PHOTO_UP(method, path) || REPORT_UP(method, path), unavailable(503, asked));
    phone.expectBrokenNetwork();
    await fill(page, { photo: picture(1), words });
    await save(page);
    await expect(page.getByTestId("saved")).toContainText(told);
    await wake(page);
    if (asked) {
      // Eager or not: the server's wish counts.
      await expect(page.getByTestId("saved")).toContainText(told);
      await expect.poll(() => trouble.caused).toBeGreaterThan(1);
      const [first = 0, second = 0] = trouble.struckAt;
      expect(second - first).toBeGreaterThanOrEqual(asked * 1000);
    }
    network.restore();
    // By itself: nobody presses anything.
    await deliveredCode(page);
    await settle(phone, server, { received: [words] });
  });
}

test("fault 09: a report that the server has put off for half an hour goes at once when its writer says so, and not before", async ({
  phone,
  server,
  network,
}) => {
  const words = "等不了半个小时";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  const down = network.suffer(REPORT_UP, busy(1800));
  await fill(page, { photo: picture(1), words });
  await save(page);
  const mine = await card(page, words);
  // By the minute, and the minute that has begun counts.
  await expect(mine).toContainText(/服务器忙，请它缓一缓 · 约 (29|30|31) 分钟后再试/);
  // Neither a network that is back nor a page that is opened again ends such a wait.
  await wake(page);
  const refreshed = () => network.count("GET", /^\/api\/v1\/snapshot/);
  const before = refreshed();
  await phone.open("/mine");
  await expect.poll(refreshed).toBeGreaterThan(before);
  await settle(phone, server, { waiting: [words] });
  down.end();

  await mine.getByRole("button", { name: "立即发送" }).click();
  await expect(mine).toContainText(/编号 \S+/);
  expect(down.caused, "asked once, and then left alone").toBe(1);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ photos: 1 }]);
});

test("fault 11: a captive portal's page is not taken for an acknowledgement, and it says so", async ({ phone, server, network }) => {
  const words = "门口的井盖响";
  const page = await phone.open("/report");
  await phone.installed();
  network.portal();
  await fill(page, { words });
  await save(page);
  await expect(page.getByText("有网络但没连到驿友，可能要先登录 Wi-Fi")).toBeVisible();
  await settle(phone, server, { waiting: [words] });
  // Reloaded behind the portal, nothing has changed.
  await page.reload();
  await phone.interactive();
  await expect(await card(page, words)).toContainText("有网络但没连到驿友");

  network.restore();
  await wake(page);
  await expect(await card(page, words)).toContainText(/编号 \S+/);
  await settle(phone, server, { received: [words] });
});

test("fault 11: a portal that lets the photo through and not the report, or redirects, acknowledges nothing", async ({ phone, server, network }) => {
  const words = "半道上的登录页";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  const portal = network.suffer(REPORT_UP, PORTAL);
  await fill(page, { photo: picture(1), words });
  await save(page);
  await expect(page.getByTestId("saved")).toContainText("有网络但没连到驿友");
  portal.end();
  const elsewhere = { location: `${network.origin}/healthz` };
  const redirect = network.suffer(REPORT_UP, { kind: "answer", status: 302, headers: elsewhere, body: "" });
  await wake(page);
  await expect.poll(() => redirect.caused).toBeGreaterThan(0);
  await settle(phone, server, { waiting: [words] });
  network.restore();
  await wake(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
});

test("fault 13: a phone that the server does not know keeps its queue and says so", async ({ phone, server, network }) => {
  const words = "服务器不认识我了";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  network.suffer(REPORT_UP, problem(401, "unknown token"));
  await fill(page, { photo: picture(1), words });
  await save(page);
  await expect(page.getByTestId("saved")).toContainText("服务器不认识这部手机，内容都还在");
  await settle(phone, server, { waiting: [words] });
  network.restore();
  await wake(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
});

test("fault 13: a queue that outlives its token is sent whole under the new one, photos too", async ({ phone, server, network }) => {
  const [words, token] = ["换了身份也要送到", "5".repeat(64)];
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  const trouble = network.suffer(REPORT_UP, { kind: "reset" });
  await fill(page, { photo: [picture(1), picture(2)], words });
  await save(page);
  // Its photos are on the server under the old token already.
  await expect.poll(() => trouble.caused).toBeGreaterThan(0);
  await expect.poll(() => server.rows("SELECT sha256 FROM photos")).toHaveLength(2);
  await expect(page.getByTestId("saved")).toContainText("没有网络，或信号太弱");
  const before = await phone.token();
  // In both places; of the two the database is believed.
  await leave(page, { drawers: { device: { token } } });
  await page.evaluate((token) => localStorage.setItem("waypost.token.v1", token), token);
  // The page that is open, and its worker, know the old one by heart.
  await phone.close();
  network.restore();
  await phone.reopen();
  const mine = await phone.open("/mine");
  await settle(phone, server, { received: [words] });
  await expect(mine.getByTestId("report")).toContainText(/编号 \S+/);
  expect(await phone.token()).toBe(token);
  expect((await drawers(mine, "device")).device).toEqual({ token });

  // To the server it is another phone, which has sent the photos as well and the report once.
  const devices = [before, token].map(deviceOf).sort();
  expect(server.rows("SELECT token_sha256 AS device FROM devices ORDER BY device")).toEqual(devices.map((device) => ({ device })));
  expect(server.rows("SELECT device, count(*) AS photos FROM photo_devices GROUP BY device ORDER BY device")).toEqual(
    devices.map((device) => ({ device, photos: 2 })),
  );
  expect(server.rows("SELECT device FROM reports")).toEqual([{ device: deviceOf(token) }]);
  expect(server.rows("SELECT sha256 FROM photos")).toHaveLength(2);
  expect(stored(server)).toMatchObject([{ photos: 2 }]);
  expect(network.passed.filter(({ method, path, status }) => REPORT_UP(method, path) && status === 201)).toHaveLength(1);
});

test("fault 22: a conflict is said in words and mended by sending the report as a new one", async ({ phone, server, network }) => {
  const words = "编号撞了";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  const down = network.suffer(API, { kind: "reset" });
  await fill(page, { photo: picture(1), words });
  await save(page);
  const [id] = Object.keys((await drawers(page, "outbox")).outbox!);
  // The server has another report under this id, from this very phone.
  down.end();
  const hold = network.suffer(reportUp(id!), { kind: "reset" });
  const other = { category: "tree", description: "别的内容", lat: 30.3, lng: 120.1, captured_at: "2026-11-24T08:10:00+08:00", photos: [] };
  const taken = await fetch(`http://127.0.0.1:${server.port}/api/v1/reports/${id}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${await phone.token()}`, "content-type": "application/json" },
    body: JSON.stringify(other),
  });
  expect(taken.status).toBe(201);
  hold.end();
  await wake(page);
  const mine = await card(page, words);
  await expect(mine).toContainText("服务器上这个编号已有一份，内容不同。点“修改”，当作新的再送。");
  await settle(phone, server, { needsYou: [words], elsewhere: ["别的内容"] });
  await mine.getByTestId("edit").click();
  await expect(page.getByLabel("说一句")).toHaveValue(words);
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words], elsewhere: ["别的内容"] });
  expect(stored(server)).toMatchObject([{ id, description: "别的内容" }, { description: words, photos: 1 }]);
  expect((await kept(page)).drafts).toBe(0);
});

for (const [status, told] of [
  [413, "照片太大，服务器不收。点“修改”换一张。"],
  [415, "有一张照片服务器打不开。点“修改”换一张。"],
  [422, "有内容需要修改。"],
] as const) {
  test(`fault 22: a photo that is answered ${status} can be replaced, and the report arrives`, async ({ phone, server, network }) => {
    const words = `换一张照片 ${status}`;
    const page = await phone.open("/report");
    phone.expectBrokenNetwork();
    const trouble = network.suffer(PHOTO_UP, problem(status, "this photo is refused"));
    await fill(page, { photo: picture(1), words });
    await save(page);
    const mine = await card(page, words);
    await expect(mine).toContainText(told);
    await expect(mine).toContainText("this photo is refused");
    await settle(phone, server, { needsYou: [words] });
    trouble.end();
    await mine.getByTestId("edit").click();
    await page.getByRole("button", { name: "去掉第 1 张照片" }).click();
    await expect(page.getByRole("img", { name: "第 1 张照片" })).toHaveCount(0);
    await fill(page, { photo: picture(2) });
    await save(page);
    await deliveredCode(page);
    await settle(phone, server, { received: [words] });
    expect(stored(server)).toMatchObject([{ photos: 1 }]);
  });
}

test("fault 22: a report that was refused goes again as it is when its writer says so", async ({ phone, server, network }) => {
  const words = "原样再送一次就好";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  // Said by a proxy in front of the server, which has since been told better.
  const proxy = network.suffer(PHOTO_UP, { kind: "answer", status: 413, headers: { "content-type": "text/html" }, body: "<h1>413</h1>" });
  await fill(page, { photo: [picture(1), picture(2)], words });
  await save(page);
  const mine = await card(page, words);
  await expect(mine).toContainText("照片太大，服务器不收。");
  await settle(phone, server, { needsYou: [words] });
  const [before] = Object.keys((await drawers(page, "outbox")).outbox!);
  proxy.end();
  // What a person has to decide is not decided by a network that is back.
  await wake(page);
  await phone.open("/mine");
  await settle(phone, server, { needsYou: [words] });
  expect(stored(server)).toEqual([]);

  await mine.getByRole("button", { name: "原样再送一次" }).click();
  await expect(mine).toContainText(/编号 \S+/);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ id: before, photos: 2 }]);
});

test("fault 22: fields that the server does not take are named, and the report is mended under its own id", async ({ phone, server, network }) => {
  const words = "字段被退回";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  network.suffer(REPORT_UP, problem(422, "", [{ field: "description", message: "is not allowed here" }]), 1);
  await fill(page, { photo: picture(1), words: "写得不对" });
  await save(page);
  const mine = await card(page, "写得不对");
  await expect(mine).toContainText("有内容需要修改。");
  await expect(mine).toContainText("description is not allowed here");
  const [before] = Object.keys((await drawers(page, "outbox")).outbox!);
  await mine.getByTestId("edit").click();
  await page.getByLabel("说一句").fill(words);
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ id: before, photos: 1 }]);
});
