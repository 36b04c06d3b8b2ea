import type { Page } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";

import { asFile, drafts, jpeg, onPhone, onlyPhoto, pixels } from "../support/pictures";
import { deliveredCode, save } from "../support/reporting";
import { expect, test } from "../support/test";

type Spot = [number, number];

/** Within the stroke from the left to the right, through the upper third. */
const UNDER: Spot[] = Array.from({ length: 40 }, (_, at) => [0.3 + 0.01 * at, 0.3 + 0.001 * (at % 9)]);
/** Close together all over the middle of it: of so many, chance alone makes no likeness. */
const WITHIN: Spot[] = [];
for (let x = 0.22; x < 0.78; x += 0.004) for (let y = 0.28; y < 0.32; y += 0.004) WITHIN.push([x, y]);
/** Far away from it. */
const ELSEWHERE: Spot[] = Array.from({ length: 60 }, (_, at) => [0.02 + 0.016 * at, 0.55 + 0.0075 * ((at * 7) % 60)]);

/** Opens the form with one picture of 1600 × 1200 in it, and the brush for that. */
async function openBrush(page: Page): Promise<void> {
  await page.getByLabel("拍照").setInputFiles(asFile(await jpeg(page, 1600, 1200)));
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await page.getByRole("button", { name: "涂掉人脸车牌" }).click();
  await expect(board(page)).toBeVisible();
  await expect.poll(() => board(page).evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(1600);
}

const board = (page: Page) => page.getByRole("dialog").getByRole("img");

/** Draws from one spot of the picture to another. */
async function stroke(page: Page, from: Spot, to: Spot): Promise<void> {
  const box = await board(page).boundingBox();
  if (!box) throw new Error("no board");
  const on = ([x, y]: Spot): Spot => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...on(from));
  await page.mouse.down();
  await page.mouse.move(...on(to), { steps: 12 });
  await page.mouse.up();
}

/** Light of each spot on the board as it is shown, 0 to 255. */
function shown(page: Page, spots: Spot[]): Promise<number[]> {
  return board(page).evaluate(
    (canvas: HTMLCanvasElement, spots) =>
      spots.map(([x, y]) => {
        const ink = canvas.getContext("2d");
        const pixel = ink?.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data;
        return ((pixel?.[0] ?? 0) + (pixel?.[1] ?? 0) + (pixel?.[2] ?? 0)) / 3;
      }),
    spots,
  );
}

async function light(page: Page, picture: Buffer, spots: Spot[]): Promise<number[]> {
  return (await pixels(page, picture, spots)).at.map(([red, green, blue]) => (red + green + blue) / 3);
}

const differences = (one: number[], other: number[]) => one.map((value, at) => Math.abs(value - (other[at] ?? 0)));
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How much of one is still in the other, -1 to 1. */
function likeness(one: number[], other: number[]): number {
  const [a, b] = [mean(one), mean(other)];
  const product = mean(one.map((value, at) => (value - a) * ((other[at] ?? 0) - b)));
  const spread = (values: number[], middle: number) => Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  return product / Math.max(1e-9, spread(one, a) * spread(other, b));
}

test("what was painted over never leaves the phone, and all else arrives as it was", async ({ phone, server }) => {
  const sent: string[] = [];
  phone.context.on("request", (request) => sent.push(`${request.url()} ${request.headers()["upload-metadata"] ?? ""}`));
  const page = await phone.open("/report");
  await openBrush(page);
  const original = await onlyPhoto(page);
  await stroke(page, [0.2, 0.3], [0.8, 0.3]);
  await page.getByTestId("brush-done").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "涂掉人脸车牌" })).toBeFocused();
  // The original is gone from the phone, picture and small picture, and from the draft.
  const covered = await onlyPhoto(page);
  expect(covered.hash).not.toBe(original.hash);
  expect([...(await onPhone(page, "thumbs")).keys()]).toEqual([covered.hash]);
  expect(await drafts<{ photos: string[] }>(page)).toMatchObject([{ photos: [covered.hash] }]);

  await page.getByRole("radio", { name: "路面破损" }).check();
  await expect(page.getByTestId("place-state")).toContainText("已定位");
  await save(page);
  await deliveredCode(page);
  const rows = server.rows<{ sha256: string; blob_sha256: string; width: number }>("SELECT sha256, blob_sha256, width FROM photos");
  expect(rows).toMatchObject([{ sha256: covered.hash, width: 1600 }]);
  const stored = server.files("photos").find(({ name }) => name.includes(rows[0]?.blob_sha256 ?? "-"));
  const arrived = stored?.bytes ?? Buffer.alloc(0);
  const under = differences(await light(page, original.bytes, UNDER), await light(page, arrived, UNDER));
  expect(mean(under)).toBeGreaterThan(60);
  expect(Math.abs(likeness(await light(page, original.bytes, WITHIN), await light(page, arrived, WITHIN)))).toBeLessThan(0.2);
  const far = differences(await light(page, original.bytes, ELSEWHERE), await light(page, arrived, ELSEWHERE));
  expect(mean(far)).toBeLessThan(8);
  expect(Math.max(...far)).toBeLessThan(60);
  const name = Buffer.from(original.hash).toString("base64");
  expect(sent.filter((line) => line.includes(original.hash) || line.includes(name))).toEqual([]);
});

test("nothing of what is painted over can be told from the mosaic", async ({ phone }) => {
  const page = await phone.open("/report");
  await openBrush(page);
  const before = await shown(page, WITHIN);
  await stroke(page, [0.2, 0.3], [0.8, 0.3]);
  const after = await shown(page, WITHIN);
  expect(Math.abs(likeness(before, after))).toBeLessThan(0.2);
  // Visibly covered: cells of different tones, not one flat colour.
  expect(Math.max(...after) - Math.min(...after)).toBeGreaterThan(20);
});

test("undo takes the last stroke back, cancel takes back all", async ({ phone }) => {
  const page = await phone.open("/report");
  await openBrush(page);
  const original = await onlyPhoto(page);
  await expect(page.getByTestId("brush-done")).toBeDisabled();
  const before = await shown(page, UNDER);
  await stroke(page, [0.2, 0.3], [0.8, 0.3]);
  const once = await shown(page, UNDER);
  expect(mean(differences(before, once))).toBeGreaterThan(60);
  await stroke(page, [0.2, 0.7], [0.8, 0.7]);
  const low: Spot[] = UNDER.map(([x, y]) => [x, y + 0.4]);
  const lowOnce = await shown(page, low);
  await page.getByTestId("brush-undo").click();
  expect(mean(differences(lowOnce, await shown(page, low)))).toBeGreaterThan(60);
  expect(await shown(page, UNDER)).toEqual(once);
  await page.getByTestId("brush-undo").click();
  expect(await shown(page, UNDER)).toEqual(before);
  await expect(page.getByTestId("brush-done")).toBeDisabled();

  await stroke(page, [0.2, 0.3], [0.8, 0.3]);
  await page.getByTestId("brush-cancel").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "涂掉人脸车牌" })).toBeFocused();
  expect(await onlyPhoto(page)).toEqual(original);
  // The back button and Escape mean cancel.
  await page.getByRole("button", { name: "涂掉人脸车牌" }).click();
  await expect(board(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await onlyPhoto(page)).toEqual(original);
});

test("a finger paints, a second one does not, and turning the phone loses nothing", async ({ phone }) => {
  const page = await phone.open("/report");
  await openBrush(page);
  const original = await onlyPhoto(page);
  const browser = await phone.context.newCDPSession(page);
  const finger = async (spots: Spot[]) => {
    const box = await board(page).boundingBox();
    if (!box) throw new Error("no board");
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", at?: Spot) =>
      browser.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: at ? [{ x: box.x + at[0] * box.width, y: box.y + at[1] * box.height, id: 1 }] : [],
      });
    const [first = [0, 0], ...others] = spots;
    await touch("touchStart", first);
    for (const spot of others) await touch("touchMove", spot);
    await touch("touchEnd");
  };
  const across = (y: number): Spot[] => Array.from({ length: 13 }, (_, at) => [0.2 + 0.05 * at, y]);
  await finger(across(0.3));
  await page.setViewportSize({ width: 740, height: 360 });
  await expect(page.getByTestId("brush-done")).toBeInViewport();
  await finger(across(0.7));
  await page.setViewportSize({ width: 360, height: 740 });

  // A hand that rests on the screen beside the finger that draws.
  const box = await board(page).boundingBox();
  if (!box) throw new Error("no board");
  const at = ([x, y]: Spot, id: number) => ({ x: box.x + x * box.width, y: box.y + y * box.height, id });
  await browser.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [at([0.1, 0.1], 1)] });
  await browser.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [at([0.1, 0.1], 1), at([0.9, 0.95], 2)] });
  await browser.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  const beside = await shown(page, [[0.9, 0.95], [0.91, 0.96], [0.92, 0.94]]);

  await page.getByTestId("brush-done").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const covered = await onlyPhoto(page);
  for (const spots of [UNDER, UNDER.map(([x, y]): Spot => [x, y + 0.4])]) {
    const changed = differences(await light(page, original.bytes, spots), await light(page, covered.bytes, spots));
    expect(mean(changed)).toBeGreaterThan(60);
  }
  const untouched = await light(page, original.bytes, [[0.9, 0.95], [0.91, 0.96], [0.92, 0.94]]);
  expect(Math.max(...differences(untouched, beside))).toBeLessThan(10);
});

test("the brush is as wide on the screen as a glove needs, and wider on demand", async ({ phone }) => {
  const page = await phone.open("/report");
  await openBrush(page);
  const width = async () => {
    const box = await board(page).boundingBox();
    const column: Spot[] = Array.from({ length: 400 }, (_, at) => [0.5, at / 400]);
    const before = await shown(page, column);
    await stroke(page, [0.5, 0.5], [0.5, 0.5]);
    const changed = differences(before, await shown(page, column)).filter((difference) => difference > 30).length;
    await page.getByTestId("brush-undo").click();
    return (changed / 400) * (box?.height ?? 0);
  };
  expect(await width()).toBeGreaterThanOrEqual(32);
  await page.getByRole("radio", { name: "粗笔" }).check();
  expect(await width()).toBeGreaterThanOrEqual(70);
});

test("a photo that cannot be kept painted over stays on the board, and the original in the draft", async ({ phone }) => {
  const page = await phone.open("/report");
  await openBrush(page);
  const original = await onlyPhoto(page);
  await stroke(page, [0.2, 0.3], [0.8, 0.3]);
  await page.evaluate(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...all: Parameters<typeof put>) {
      if (this.name === "photos") throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, all);
    };
    Object.assign(window, { roomAgain: () => (IDBObjectStore.prototype.put = put) });
  });
  phone.expected.push(/not kept/);
  await page.getByTestId("brush-done").click();
  await expect(page.getByTestId("brush-note")).toContainText("手机存储满了");
  expect(await onlyPhoto(page)).toEqual(original);
  await page.evaluate("roomAgain()");
  await page.getByTestId("brush-done").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect((await onlyPhoto(page)).hash).not.toBe(original.hash);
});

for (const theme of ["light", "dark", "sunlight"]) {
  test(`the brush and the photos have no accessibility violation: ${theme}`, async ({ phone, network }) => {
    await phone.context.addCookies([{ name: "theme", value: theme, url: network.origin }]);
    const page = await phone.open("/report");
    await page.getByLabel("拍照").setInputFiles(asFile(await jpeg(page, 1600, 1200)));
    await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
    const check = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect.soft(violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.html) }))).toEqual([]);
    };
    await check();
    await page.getByRole("button", { name: "涂掉人脸车牌" }).click();
    await expect.poll(() => board(page).evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(1600);
    await stroke(page, [0.2, 0.3], [0.8, 0.3]);
    await check();
    for (const target of await page.getByRole("dialog").locator("button, label").all()) {
      const box = await target.boundingBox();
      expect.soft(Math.min(box?.width ?? 0, box?.height ?? 0), await target.innerText()).toBeGreaterThanOrEqual(48);
    }
  });
}
