export interface Jpeg {
  width: number;
  height: number;
  /** Markers of the segments before the picture data, e.g. 0xe1 for EXIF. */
  markers: number[];
}

/** Reads a JPEG's segments; throws on anything that is not one. */
export function readJpeg(bytes: Buffer): Jpeg {
  if (bytes.readUInt16BE(0) !== 0xffd8) throw new Error("not a JPEG");
  const markers: number[] = [];
  let size: { width: number; height: number } | undefined;
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes.readUInt16BE(at) & 0xff;
    if (marker === 0xda) break;
    markers.push(marker);
    // Start of frame, of whatever kind.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  if (!size) throw new Error("a JPEG without a frame");
  return { ...size, markers };
}
