import { readJpeg } from "../support/jpeg";
import { LEDI_HARBOUR } from "../support/phone";
import { type Kind, asFile, drafts, jpeg, onPhone, onlyPhoto, pixels, withExif } from "../support/pictures";
import { KERB, deliveredCode, fill, holdPictures, kept, save } from "../support/reporting";
import { expect, test } from "../support/test";

interface Draft {
  description: string;
  photos: string[];
  category: string | null;
  shooting: boolean;
  parked: boolean;
  captured_at: string | null;
  place: { position: { lat: number; lng: number }; accuracy_m: number | null } | null;
}

const LOST = "刚才的照片没回来，请再拍一次";

test("a page that is thrown away while the camera is open says that the picture did not come back", async ({ phone }) => {
  const page = await phone.open("/report");
  await page.getByLabel("说一句").fill("桥头的坑");
  const camera = page.waitForEvent("filechooser");
  await page.getByLabel("拍照").click();
  await camera;
  await expect.poll(() => drafts<Draft>(page)).toMatchObject([{ description: "桥头的坑", shooting: true }]);
  await phone.close();
  await phone.reopen();

  const again = await phone.open("/report");
  await expect(again.getByTestId("photo-note")).toContainText(LOST);
  await expect(again.getByLabel("说一句")).toHaveValue("桥头的坑");
  await expect.poll(() => drafts<Draft>(again)).toMatchObject([{ shooting: false }]);
  // Said once.
  await phone.open("/report");
  await expect(again.getByLabel("说一句")).toHaveValue("桥头的坑");
  await expect(again.getByTestId("photo-note")).toBeEmpty();
});

test("it says so, too, when the camera was the first thing that was touched", async ({ phone }) => {
  const page = await phone.open("/report");
  const camera = page.waitForEvent("filechooser");
  await page.getByLabel("拍照").click();
  await camera;
  await expect.poll(() => drafts<Draft>(page)).toMatchObject([{ shooting: true }]);
  await phone.close();
  await phone.reopen();
  const again = await phone.open("/report");
  await expect(again.getByTestId("photo-note")).toContainText(LOST);
  await expect.poll(() => kept(again)).toMatchObject({ drafts: 0 });
});

test("it says so, too, when it was touched before the phone had read what it keeps, and not while it is open", async ({ phone }) => {
  // A browser asks for an icon of what is no page.
  phone.expected.push(/status of 404/);
  const holder = await phone.context.newPage();
  await holder.goto("/healthz");
  // Whoever wants a newer version waits until this one is closed.
  await holder.evaluate(
    () =>
      new Promise<void>((done, failed) => {
        const opening = indexedDB.open("waypost", 1);
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          Object.assign(window, { letGo: () => opening.result.close() });
          done();
        };
      }),
  );
  const page = await phone.open("/report");
  const camera = page.waitForEvent("filechooser");
  await page.getByLabel("拍照").click();
  await camera;
  await holder.evaluate("letGo()");
  await expect.poll(() => drafts<Draft>(page)).toMatchObject([{ shooting: true }]);
  // The form is that of what is kept once it says so.
  await page.getByLabel("说一句").fill("桥头的坑");
  await expect.poll(() => drafts<Draft>(page)).toMatchObject([{ description: "桥头的坑", shooting: true }]);
  await expect(page.getByTestId("photo-note")).toBeEmpty();
  await phone.close();
  await phone.reopen();
  const again = await phone.open("/report");
  await expect(again.getByTestId("photo-note")).toContainText(LOST);
});

test("it says so, too, of a second picture, though the first was still prepared when the camera opened", async ({ phone }) => {
  const ready = await holdPictures(phone);
  const page = await phone.open("/report");
  await page.getByLabel("拍照").setInputFiles(KERB);
  const camera = page.waitForEvent("filechooser");
  await page.getByLabel("拍照").click();
  await camera;
  await ready(page);
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await expect(page.getByTestId("draft-note")).toContainText("草稿已存在本机");
  expect(await drafts<Draft>(page)).toMatchObject([{ shooting: true, photos: [expect.any(String)] }]);
  await phone.close();
  await phone.reopen();
  const again = await phone.open("/report");
  await expect(again.getByTestId("photo-note")).toContainText(LOST);
  await expect(again.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
});

test("it says so, too, when the picture came back and was more than the phone could bear", async ({ phone }) => {
  await phone.context.addInitScript(() => {
    window.createImageBitmap = () => new Promise<never>(() => undefined);
  });
  const page = await phone.open("/report");
  await page.getByLabel("拍照").setInputFiles(KERB);
  await expect.poll(() => drafts<Draft>(page)).toMatchObject([{ shooting: true, photos: [] }]);
  await phone.open("/report");
  await expect(page.getByTestId("photo-note")).toContainText(LOST);
});

test("a camera that was closed without a picture leaves nothing behind", async ({ phone }) => {
  const page = await phone.open("/report");
  const camera = page.waitForEvent("filechooser");
  await page.getByLabel("拍照").click();
  await camera;
  await expect.poll(() => kept(page)).toMatchObject({ drafts: 1 });
  await page.getByLabel("拍照").dispatchEvent("cancel");
  await expect.poll(() => kept(page)).toMatchObject({ drafts: 0 });
  await phone.open("/report");
  await expect(page.getByTestId("photo-note")).toBeEmpty();
});

test("position, accuracy and time are those of the shot, wherever and whenever it is sent", async ({ phone, server }) => {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const page = await phone.open("/report");
  const before = Date.now();
  await page.getByLabel("拍照").setInputFiles(KERB);
  await expect(page.getByTestId("place-state")).toContainText("已定位");
  const after = Date.now();
  await phone.context.setGeolocation({ latitude: 30.33, longitude: 120.15, accuracy: 80 });
  await page.getByRole("radio", { name: "路面破损" }).check();
  await expect.poll(() => drafts<Draft>(page)).toMatchObject([{ category: "road", photos: [expect.any(String)], place: { accuracy_m: 12 } }]);
  // Later, elsewhere, after the phone was switched off and on.
  await phone.close();
  await phone.reopen();
  await phone.context.setGeolocation({ latitude: 30.34, longitude: 120.16, accuracy: 90 });
  const later = await phone.open("/report");
  await expect(later.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await save(later);
  await phone.goOnline();
  await deliveredCode(later);
  const [row] = server.rows<{ lat: number; lng: number; accuracy_m: number; captured_at: string }>(
    "SELECT lat, lng, accuracy_m, captured_at FROM reports",
  );
  expect(row).toMatchObject({ lat: LEDI_HARBOUR.latitude, lng: LEDI_HARBOUR.longitude, accuracy_m: 12 });
  const captured = Date.parse(row?.captured_at ?? "");
  // To the second.
  expect(captured).toBeGreaterThanOrEqual(before - 1000);
  expect(captured).toBeLessThanOrEqual(after);
});

test("a fix from before the first picture gives way to where the picture was taken", async ({ phone }) => {
  const page = await phone.open("/report");
  await page.getByTestId("locate").click();
  await expect(page.getByTestId("place-state")).toContainText("12 米");
  await phone.context.setGeolocation({ latitude: 30.31, longitude: 120.13, accuracy: 9 });
  await page.getByLabel("拍照").setInputFiles(KERB);
  await expect(page.getByTestId("place-state")).toContainText("9 米");
  await expect.poll(() => drafts<Draft>(page)).toMatchObject([{ place: { position: { lat: 30.31 }, accuracy_m: 9 } }]);
});

test("shoot now, finish when parked: one tap after the shot, even while the picture is prepared", async ({ phone, server }) => {
  const ready = await holdPictures(phone);
  const page = await phone.open("/report");
  await page.getByLabel("拍照").setInputFiles(KERB);
  await page.getByTestId("park").click();
  await expect(page.getByTestId("draft-note")).toContainText("停好车");
  await ready(page);
  await expect
    .poll(() => drafts<Draft>(page))
    .toMatchObject([{ parked: true, shooting: false, photos: [expect.any(String)], place: { accuracy_m: 12 } }]);
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toHaveCount(0);

  await phone.open("/mine");
  await page.getByRole("link", { name: "接着填" }).click();
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await expect(page.getByTestId("place-state")).toContainText("已定位");
  await page.getByRole("radio", { name: "井盖" }).check();
  await save(page);
  await deliveredCode(page);
  expect(server.rows("SELECT category FROM reports")).toEqual([{ category: "manhole" }]);
});

test("five photos and no sixth", async ({ phone }) => {
  const page = await phone.open("/report");
  const files = [];
  for (let seed = 0; seed < 6; seed += 1) files.push(asFile(await jpeg(page, 640, 480, "chequers", seed), `${seed}.jpg`));
  await page.getByLabel("拍照").setInputFiles(files);
  await expect(page.getByTestId("photo-note")).toContainText("最多 5 张");
  await expect(page.getByRole("img", { name: /第 \d 张照片/ })).toHaveCount(5);
  await expect(page.getByLabel("拍照")).toBeHidden();
  expect(await kept(page)).toMatchObject({ photos: 5, thumbs: 5 });
});

test("nothing that a camera wrote into a photo leaves the phone", async ({ phone }) => {
  const sent: Buffer[] = [];
  phone.context.on("request", (request) => {
    const body = request.postDataBuffer();
    if (body && body.length > 2 && body.readUInt16BE(0) === 0xffd8) sent.push(body);
  });
  const page = await phone.open("/report");
  const picture = withExif(await jpeg(page, 1600, 1200), 6);
  expect(picture.includes("Kerb & Co")).toBe(true);
  await page.getByLabel("拍照").setInputFiles(asFile(picture));
  await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible();
  await page.getByRole("radio", { name: "路面破损" }).check();
  await expect(page.getByTestId("place-state")).toContainText("已定位");
  await save(page);
  await deliveredCode(page);
  expect(sent.length).toBeGreaterThan(0);
  for (const bytes of sent) {
    const { width, height, markers } = readJpeg(bytes);
    expect({ width, height }).toEqual({ width: 1200, height: 1600 });
    expect(markers, "no EXIF or XMP segment").not.toContain(0xe1);
    expect(bytes.includes("Exif") || bytes.includes("Kerb & Co")).toBe(false);
  }
});

test("a HEIC photo that the browser cannot open is refused with what to do next", async ({ phone }) => {
  const page = await phone.open("/report");
  const buffer = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic"), Buffer.alloc(64)]);
  await page.getByLabel("拍照").setInputFiles({ name: "IMG_0001.HEIC", mimeType: "image/heic", buffer });
  await expect(page.getByTestId("photo-note")).toContainText("IMG_0001.HEIC");
  await expect(page.getByTestId("photo-note")).toContainText("兼容性最佳");
  await expect(page.getByTestId("photo-note")).toContainText("截图");
  await expect.poll(() => kept(page)).toMatchObject({ photos: 0, drafts: 0 });
});

const BROWSERS: Record<string, string | null> = {
  "where the browser makes it smaller while decoding": null,
  "where the browser ignores the size asked for": `(file, options) => decode(file, { imageOrientation: options?.imageOrientation })`,
  "where the browser turns it only after making it smaller": `(file, { imageOrientation, ...options }) => decode(file, { ...options, imageOrientation: "none" })`,
  "where the browser refuses": `() => Promise.reject(new TypeError("no"))`,
};

for (const [name, decode] of Object.entries(BROWSERS)) {
  test(`48 megapixels come out upright and small enough, ${name}`, async ({ phone }) => {
    test.slow();
    if (decode) {
      await phone.context.addInitScript(`{
        const decode = createImageBitmap.bind(window);
        window.asked = 0;
        window.createImageBitmap = (...all) => {
          // Only of what the camera gave: the test itself looks at what came out.
          if (!(all[0] instanceof File)) return decode(...all);
          window.asked += 1;
          return (${decode})(...all);
        };
      }`);
    }
    // Whatever is drawn on is never larger than what is kept.
    await phone.context.addInitScript(() => {
      const drawn: number[] = [];
      Object.assign(window, { drawn });
      const draw = CanvasRenderingContext2D.prototype.drawImage;
      CanvasRenderingContext2D.prototype.drawImage = function (this: CanvasRenderingContext2D, ...all: unknown[]) {
        drawn.push(Math.max(this.canvas.width, this.canvas.height));
        return (draw as (...all: unknown[]) => void).apply(this, all);
      } as typeof draw;
    });
    const page = await phone.open("/report");
    const picture = withExif(await jpeg(page, 8000, 6000, "halves" satisfies Kind), 6);
    await page.getByLabel("拍照").setInputFiles(asFile(picture));
    await expect(page.getByRole("img", { name: "第 1 张照片" })).toBeVisible({ timeout: 60_000 });
    const { bytes } = await onlyPhoto(page);
    // Turned right, what lay left is on top.
    const seen = await pixels(page, bytes, [[0.5, 0.25], [0.5, 0.75]]);
    expect(seen.height).toBe(2048);
    // Browsers round the other side up or down.
    expect(Math.abs(seen.width - 1536)).toBeLessThanOrEqual(1);
    const [[topRed = 0, , topBlue = 0] = [], [lowRed = 0, , lowBlue = 0] = []] = seen.at;
    expect(topRed - topBlue).toBeGreaterThan(200);
    expect(lowBlue - lowRed).toBeGreaterThan(200);
    expect(await page.evaluate<number>("Math.max(...window.drawn)")).toBeLessThanOrEqual(2048);
    if (decode) expect(await page.evaluate<number>("window.asked")).toBeGreaterThan(0);
    const [thumb] = (await onPhone(page, "thumbs")).values();
    expect(readJpeg(thumb ?? Buffer.alloc(0))).toMatchObject({ width: 180, height: 240 });
  });
}

test("a photo can be taken out, and its bytes leave the phone", async ({ phone }) => {
  const page = await phone.open("/report");
  await fill(page, { words: "桥头" });
  await page.getByRole("button", { name: "去掉第 1 张照片" }).click();
  await expect.poll(() => kept(page)).toMatchObject({ photos: 0, thumbs: 0, drafts: 1 });
});
