import http from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Passed {
  method: string;
  path: string;
  status: number;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

type Rule = (method: string, path: string) => boolean;

/**
 * The network between the phone and the server: an HTTP proxy with a fixed port, so that the origin stays the same
 * whatever happens to the server behind it. Cutting it takes the network from service workers too, which the
 * browser's own offline switch does not do reliably.
 */
export class Network {
  /** Requests that reached the server, in the order they were answered. */
  readonly passed: Passed[] = [];
  target = 0;
  #state: "up" | "cut" | "portal" = "up";
  #sockets = new Set<Socket>();
  #lost: Rule | undefined;
  #rewrite = new Map<string, (answer: Answer) => Answer>();
  #server = http.createServer((request, answer) => this.#carry(request, answer));

  static async open(target: number): Promise<Network> {
    const network = new Network();
    network.target = target;
    network.#server.on("connection", (socket) => {
      if (network.#state === "cut") return socket.destroy();
      network.#sockets.add(socket);
      return socket.once("close", () => network.#sockets.delete(socket));
    });
    await new Promise<void>((ready) => network.#server.listen(0, "127.0.0.1", ready));
    return network;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#state = "cut";
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#state = "up";
    this.#lost = undefined;
  }

  /** A captive portal: everything is answered 200 with a page that is not ours. */
  portal(): void {
    this.#state = "portal";
  }

  /** The server gets and commits matching requests, but its answers never arrive. */
  loseAnswers(rule: Rule): void {
    this.#lost = rule;
  }

  /** Changes the answer to a path on its way to the phone. */
  rewrite(path: string, change: (answer: Answer) => Answer): void {
    this.#rewrite.set(path, change);
  }

  count(method: string, path: RegExp): number {
    return this.passed.filter((one) => one.method === method && path.test(one.path)).length;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #carry(request: http.IncomingMessage, answer: http.ServerResponse): void {
    if (this.#state === "portal") {
      request.resume();
      answer.writeHead(200, { "content-type": "text/html" });
      answer.end("<!doctype html><title>Wi-Fi</title><h1>Please accept our terms</h1>");
      return;
    }
    const method = request.method ?? "GET";
    const path = request.url ?? "/";
    const change = this.#rewrite.get(path);
    const headers = { ...request.headers };
    // A rewritten body is text, so it must come uncompressed.
    if (change) delete headers["accept-encoding"];
    const onward = http.request({ host: "127.0.0.1", port: this.target, method, path, headers, agent: false });
    onward.on("error", () => answer.destroy());
    onward.on("response", (back) => {
      const chunks: Buffer[] = [];
      back.on("data", (chunk: Buffer) => chunks.push(chunk));
      back.on("error", () => answer.destroy());
      back.on("end", () => {
        const status = back.statusCode ?? 502;
        this.passed.push({ method, path, status });
        if (this.#state === "cut" || this.#lost?.(method, path)) return answer.destroy();
        const body = Buffer.concat(chunks);
        if (!change) {
          answer.writeHead(status, back.headers);
          return answer.end(body);
        }
        const plain = Object.fromEntries(
          Object.entries(back.headers)
            .filter(([name]) => name !== "content-length" && name !== "transfer-encoding")
            .map(([name, value]) => [name, String(value)]),
        );
        const changed = change({ status, headers: plain, body: body.toString("utf8") });
        answer.writeHead(changed.status, changed.headers);
        return answer.end(changed.body);
      });
    });
    request.pipe(onward);
  }
}
