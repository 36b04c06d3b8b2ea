import AxeBuilder from "@axe-core/playwright";

import type { PhoneOptions } from "../support/phone";
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
