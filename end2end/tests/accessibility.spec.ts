import AxeBuilder from "@axe-core/playwright";

import type { PhoneOptions } from "../support/phone";
import { fill, save } from "../support/reporting";
import { SCREENS, type Screen, isShown } from "../support/screens";
import { expect, test } from "../support/test";

type Look = Pick<PhoneOptions, "lang" | "colorScheme"> & { theme?: string };

const LOOKS: Record<string, Look> = {
  "light, Chinese": { lang: "zh", colorScheme: "light" },
  "light, English": { lang: "en", colorScheme: "light" },
  "dark, Chinese": { lang: "zh", colorScheme: "dark" },
  "dark, English": { lang: "en", colorScheme: "dark" },
  "sunlight, Chinese": { lang: "zh", colorScheme: "light", theme: "sunlight" },
  "sunlight, English": { lang: "en", colorScheme: "light", theme: "sunlight" },
};

test("nothing a report goes through has an accessibility violation", async ({ phone }) => {
  const page = await phone.open("/report");
  await phone.installed();
  const check = async (what: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect.soft(violations.map(({ id, nodes }) => ({ what, id, where: nodes.map((node) => node.html) }))).toEqual([]);
  };
  await page.getByTestId("save").click();
  await expect(page.getByTestId("faults")).toContainText("还差");
  await check("faults");
  await phone.goOffline();
  await fill(page, { words: "路沿石断了" });
  await check("filled");
  await save(page);
  await check("saved");
  await page.getByRole("link", { name: "看我的上报" }).click();
  await page.getByTestId("delete").click();
  // The question is where the focus goes, and back again when it is taken back.
  await expect(page.getByRole("alertdialog")).toBeFocused();
  await check("asked");
  // A try that fails meanwhile does not take the question away.
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await expect(page.getByTestId("report")).toContainText("没有网络");
  await page.getByRole("button", { name: "不删" }).click();
  await expect(page.getByTestId("delete")).toBeFocused();
  await phone.goOnline();
  await expect(page.getByText(/编号 \S+/).first()).toBeVisible();
  await check("received");
});

for (const [name, { theme, ...options }] of Object.entries(LOOKS)) {
  test.describe(name, () => {
    test.use({ phoneOptions: options });

    test("no screen has an accessibility violation", async ({ phone, network }) => {
      if (theme) await phone.context.addCookies([{ name: "theme", value: theme, url: network.origin }]);
      // A wrong address is answered 404, which the console notes.
      phone.expected.push(/status of 404/);
      for (const screen of Object.keys(SCREENS) as Screen[]) {
        const page = await phone.open(SCREENS[screen]);
        await isShown(page, screen, options.lang);
        if (theme) await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const told = violations.map(({ id, help, nodes }) => ({ screen, id, help, where: nodes.map((node) => node.html) }));
        expect.soft(told).toEqual([]);
      }
    });
  });
}
