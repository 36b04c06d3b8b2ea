import { DEFAULTS, Phone } from "../support/phone";
import { LOOKS, check } from "../support/screen-check";
import { PASSWORD, atTheDoor, choosePassword, expectSignedOut, firstAdmin, setUpLink, signIn, totp } from "../support/staff";
import { expect, test } from "../support/test";

test("the printed link makes the first admin, who sets up a second factor before anything else", async ({ phone, server }) => {
  const { page, secret, codes } = await firstAdmin(phone, server);
  expect(codes.length).toBeGreaterThan(4);

  // The link works once.
  phone.expected.push(/status of 4\d\d/);
  const again = await phone.context.newPage();
  await again.goto(await setUpLink(server));
  await atTheDoor(again);
  await again.locator("#new-password").fill(PASSWORD);
  await again.locator("#again").fill(PASSWORD);
  await again.getByRole("button", { name: "保存密码" }).click();
  await expect(again.getByTestId("fault")).toContainText("用过了");
  await again.close();

  await page.getByRole("link", { name: "我的账号" }).click();
  await page.getByTestId("sign-out").click();
  await expect(page.getByRole("heading", { name: "登录工作台" })).toBeVisible();

  // The password alone is answered with the question for the code, which is no mistake yet.
  await signIn(page, "王主任");
  await expect(page.locator("#code")).toBeFocused();
  await expect(page.getByTestId("fault")).toBeEmpty();
  await page.locator("#code").fill("000000");
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await expect(page.getByTestId("fault")).toContainText("不对");
  await page.locator("#code").fill(codes[0]!);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await expect(page.getByRole("navigation")).toBeVisible();
  expect(totp(secret)).toMatch(/^\d{6}$/);
});

test("an admin adds a colleague, who signs in elsewhere and is shown the door when disabled", async ({ phone, server, network }) => {
  const { page } = await firstAdmin(phone, server);
  await page.getByRole("link", { name: "人员" }).click();
  await page.locator("#new-name").fill("李社工");
  await page.getByRole("button", { name: "添加", exact: true }).click();
  const url = await page.getByTestId("link").locator("input").inputValue();
  const link = url.slice(url.indexOf("/staff/setup"));

  const other = await Phone.start(network, DEFAULTS);
  expectSignedOut(other);
  try {
    await choosePassword(other.page, link);
    await signIn(other.page, "李社工");
    await expect(other.page.getByRole("link", { name: "我的账号" })).toBeVisible();
    // Who is on the staff is for admins.
    await expect(other.page.getByRole("link", { name: "人员" })).toHaveCount(0);
    await other.page.getByRole("link", { name: "我的账号" }).click();
    await expect(other.page.getByTestId("devices").getByText("这台设备")).toBeVisible();

    await page.reload();
    const person = page.getByTestId("person").filter({ hasText: "李社工" });
    await person.getByRole("button", { name: "停用" }).click();
    await expect(person).toContainText("已停用");
    await other.page.reload();
    await expect(other.page.getByRole("heading", { name: "登录工作台" })).toBeVisible();
    await person.getByRole("button", { name: "恢复" }).click();
    await expect(person).not.toContainText("已停用");
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }
});

for (const [name, options] of Object.entries(LOOKS)) {
  test.describe(name, () => {
    test.use({ phoneOptions: options });

    test("no screen of an admin has an accessibility violation, and each fits", async ({ phone, server }) => {
      expectSignedOut(phone);
      const page = phone.page;
      const take = (what: string) => check(page, what, name);
      await phone.open(await setUpLink(server));
      await expect(page.locator("#again")).toBeVisible();
      await take("setup");
      await choosePassword(page, await setUpLink(server), "王主任");
      await take("sign-in");
      await signIn(page, "王主任");
      await page.getByRole("button", { name: "设置验证码" }).click();
      const secret = (await page.getByTestId("secret").textContent()) ?? "";
      await take("second-factor");
      await page.locator("#second-code").fill(totp(secret));
      await page.getByRole("button", { name: "确认并开启" }).click();
      await expect(page.getByTestId("recovery")).toBeVisible();
      await take("recovery");
      await page.getByRole("button", { name: "我抄好了" }).click();
      await page.getByRole("link", { name: "人员" }).click();
      await page.locator("#new-name").fill("李社工");
      await page.getByRole("button", { name: "添加", exact: true }).click();
      await expect(page.getByTestId("link")).toBeVisible();
      await page.getByRole("button", { name: "生成邀请码" }).click();
      await expect(page.getByTestId("invitation")).toBeVisible();
      await take("people");
      await page.getByRole("link", { name: "我的账号" }).click();
      await expect(page.getByText("这台设备")).toBeVisible();
      await take("account");
    });
  });
}
