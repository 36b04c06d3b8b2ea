import { join } from "node:path";

import AxeBuilder from "@axe-core/playwright";
import { type Page, expect } from "@playwright/test";

import { LARGE, type PhoneOptions, SMALL } from "./phone";

/** How every screen of the staff is looked at. */
export const LOOKS: Record<string, Pick<PhoneOptions, "viewport" | "colorScheme">> = {
  "small-light": { viewport: SMALL, colorScheme: "light" },
  "small-dark": { viewport: SMALL, colorScheme: "dark" },
  "large-light": { viewport: LARGE, colorScheme: "light" },
  "large-dark": { viewport: LARGE, colorScheme: "dark" },
};

const FOLDER = join(__dirname, "../results/screenshots");

/** A screen has no accessibility violation, does not scroll sideways, and has its picture taken. */
export async function check(page: Page, what: string, look: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, `staff-${what}-${look}.png`), fullPage: true });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect.soft(violations.map(({ id, nodes }) => ({ what, id, where: nodes.map((node) => node.html) }))).toEqual([]);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect.soft(wider, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}
