import { addUnit, rows, sendReports } from "../support/cases";
import { LARGE } from "../support/phone";
import { keepFilter, worker } from "../support/staff";
import { expect, test } from "../support/test";

test.use({ phoneOptions: { viewport: LARGE } });

test("a kept filter shows in the fields what it asks for", async ({ phone, server, network }) => {
  const unit = addUnit((sql) => server.execute(sql), "城管中队");
  await sendReports(network, [
    { words: "盲道上停满单车", category: "obstruction" },
    { words: "路灯一闪一闪", category: "lighting", north: 500 },
  ]);
  server.execute(`UPDATE reports SET unit = '${unit}' WHERE description = '盲道上停满单车'`);
  const page = await worker(phone, server);
  await expect(rows(page)).toHaveCount(2);
  const more = page.locator(".more-filters > summary");
  await more.click();
  await page.locator("#search").fill("单车");
  await page.locator("#search").press("Enter");
  await page.locator("#filter-unit").selectOption({ label: "城管中队" });
  await page.locator("#filter-category").selectOption("obstruction");
  await expect(rows(page)).toHaveCount(1);
  await keepFilter(page, "单车占道");

  await page.reload();
  await expect(rows(page)).toHaveCount(2);
  await more.click();
  await expect(page.locator("#search")).toHaveValue("");
  const kept = page.getByRole("group", { name: "我的筛选" }).getByRole("button", { name: "单车占道", exact: true });
  await kept.click();
  await expect(rows(page)).toHaveCount(1);
  await expect(kept).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator("#search")).toHaveValue("单车");
  await expect(page.locator("#filter-unit")).toHaveValue(unit);
  await expect(page.locator("#filter-category")).toHaveValue("obstruction");

  // What is asked for next goes on from what the fields show.
  await page.locator("#filter-category").selectOption("lighting");
  await expect(page.getByText("没有符合的案件")).toBeVisible();
  await page.getByRole("button", { name: "清除筛选" }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(page.locator("#search")).toHaveValue("");
  await expect(page.locator("#filter-unit")).toHaveValue("");
  await expect(page.locator("#filter-category")).toHaveValue("");
});
