import { createHmac, randomUUID } from "node:crypto";

import { type Page, expect } from "@playwright/test";

import { drawers } from "./drawers";
import type { Phone } from "./phone";
import type { Server } from "./server";

export const PASSWORD = "correct horse battery staple";

/** The one-time link that a server without staff prints, as an address below its origin. */
export async function setUpLink(server: Server): Promise<string> {
  const find = () => server.log.map((line) => /\/staff\/setup#[\w-]+/.exec(line)?.[0]).find((link) => link !== undefined);
  await expect.poll(find).toBeDefined();
  return find()!;
}

/** What an authenticator shows (RFC 6238: SHA-1, 30 seconds, six digits). */
export function totp(secret: string, atMs = Date.now()): string {
  const bits = [...secret.replaceAll(/[\s=]/g, "").toUpperCase()]
    .map((char) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(char).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac.at(-1)! & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Being told that nobody is signed in is how the program finds that out; the browser calls it an error. */
export function expectSignedOut(phone: Phone): void {
  phone.expected.push(/status of 401/);
}

/** Both doors give the focus to the name in the frame after they are drawn; what is being typed elsewhere would land there. */
export async function atTheDoor(page: Page): Promise<void> {
  await expect(page.locator("#name")).toBeFocused();
}

export async function choosePassword(page: Page, link: string, name?: string): Promise<void> {
  await page.goto(link);
  await atTheDoor(page);
  if (name) await page.locator("#name").fill(name);
  await page.locator("#new-password").fill(PASSWORD);
  await page.locator("#again").fill(PASSWORD);
  await page.getByRole("button", { name: "保存密码" }).click();
  await expect(page.getByRole("heading", { name: "登录工作台" })).toBeVisible();
}

/** Signs in at a door that was just opened. */
export async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await atTheDoor(page);
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
}

/** Closes the browser and starts it again, with its cookies: Chromium writes them down only every half minute. */
export async function closeAndReopen(phone: Phone): Promise<Page> {
  const cookies = await phone.context.cookies();
  await phone.close();
  await phone.reopen();
  await phone.context.addCookies(cookies);
  return phone.page;
}

/** Keeps what the queue is asked for under a name, as the device's only one, and waits until it lies there. */
export async function keepFilter(page: Page, name: string): Promise<void> {
  await page.locator("#filter-name").fill(name);
  await page.getByRole("button", { name: "存下这个筛选" }).click();
  await expect.poll(async () => (await drawers(page, "desk")).desk?.filters).toEqual([expect.objectContaining({ name })]);
}

/** The first admin, from the printed link to past the second factor. Returns the authenticator's secret and the recovery codes. */
export async function firstAdmin(phone: Phone, server: Server): Promise<{ page: Page; secret: string; codes: string[] }> {
  expectSignedOut(phone);
  const page = phone.page;
  await choosePassword(page, await setUpLink(server), "王主任");
  await signIn(page, "王主任");
  await page.getByRole("button", { name: "设置验证码" }).click();
  const secret = (await page.getByTestId("secret").textContent()) ?? "";
  await page.locator("#second-code").fill(totp(secret));
  await page.getByRole("button", { name: "确认并开启" }).click();
  await expect(page.getByTestId("recovery")).toBeVisible();
  const codes = await page.getByTestId("recovery").locator("li").allTextContents();
  await page.getByRole("button", { name: "我抄好了" }).click();
  await expect(page.getByRole("navigation")).toBeVisible();
  return { page, secret, codes };
}

/** A community worker, added by an operator and signed in. */
export async function worker(phone: Phone, server: Server, name = "李社工"): Promise<Page> {
  expectSignedOut(phone);
  await choosePassword(phone.page, server.addStaff(name, "worker"));
  await signIn(phone.page, name);
  await expect(phone.page.getByRole("navigation")).toBeVisible();
  return phone.page;
}

/** Sends something as whoever is signed in on a page of the staff. */
export function ask(page: Page, method: string, path: string, body: unknown): Promise<Record<string, string>> {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(path as string, { method: method as string, headers, body: JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text}`);
      return JSON.parse(text) as Record<string, string>;
    },
    [method, path, body] as const,
  );
}

/** Takes a step with a case over the interface, as it stands now. */
export async function step(page: Page, id: string, step: string, more: object = {}): Promise<void> {
  const version = await page.evaluate(
    async (id) => ((await (await fetch(`/api/v1/staff/cases/${id}`)).json()) as { version: number }).version,
    id,
  );
  const change = { event_id: randomUUID(), version, step, ...more };
  const after = await ask(page, "POST", `/api/v1/staff/cases/${id}/events`, change);
  expect(Number(after.version)).toBeGreaterThan(0);
}
