import type http from "node:http";

export type Rule = (method: string, path: string) => boolean;

/** What goes wrong with a request. */
export type Fault =
  /** So many bytes of the body reach the server, then the connection is reset. A shorter body goes through. */
  | { kind: "cut-up"; after: number }
  /** So many bytes of the answer's body reach the phone, then the connection is reset. */
  | { kind: "cut-down"; after: number }
  /** The server gets and commits everything, its answer never arrives. */
  | { kind: "swallow" }
  /** Reset before anything reaches the server. */
  | { kind: "reset" }
  /** Somebody else answers: a captive portal, a proxy in front of a server that is down. */
  | { kind: "answer"; status: number; headers: http.OutgoingHttpHeaders; body: string }
  /** Silence until it is released: the request does not reach the server, or its answer not the phone. */
  | { kind: "hold"; what: "request" | "answer" };

export const PORTAL: Fault = {
  kind: "answer",
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<!doctype html><title>Wi-Fi</title><h1>Please accept our terms</h1>",
};

/** What a proxy says for a server that is down or has too much to do. */
export function unavailable(status: 502 | 503, retryAfter?: number): Fault {
  const headers: http.OutgoingHttpHeaders = { "content-type": "text/html" };
  if (retryAfter !== undefined) headers["retry-after"] = String(retryAfter);
  return { kind: "answer", status, headers, body: `<html><h1>${status}</h1></html>` };
}

/** A refusal in our server's own form. */
export function problem(status: number, detail: string, errors: { field: string; message: string }[] = []): Fault & { kind: "answer" } {
  return {
    kind: "answer",
    status,
    headers: { "content-type": "application/problem+json" },
    body: JSON.stringify({ title: "Refused", status, detail, errors }),
  };
}

/** Our server itself wants to be left alone for so many seconds; of a stranger a phone believes no more than minutes. */
export function busy(retryAfter: number, status: 429 | 503 = 503): Fault & { kind: "answer" } {
  const refusal = problem(status, "too much to do");
  return { ...refusal, headers: { ...refusal.headers, "retry-after": String(retryAfter) } };
}

/** Everything that the program itself asks the server for; pages and files still come. */
export const API: Rule = (_method, path) => path.startsWith("/api/");

/** Every request that brings bytes of a photo, whole or in parts. */
export const PHOTO_UP: Rule = (method, path) =>
  ["PUT", "POST", "PATCH"].includes(method) && /^\/api\/v1\/(photos|uploads)(\/|$)/.test(path);

/** Every request that brings a report. */
export const REPORT_UP: Rule = (method, path) => method === "PUT" && path.startsWith("/api/v1/reports/");

/** A report with this id. */
export const reportUp =
  (id: string): Rule =>
  (method, path) =>
    method === "PUT" && path === `/api/v1/reports/${id}`;

/** A fault in force. */
export class Trouble {
  /** When it has struck, in milliseconds since 1970. */
  readonly struckAt: number[] = [];
  #held: (() => void)[] = [];
  #ended = false;

  constructor(
    readonly rule: Rule,
    readonly fault: Fault,
    private left: number,
  ) {}

  /** How often it has been caused so far. */
  get caused(): number {
    return this.struckAt.length;
  }

  /** Whether it befalls this request; counts it. */
  strikes(method: string, path: string): boolean {
    if (this.left <= 0 || !this.rule(method, path)) return false;
    this.left -= 1;
    this.struckAt.push(Date.now());
    return true;
  }

  /** Keeps something until it ends; at once, if it has. */
  hold(go: () => void): void {
    if (this.#ended) go();
    else this.#held.push(go);
  }

  /** Ends it; what was held goes on. */
  end(): void {
    this.left = 0;
    this.#ended = true;
    for (const go of this.#held.splice(0)) go();
  }
}
