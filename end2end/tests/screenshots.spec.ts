import { join } from "node:path";

import { tell } from "../support/open-reports";
import { LARGE, type PhoneOptions, SMALL } from "../support/phone";
import { asFile, jpeg } from "../support/pictures";
import { KERB } from "../support/reporting";
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

    test("a report being written fits and has its picture taken", async ({ phone, network }) => {
      if (theme) await phone.context.addCookies([{ name: "theme", value: theme, url: network.origin }]);
      tell(network, [
        { code: "K7Q2", north: 40 },
        { code: "M3X8", north: 130, state: "accepted" },
      ]);
      const page = await phone.open("/report");
      await phone.installed();
      const take = async (what: string, fullPage = false) => {
        await page.screenshot({ path: join(FOLDER, `report-${what}-${name}.png`), fullPage });
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect.soft(wider, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
      };
      const another = asFile(await jpeg(page, 900, 1600), "plate.jpg");
      await page.locator("#photo-camera").setInputFiles([KERB]);
      await expect(page.locator(".thumbs img")).toHaveCount(1);
      await page.locator("#photo-gallery").setInputFiles([another]);
      await expect(page.locator(".thumbs img")).toHaveCount(2);
      await page.locator("#category-road").check();
      await expect(page.getByTestId("follow")).toHaveCount(2);
      await take("photos", true);
      await page.getByTestId("follow").first().click();
      await page.getByTestId("similar").scrollIntoViewIfNeeded();
      await take("followed");
      await page.locator("#cover-0").click();
      const board = page.locator("#brush-board");
      await expect.poll(() => board.evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(1200);
      const box = await board.boundingBox();
      if (!box) throw new Error("no board");
      await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.35);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.4, { steps: 8 });
      await page.mouse.up();
      await take("brush");
    });
  });
}
