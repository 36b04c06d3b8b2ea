import { join } from "node:path";

import { type Locator, type Page, type TestInfo, expect } from "@playwright/test";

import { readJpeg } from "./jpeg";
import type { Phone } from "./phone";
import type { Picture } from "./noise";
import type { Server } from "./server";

/** A broken kerb, 1600 × 1200 as the sensor lay, turned upright by its EXIF orientation, with a GPS position inside. */
export const KERB = join(__dirname, "../fixtures/kerb.jpg");

export interface Report {
  /** Null: words alone. */
  photo?: string | Picture | (string | Picture)[] | null;
  category?: string;
  words?: string;
  /** A landmark or station by name, instead of the phone's position. */
  near?: string;
}

/** Takes photos one after the other, each shown before the next. */
export async function shoot(page: Page, ...photos: (string | Picture)[]): Promise<void> {
  const before = await page.getByRole("img", { name: /第 \d 张照片/ }).count();
  for (const [at, photo] of photos.entries()) {
    await page.getByLabel("拍照").setInputFiles(photo);
    await expect(page.getByRole("img", { name: `第 ${before + at + 1} 张照片` })).toBeVisible();
  }
}

/** Fills the open report form as a person would, photo first. */
export async function fill(page: Page, { photo = KERB, category = "路面破损", words, near }: Report): Promise<void> {
  if (photo !== null) await shoot(page, ...[photo].flat());
  await page.getByRole("radio", { name: category }).check();
  await expect(page.getByRole("radio", { name: category })).toBeChecked();
  if (words) await page.getByLabel("说一句").fill(words);
  const place = page.getByTestId("place-state");
  // A photo asks for the place by itself, words do not.
  if (photo === null && !near && (await place.innerText()).trim() === "") await page.getByTestId("locate").click();
  if (near) await page.getByLabel("最近的地标或驿站").selectOption({ label: near });
  else await expect(place).toContainText("已定位");
}

/** Holds every picture back before it is decoded, in pages opened from now on; the function given back lets a page's go,
 * those that come later as well. */
export async function holdPictures(phone: Phone): Promise<(page: Page) => Promise<void>> {
  await phone.context.addInitScript(() => {
    const decode = window.createImageBitmap.bind(window);
    const waiting: (() => void)[] = [];
    let open = false;
    Object.assign(window, {
      pictureReady: () => {
        open = true;
        waiting.splice(0).forEach((go) => go());
      },
    });
    window.createImageBitmap = (async (...picture: Parameters<typeof decode>) => {
      if (!open) await new Promise<void>((go) => waiting.push(go));
      return decode(...picture);
    }) as typeof window.createImageBitmap;
  });
  return (page) => page.evaluate("pictureReady()");
}

export async function save(page: Page): Promise<void> {
  await page.getByTestId("save").click();
  await expect(page.getByTestId("saved-state")).toContainText(/已存在本机|已送达/);
}

/** Saves a report without a network and leaves the phone on /mine. */
export async function leaveWaiting(phone: Phone, words: string): Promise<Page> {
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const page = await phone.open("/report");
  await fill(page, { words });
  await save(page);
  await page.getByRole("link", { name: "看我的上报" }).click();
  await expect(page.getByTestId("waiting")).toContainText(words);
  return page;
}

/** Everything unsent as one file, which the page of /mine offers. */
export async function exported(page: Page, info: TestInfo): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export").click()]);
  const file = info.outputPath("unsent.json");
  await download.saveAs(file);
  return file;
}

/** Brings such a file of so many reports to another phone, which is left on /mine. */
export async function takeOver(phone: Phone, file: string, reports: number): Promise<Page> {
  const page = await phone.open("/mine");
  await page.getByTestId("import").setInputFiles(file);
  await expect(page.getByTestId("imported")).toContainText(`接手了 ${reports} 条`);
  return page;
}

/** The card of the report with these words on /mine. */
export const reportOf = (page: Page, words: string): Locator => page.getByTestId("report").filter({ hasText: words });

/** The code under which the report on this page has arrived. */
export async function deliveredCode(page: Page): Promise<string> {
  const told = page.getByTestId("saved-state");
  await expect(told).toContainText(/已送达 · 编号 \S+/);
  return /编号 (\S+)/.exec(await told.innerText())?.[1] ?? "";
}

/** What the phone still keeps, by drawer. */
export function kept(page: Page): Promise<Record<string, number>> {
  return page.evaluate(
    () =>
      new Promise<Record<string, number>>((done, failed) => {
        const opening = indexedDB.open("waypost");
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          const names = [...database.objectStoreNames];
          const counts: Record<string, number> = {};
          const reading = database.transaction(names, "readonly");
          for (const name of names) {
            const count = reading.objectStore(name).count();
            count.onsuccess = () => {
              counts[name] = count.result;
            };
          }
          reading.oncomplete = () => {
            database.close();
            done(counts);
          };
          reading.onabort = () => failed(reading.error);
        };
      }),
  );
}

export interface Stored {
  id: string;
  code: string;
  category: string;
  description: string;
  lat: number;
  lng: number;
  photos: number;
}

/** The reports that are really in the database. */
export function stored(server: Server): Stored[] {
  return server.rows<Stored>(
    `SELECT id, code, category, description, lat, lng,
       (SELECT count(*) FROM report_photos WHERE report = reports.id) AS photos
     FROM reports ORDER BY received_at_ms`,
  );
}

/** The one photo on the server's disk is upright and has lost everything its camera said. */
export function expectCleanPhoto(server: Server): void {
  const [row] = server.rows<{ width: number; height: number }>("SELECT width, height FROM photos");
  expect(row).toMatchObject({ width: 1200, height: 1600 });
  const pictures = server.files("photos");
  expect(pictures.length).toBeGreaterThanOrEqual(1);
  for (const { bytes } of pictures) {
    const { width, height, markers } = readJpeg(bytes);
    expect(width / height).toBeCloseTo(0.75, 1);
    expect(markers, "no EXIF or XMP segment").not.toContain(0xe1);
    expect(bytes.includes("Exif")).toBe(false);
    expect(bytes.includes("Kerb & Co")).toBe(false);
  }
}

/** What the server tells a phone about its own report. */
export async function asReporter(phone: Phone, id: string): Promise<{ code: string; state: string; photos: unknown[] }> {
  const answer = await fetch(`${phone.network.origin}/api/v1/reports/${id}`, {
    headers: { authorization: `Bearer ${await phone.token()}` },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { code: string; state: string; photos: unknown[] };
}
