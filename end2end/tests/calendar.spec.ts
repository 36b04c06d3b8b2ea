import { downloaded, occasions } from "../support/calendar";
import { type Snapshot, snapshot } from "../support/district";
import type { Network } from "../support/network";
import { SCREENS, isShown } from "../support/screens";
import { expect, test } from "../support/test";

const HAIRCUTS = "/calendar/stations/xinxin-shouhu.ics";

function spans(district: Snapshot, schedule: string | null | undefined): [number, number][] {
  return district.schedules.find(({ id }) => id === schedule)?.open ?? [];
}

/** What the phone is told of the district: asked for once more, its days might begin with another one. */
function overhear(network: Network, change: (district: Snapshot) => void = () => undefined): () => Snapshot {
  let told: Snapshot | undefined;
  network.rewrite("/api/v1/snapshot", (answer) => {
    told = JSON.parse(answer.body) as Snapshot;
    change(told);
    return { ...answer, body: JSON.stringify(told) };
  });
  return () => {
    if (!told) throw new Error("the phone has not asked for the district");
    return told;
  };
}

/** The phone is told that the second haircut ahead is struck out. */
function strikeOut(network: Network): () => { district: Snapshot; struck: [number, number] } {
  let struck: [number, number] = [0, 0];
  const told = overhear(network, (district) => {
    const haircut = district.services.find(({ kind }) => kind === "haircut");
    const schedule = district.schedules.find(({ id }) => id === haircut?.schedule);
    const [span] = schedule?.open.splice(1, 1) ?? [];
    if (!schedule || !span) throw new Error("the sample district has no second haircut");
    struck = span;
    const midnight = Math.floor((span[0] + 480) / 1440) * 1440 - 480;
    const exception = { start: midnight, end: midnight + 1440, reason: "师傅休息", usual: [span] };
    Object.assign(schedule, { exceptions: [exception] });
  });
  return () => ({ district: told(), struck });
}

test("offline, a tap adds the market to the calendar", async ({ phone, network }) => {
  const told = overhear(network);
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const page = await phone.open(SCREENS.market);
  await isShown(page, "market");
  const button = page.getByRole("link", { name: "加入日历" });
  expect((await button.boundingBox())?.height, "a thumb's width").toBeGreaterThanOrEqual(48);
  const { name, text } = await downloaded(phone, button);
  expect(name).toBe("market.ics");
  const found = occasions(text);
  const market = told().markets[0];
  expect(found.map(({ start, end }) => [start, end])).toEqual(spans(told(), market?.schedule));
  expect(found.length).toBeGreaterThan(0);
  expect(found[0]).toMatchObject({ summary: market?.name, cancelled: false });
  expect(found[0]?.description).toContain("磨刀");
  await isShown(page, "market");
});

test("offline, a tap adds a station's services to the calendar, a day off as cancelled", async ({ phone, network }) => {
  const told = strikeOut(network);
  await phone.open("/");
  await phone.installed();
  await phone.goOffline();
  const page = await phone.open(SCREENS.station);
  await isShown(page, "station");
  const button = page.getByRole("link", { name: "服务加入日历" });
  expect((await button.boundingBox())?.height, "a thumb's width").toBeGreaterThanOrEqual(48);
  const { name, text } = await downloaded(phone, button);
  expect(name).toBe("xinxin-shouhu.ics");
  const found = occasions(text);
  const { district, struck } = told();
  const haircut = district.services.find(({ kind }) => kind === "haircut");
  const left = spans(district, haircut?.schedule);
  expect(found.filter(({ cancelled }) => !cancelled).map(({ start, end }) => [start, end])).toEqual(left);
  const off = found.filter(({ cancelled }) => cancelled);
  expect(off.map(({ start, end }) => [start, end])).toEqual([struck]);
  expect(off[0]?.summary).toBe("取消：免费理发");
  expect(off[0]?.description).toMatch(/^师傅休息/);
  expect(found[0]?.location).toContain("“新新首护”驿站");
  expect(network.count("GET", /^\/calendar\//), "nothing was asked of the server").toBe(0);
});

test("a tap and the server's feed name each time alike", async ({ phone, network }) => {
  const feed = async () => occasions(await (await fetch(`${network.origin}${HAIRCUTS}`)).text());
  const before = await feed();
  const page = await phone.open(SCREENS.station);
  await phone.installed();
  await page.reload();
  await phone.interactive();
  const { text } = await downloaded(phone, page.getByRole("link", { name: "服务加入日历" }));
  // Its days begin with today's: of the two, the one from the tap's side of midnight.
  expect([before, await feed()]).toContainEqual(occasions(text));
});

test.describe("in English", () => {
  test.use({ phoneOptions: { lang: "en" } });

  test("the calendar is in English", async ({ phone, network }) => {
    await phone.open("/");
    await phone.installed();
    await phone.goOffline();
    const page = await phone.open(SCREENS.station);
    const button = page.getByRole("link", { name: "Add services to calendar" });
    const [first] = occasions((await downloaded(phone, button)).text);
    expect(first?.summary).toBe("Free haircut");
    await phone.goOnline();
    const feed = await fetch(`${network.origin}${await button.getAttribute("href")}`);
    expect(occasions(await feed.text())[0]?.summary).toBe("Free haircut");
  });
});

test.describe("without scripts", () => {
  test.use({ phoneOptions: { javaScript: false } });

  test("the links to the calendars go to the server's feeds", async ({ phone, network }) => {
    const before = await snapshot(network);
    for (const [screen, word, schedule] of [
      ["market", "加入日历", before.markets[0]?.schedule],
      ["station", "服务加入日历", before.services.find(({ kind }) => kind === "haircut")?.schedule],
    ] as const) {
      const page = await phone.open(SCREENS[screen]);
      const { text } = await downloaded(phone, page.getByRole("link", { name: word }));
      // Its days begin with today's: of the two, the one from the feed's side of midnight.
      const either = [before, await snapshot(network)].map((district) => spans(district, schedule));
      expect(either).toContainEqual(occasions(text).map(({ start, end }) => [start, end]));
    }
  });
});

test("a station without services has nothing to add", async ({ phone, network }) => {
  const { stations, services } = await snapshot(network);
  const bare = stations.find(({ id }) => !services.some(({ station }) => station === id));
  if (!bare) throw new Error("every station of the sample district has services");
  const page = await phone.open(`/stations/${bare.slug}`);
  await expect(page.getByRole("heading", { level: 1, name: bare.name })).toBeVisible();
  await expect(page.getByRole("link", { name: "服务加入日历" })).toHaveCount(0);
});
