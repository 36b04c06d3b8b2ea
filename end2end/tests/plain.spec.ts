import type { Page } from "@playwright/test";

import { metres, snapshot } from "../support/district";
import { KERB, expectCleanPhoto, stored } from "../support/reporting";
import { SCREENS, type Screen, isShown } from "../support/screens";
import { expect, test } from "../support/test";

// What a person inside another app's browser gets, or on a dying phone.
test.use({ phoneOptions: { javaScript: false } });

test("every page can be read", async ({ phone }) => {
  phone.expected.push(/status of 404/);
  for (const screen of Object.keys(SCREENS) as Screen[]) {
    const page = await phone.open(SCREENS[screen]);
    await isShown(page, screen);
  }
});

test("every page is reached by links", async ({ phone }) => {
  const page = await phone.open("/");
  const bar = page.getByRole("navigation", { name: "主导航" });
  for (const [link, screen] of [
    ["市集", "market"],
    ["上报", "report"],
    ["我的", "mine"],
    ["更多", "more"],
    ["驿站", "stations"],
  ] as const) {
    await bar.getByRole("link", { name: link }).click();
    await isShown(page, screen);
  }
  await page.getByRole("main").getByRole("link", { name: /“乐市”集装箱驿站/ }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "“乐市”集装箱驿站" })).toBeVisible();
});

test("the list is filtered by a plain form", async ({ phone, network }) => {
  const page = await phone.open("/");
  await page.getByRole("checkbox", { name: "法律援助" }).check();
  await page.getByRole("button", { name: "应用" }).click();
  await expect(page).toHaveURL(/has=legal_aid/);
  await expect(page.getByRole("checkbox", { name: "法律援助" })).toBeChecked();
  const { stations } = await snapshot(network);
  for (const { name, facilities } of stations) {
    const shown = page.locator("main").getByRole("heading", { name });
    await expect(shown).toHaveCount(facilities.includes("legal_aid") ? 1 : 0);
  }
});

test("the list is measured from a chosen landmark", async ({ phone, network }) => {
  const { landmarks, stations } = await snapshot(network);
  const landmark = landmarks.at(-1);
  if (!landmark) throw new Error("the sample district has no landmark");
  const page = await phone.open("/");
  await page.getByRole("combobox", { name: "从哪里算起" }).selectOption(landmark.id);
  await page.getByRole("button", { name: "应用" }).click();
  await expect(page).toHaveURL(new RegExp(`near=${landmark.id}`));
  const nearest = stations.reduce((a, b) => (metres(landmark, b) < metres(landmark, a) ? b : a));
  const rows = page.getByTestId("station-row");
  await expect(rows.first()).toContainText(/\d (m|km|米|公里)/);
  await expect(page.locator("main")).toContainText(nearest.name);
});

test("what needs a phone's own token is not offered", async ({ phone }) => {
  const page = await phone.open(SCREENS.station);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByTestId("verify")).toBeHidden();
});

async function send(page: Page): Promise<string> {
  await page.getByLabel("从相册选").setInputFiles(KERB);
  await page.getByRole("radio", { name: "路面破损" }).check();
  await page.getByLabel("最近的地标或驿站").selectOption({ label: "“乐市”集装箱驿站" });
  await page.getByLabel("说一句").fill("没有脚本也能上报");
  await page.getByRole("button", { name: "保存" }).click();
  const received = page.getByText(/已送达 · 编号 \S+/);
  await expect(received).toBeVisible();
  return /编号 (\S+)/.exec(await received.innerText())?.[1] ?? "";
}

test("a report is sent with its photo and answered with its code", async ({ phone, server }) => {
  const page = await phone.open("/report");
  const code = await send(page);
  expect(stored(server)).toMatchObject([{ code, category: "road", description: "没有脚本也能上报", photos: 1 }]);
  expectCleanPhoto(server);
});

test("a form sent again after going back is the same report", async ({ phone, server }) => {
  const page = await phone.open("/report");
  const code = await send(page);
  await page.goBack();
  expect(await send(page)).toBe(code);
  expect(stored(server)).toHaveLength(1);
});

test("language and theme are chosen by a plain form", async ({ phone }) => {
  const page = await phone.open("/more");
  await page.getByRole("radio", { name: "English" }).check();
  await page.getByRole("radio", { name: "深色" }).check();
  await page.getByRole("button", { name: "保存" }).first().click();
  await isShown(page, "more", "en");
  await page.goto("/market");
  await isShown(page, "market", "en");
});
