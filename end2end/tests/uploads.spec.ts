import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type HttpRequest, Upload, type UploadOptions } from "tus-js-client";

import { readJpeg } from "../support/jpeg";
import type { Network } from "../support/network";
import type { Server } from "../support/server";
import { expect, test } from "../support/test";

// A client that nobody here wrote: whatever speaks the tus protocol can send photos.

const PHOTO = readFileSync(join(__dirname, "../fixtures/kerb.jpg"));
const SHA256 = createHash("sha256").update(PHOTO).digest("hex");
const TOKEN = "5a".repeat(32);
const CHUNK = Math.ceil(PHOTO.length / 5);

const options = (network: Network): UploadOptions => ({
  endpoint: `${network.origin}/api/v1/uploads`,
  headers: { authorization: `Bearer ${TOKEN}` },
  metadata: { sha256: SHA256, filename: "kerb.jpg" },
  chunkSize: CHUNK,
  retryDelays: [0, 100, 200, 400, 800],
});

/** Runs an upload to its end. */
const finish = (upload: Upload): Promise<void> =>
  new Promise((done, failed) => {
    upload.options.onSuccess = () => done();
    upload.options.onError = failed;
    upload.start();
  });

/** The photo as the server shows it to whoever sent it. */
const shown = async (network: Network): Promise<Buffer> => {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const answer = await fetch(`${network.origin}/api/v1/photos/${SHA256}`, { headers });
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
};

const expectStoredOnce = async (network: Network, server: Server): Promise<void> => {
  const picture = readJpeg(await shown(network));
  const sent = readJpeg(PHOTO);
  // The camera was turned by a quarter when it was taken, and says so beside the pixels; now the pixels are upright.
  expect([picture.width, picture.height]).toEqual([sent.height, sent.width]);
  expect(server.rows("SELECT sha256 FROM photos")).toEqual([{ sha256: SHA256 }]);
  expect(server.rows("SELECT sha256 FROM uploads")).toEqual([]);
  expect(server.files("photos/partial")).toEqual([]);
};

test("a stock tus client sends a photo, stops in the middle, and goes on later", async ({ network, server }) => {
  const halfway = await new Promise<string | null>((stopped, failed) => {
    const upload: Upload = new Upload(PHOTO, {
      ...options(network),
      onError: failed,
      onChunkComplete: (_size, accepted) => {
        if (accepted >= 2 * CHUNK) void upload.abort().then(() => stopped(upload.url));
      },
    });
    upload.start();
  });
  expect(halfway).toBe(`${network.origin}/api/v1/uploads/${SHA256}`);
  expect(server.rows("SELECT sha256 FROM photos")).toEqual([]);
  const there = server.files("photos/partial").reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(there).toBeGreaterThanOrEqual(2 * CHUNK);

  // Another day, another process: only the address is known.
  let first: number | undefined;
  const later = new Upload(PHOTO, {
    ...options(network),
    uploadUrl: halfway,
    onBeforeRequest: (request: HttpRequest) => {
      if (request.getMethod() === "PATCH") first ??= Number(request.getHeader("Upload-Offset"));
    },
  });
  await finish(later);
  expect(first).toBeGreaterThanOrEqual(2 * CHUNK);
  await expectStoredOnce(network, server);
});

test("a stock tus client sends a photo with its announcement", async ({ network, server }) => {
  await finish(new Upload(PHOTO, { ...options(network), uploadDataDuringCreation: true, chunkSize: Infinity }));
  expect(network.count("POST", /uploads/)).toBe(1);
  expect(network.count("PATCH", /uploads/)).toBe(0);
  await expectStoredOnce(network, server);
});

test("a stock tus client whose answers get lost neither loses nor doubles a byte", async ({ network, server }) => {
  let lost = 0;
  network.loseAnswers((method) => method === "PATCH" && ++lost % 2 === 1);
  await finish(new Upload(PHOTO, options(network)));
  expect(lost).toBeGreaterThanOrEqual(2);
  await expectStoredOnce(network, server);
});

test("a stock tus client goes on by itself after the server was killed", async ({ network, server }) => {
  let back: Promise<void> | undefined;
  const restart = async (): Promise<void> => {
    await server.kill();
    await server.run();
    network.target = server.port;
  };
  const upload: Upload = new Upload(PHOTO, {
    ...options(network),
    retryDelays: Array<number>(200).fill(300),
    onChunkComplete: () => {
      back ??= restart();
    },
  });
  await finish(upload);
  await back;
  await expectStoredOnce(network, server);
});

test("a stock tus client gives an upload up", async ({ network, server }) => {
  const url = await new Promise<string | null>((stopped, failed) => {
    const upload: Upload = new Upload(PHOTO, {
      ...options(network),
      onError: failed,
      onChunkComplete: () => void upload.abort().then(() => stopped(upload.url)),
    });
    upload.start();
  });
  await Upload.terminate(url ?? "", options(network));
  expect(server.rows("SELECT sha256 FROM uploads")).toEqual([]);
  expect(server.files("photos/partial")).toEqual([]);
});
