import type { Page } from "@playwright/test";

import { API, PORTAL } from "../support/faults";
import type { Network } from "../support/network";
import { choosePassword, closeAndReopen, expectSignedOut, setUpLink, signIn, totp, worker } from "../support/staff";
import { expect, test } from "../support/test";

const SESSION = /\/api\/v1\/staff\/session$/;

const door = (page: Page) => page.getByRole("heading", { name: "登录工作台" });

/** What the page does when its browser believes that there is a network again; waits until it has asked who is there. */
async function wake(page: Page, network: Network): Promise<void> {
  const asked = network.count("GET", SESSION);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect.poll(() => network.count("GET", SESSION)).toBeGreaterThan(asked);
}

const sessions = (server: { rows<Row>(sql: string): Row[] }) => server.rows("SELECT id FROM staff_sessions").length;

test("whoever signs out without a network stays signed out, and the server is told as soon as there is one", async ({ phone, server }) => {
  const page = await worker(phone, server);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await phone.open("/staff/account");
  await expect(page.getByText("这台设备")).toBeVisible();
  expect(sessions(server)).toBe(1);
  await phone.goOffline();
  await page.getByTestId("sign-out").click();
  await expect(door(page)).toBeVisible();
  await expect(page.getByTestId("untold")).toContainText("还不知道您退出了");
  await page.reload();
  await phone.interactive(page);
  await expect(door(page)).toBeVisible();
  await expect(page.getByTestId("untold")).toContainText("还不知道您退出了");

  // It outlives the browser, whose cookie would still let in.
  const again = await closeAndReopen(phone);
  await again.goto("/staff/account");
  await phone.interactive(again);
  await expect(door(again)).toBeVisible();
  await expect(again.getByTestId("untold")).toContainText("还不知道您退出了");
  expect(sessions(server)).toBe(1);

  await phone.goOnline();
  await expect.poll(() => sessions(server)).toBe(0);
  await expect(again.getByTestId("untold")).toBeEmpty();
  await expect(door(again)).toBeVisible();
  await again.reload();
  await expect(door(again)).toBeVisible();
  await signIn(again, "李社工");
  await expect(again.getByText("李社工 ·")).toBeVisible();
  expect(sessions(server)).toBe(1);
});

test("a page that a captive portal puts in the server's place has signed nobody out", async ({ phone, server, network }) => {
  const page = await worker(phone, server);
  await page.getByRole("link", { name: "我的账号" }).click();
  await expect(page.getByText("这台设备")).toBeVisible();
  phone.expected.push(/EventSource/);
  const portal = network.suffer(API, PORTAL);
  await page.getByTestId("sign-out").click();
  await expect(page.getByTestId("untold")).toContainText("还不知道您退出了");
  expect(sessions(server)).toBe(1);
  portal.end();
  await wake(page, network);
  await expect.poll(() => sessions(server)).toBe(0);
  await expect(page.getByTestId("untold")).toBeEmpty();
  await expect(door(page)).toBeVisible();
});

test("whoever signs in while the server does not know of the sign-out before is the one who is signed in", async ({ phone, server, network }) => {
  expectSignedOut(phone);
  await choosePassword(phone.page, server.addStaff("张社工", "worker"));
  const page = await worker(phone, server);
  await page.getByRole("link", { name: "我的账号" }).click();
  await expect(page.getByText("这台设备")).toBeVisible();
  phone.expectBrokenNetwork();
  network.suffer((method, path) => method === "DELETE" && SESSION.test(path), { kind: "reset" });
  await page.getByTestId("sign-out").click();
  await expect(page.getByTestId("untold")).toContainText("还不知道您退出了");
  await signIn(page, "张社工");
  await expect(page.getByText("张社工 ·")).toBeVisible();
  network.restore();
  await wake(page, network);
  await page.reload();
  await expect(page.getByText("张社工 ·")).toBeVisible();
  expect(sessions(server)).toBe(1);
});

for (const hears of [true, false]) {
  test(`a tab shows nothing of one person to the next who signs in in another tab, ${hears ? "which tells it" : "also if it hears nothing"}`, async ({
    phone,
    server,
    network,
  }) => {
    if (!hears) {
      await phone.context.addInitScript(() => {
        BroadcastChannel.prototype.postMessage = () => undefined;
      });
    }
    expectSignedOut(phone);
    await choosePassword(phone.page, server.addStaff("张社工", "worker"));
    const page = await worker(phone, server);
    await page.getByRole("link", { name: "驿站", exact: true }).click();
    await page.getByTestId("station").first().getByRole("button", { name: /核实了/ }).press("Enter");
    await expect(page.getByTestId("undo").getByRole("button", { name: "撤销" })).toBeVisible();
    await page.getByRole("link", { name: "新建驿站" }).click();
    await page.locator("#station-name").fill("只有李社工知道的驿站");

    const other = await phone.context.newPage();
    await phone.open("/staff/account", other);
    await other.getByTestId("sign-out").click();
    await expect(door(other)).toBeVisible();
    await signIn(other, "张社工");
    await expect(other.getByText("张社工 ·")).toBeVisible();

    if (!hears) {
      await expect(page.locator("#station-name")).toHaveValue("只有李社工知道的驿站");
      await wake(page, network);
    }
    await expect(page.locator("#station-name")).toHaveValue("");
    await expect(page.getByTestId("put-back")).toBeEmpty();
    await expect(page.getByTestId("undo").getByRole("button")).toHaveCount(0);
    await page.getByRole("link", { name: "我的账号" }).click();
    await expect(page.getByText("张社工 ·")).toBeVisible();
  });
}

test("recovery codes stay on the screen until somebody has written them down", async ({ phone, server, network }) => {
  expectSignedOut(phone);
  const page = phone.page;
  await choosePassword(page, await setUpLink(server), "王主任");
  await signIn(page, "王主任");
  await page.getByRole("button", { name: "设置验证码" }).click();
  const secret = (await page.getByTestId("secret").textContent()) ?? "";
  await page.locator("#second-code").fill(totp(secret));
  await page.getByRole("button", { name: "确认并开启" }).click();
  const codes = page.getByTestId("recovery").locator("li");
  await expect(codes.first()).toBeVisible();
  const before = await codes.allTextContents();
  await phone.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByTestId("second-factor").getByRole("button", { name: "复制" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(before.join("\n"));
  await wake(page, network);
  // Also when they are signed out behind it, which the page then knows.
  server.execute("DELETE FROM staff_sessions");
  await wake(page, network);
  expect(await codes.allTextContents()).toEqual(before);
  await page.getByRole("button", { name: "我抄好了" }).click();
  await expect(door(page)).toBeVisible();
});

test("every screen has a title of its own, and an address without a page leads to the queue", async ({ phone, server }) => {
  const page = await worker(phone, server);
  await expect(page).toHaveTitle("待办 · 驿友 · 工作台");
  await page.getByRole("link", { name: "我的账号" }).click();
  await expect(page).toHaveTitle("我的账号 · 驿友 · 工作台");
  await phone.open("/staff/nowhere");
  await expect(page).toHaveTitle("没有这个页面 · 驿友 · 工作台");
  await page.getByRole("link", { name: "去报修队列" }).click();
  await expect(page).toHaveTitle("待办 · 驿友 · 工作台");
  await expect(page).toHaveURL(/\/staff$/);
});
