import { type Published, publish } from "../support/public-reports";
import { LOOKS, check } from "../support/screen-check";
import type { Server } from "../support/server";
import { expect, test } from "../support/test";

const REPORTS: Published[] = [
  { category: "road", words: "路沿石断了，夜里看不见", states: ["accepted"], north: 80, east: 60, photo: true },
  { category: "lighting", words: "三盏路灯都不亮", states: ["accepted", "assigned"], north: -250, east: 330 },
  { category: "manhole", words: "井盖一踩就响", states: ["accepted", "assigned", "in_progress"], north: 400, east: -200 },
  {
    category: "tree",
    words: "断枝挂在电线上",
    states: ["accepted", "assigned", "in_progress", "fixed"],
    note: "已经锯掉运走",
    north: 900,
    east: 700,
  },
  { category: "rubbish", words: "", states: ["accepted", "assigned", "fixed", "confirmed"], north: 80, east: 60, photo: true },
  { category: "sign", words: "标线磨没了", states: ["accepted", "assigned", "fixed", "reopened"], north: 3200, east: 900 },
];

/** All of them, and one that nobody has taken on. Gives the codes. */
async function fill(server: Server): Promise<string[]> {
  const codes: string[] = [];
  for (const report of REPORTS) codes.push(await publish(server, report));
  await publish(server, { category: "other", words: "还没有人看过的", states: [] });
  return codes;
}

for (const [look, options] of Object.entries(LOOKS)) {
  test.describe(look, () => {
    test.use({ phoneOptions: options });

    test("the public pages fit, and everybody can use them", async ({ phone, server }) => {
      const page = phone.page;
      await page.goto("/reports");
      await expect(page.getByRole("heading", { name: "还没有公开的上报" })).toBeVisible();
      await check(page, "reports-none", look);

      const codes = await fill(server);
      for (const [what, path] of [
        ["reports", "/reports"],
        ["reports-plot", "/reports?view=plot"],
        ["reports-filtered", "/reports?state=open&category=lighting&period=30d"],
        ["report-open", `/reports/${codes[0]}`],
        ["report-fixed", `/reports/${codes[3]}`],
      ] as const) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.locator("body")).not.toContainText(/还没有人看过的|只给工作人员看的地标/);
        await check(page, what, look);
      }
      phone.expected.push(/status of 404/);
      await page.goto("/reports/0000");
      await expect(page.getByRole("heading", { name: "没有这条公开的上报" })).toBeVisible();
      await check(page, "report-none", look);
    });
  });
}

test.describe("without scripts", () => {
  test.use({ phoneOptions: { javaScript: false } });

  test("somebody finds what was reported near them, in the list and on the plot", async ({ phone, server }) => {
    const codes = await fill(server);
    const page = phone.page;
    await page.goto("/reports");
    const rows = page.locator(".rows .row");
    await expect(rows).toHaveCount(REPORTS.length);
    await page.getByRole("link", { name: "已修好", exact: true }).click();
    await expect(rows).toHaveCount(2);
    await page.getByRole("link", { name: "树木" }).first().click();
    await expect(rows).toHaveCount(1);
    await rows.click();
    await expect(page.getByText("已经锯掉运走")).toBeVisible();
    await page.getByRole("link", { name: "大家报的问题" }).click();

    await page.getByRole("link", { name: "位置图" }).click();
    const dots = page.locator("svg .at a");
    await expect(dots).toHaveCount(REPORTS.length);
    await page.getByRole("link", { name: new RegExp(`井盖.*${codes[2]}`) }).click();
    await expect(page).toHaveURL(new RegExp(`/reports/${codes[2]}$`));
    await expect(page.getByText("井盖一踩就响")).toBeVisible();
  });
});

test("the phone's own worker leaves these pages to the network, and says so where there is none", async ({ phone, server }) => {
  const [code] = await fill(server);
  const page = await phone.open("/more");
  await phone.installed();
  await page.getByRole("link", { name: "大家报的问题" }).click();
  await expect(page.locator(".rows .row")).toHaveCount(REPORTS.length);
  await page.goto(`/reports/${code}`);
  await expect(page.getByText("路沿石断了")).toBeVisible();
  await phone.goOffline();
  // Not one that was read a moment ago, which the browser still has.
  await page.goto("/reports?period=all");
  await expect(page.getByRole("heading", { name: "现在没有网络" })).toBeVisible();
  await check(page, "reports-offline", "small-light");
  await phone.goOnline();
  await page.getByRole("link", { name: /再试一次/ }).click();
  await expect(page.locator(".rows .row")).toHaveCount(REPORTS.length);
  // The rest of the phone's pages work as ever.
  await phone.goOffline();
  await phone.open("/mine");
  await expect(page.getByRole("heading", { level: 1, name: "我的上报" })).toBeVisible();
});
