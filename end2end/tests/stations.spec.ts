import { byDistance, isOpen, metres, nowMinute, openFor, snapshot, station } from "../support/district";
import { LEDI_HARBOUR } from "../support/phone";
import { isShown } from "../support/screens";
import { expect, test } from "../support/test";

const HERE = { lat: LEDI_HARBOUR.latitude, lng: LEDI_HARBOUR.longitude };

/** "320 m", "320 米" or "1.2 km", in metres. */
function shown(text: string): number {
  const found = /([\d.]+)\s*(km|公里|m|米)/.exec(text);
  if (!found) throw new Error(`no distance in ${JSON.stringify(text)}`);
  return Number(found[1]) * (/km|公里/.test(found[2] ?? "") ? 1000 : 1);
}

test("the first visit shows the nearest open station big, then the others by distance", async ({ phone, network }) => {
  const before = nowMinute();
  const page = await phone.open("/");
  await isShown(page, "stations");
  const lead = page.getByRole("region", { name: "最近的营业驿站" });
  await expect(lead).toBeVisible();

  const district = await snapshot(network);
  // Five minutes' doubt on either side: which is nearest may change while the test runs.
  const sure = byDistance(district, HERE).find((one) => openFor(district, one, before, 60));
  const maybe = byDistance(district, HERE).find((one) => isOpen(district, one, before) || isOpen(district, one, nowMinute()));
  const names = [sure, maybe].flatMap((one) => (one ? [one.name] : []));
  expect(names).toContain((await lead.getByRole("heading").innerText()).trim());

  const distances = (await page.getByTestId("station-row").allInnerTexts()).map(shown);
  expect(distances.length).toBeGreaterThanOrEqual(district.stations.length - 1);
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
});

test("the data is marked as sample and unverified", async ({ phone }) => {
  const page = await phone.open("/");
  await expect(page.getByText("示例数据 · 未核实")).toBeVisible();
});

test("filters narrow the list and are remembered, also offline", async ({ phone, network }) => {
  const page = await phone.open("/");
  await phone.installed();
  const district = await snapshot(network);
  const holding = district.stations.filter(({ facilities }) => facilities.includes("order_holding"));
  expect(holding.length).toBeGreaterThan(0);
  expect(holding.length).toBeLessThan(district.stations.length);

  await page.getByRole("checkbox", { name: "存单" }).check();
  const cards = page.locator("main").getByRole("link", { name: "详情" });
  await expect(page.getByTestId("station-row").or(page.getByRole("region", { name: "最近的营业驿站" }))).toHaveCount(holding.length);
  await expect(cards.first()).toBeVisible();

  await phone.close();
  await phone.goOffline();
  await phone.reopen();
  const again = await phone.open("/");
  await expect(again.getByRole("checkbox", { name: "存单" })).toBeChecked();
  await expect(again.getByTestId("station-row").or(again.getByRole("region", { name: "最近的营业驿站" }))).toHaveCount(holding.length);
});

test("the plot shows what is around, and a tapped dot its card", async ({ phone }) => {
  const page = await phone.open("/");
  await page.getByRole("link", { name: "方位" }).click();
  await expect(page).toHaveURL(/view=plot/);
  const plot = page.getByRole("group", { name: "以您为中心、上北下南的方位图" });
  await plot.getByRole("link", { name: /集装箱驿站/ }).click();
  await expect(page.getByRole("heading", { name: "“乐市”集装箱驿站" })).toBeVisible();
});

test("a station tells its week, its way in and its linked station", async ({ phone }) => {
  const page = await phone.open("/stations/xinxin-shouhu");
  await isShown(page, "station");
  await expect(page.getByRole("table").getByRole("columnheader").first()).toBeVisible();
  await expect(page.getByText("乘自动扶梯下到地下一层")).toBeVisible();
  await page.getByRole("link", { name: /“乐市”集装箱驿站/ }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "“乐市”集装箱驿站" })).toBeVisible();
});

test.describe("a phone whose owner does not say where it is", () => {
  test.use({ phoneOptions: { position: null } });

  test("takes a landmark instead", async ({ phone, network }) => {
    const page = await phone.open("/");
    await page.getByRole("button", { name: "使用定位" }).click();
    await expect(page.getByText("没有定位权限")).toBeVisible();

    const district = await snapshot(network);
    const far = byDistance(district, HERE).at(-1);
    const landmark = district.landmarks.reduce((a, b) => (far && metres(far, b) < metres(far, a) ? b : a));
    await page.getByRole("combobox", { name: "从哪里算起" }).selectOption(landmark.id);
    const rows = page.getByTestId("station-row");
    await expect(rows.first()).toContainText(/\d (m|km|米|公里)/);
    const distances = (await rows.allInnerTexts()).map(shown);
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    const leadOrFirst = byDistance(district, landmark)[0];
    await expect(page.locator("main")).toContainText(leadOrFirst?.name ?? "");
  });
});

test("an empty district says so and is no dead end", async ({ phone, server, network }) => {
  await server.stop();
  server.erase();
  await server.run("--no-sample");
  network.target = server.port;
  const page = await phone.open("/");
  await expect(page.getByText("这里还没有驿站")).toBeVisible();
  await expect(page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "上报" })).toBeVisible();
});

test("the station nearest to 远洋乐堤港 is as far as the map says", async ({ network }) => {
  // Guards the tests' own arithmetic: about 33 m south-west of the point.
  const district = await snapshot(network);
  expect(metres(HERE, station(district, "xinxin-shouhu"))).toBeCloseTo(32.8, 0);
});

test("filters that nothing matches say so, and not that the district is empty", async ({ network }) => {
  // The page as the server draws it, which is what a first visit and a phone without the program see.
  const page = await (await fetch(`${network.origin}/?has=legal_aid&has=lodging&has=haircut`)).text();
  expect(page).toContain("清除筛选");
  expect(page).not.toContain("waypost import");
});

test.describe("an English phone, where words are long", () => {
  test.use({ phoneOptions: { lang: "en" } });

  test("a week with long nights fits the screen", async ({ phone }) => {
    const page = await phone.open("/stations/canal-nuanxin");
    await expect(page.getByText("next day").first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  });

  test("the list fits the screen at every hour, whatever there is to say", async ({ phone }) => {
    const page = await phone.open("/");
    await phone.installed();
    // A phone that can ask the server goes by the server's clock.
    await phone.goOffline();
    for (let hour = 1; hour < 24; hour += 2) {
      const now = new Date();
      now.setUTCHours(hour, 5, 0, 0);
      await page.clock.setFixedTime(now);
      await page.reload();
      await phone.interactive();
      await expect(page.getByTestId("station-row").first()).toBeVisible();
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect.soft(wider, `scrolls sideways at ${hour}:05 UTC`).toBeLessThanOrEqual(0);
    }
  });
});
