import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { addUnit } from "../support/cases";
import { snapshot } from "../support/district";
import { openId as id, tell } from "../support/open-reports";
import { DEFAULTS, Phone } from "../support/phone";
import { drafts } from "../support/pictures";
import { KERB, deliveredCode, fill, kept, save, stored } from "../support/reporting";
import { settle } from "../support/settle";
import { step, worker } from "../support/staff";
import { expect, test } from "../support/test";

const question = (page: Page) => page.getByTestId("similar");

/** Opens the form offline, on a phone that knows the district, and says where and what. */
async function begin(phone: Phone): Promise<Page> {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  return whereAndWhat(await phone.open("/report"));
}

async function whereAndWhat(page: Page): Promise<Page> {
  await page.getByTestId("locate").click();
  await expect(page.getByTestId("place-state")).toContainText("已定位");
  await page.getByRole("radio", { name: "路面破损" }).check();
  return page;
}

test("offline, a defect that is known already is followed with one tap, and nothing else to fill in", async ({ phone, network, server }) => {
  tell(network, [
    { code: "FAR9", north: 251 },
    { code: "C300", north: 190 },
    { code: "B200", north: 120, state: "accepted" },
    { code: "D400", north: 240 },
    { code: "A100", north: -40 },
    { code: "HOLE", north: 5, category: "manhole" },
  ]);
  const bodies: { same_as?: string }[] = [];
  const page = await begin(phone);
  await expect(question(page)).toContainText("附近已有人报过，是同一个问题吗？");
  const lines = question(page).getByRole("listitem");
  await expect(lines).toHaveText([/A100 · 约 40 米 · 已派单 · 3 天前/, /B200 · 约 120 米 · 已受理/, /C300 · 约 190 米/]);
  await page.getByRole("button", { name: /是同一个，跟进它 B200/ }).click();
  await expect(question(page)).toContainText("B200");
  await expect(question(page)).not.toContainText("A100");
  await expect.poll(() => drafts(page)).toMatchObject([{ same_as: id("B200") }]);
  // What was said stays said, also on the next day.
  await phone.close();
  await phone.reopen();
  phone.context.on("request", (request) => {
    if (request.method() === "PUT" && request.url().includes("/reports/")) bodies.push(request.postDataJSON() as { same_as?: string });
  });
  const again = await phone.open("/report");
  await expect(question(again)).toContainText("B200");
  await again.getByTestId("save-same").click();
  await expect(again.getByTestId("saved-state")).toContainText("已存在本机");
  await phone.goOnline();
  await deliveredCode(again);
  expect(bodies.at(-1)).toMatchObject({ same_as: id("B200") });
  expect(stored(server)).toMatchObject([{ category: "road", description: "", photos: 0 }]);
});

test("what was followed can be taken back, and then photo or words are wanted again", async ({ phone, network }) => {
  tell(network, [{ code: "A100", north: 40 }]);
  const page = await begin(phone);
  await page.getByTestId("follow").click();
  await expect(page.getByTestId("save-same")).toBeVisible();
  await page.getByTestId("unfollow").click();
  await expect(page.getByTestId("follow")).toBeVisible();
  await expect.poll(() => drafts(page)).toMatchObject([{ same_as: null }]);
  await page.getByTestId("save").click();
  await expect(page.getByText("拍一张照片，或者写一句话。")).toBeVisible();
  expect(await kept(page)).toMatchObject({ outbox: 0 });
});

test("another defect is not asked about again, and what is there goes its way", async ({ phone, network, server }) => {
  tell(network, [{ code: "A100", north: 40 }]);
  const page = await begin(phone);
  await page.getByTestId("another").click();
  await expect(question(page)).toBeEmpty();
  await expect.poll(() => drafts(page)).toMatchObject([{ not_same: [id("A100")] }]);
  await page.getByLabel("拍照").setInputFiles(KERB);
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await phone.close();
  await phone.reopen();
  const again = await phone.open("/report");
  await expect(again.getByRole("radio", { name: "路面破损" })).toBeChecked();
  await expect(again.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await expect(question(again)).toBeEmpty();
  await again.getByTestId("save").click();
  await expect(again.getByTestId("saved-state")).toContainText("已存在本机");
  await phone.goOnline();
  await deliveredCode(again);
  expect(stored(server)).toMatchObject([{ photos: 1 }]);
});

test("photos and words go along with a report that follows another", async ({ phone, network, server }) => {
  tell(network, [{ code: "A100", north: 40 }]);
  const page = await begin(phone);
  await page.getByLabel("拍照").setInputFiles(KERB);
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await page.getByLabel("说一句").fill("更大了");
  await page.getByTestId("follow").click();
  await page.getByTestId("save-same").click();
  await expect(page.getByTestId("saved-state")).toContainText("已存在本机");
  await phone.goOnline();
  await deliveredCode(page);
  expect(stored(server)).toMatchObject([{ description: "更大了", photos: 1 }]);
});

test("what one phone has reported and staff have taken on is followed from another, and both hear what becomes of it", async ({
  phone,
  server,
  network,
}) => {
  const words = "路沿石断了一截";
  const page = await phone.open("/report");
  await fill(page, { words });
  await save(page);
  const code = await deliveredCode(page);
  const first = stored(server)[0]!.id;
  await phone.close();

  const staff = await Phone.start(network, DEFAULTS);
  const other = await Phone.start(network, DEFAULTS);
  try {
    const desk = await worker(staff, server);
    await step(desk, first, "accept");
    // What phones are told is the server's own word from here to the end.
    await expect.poll(async () => (await snapshot(network)).open_reports).toMatchObject([{ id: first, code, state: "accepted" }]);
    await other.open("/");
    await other.installed();
    const there = await whereAndWhat(await other.open("/report"));
    await expect(question(there)).toContainText("附近已有人报过，是同一个问题吗？");
    await expect(question(there).getByRole("listitem")).toHaveText([new RegExp(`${code} · 约 \\d+ 米 · 已受理`)]);
    await there.getByTestId("follow").click();
    await there.getByTestId("save-same").click();
    const own = await deliveredCode(there);
    expect(own).not.toBe(code);
    expect(server.rows("SELECT code, same_as, merged_into FROM reports ORDER BY received_at_ms")).toEqual([
      { code, same_as: null, merged_into: null },
      { code: own, same_as: first, merged_into: first },
    ]);

    await other.open("/mine");
    const card = there.getByTestId("report");
    await expect(card).toContainText(`编号 ${own}`);
    await expect(card.getByTestId("merged")).toHaveText(`和编号 ${code} 是同一个问题，一起处理；下面是它的进度。`);
    await expect(card.getByTestId("timeline")).toContainText("已受理");
    await step(desk, first, "assign", { unit: addUnit((sql) => server.execute(sql), "市政养护") });
    await other.open("/mine");
    await expect(card.getByTestId("timeline")).toContainText("已派单");
    // It has neither words nor photos of its own.
    await settle(other, server, { received: [""], elsewhere: [words] });
    expect([staff.faults, other.faults]).toEqual([[], []]);
  } finally {
    await staff.dispose();
    await other.dispose();
  }

  await phone.reopen();
  await phone.open("/mine");
  const mine = phone.page.getByTestId("report");
  await expect(mine).toContainText(`编号 ${code}`);
  await expect(mine.getByTestId("timeline")).toContainText("已派单");
  await expect(mine.getByTestId("merged")).toHaveCount(0);
  await settle(phone, server, { received: [words], elsewhere: [""] });
});

test("the question has no accessibility violation", async ({ phone, network }) => {
  tell(network, [
    { code: "A100", north: 40 },
    { code: "B200", north: 120 },
  ]);
  const page = await begin(phone);
  await expect(question(page)).toContainText("A100");
  const check = async () => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect.soft(violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.html) }))).toEqual([]);
  };
  await check();
  await page.getByTestId("follow").first().click();
  await expect(page.getByTestId("save-same")).toBeVisible();
  await check();
});
