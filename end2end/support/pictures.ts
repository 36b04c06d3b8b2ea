import { type Page, expect } from "@playwright/test";

/** Pictures of which every pixel is known. */
export type Kind =
  /** Fields of 8 pixels, black and white like letters on a plate; `seed` makes another one. */
  | "chequers"
  /** Left half red, right half blue. */
  | "halves";

/** A JPEG as a camera would give it, drawn by the browser. */
export async function jpeg(page: Page, width: number, height: number, kind: Kind = "chequers", seed = 0): Promise<Buffer> {
  const text = await page.evaluate(
    async ([width, height, kind, seed]) => {
      const canvas = new OffscreenCanvas(width, height);
      const ink = canvas.getContext("2d");
      if (!ink) throw new Error("no canvas");
      ink.fillStyle = kind === "halves" ? "#f00" : "#fff";
      ink.fillRect(0, 0, width, height);
      ink.fillStyle = kind === "halves" ? "#00f" : "#000";
      if (kind === "halves") ink.fillRect(width / 2, 0, width / 2, height);
      else {
        for (let x = 0; x < width / 8; x += 1) {
          for (let y = 0; y < height / 8; y += 1) {
            // Mixed up, but the same each time.
            const mix = Math.imul(Math.imul(x + 1, 73856093) ^ Math.imul(y + 1, 19349663) ^ Math.imul(seed + 1, 83492791), 2654435761);
            if ((mix >>> 16) & 1) ink.fillRect(x * 8, y * 8, 8, 8);
          }
        }
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer());
      let text = "";
      for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return btoa(text);
    },
    [width, height, kind, seed] as const,
  );
  return Buffer.from(text, "base64");
}

/** The same JPEG with an EXIF segment that says how the sensor lay (6: turn it right) and names its maker. */
export function withExif(picture: Buffer, orientation: number): Buffer {
  const maker = Buffer.from("Kerb & Co\0");
  const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4);
  tiff.write("II*\0", 0, "latin1");
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(2, 8);
  // Maker: ASCII, found after the table.
  tiff.writeUInt16LE(0x010f, 10);
  tiff.writeUInt16LE(2, 12);
  tiff.writeUInt32LE(maker.length, 14);
  tiff.writeUInt32LE(tiff.length, 18);
  // Orientation: one SHORT, in place.
  tiff.writeUInt16LE(0x0112, 22);
  tiff.writeUInt16LE(3, 24);
  tiff.writeUInt32LE(1, 26);
  tiff.writeUInt16LE(orientation, 30);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff, maker]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([picture.subarray(0, 2), head, body, picture.subarray(2)]);
}

export function asFile(buffer: Buffer, name = "photo.jpg"): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: "image/jpeg", buffer };
}

export interface Pixels {
  width: number;
  height: number;
  /** Red, green, blue of each point asked for. */
  at: [number, number, number][];
}

/** What a JPEG shows at some points, each a part of its width and height. */
export function pixels(page: Page, picture: Buffer, points: [number, number][]): Promise<Pixels> {
  return page.evaluate(
    async ([text, points]) => {
      const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
      const { width, height } = bitmap;
      const ink = new OffscreenCanvas(width, height).getContext("2d");
      if (!ink) throw new Error("no canvas");
      ink.drawImage(bitmap, 0, 0);
      const { data } = ink.getImageData(0, 0, width, height);
      const at = points.map(([x, y]) => {
        const index = 4 * (Math.min(width - 1, Math.floor(x * width)) + width * Math.min(height - 1, Math.floor(y * height)));
        return [data[index] ?? 0, data[index + 1] ?? 0, data[index + 2] ?? 0] as [number, number, number];
      });
      return { width, height, at };
    },
    [picture.toString("base64"), points] as const,
  );
}

/** The photos whose bytes lie on the phone's disk, by hash; small ones from `thumbs`. */
export async function onPhone(page: Page, drawer: "photos" | "thumbs" = "photos"): Promise<Map<string, Buffer>> {
  const rows = await page.evaluate(
    (drawer) =>
      new Promise<[string, string][]>((done, failed) => {
        const opening = indexedDB.open("waypost");
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const rows: [string, string][] = [];
          const walking = opening.result.transaction(drawer).objectStore(drawer).openCursor();
          walking.onerror = () => failed(walking.error);
          walking.onsuccess = () => {
            const cursor = walking.result;
            if (!cursor) {
              opening.result.close();
              return done(rows);
            }
            const bytes = new Uint8Array(cursor.value as ArrayBuffer);
            let text = "";
            for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
            rows.push([String(cursor.key), btoa(text)]);
            return cursor.continue();
          };
        };
      }),
    drawer,
  );
  return new Map(rows.map(([hash, text]) => [hash, Buffer.from(text, "base64")]));
}

/** The one photo on the phone. */
export async function onlyPhoto(page: Page): Promise<{ hash: string; bytes: Buffer }> {
  const [first, ...others] = await onPhone(page);
  expect(first).toBeDefined();
  expect(others).toHaveLength(0);
  return { hash: first?.[0] ?? "", bytes: first?.[1] ?? Buffer.alloc(0) };
}

/** The drafts as they lie on the phone's disk. */
export function drafts<Draft>(page: Page): Promise<Draft[]> {
  return page.evaluate(
    () =>
      new Promise<Draft[]>((done, failed) => {
        const opening = indexedDB.open("waypost");
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction("drafts", "readonly").objectStore("drafts").getAll();
          all.onsuccess = () => {
            opening.result.close();
            done(all.result as Draft[]);
          };
          all.onerror = () => failed(all.error);
        };
      }),
  );
}
