import { writeFileSync } from "node:fs";

import { drawers } from "../../support/drawers";
import { PHOTO_UP, REPORT_UP } from "../../support/faults";
import type { Network } from "../../support/network";
import { ONE_BAR } from "../../support/pace";
import { bomb, picture } from "../../support/noise";
import { KERB, deliveredCode, expectCleanPhoto, fill, save, shoot, stored } from "../../support/reporting";
import { settle, wake } from "../../support/settle";
import { expect, test } from "../../support/test";

/** Bytes of the photos that wait on the phone. */
const waitingBytes = async (page: Parameters<typeof drawers>[0]) =>
  Object.values((await drawers(page, "photos")).photos!).reduce<number>((sum, row) => sum + (row as { bytes: number }).bytes, 0);

/**
 * Bytes of photos that the program has sent. After a cut it asks first how much has arrived; a part that goes out again
 * without that question was sent again by the browser itself, on its own account, as it does when a connection that it
 * had opened ahead of time breaks.
 */
function sentByProgram(network: Network): number {
  const parts = network.carried.filter(({ path }) => path.startsWith("/api/v1/uploads"));
  const own = parts.filter(({ method, path }, at) => !(at > 0 && parts[at - 1]!.method === method && parts[at - 1]!.path === path && parts[at - 1]!.status === undefined));
  return own.reduce((sum, { up }) => sum + up, 0);
}

test("fault 17: two photos with one file name are two photos, and the same picture twice is one", async ({ phone, server }) => {
  const words = "同名的两张";
  const page = await phone.open("/report");
  expect(picture(1).name).toBe(picture(2).name);
  await shoot(page, picture(1), picture(2));
  await page.getByLabel("拍照").setInputFiles(picture(1));
  await expect(page.getByTestId("photo-note")).toContainText("这张照片已经在里面了。");
  await expect(page.getByRole("img", { name: /第 \d 张照片/ })).toHaveCount(2);
  await fill(page, { photo: null, words });
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  expect(stored(server)).toMatchObject([{ photos: 2 }]);
});

test("fault 17: a photo that two reports share is not dropped with the first one that arrives", async ({ phone, server, network }) => {
  const [first, second] = ["共用照片之一", "共用照片之二"];
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  await fill(page, { photo: picture(1), words: first });
  const down = network.suffer((method, path) => PHOTO_UP(method, path) || REPORT_UP(method, path), { kind: "reset" });
  await save(page);
  await page.getByRole("button", { name: "再报一条" }).click();
  await fill(page, { photo: [picture(1), picture(2)], words: second, category: "井盖" });
  await save(page);
  // Both wait. The first one arrives; of the second one, nothing.
  await settle(phone, server, { waiting: [first, second] });
  const seconds: string[] = [];
  for (const [id, row] of Object.entries((await drawers(page, "outbox")).outbox!)) {
    if ((row as { body: { description: string } }).body.description === second) seconds.push(id);
  }
  down.end();
  const stuck = network.suffer((method, path) => REPORT_UP(method, path) && path.endsWith(seconds[0]!), { kind: "reset" });
  await wake(page);
  await expect.poll(() => stored(server).map(({ description }) => description)).toEqual([first]);
  await settle(phone, server, { received: [first], waiting: [second] });
  stuck.end();
  await wake(page);
  await settle(phone, server, { received: [first, second] });
});

test("fault 19: an upload that is cut again and again goes on each time where it was cut", async ({ phone, server, network }) => {
  const words = "每次都断";
  network.keepsConnections = false;
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  await fill(page, { photo: [picture(1, 640, 480), picture(2)], words });
  const size = await waitingBytes(page);
  const cuts = network.suffer(PHOTO_UP, { kind: "cut-up", after: 30_000 });
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  expect(cuts.caused).toBeGreaterThan(size / 30_000);
  expect(sentByProgram(network), `of ${size} bytes`).toBeLessThanOrEqual(1.05 * size);
});

test("fault 19: after a cut in the middle on one bar of signal only the rest is sent", async ({ phone, server, network }) => {
  const words = "断在一半";
  network.keepsConnections = false;
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  await fill(page, { photo: picture(1, 640, 480), words });
  const size = await waitingBytes(page);
  const half = Math.floor(size / 2);
  network.slow(ONE_BAR);
  const cut = network.suffer(PHOTO_UP, { kind: "cut-up", after: half }, 1);
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  expect(cut.caused).toBe(1);
  // Whoever has sent it: the browser may have sent all of it again by itself.
  expect(network.sentUp(PHOTO_UP), "nothing of it is missing").toBeGreaterThanOrEqual(size);
  expect(sentByProgram(network) - half, `of ${size} bytes, after the cut`).toBeLessThanOrEqual(1.05 * (size - half));
});

test("fault 19: an upload that is cut with nothing arriving waits, says so, and arrives when it can", async ({ phone, server, network }) => {
  const words = "一个字节也过不去";
  const page = await phone.open("/report");
  phone.expectBrokenNetwork();
  await fill(page, { photo: picture(1), words });
  const dead = network.suffer((_, path) => path.startsWith("/api/v1/uploads"), { kind: "reset" });
  await save(page);
  await expect.poll(() => dead.caused).toBeGreaterThan(0);
  await expect(page.getByTestId("saved")).toContainText("没有网络，或信号太弱");
  await settle(phone, server, { waiting: [words] });
  network.restore();
  await wake(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
});

test("fault 27: what is no picture, or one of absurd size, is refused in words before it is kept or sent", async ({ phone, server, network }, info) => {
  const words = "坏照片之后的好照片";
  const page = await phone.open("/report");
  const note = info.outputPath("note.jpg");
  writeFileSync(note, "This is not a picture.\n");
  const polyglot = info.outputPath("page.jpg");
  writeFileSync(polyglot, "<!doctype html><script>alert(1)</script>");
  for (const [file, name] of [
    [note, "note.jpg"],
    [polyglot, "page.jpg"],
    [bomb(60_000, 60_000), "bomb.png"],
  ] as const) {
    await page.getByLabel("拍照").setInputFiles(file);
    await expect(page.getByTestId("photo-note")).toContainText(`“${name}”不是这部手机能打开的照片`);
  }
  await expect(page.getByRole("img", { name: /第 \d 张照片/ })).toHaveCount(0);
  await fill(page, { photo: KERB, words });
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  expect(network.carried.filter(({ method, path }) => PHOTO_UP(method, path)), "only the good one").toHaveLength(1);
});

test("fault 27: of a photo taken with a position inside nothing but its pixels leaves the phone", async ({ phone, server }) => {
  const words = "照片里有位置";
  const page = await phone.open("/report");
  await fill(page, { photo: KERB, words });
  const secrets = await page.evaluate(
    () =>
      new Promise<boolean[]>((done, failed) => {
        const opening = indexedDB.open("waypost");
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction("photos", "readonly").objectStore("photos").getAll();
          all.onsuccess = () => {
            opening.result.close();
            const text = (bytes: ArrayBuffer): string => new TextDecoder("latin1").decode(bytes);
            done((all.result as ArrayBuffer[]).map((bytes) => /Exif|Kerb & Co/.test(text(bytes))));
          };
        };
      }),
  );
  expect(secrets, "what waits to be sent").toEqual([false]);
  await save(page);
  await deliveredCode(page);
  await settle(phone, server, { received: [words] });
  expectCleanPhoto(server);
});
