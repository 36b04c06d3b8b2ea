import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import type { Locator, Page } from "@playwright/test";

import { noteOf, open, sendReports } from "../support/cases";
import { LARGE } from "../support/phone";
import { KERB } from "../support/reporting";
import { worker } from "../support/staff";
import { expect, test } from "../support/test";

const ORIGINAL = createHash("sha256").update(readFileSync(KERB)).digest("hex");
const WORDS = "车牌拍得很清楚";

test.use({ phoneOptions: { viewport: LARGE } });

/** What strangers are shown of the only report, and what is kept of before. */
const shown = (server: { rows<Row>(sql: string): Row[] }) => ({
  photos: server.rows<{ photo: string }>("SELECT photo FROM report_photos").map(({ photo }) => photo),
  originals: server.rows<{ photo: string }>("SELECT photo FROM original_photos").map(({ photo }) => photo),
  words: server.rows<{ description: string }>("SELECT description FROM reports").map(({ description }) => description),
});

/** Paints over the photo of the open case, without saying that it is done. */
async function paint(page: Page): Promise<Locator> {
  await page.locator("[data-step=redact]").click();
  const form = page.getByTestId("form");
  await form.getByRole("button", { name: "涂抹照片 1" }).click();
  await expect(form.getByText("按住涂抹面部、车牌。")).toBeVisible();
  const board = form.getByRole("img", { name: "涂抹照片", exact: true });
  await board.scrollIntoViewIfNeeded();
  const box = await board.boundingBox();
  if (!box) throw new Error("no board");
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2, { steps: 12 });
  await page.mouse.up();
  await form.locator("#why").fill("看得清车牌");
  return form;
}

const save = (form: Locator) => form.getByRole("button", { name: "遮盖", exact: true }).click();

test("what is painted over is covered, also where nobody has said that the painting is done", async ({ phone, server, network }) => {
  await sendReports(network, [{ words: WORDS, photo: true }]);
  const page = await worker(phone, server);
  await open(page, WORDS);
  const form = await paint(page);
  await form.locator("#words").fill("车牌");
  await save(form);
  await expect(form).toHaveCount(0);
  const now = shown(server);
  expect(now).toMatchObject({ originals: [ORIGINAL], words: ["车牌"] });
  expect(now.photos).toHaveLength(1);
  expect(now.photos).not.toContain(ORIGINAL);
});

test("what a colleague does meanwhile costs nobody what they have painted", async ({ phone, server, network }) => {
  const [report] = await sendReports(network, [{ words: WORDS, photo: true }]);
  const page = await worker(phone, server);
  await open(page, WORDS);
  const form = await paint(page);
  await noteOf(page, report!.id, "已电话联系");
  await expect(page.getByTestId("history")).toContainText("已电话联系");
  await save(form);
  // The form is decided on the case as it is seen, not as it was when the form was opened.
  await expect(form).toHaveCount(0);
  expect(shown(server)).toMatchObject({ originals: [ORIGINAL] });
});

test("whoever hears of a colleague's step too late keeps what they have painted, and saves it then", async ({
  phone,
  server,
  network,
}) => {
  const [report] = await sendReports(network, [{ words: WORDS, photo: true }]);
  phone.expectBrokenNetwork();
  await phone.context.route("**/api/v1/staff/events", (route) => route.abort());
  const page = await worker(phone, server);
  await open(page, WORDS);
  const form = await paint(page);
  await noteOf(page, report!.id, "已电话联系");
  await save(form);
  await expect(form.getByRole("alert")).toContainText("已经「备注」");
  await expect(form.locator("#why")).toHaveValue("看得清车牌");
  await expect(form.getByText("已涂抹")).toBeVisible();
  await expect(page.getByTestId("history")).toContainText("已电话联系");
  await save(form);
  await expect(form).toHaveCount(0);
  expect(shown(server)).toMatchObject({ originals: [ORIGINAL] });
  expect(shown(server).photos).not.toContain(ORIGINAL);
});

test("a photo that is put on the board again keeps what is painted on it", async ({ phone, server, network }) => {
  await sendReports(network, [{ words: WORDS, photo: true }]);
  const page = await worker(phone, server);
  await open(page, WORDS);
  const form = await paint(page);
  // The same one again is on the board already.
  await form.getByRole("button", { name: "涂抹照片 1" }).click();
  await form.getByRole("button", { name: "涂好了" }).click();
  await expect(form.getByText("已涂抹")).toBeVisible();
  await save(form);
  await expect(form).toHaveCount(0);
  expect(shown(server)).toMatchObject({ originals: [ORIGINAL] });
});
