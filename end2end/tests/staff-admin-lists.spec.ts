import { addUnit } from "../support/cases";
import { problem } from "../support/faults";
import type { Network } from "../support/network";
import { firstAdmin, worker } from "../support/staff";
import { expect, test } from "../support/test";

/** What the server says of a week, with some streets of so many stations each. */
function streets(network: Network, counts: Record<string, number>): void {
  network.rewrite(/^\/api\/v1\/staff\/numbers(\?|$)/, (answer) => {
    const found = JSON.parse(answer.body) as { coverage: { places: { name: string | null; open: number[] }[] } };
    const [whole] = found.coverage.places;
    const places = Object.entries(counts).map(([name, stations]) => ({ ...whole!, name, stations, unknown: 0 }));
    found.coverage.places = [whole!, ...places];
    return { ...answer, body: JSON.stringify(found) };
  });
}

test("a street that is chosen stays chosen, in the field and in the table, when another week is shown", async ({
  phone,
  server,
  network,
}) => {
  streets(network, { 拱宸桥街道: 31, 祥符街道: 32 });
  const { page } = await firstAdmin(phone, server);
  await page.getByRole("link", { name: "数据" }).click();
  const coverage = page.getByTestId("coverage");
  await coverage.locator("#place").selectOption({ label: "祥符街道" });
  await expect(coverage).toContainText("32 个驿站");

  // It stands elsewhere in the list of that week.
  streets(network, { 大关街道: 41, 拱宸桥街道: 42, 祥符街道: 43 });
  await page.locator("#week").fill("2026-01-07");
  await page.getByRole("button", { name: "显示", exact: true }).click();
  await expect(coverage).toContainText("43 个驿站");
  await expect(coverage.locator("#place option:checked")).toHaveText("祥符街道");

  // Where it has no station, the field and the table go back to the whole district together.
  streets(network, { 大关街道: 51 });
  await page.locator("#week").fill("2026-01-14");
  await page.getByRole("button", { name: "显示", exact: true }).click();
  await expect(coverage.locator("#place option")).toHaveCount(2);
  await expect(coverage.locator("#place option:checked")).toHaveText("全区");
  await expect(coverage).not.toContainText("51 个驿站");
});

test("two units can be edited at once, each in fields of its own", async ({ phone, server }) => {
  for (const name of ["城管中队", "路灯所"]) addUnit((sql) => server.execute(sql), name);
  const { page } = await firstAdmin(phone, server);
  await page.getByRole("link", { name: "处置单位" }).click();
  const units = page.getByTestId("unit");
  await expect(units).toHaveCount(2);
  await page.getByRole("button", { name: "修改" }).first().click();
  await page.getByRole("button", { name: "修改" }).first().click();
  await expect(units.locator("form")).toHaveCount(2);
  const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test("whoever changes common answers that a colleague has just changed is told so, and keeps what they wrote", async ({
  phone,
  server,
  network,
}) => {
  const page = await worker(phone, server);
  await page.goto("/staff/templates");
  const answers = page.getByTestId("templates").getByRole("listitem");
  await expect(answers.first()).toBeVisible();
  const before = await answers.count();
  phone.expected.push(/status of 409/);
  network.suffer((method, path) => method === "PUT" && path === "/api/v1/staff/templates", problem(409, "Somebody was faster."), 1);
  await page.locator("#template-words").fill("明天上午去看");
  await page.getByRole("button", { name: "添加一句" }).click();
  await expect(page.getByTestId("fault")).toContainText("别人刚改过常用答复");
  await expect(page.locator("#template-words")).toHaveValue("明天上午去看");
  await page.getByRole("button", { name: "读取最新的" }).click();
  await expect(page.getByTestId("fault")).toBeEmpty();
  await expect(page.getByRole("button", { name: "读取最新的" })).toBeHidden();
  await page.getByRole("button", { name: "添加一句" }).click();
  await expect(answers).toHaveCount(before + 1);
  await expect(answers.last()).toContainText("明天上午去看");
});
