import { join } from "node:path";

import { LARGE, type PhoneOptions, SMALL } from "../support/phone";
import { SCREENS, type Screen, isShown } from "../support/screens";
import { expect, test } from "../support/test";

const FOLDER = join(__dirname, "../results/screenshots");

type Look = Pick<PhoneOptions, "lang" | "colorScheme" | "viewport"> & { theme?: string };

const LOOKS: Record<string, Look> = {
  "small-light": { lang: "zh", colorScheme: "light", viewport: SMALL },
  "small-dark": { lang: "zh", colorScheme: "dark", viewport: SMALL },
  "small-sunlight": { lang: "zh", colorScheme: "light", viewport: SMALL, theme: "sunlight" },
  "small-light-en": { lang: "en", colorScheme: "light", viewport: SMALL },
  "large-light": { lang: "zh", colorScheme: "light", viewport: LARGE },
  "large-dark-en": { lang: "en", colorScheme: "dark", viewport: LARGE },
};

for (const [name, { theme, ...options }] of Object.entries(LOOKS)) {
  test.describe(name, () => {
    test.use({ phoneOptions: options });

    test("every screen fits and has its picture taken", async ({ phone, network }) => {
      if (theme) await phone.context.addCookies([{ name: "theme", value: theme, url: network.origin }]);
      phone.expected.push(/status of 404/);
      for (const screen of Object.keys(SCREENS) as Screen[]) {
        const page = await phone.open(SCREENS[screen]);
        await isShown(page, screen, options.lang);
        await page.screenshot({ path: join(FOLDER, `${screen}-${name}.png`) });
        await page.screenshot({ path: join(FOLDER, `${screen}-${name}-whole.png`), fullPage: true });
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect.soft(wider, `${screen} scrolls sideways`).toBeLessThanOrEqual(0);
      }
    });
  });
}
