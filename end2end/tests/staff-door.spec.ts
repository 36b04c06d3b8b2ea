import { DEFAULTS, Phone } from "../support/phone";
import { kept } from "../support/reporting";
import { LOOKS, check } from "../support/screen-check";
import { PASSWORD, choosePassword, expectSignedOut, signIn, worker } from "../support/staff";
import { expect, test } from "../support/test";

test("a worker comes in by an operator's link, sees where they are signed in, and leaves nothing behind", async ({
  phone,
  server,
  network,
}) => {
  const page = await worker(phone, server);
  // A wrong password is said to be wrong, and the right one still works.
  const other = await Phone.start(network, DEFAULTS);
  expectSignedOut(other);
  try {
    await other.open("/staff");
    await signIn(other.page, "李社工", "not the password");
    await expect(other.page.getByTestId("fault")).toContainText("姓名或密码不对");
    await other.page.locator("#password").fill(PASSWORD);
    await other.page.getByRole("button", { name: "登录", exact: true }).click();
    await expect(other.page.getByRole("navigation")).toBeVisible();

    await phone.open("/staff/account");
    const devices = page.getByTestId("devices").getByRole("listitem");
    await expect(devices).toHaveCount(2);
    await devices.getByRole("button", { name: "退出这台" }).click();
    await expect(devices).toHaveCount(1);
    await other.open("/staff/account");
    await expect(other.page.getByRole("heading", { name: "登录工作台" })).toBeVisible();
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }
  expect((await kept(page))["desk"]).toBeGreaterThan(0);
  await page.getByTestId("sign-out").click();
  await expect(page.getByRole("heading", { name: "登录工作台" })).toBeVisible();
  await expect.poll(async () => Object.values(await kept(page)).filter((count) => count > 0)).toEqual([]);
  expect(await page.evaluate(async () => [Object.keys(localStorage), await caches.has("staff-photos")])).toEqual([[], false]);
});

test("the staff's program starts without a network, and the courier's is not loaded for it", async ({ phone, server }) => {
  const page = await worker(phone, server);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname));
  expect(loaded.filter((path) => path.startsWith("/pkg/") && !path.startsWith("/pkg/staff."))).toEqual([]);
  const scopes = await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname));
  expect(scopes).toEqual(["/staff"]);
  await phone.goOffline();
  await page.goto("/staff/account");
  await phone.interactive(page);
  // Who was signed in last is known on the device.
  await expect(page.getByText("李社工")).toBeVisible();
  await expect(page.getByText("没有网络。").first()).toBeVisible();
});

for (const [name, options] of Object.entries(LOOKS)) {
  test.describe(name, () => {
    test.use({ phoneOptions: options });

    test("no screen at the door has an accessibility violation, and each fits", async ({ phone, server }) => {
      expectSignedOut(phone);
      const page = phone.page;
      const take = (what: string) => check(page, what, name);
      const link = server.addStaff("李社工", "worker");
      await phone.open(link);
      await expect(page.locator("#again")).toBeVisible();
      await take("setup");
      await choosePassword(page, link);
      await take("sign-in");
      await signIn(page, "李社工");
      await expect(page.getByRole("navigation")).toBeVisible();
      await phone.open("/staff/account");
      await expect(page.getByText("这台设备")).toBeVisible();
      await take("account");
      await page.goto("/staff/nowhere");
      await expect(page.getByRole("heading", { name: "没有这个页面" })).toBeVisible();
      await take("missing");
    });
  });
}
