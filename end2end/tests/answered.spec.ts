import { createHash } from "node:crypto";

import type { Locator, Page } from "@playwright/test";

import { picture } from "../support/noise";
import { DEFAULTS, Phone } from "../support/phone";
import { leaveWaiting, stored } from "../support/reporting";
import type { Server } from "../support/server";
import { ask, step, worker } from "../support/staff";
import { expect, test } from "../support/test";

const UNIT = "0193a2b0-0000-7000-8000-0000000000aa";

/** Sends a picture as staff do; gives its name. */
async function show(page: Page, number: number): Promise<string> {
  const { buffer } = picture(number);
  const sha256 = createHash("sha256").update(buffer).digest("hex");
  const status = await page.evaluate(
    async ([sha256, base64]) => {
      const body = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      return (await fetch(`/api/v1/staff/photos/${sha256}`, { method: "PUT", body })).status;
    },
    [sha256, buffer.toString("base64")] as const,
  );
  expect(status).toBe(201);
  return sha256;
}

/** The only report is taken on, given to a unit, and repaired, which a photo shows. */
async function repair(page: Page, server: Server): Promise<string> {
  server.execute(`INSERT INTO units VALUES ('${UNIT}', '市政养护', '', '', 0, 0)`);
  const { id } = stored(server)[0]!;
  await step(page, id, "accept");
  await step(page, id, "assign", { unit: UNIT });
  await step(page, id, "fix", { photos: [await show(page, 7)] });
  return id;
}

const mine = (page: Page): Locator => page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: /我的/ });

/** Reports while there is no network, and goes on when it has arrived. */
async function reported(phone: Phone, words: string): Promise<void> {
  const page = await leaveWaiting(phone, words);
  await phone.goOnline();
  await expect(page.getByTestId("received")).toContainText(words);
}

test("a repair is shown to its reporter, who says without a network that it is none, and is heard", async ({ phone, server, network }) => {
  await reported(phone, "路缘石松了");
  const staff = await Phone.start(network, DEFAULTS);
  try {
    await repair(await worker(staff, server), server);
    expect(staff.faults).toEqual([]);
  } finally {
    await staff.dispose();
  }

  let page = await phone.open("/");
  await expect(mine(page)).toContainText("1 条有新进展");
  await mine(page).click();
  const card = page.getByTestId("report");
  await expect(card).toContainText("已修复");
  await expect(card.getByTestId("fresh")).toBeVisible();
  await expect(mine(page)).not.toContainText("有新进展");
  // What it was like beside what it is like now.
  await expect(card.getByTestId("shown").locator("img")).toHaveCount(2);

  await phone.goOffline();
  page = await phone.open("/mine");
  await expect(card.getByTestId("fresh")).toHaveCount(0);
  await expect(card.getByTestId("shown").locator("img")).toHaveCount(2);
  for (const name of ["确实修好了", "没修好"]) {
    expect((await card.getByRole("button", { name, exact: true }).boundingBox())!.height).toBeGreaterThanOrEqual(48);
  }
  await card.getByRole("button", { name: "没修好", exact: true }).click();
  await expect(card.getByLabel("哪里没修好")).toBeFocused();
  await card.getByLabel("哪里没修好").fill("还是松的");
  await card.getByRole("button", { name: "送出：没修好" }).click();
  await expect(card.getByTestId("answers")).toContainText("已记下，联网后送出：没修好");
  await expect(card.getByRole("button", { name: "确实修好了" })).toHaveCount(0);
  // It is on the disk, not only on the screen.
  page = await phone.open("/mine");
  await expect(card.getByTestId("answers")).toContainText("已记下，联网后送出：没修好");

  await phone.goOnline();
  await expect(card).toContainText("重新处理");
  await expect(card.getByTestId("answers")).toBeHidden();
  // What they did themselves is no news.
  await expect(card.getByTestId("fresh")).toHaveCount(0);
  await expect(mine(page)).not.toContainText("有新进展");
  expect(server.rows("SELECT state FROM reports")).toEqual([{ state: "reopened" }]);
  expect(server.rows("SELECT step, internal_note AS note FROM report_events WHERE actor = 'reporter' AND seq > 0")).toEqual([
    { step: "not_fixed", note: "还是松的" },
  ]);
});

test("an answer that comes too late is refused in words, and the report shows what has become of it", async ({ phone, server, network }) => {
  await reported(phone, "井盖响");
  const staff = await Phone.start(network, DEFAULTS);
  try {
    const desk = await worker(staff, server);
    const id = await repair(desk, server);
    const page = await phone.open("/mine");
    const card = page.getByTestId("report");
    await expect(card.getByRole("button", { name: "确实修好了" })).toBeVisible();
    // Meanwhile staff have found out by themselves.
    await step(desk, id, "reopen", { note_public: "复查发现又松了" });
    phone.expected.push(/status of 409/);
    await card.getByRole("button", { name: "确实修好了" }).click();
    await expect(card.getByTestId("answers")).toContainText("没能送出");
    await expect(card).toContainText("复查发现又松了");
    expect(server.rows("SELECT state FROM reports")).toEqual([{ state: "reopened" }]);
    expect(staff.faults).toEqual([]);
  } finally {
    await staff.dispose();
  }
});

test("whoever scans the stations' code joins with a name, and is told if there is no network or the code is none", async ({ phone, server, network }) => {
  const staff = await Phone.start(network, DEFAULTS);
  let code = "";
  try {
    ({ code = "" } = await ask(await worker(staff, server), "POST", "/api/v1/staff/invitations", { uses: 1 }));
    expect(staff.faults).toEqual([]);
  } finally {
    await staff.dispose();
  }
  // Who is signed in is asked here as well, and that nobody is, is no mistake.
  phone.expected.push(/status of 401/);
  const page = await phone.open(`/join?code=${code}`);
  const join = page.getByTestId("join");
  await join.getByLabel("怎么称呼您").fill("小王");
  await phone.goOffline();
  await join.getByRole("button", { name: "加入" }).click();
  await expect(join).toContainText("还没有加入");
  await phone.goOnline();
  phone.expected.push(/status of 422/);
  await join.getByLabel("手机号").fill("12");
  await join.getByRole("button", { name: "加入" }).click();
  await expect(join).toContainText("这不像手机号");
  await join.getByLabel("手机号").fill("");
  await join.getByRole("button", { name: "加入" }).click();
  await expect(join).toContainText("已加入");
  expect(server.rows("SELECT name, phone FROM members")).toEqual([{ name: "小王", phone: "" }]);

  const other = await Phone.start(network, DEFAULTS);
  other.expected.push(/status of 4(01|22)/);
  try {
    const there = await other.open(`/join?code=${code}`);
    await there.getByTestId("join").getByLabel("怎么称呼您").fill("小李");
    await there.getByTestId("join").getByRole("button", { name: "加入" }).click();
    await expect(there.getByTestId("join")).toContainText("已经用完");
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }
});
