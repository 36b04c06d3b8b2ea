import { addUnit, noteOf, open, rows, sendReports } from "../support/cases";
import { unavailable } from "../support/faults";
import { LARGE, SMALL } from "../support/phone";
import { worker } from "../support/staff";
import { expect, test } from "../support/test";

const THUMB = /^\/api\/v1\/staff\/photos\/[0-9a-f]{64}\/thumb$/;

test.describe("at a desk", () => {
  test.use({ phoneOptions: { viewport: LARGE } });

  test("a link that was just made stays in sight whatever happens to the case, until it is ended", async ({ phone, server, network }) => {
    addUnit((sql) => server.execute(sql), "城管中队");
    const [report] = await sendReports(network, [{ words: "护栏倒了" }]);
    const page = await worker(phone, server);
    await open(page, "护栏倒了");
    await page.getByTestId("steps").getByRole("button", { name: "派单" }).click();
    await page.getByTestId("form").getByRole("button", { name: "城管中队" }).click();
    await expect(page.getByTestId("unit")).toHaveText("城管中队");
    await page.getByTestId("link-make").click();
    const link = page.getByTestId("case-link");
    const url = await link.getByRole("textbox").inputValue();
    expect(url).toContain("/cases/");
    await noteOf(page, report!.id, "已电话通知");
    await expect(page.getByTestId("history")).toContainText("已电话通知");
    await expect(link.getByRole("textbox")).toHaveValue(url);
    await expect(link.getByRole("img", { name: "链接的二维码" })).toBeVisible();
    await page.getByRole("button", { name: "让链接失效" }).click();
    await expect(link).toHaveCount(0);
  });

  test("a link that a colleague has ended is shown no longer", async ({ phone, server, network }) => {
    addUnit((sql) => server.execute(sql), "城管中队");
    const [report] = await sendReports(network, [{ words: "护栏倒了" }]);
    const page = await worker(phone, server);
    await open(page, "护栏倒了");
    await page.getByTestId("steps").getByRole("button", { name: "派单" }).click();
    await page.getByTestId("form").getByRole("button", { name: "城管中队" }).click();
    await page.getByTestId("link-make").click();
    await expect(page.getByTestId("case-link")).toBeVisible();
    const url = `/api/v1/staff/cases/${report!.id}/link`;
    expect(await page.evaluate(async (url) => (await fetch(url, { method: "DELETE" })).status, url)).toBe(204);
    await noteOf(page, report!.id, "收回了链接");
    await expect(page.getByTestId("history")).toContainText("收回了链接");
    await expect(page.getByTestId("case-link")).toHaveCount(0);
  });
});

test.describe("on a phone", () => {
  test.use({ phoneOptions: { viewport: SMALL } });

  test("the focus goes to the case that is opened, to what may be done next after a step, and back to its line", async ({
    phone,
    server,
    network,
  }) => {
    addUnit((sql) => server.execute(sql), "城管中队");
    await sendReports(network, Array.from({ length: 12 }, (_, at) => ({ words: `坑洼 ${at + 1} 号`, north: at * 400 })));
    const page = await worker(phone, server);
    await expect(rows(page)).toHaveCount(12);
    const words = (await rows(page).last().locator(".words").textContent()) ?? "";
    const line = rows(page).filter({ hasText: words }).getByRole("link");
    await line.click();
    await expect(page.getByRole("heading", { name: words })).toBeFocused();
    await page.getByRole("link", { name: "返回列表" }).click();
    await expect(line).toBeFocused();
    await expect(line).toBeInViewport();

    await line.click();
    await expect(page.getByRole("heading", { name: words })).toBeFocused();
    await page.getByTestId("steps").getByRole("button", { name: "派单" }).click();
    await page.getByTestId("form").getByRole("button", { name: "城管中队" }).click();
    await expect(page.getByTestId("unit")).toHaveText("城管中队");
    await expect(page.getByTestId("steps")).toBeFocused();
  });
});

test("a small picture that was seen stands in for a server that has no time, and for one that says nothing", async ({
  phone,
  server,
  network,
}) => {
  await sendReports(network, [{ words: "路沿石碎了", photo: true }]);
  const page = await worker(phone, server);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  const source = (await rows(page).locator("img").getAttribute("src")) ?? "";
  expect(source).toMatch(THUMB);
  // Past the browser's own cache, which knows nothing of what the server takes down.
  const ask = () => page.evaluate(async (source) => (await fetch(source, { cache: "reload" })).status, source);
  expect(await ask()).toBe(200);
  const isKept = () => page.evaluate(async (source) => Boolean(await (await caches.open("staff-photos")).match(source)), source);
  await expect.poll(isKept).toBe(true);
  phone.expectBrokenNetwork();
  const isThumb = (_method: string, path: string) => THUMB.test(path);
  const busy = network.suffer(isThumb, unavailable(503));
  expect(await ask()).toBe(200);
  busy.end();
  const silent = network.suffer(isThumb, { kind: "hold", what: "request" });
  expect(await ask()).toBe(200);
  silent.end();
  expect(await isKept()).toBe(true);
});
