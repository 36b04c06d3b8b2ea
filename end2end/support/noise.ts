import { crc32, deflateSync } from "node:zlib";

/** A file as it is handed to a file field. */
export interface Picture {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

function chunk(kind: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const whole = Buffer.alloc(named.length + 8);
  whole.writeUInt32BE(data.length, 0);
  named.copy(whole, 4);
  whole.writeUInt32BE(crc32(named), named.length + 4);
  return whole;
}

function header(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(width, 0);
  bytes.writeUInt32BE(height, 4);
  bytes.set([8, 2, 0, 0, 0], 8);
  return bytes;
}

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** A picture like no other: its number decides every pixel, so that the same number is the same photo. */
export function picture(number: number, width = 320, height = 240): Picture {
  const line = width * 3 + 1;
  const pixels = Buffer.alloc(line * height);
  let seed = (number + 1) * 2_654_435_761;
  for (let at = 0; at < pixels.length; at += 1) {
    if (at % line === 0) continue; // how the line is filtered: not at all
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[at] = seed >>> 24;
  }
  const buffer = Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header(width, height)),
    chunk("IDAT", deflateSync(pixels, { level: 1 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  // As cameras name them, whatever is in them.
  return { name: "IMG_0001.png", mimeType: "image/png", buffer };
}

/** A few hundred bytes that say they are so many pixels. */
export function bomb(width: number, height: number): Picture {
  const nothing = deflateSync(Buffer.alloc(64));
  const buffer = Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header(width, height)),
    chunk("IDAT", nothing),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return { name: "bomb.png", mimeType: "image/png", buffer };
}
