import { fill, kept, save } from "../support/reporting";
import { isShown } from "../support/screens";
import { expect, test } from "../support/test";

test("English is chosen once and stays, also offline and after closing", async ({ phone }) => {
  const page = await phone.open("/more");
  await phone.installed();
  await page.getByRole("radio", { name: "English" }).check();
  await isShown(page, "more", "en");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");

  await phone.close();
  await phone.goOffline();
  await phone.reopen();
  const again = await phone.open("/stations/xinxin-shouhu");
  await isShown(again, "station", "en");
  await expect(again.locator("html")).toHaveAttribute("lang", "en");
});

for (const [theme, name, ground] of [
  ["sunlight", "强光", "rgb(255, 255, 255)"],
  ["dark", "深色", "rgb(13, 10, 8)"],
] as const) {
  test(`the ${theme} theme shows at once and stays, also offline`, async ({ phone }) => {
    const page = await phone.open("/more");
    await phone.installed();
    await page.getByRole("radio", { name }).check();
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await expect(page.locator("body")).toHaveCSS("background-color", ground);

    await phone.close();
    await phone.goOffline();
    await phone.reopen();
    const again = await phone.open("/market");
    await expect(again.locator("html")).toHaveAttribute("data-theme", theme);
    await expect(again.locator("body")).toHaveCSS("background-color", ground);
  });
}

test.describe("a phone set to English", () => {
  test.use({ phoneOptions: { lang: "en" } });

  test("is spoken to in English from the first page on", async ({ phone }) => {
    const page = await phone.open("/");
    await isShown(page, "stations", "en");
    await page.getByRole("link", { name: "Market" }).click();
    await isShown(page, "market", "en");
  });
});

test("everything can be deleted from the phone, after a word about what is not sent", async ({ phone }) => {
  const page = await phone.open("/report");
  await phone.installed();
  await phone.goOffline();
  await fill(page, {});
  await save(page);
  const before = await phone.token();
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "更多" }).click();
  await page.getByRole("button", { name: "清除这台手机上的数据" }).click();
  await expect(page.getByRole("alertdialog")).toContainText("还有 1 条没送出");
  await page.getByRole("button", { name: "全部清除" }).click();
  await expect(page).toHaveURL(/\/$/);
  await phone.interactive();
  expect(await kept(page)).toMatchObject({ drafts: 0, photos: 0, thumbs: 0, outbox: 0, verifications: 0 });
  expect(await page.evaluate(() => localStorage.getItem("waypost.snapshot.v1"))).toBeNull();
  await expect.poll(() => phone.token().catch(() => before)).not.toBe(before);
  // And it goes on as on a new phone.
  await phone.goOnline();
  await page.reload();
  await expect(page.getByRole("heading", { name: "“乐市”集装箱驿站" })).toBeVisible();
});
