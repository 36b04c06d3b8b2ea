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

  /** A stream whose bytes take as long as they do on this link. */
  stream(): Transform {
    let arrivedAt = 0;
    const leaves = (bytes: number): number => {
      this.#leftAt = Math.max(Date.now(), this.#leftAt) + (bytes / this.pace.bytesPerSecond) * 1000;
      arrivedAt = this.#leftAt + this.pace.latencyMs;
      return this.#leftAt;
    };
    return new Transform({
      transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
        const piece = (at: number): void => {
          if (at >= chunk.length) return done();
          const bytes = chunk.subarray(at, at + PIECE);
          const left = leaves(bytes.length);
          setTimeout(() => this.push(bytes), arrivedAt - Date.now());
          setTimeout(() => piece(at + PIECE), left - Date.now());
        };
        piece(0);
      },
      flush(done: TransformCallback) {
        // After the last piece: timers of the same moment run in the order they were set.
        setTimeout(done, Math.max(0, arrivedAt - Date.now()) + 1);
      },
    });
  }
}
