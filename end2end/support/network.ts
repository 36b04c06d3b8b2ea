import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { pipeline } from "node:stream";

import { type Fault, PORTAL, type Rule, Trouble } from "./faults";
import { Link, type Pace } from "./pace";

export interface Passed {
  method: string;
  path: string;
  status: number;
}

/** A request that has left the phone. */
export interface Carried {
  method: string;
  path: string;
  /** Bytes of its body that were passed on to the server. */
  up: number;
  /** What the server answered, if it did. */
  status: number | undefined;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

type Change = (answer: Answer) => Answer;

/**
 * The network between the phone and the server: a proxy with a fixed port, so that the origin stays the same whatever
 * happens to the server behind it. Cutting it takes the network from service workers too, which the browser's own
 * offline switch does not do reliably.
 */
export class Network {
  /** Requests that reached the server, in the order they were answered. */
  readonly passed: Passed[] = [];
  /** Requests that left the phone, in that order, whatever became of them. */
  readonly carried: Carried[] = [];
  target = 0;
  /**
   * A browser sends a request again by itself when a connection that it had kept open breaks. Without kept connections
   * every request on the wire is one that the program has asked for.
   */
  keepsConnections = true;
  #cut = false;
  #sockets = new Set<Socket>();
  #troubles: Trouble[] = [];
  #rewrite: { path: string | RegExp; change: Change }[] = [];
  #links: { up: Link; down: Link } | undefined;
  #server = http.createServer((request, answer) => this.#carry(request, answer));

  static async open(target: number): Promise<Network> {
    const network = new Network();
    network.target = target;
    network.#server.on("connection", (socket) => {
      if (network.#cut) return socket.destroy();
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
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Everything goes through again, as fast as it can. */
  restore(): void {
    this.#cut = false;
    this.#links = undefined;
    for (const trouble of this.#troubles.splice(0)) trouble.end();
  }

  /** From now on this befalls matching requests, at most so many of them. The latest one in force counts. */
  suffer(rule: Rule, fault: Fault, times = Infinity): Trouble {
    const trouble = new Trouble(rule, fault, times);
    this.#troubles.unshift(trouble);
    return trouble;
  }

  /** A captive portal: everything is answered 200 with a page that is not ours. */
  portal(): Trouble {
    return this.suffer(() => true, PORTAL);
  }

  /** The server gets and commits matching requests, but its answers never arrive. */
  loseAnswers(rule: Rule): Trouble {
    return this.suffer(rule, { kind: "swallow" });
  }

  /** Everything that begins from now on goes over one slow link. */
  slow(pace: Pace): void {
    this.#links = { up: new Link(pace), down: new Link(pace) };
  }

  /** Changes the answer to a path on its way to the phone. */
  rewrite(path: string | RegExp, change: Change): void {
    this.#rewrite = this.#rewrite.filter((one) => String(one.path) !== String(path));
    this.#rewrite.push({ path, change });
  }

  count(method: string, path: RegExp): number {
    return this.passed.filter((one) => one.method === method && path.test(one.path)).length;
  }

  /** Bytes of bodies that were passed on to the server by requests which match. */
  sentUp(rule: Rule): number {
    return this.carried.filter(({ method, path }) => rule(method, path)).reduce((sum, { up }) => sum + up, 0);
  }

  async close(): Promise<void> {
    for (const trouble of this.#troubles.splice(0)) trouble.end();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #carry(request: http.IncomingMessage, answer: http.ServerResponse): void {
    const carried = { method: request.method ?? "GET", path: request.url ?? "/", up: 0, status: undefined };
    this.carried.push(carried);
    const trouble = this.#troubles.find((one) => one.strikes(carried.method, carried.path));
    const fault = trouble?.fault;
    switch (fault?.kind) {
      case "answer":
        // A proxy reads what is sent to it before it says no; an answer in the middle would be another fault.
        request.on("end", () => answer.writeHead(fault.status, this.#ending(fault.headers)).end(fault.body));
        request.on("error", () => answer.destroy());
        return void request.resume();
      case "reset":
        return void request.socket.resetAndDestroy();
      case "hold":
        if (fault.what === "request") return trouble?.hold(() => this.#pass(carried, request, answer, undefined));
    }
    this.#pass(carried, request, answer, trouble);
  }

  #pass(carried: Carried, request: http.IncomingMessage, answer: http.ServerResponse, trouble: Trouble | undefined): void {
    // Held until whoever asked had gone away.
    if (request.socket.destroyed) return;
    const { method, path } = carried;
    const fault = trouble?.fault;
    const change = this.#rewrite.find((one) => (typeof one.path === "string" ? one.path === path : one.path.test(path)))?.change;
    const headers = { ...request.headers };
    // A rewritten body is text, so it must come uncompressed.
    if (change) delete headers["accept-encoding"];
    const onward = http.request({ host: "127.0.0.1", port: this.target, method, path, headers, agent: false });
    const lose = (): void => {
      onward.destroy();
      request.socket.resetAndDestroy();
    };
    // A phone learns of a cut later than the server has what was sent before it; what the server says of it is lost.
    let isCut = false;
    const cutUp = (): void => {
      isCut = true;
      if (!onward.socket || onward.socket.destroyed) return lose();
      onward.socket.once("close", lose);
      onward.socket.end();
    };
    onward.on("error", () => request.socket.resetAndDestroy());
    // Whoever has gone away does not wait for an answer, and the server learns of it.
    answer.on("close", () => {
      if (!answer.writableFinished && carried.status === undefined) onward.destroy();
    });
    onward.on("response", (back) => {
      if (isCut) return void back.resume();
      carried.status = back.statusCode ?? 502;
      const passed = { method, path, status: carried.status };
      if (fault === undefined && !change) {
        this.passed.push(passed);
        if (this.#cut) return lose();
        answer.writeHead(passed.status, this.#ending(back.headers));
        const down = this.#links?.down;
        return down
          ? pipeline(back, down.stream(), answer, () => undefined)
          : pipeline(back, answer, () => undefined);
      }
      const chunks: Buffer[] = [];
      back.on("data", (chunk: Buffer) => chunks.push(chunk));
      back.on("error", lose);
      back.on("end", () => {
        this.passed.push(passed);
        if (this.#cut || fault?.kind === "swallow") return lose();
        const whole = changed({ ...passed, headers: back.headers, body: Buffer.concat(chunks) }, change);
        const send = (): void => {
          answer.writeHead(whole.status, this.#ending(whole.headers));
          if (fault?.kind !== "cut-down") return void answer.end(whole.body);
          answer.write(whole.body.subarray(0, fault.after), lose);
        };
        if (fault?.kind === "hold") trouble?.hold(send);
        else send();
      });
    });
    this.#sendUp(carried, request, onward, fault?.kind === "cut-up" ? fault.after : Infinity, cutUp);
  }

  #ending(headers: http.OutgoingHttpHeaders): http.OutgoingHttpHeaders {
    return this.keepsConnections ? headers : { ...headers, connection: "close" };
  }

  #sendUp(carried: Carried, request: http.IncomingMessage, onward: http.ClientRequest, most: number, cut: () => void): void {
    const paced = this.#links ? pipeline(request, this.#links.up.stream(), () => undefined) : request;
    paced.on("data", (chunk: Buffer) => {
      const rest = most - carried.up;
      const bytes = chunk.length < rest ? chunk : chunk.subarray(0, rest);
      carried.up += bytes.length;
      if (bytes.length < chunk.length || carried.up >= most) {
        paced.pause();
        return void onward.write(bytes, cut);
      }
      if (!onward.write(bytes)) {
        paced.pause();
        onward.once("drain", () => paced.resume());
      }
    });
    paced.on("end", () => onward.end());
    request.on("error", () => onward.destroy());
    request.on("aborted", () => onward.destroy());
  }
}

interface Whole {
  status: number;
  headers: http.OutgoingHttpHeaders;
  body: Buffer;
}

/** An answer as it is passed on to the phone. */
function changed({ status, headers, body }: Whole & { headers: http.IncomingHttpHeaders }, change: Change | undefined): Whole {
  if (!change) return { status, headers, body };
  const plain = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== "content-length" && name !== "transfer-encoding")
      .map(([name, value]) => [name, String(value)]),
  );
  const after = change({ status, headers: plain, body: body.toString("utf8") });
  return { status: after.status, headers: after.headers, body: Buffer.from(after.body) };
}
