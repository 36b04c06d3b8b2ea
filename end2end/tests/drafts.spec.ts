import { picture } from "../support/noise";
import type { Phone } from "../support/phone";
import { drafts } from "../support/pictures";
import { KERB, deliveredCode, fill, holdPictures, kept, save, stored } from "../support/reporting";
import { expect, test } from "../support/test";

const PLAIN = /^\/report/;

interface Draft {
  description: string;
  photos: string[];
  place: { position: { lat: number } } | null;
}

/** From now on the phone is found, at 30.31 north, when the page is told to `answer()`. */
async function holdFixes(phone: Phone): Promise<void> {
  await phone.context.addInitScript(() => {
    const asked: PositionCallback[] = [];
    const fix = { coords: { latitude: 30.31, longitude: 120.13, accuracy: 9 }, timestamp: Date.now() };
    Object.assign(window, { fixes: asked, answer: () => asked.splice(0).forEach((found) => found(fix as GeolocationPosition)) });
    navigator.geolocation.getCurrentPosition = (found) => void asked.push(found);
  });
}

test("who presses save before the picture is ready need not press again", async ({ phone, server }) => {
  const ready = await holdPictures(phone);
  const page = await phone.open("/report");
  await page.getByLabel("拍照").setInputFiles(KERB);
  await page.getByRole("radio", { name: "路面破损" }).check();
  await expect(page.getByTestId("place-state")).toContainText("已定位");
  await page.getByTestId("save").click();
  await expect(page.getByTestId("save")).toBeDisabled();
  // Nor is there another picture, which would be too late.
  await expect(page.getByLabel("拍照")).toBeDisabled();
  expect(stored(server)).toEqual([]);
  // What is written meanwhile is kept, and goes too.
  await page.getByLabel("说一句").fill("桥头");
  await expect.poll(() => drafts<Draft>(page)).toMatchObject([{ description: "桥头" }]);
  await ready(page);
  await deliveredCode(page);
  expect(stored(server)).toMatchObject([{ category: "road", description: "桥头", photos: 1 }]);
});

test("a place found after the report was put aside is that report's and not the next one's", async ({ phone }) => {
  await holdFixes(phone);
  const page = await phone.open("/report");
  await page.getByLabel("拍照").setInputFiles(KERB);
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await page.getByTestId("park").click();
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toHaveCount(0);
  await page.getByLabel("说一句").fill("另一处");
  await page.evaluate("answer()");
  await expect.poll(async () => (await drafts<Draft>(page)).find(({ photos }) => photos.length === 1)?.place?.position.lat).toBe(30.31);
  await expect.poll(async () => (await drafts<Draft>(page)).find(({ description }) => description === "另一处")).toMatchObject({ place: null });
});

test("one draft open in two tabs loses neither the photo nor the words", async ({ phone }) => {
  const first = await phone.open("/report");
  await first.getByLabel("说一句").fill("桥头");
  await expect(first.getByTestId("draft-note")).toContainText("草稿已存在本机");
  const second = await phone.open("/report", await phone.context.newPage());
  await expect(second.getByLabel("说一句")).toHaveValue("桥头");

  await first.getByLabel("拍照").setInputFiles(KERB);
  await expect(second.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await second.getByLabel("说一句").fill("桥头往南");
  await expect.poll(() => drafts(second)).toMatchObject([{ description: "桥头往南", photos: [expect.any(String)] }]);
  expect(await kept(second)).toMatchObject({ photos: 1, thumbs: 1 });
  // The first one, which still shows the old words, takes another picture.
  await first.getByLabel("拍照").setInputFiles(picture(2));
  await expect(first.getByRole("img", { name: "第 2 张照片" })).toBeVisible();
  await expect.poll(() => drafts<Draft>(first)).toMatchObject([{ shooting: false, photos: [expect.any(String), expect.any(String)] }]);
  expect(await drafts(first)).toMatchObject([{ description: "桥头往南" }]);
});

test("a place found late in one tab leaves the words that were written in another", async ({ phone }) => {
  await holdFixes(phone);
  const first = await phone.open("/report");
  await first.getByLabel("说一句").fill("桥头");
  await first.getByLabel("拍照").setInputFiles(KERB);
  await expect.poll(() => drafts<Draft>(first)).toMatchObject([{ description: "桥头", photos: [expect.any(String)] }]);
  await expect.poll(() => first.evaluate("fixes.length")).toBe(1);
  const second = await phone.open("/report", await phone.context.newPage());
  await expect(second.getByLabel("说一句")).toHaveValue("桥头");
  await second.getByLabel("说一句").fill("桥头往南");
  await expect.poll(() => drafts<Draft>(second)).toMatchObject([{ description: "桥头往南" }]);

  await first.evaluate("answer()");
  await expect.poll(() => drafts<Draft>(first)).toMatchObject([{ place: { position: { lat: 30.31 } } }]);
  expect(await drafts<Draft>(first)).toMatchObject([{ description: "桥头往南", photos: [expect.any(String)] }]);
});

test("what is written in a second tab after the report was sent from the first is not lost", async ({ phone, server }) => {
  const first = await phone.open("/report");
  await fill(first, { words: "桥头" });
  await expect.poll(() => drafts(first)).toMatchObject([{ description: "桥头", category: "road", place: { accuracy_m: 12 } }]);
  const second = await phone.open("/report", await phone.context.newPage());
  await expect(second.getByLabel("说一句")).toHaveValue("桥头");
  await save(first);
  const code = await deliveredCode(first);

  await second.getByLabel("说一句").fill("桥尾也坏了");
  await expect.poll(() => drafts(second)).toMatchObject([{ description: "桥尾也坏了" }]);
  await save(second);
  expect(await deliveredCode(second)).not.toBe(code);
  expect(stored(server)).toMatchObject([{ description: "桥头" }, { description: "桥尾也坏了" }]);
});

test("a form sent as plain HTML is not made a second report by the program that starts meanwhile", async ({ phone, server }) => {
  const page = phone.page;
  let start: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  const started = new Promise<void>((go) => (start = go));
  const sent = new Promise<void>((go) => (arrive = go));
  await page.route(/\.wasm$/, async (route) => {
    await started;
    await route.continue();
  });
  await page.route(/\/report\?send$/, async (route) => {
    await sent;
    await route.continue();
  });
  await page.goto("/report");
  await page.getByRole("radio", { name: "路面破损" }).check();
  await page.getByLabel("最近的地标或驿站").selectOption({ label: "“乐市”集装箱驿站" });
  await page.getByLabel("说一句").fill("路沿石断了");
  const posted = page.waitForRequest((request) => request.method() === "POST" && PLAIN.test(new URL(request.url()).pathname));
  // A click waits for the page it leads to, which is held back here.
  const clicked = page.getByTestId("save").click();
  await posted;
  const program = page.waitForResponse(/\.wasm$/);
  start();
  await (await program).finished();
  arrive();
  await clicked;
  await expect(page.getByTestId("receipt")).toContainText(/编号 \S+/);
  await phone.interactive(page);
  await expect.poll(() => kept(page)).toMatchObject({ drafts: 0, outbox: 0 });
  expect(stored(server)).toHaveLength(1);
});
