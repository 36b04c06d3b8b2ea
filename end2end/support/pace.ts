import { Transform, type TransformCallback } from "node:stream";

/** How fast a link is: bytes a second, and milliseconds that each byte is on its way. */
export interface Pace {
  bytesPerSecond: number;
  latencyMs: number;
}

/** One bar of signal: 750 kbit/s, 150 ms. */
export const ONE_BAR: Pace = { bytesPerSecond: 750_000 / 8, latencyMs: 150 };

const PIECE = 2048;

/** One direction of a link, shared by everything that is on it. */
export class Link {
  /** When the last byte accepted so far has left, in milliseconds since 1970. */
  #leftAt = 0;

  constructor(private readonly pace: Pace) {}

  /** A stream whose bytes take as long as they do on this link, in their order: one timer, whatever the load. */
  stream(): Transform {
    const link = this;
    const flying: { bytes: Buffer; arrives: number }[] = [];
    let timing = false;
    let landed: (() => void) | undefined;
    const land = (stream: Transform): void => {
      timing = false;
      while (flying[0] && flying[0].arrives <= Date.now()) stream.push(flying.shift()!.bytes);
      if (flying[0]) wait(stream);
      else landed?.();
    };
    const wait = (stream: Transform): void => {
      if (timing) return;
      timing = true;
      setTimeout(land, Math.max(0, flying[0]!.arrives - Date.now()), stream);
    };
    return new Transform({
      transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
        const piece = (at: number): void => {
          if (at >= chunk.length) return done();
          const bytes = chunk.subarray(at, at + PIECE);
          link.#leftAt = Math.max(Date.now(), link.#leftAt) + (bytes.length / link.pace.bytesPerSecond) * 1000;
          flying.push({ bytes, arrives: link.#leftAt + link.pace.latencyMs });
          wait(this);
          setTimeout(piece, link.#leftAt - Date.now(), at + PIECE);
        };
        piece(0);
      },
      flush(done: TransformCallback) {
        if (flying.length === 0) done();
        else landed = () => done();
      },
    });
  }
}
