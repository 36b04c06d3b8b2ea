import { expect, type Page } from "@playwright/test";

/** One address for each screen. */
export const SCREENS = {
  stations: "/",
  plot: "/?view=plot",
  station: "/stations/xinxin-shouhu",
  report: "/report",
  mine: "/mine",
  market: "/market",
  more: "/more",
  missing: "/nowhere",
} as const;

export type Screen = keyof typeof SCREENS;

/** The heading by which each screen is known. */
export const TITLES: Record<"zh" | "en", Record<Screen, string | RegExp>> = {
  zh: {
    stations: "驿站",
    plot: "驿站",
    station: "“新新首护”驿站",
    report: "上报路面问题",
    mine: "我的上报",
    market: "公益市集",
    more: "更多",
    missing: "没有这个页面",
  },
  en: {
    stations: "Stations",
    plot: "Stations",
    station: "Xinxin Shouhu Station",
    report: "Report a street defect",
    mine: "My reports",
    market: "Skills market",
    more: "More",
    missing: /no such page|not found/i,
  },
};

export async function isShown(page: Page, screen: Screen, lang: "zh" | "en" = "zh"): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: TITLES[lang][screen] })).toBeVisible();
}
