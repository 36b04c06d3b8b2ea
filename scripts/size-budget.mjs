// Fails when a phone would have to download more than the project allows: the WASM (brotli 11), and what the first
// screen needs before it can be read (HTML and style sheets, as the server really sends them). The staff's program, which
// couriers never load, has a budget of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

const KB = 1000;
const WASM_BUDGET = 250 * KB;
const STAFF_WASM_BUDGET = 400 * KB;
const FIRST_SCREEN_BUDGET = 14 * KB;

const root = fileURLToPath(new URL("..", import.meta.url));

/** Bytes of the body as sent, and its text. Asks for brotli, as every phone that runs WASM does. */
function get(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers: { "accept-encoding": "br", "accept-language": "zh-CN" } }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const sent = Buffer.concat(chunks);
        if (answer.statusCode !== 200) return reject(new Error(`${url}: ${answer.statusCode}`));
        const plain = answer.headers["content-encoding"] === "br" ? brotliDecompressSync(sent) : sent;
        resolve({ bytes: sent.length, text: plain.toString("utf8") });
      });
    });
    request.on("error", reject);
  });
}

/** Starts the built program on a fresh directory; resolves to its address and a way to end it. */
async function startServer() {
  const data = mkdtempSync(join(tmpdir(), "waypost-size-"));
  const child = spawn(join(root, "target/release/waypost"), ["serve", "--addr", "127.0.0.1:0", "--data-dir", data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /listening on (http:\/\/\S+)/.exec(line);
    if (found) {
      child.stdout.resume();
      return { url: found[1], stop };
    }
  }
  await stop();
  throw new Error("the server ended without saying where it listens");
}

function wasmBytes(program) {
  const pkg = join(root, "target/site/pkg");
  const modules = readdirSync(pkg).filter((name) => name.startsWith(`${program}.`) && name.endsWith(".wasm"));
  if (modules.length !== 1) throw new Error(`expected one WASM module of ${program} in ${pkg}, found ${modules.length}`);
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };
  return brotliCompressSync(readFileSync(join(pkg, modules[0])), options).length;
}

async function firstScreenBytes() {
  const server = await startServer();
  try {
    const page = await get(server.url);
    const sheets = [...page.text.matchAll(/<link\b[^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => /rel="?stylesheet\b/.test(tag))
      .map((tag) => /href="?([^"\s>]+)/.exec(tag)?.[1]);
    if (sheets.length === 0) throw new Error("the first screen links no style sheet");
    let css = 0;
    for (const href of sheets) css += (await get(new URL(href, server.url))).bytes;
    return { html: page.bytes, css };
  } finally {
    await server.stop();
  }
}

const kb = (bytes) => `${(bytes / KB).toFixed(1)} KB`;
let failed = 0;
function check(name, bytes, budget) {
  const fits = bytes <= budget;
  if (!fits) failed += 1;
  console.log(`size: ${name}: ${kb(bytes)} of ${kb(budget)}${fits ? "" : "  ← OVER BUDGET"}`);
}

check("WASM, brotli", wasmBytes("waypost"), WASM_BUDGET);
check("WASM of the staff's program, brotli", wasmBytes("staff"), STAFF_WASM_BUDGET);
const first = await firstScreenBytes();
check(`first screen, HTML ${kb(first.html)} + CSS ${kb(first.css)}, brotli`, first.html + first.css, FIRST_SCREEN_BUDGET);
if (failed > 0) {
  console.error(`size: ${failed} over budget`);
  process.exit(1);
}
