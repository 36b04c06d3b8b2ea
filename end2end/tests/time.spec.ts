import type { Answer } from "../support/network";
import { fill, save, deliveredCode } from "../support/reporting";
import { expect, test } from "../support/test";

type Span = [number, number];

interface Schedule {
  id: string;
  open: Span[];
  exceptions?: { start: number; end: number; reason: string; reason_en: string; usual: Span[] }[];
}

interface Snapshot {
  full: boolean;
  stations: { slug: string; schedule: string }[];
  services: { station: string; schedule: string }[];
  schedules: Schedule[];
}

const DAY = 1440;
/** Minutes that the district's clock is ahead of UTC. */
const AHEAD = 480;

/** Closes whatever keeps a schedule for the whole of tomorrow. */
function closedTomorrow(schedule: Schedule, reason: string, reason_en: string): void {
  const today = Math.floor((Date.now() / 60_000 + AHEAD) / DAY);
  const [start, end] = [(today + 1) * DAY - AHEAD, (today + 2) * DAY - AHEAD];
  const onThatDay = ([from]: Span) => from >= start && from < end;
  const usual = schedule.open.filter(onThatDay);
  schedule.open = schedule.open.filter((span) => !onThatDay(span));
  schedule.exceptions = [{ start, end, reason, reason_en, usual }];
}

function withSnapshot(change: (snapshot: Snapshot) => void): (answer: Answer) => Answer {
  return (answer) => {
    const snapshot = JSON.parse(answer.body) as Snapshot;
    change(snapshot);
    return { ...answer, body: JSON.stringify(snapshot) };
  };
}

test("a day on which a station is closed is struck through, with the reason", async ({ phone, network }) => {
  network.rewrite(
    "/api/v1/snapshot",
    withSnapshot((snapshot) => {
      const station = snapshot.stations.find(({ slug }) => slug === "leshi-container");
      const schedule = snapshot.schedules.find(({ id }) => id === station?.schedule);
      if (!schedule) throw new Error("the sample has changed");
      // Open tomorrow, whatever day this test is run on.
      const today = Math.floor((Date.now() / 60_000 + AHEAD) / DAY);
      const nine = (today + 1) * DAY - AHEAD + 9 * 60;
      schedule.open = [[nine, nine + 480]];
      closedTomorrow(schedule, "检修停电", "power cut for repair");
    }),
  );
  const page = await phone.open("/");
  await phone.installed();
  await page.goto("/stations/leshi-container");
  await phone.interactive();
  const struck = page.locator("table.week s").first();
  await expect(struck).toHaveText("09:00–17:00");
  await expect(struck).toHaveCSS("text-decoration-line", "line-through");
  await expect(page.locator("table.week .why").first()).toHaveText("检修停电");
  await expect(page.locator(".card-main").getByText("检修停电")).toBeVisible();
});

test("the night shift is as long as it is set, and the list says so", async ({ phone }) => {
  const page = await phone.open("/more");
  await page.getByLabel("从").fill("23:30");
  await page.getByLabel("到").fill("05:00");
  await page.getByLabel("到").blur();
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "驿站" }).click();
  await page.getByText("上夜班", { exact: true }).click();
  await expect(page.getByText("整个夜班（23:30–5:00）都开着的")).toBeVisible();
  await page.getByRole("link", { name: "改时间" }).click();
  await expect(page.getByLabel("从")).toHaveValue("23:30");
});

test("a phone whose clock is wrong says so and goes by the server's", async ({ phone, server }) => {
  const wrong = Date.now() + 83 * 60_000;
  await phone.page.clock.setFixedTime(wrong);
  const page = await phone.open("/");
  await expect(page.getByTestId("clock")).toContainText("快了 1 小时 2");
  await phone.installed();

  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "上报" }).click();
  await fill(page, {});
  await save(page);
  await deliveredCode(page);
  const [row] = server.rows<{ captured_at_ms: number; received_at_ms: number }>("SELECT captured_at_ms, received_at_ms FROM reports");
  expect(Math.abs((row?.captured_at_ms ?? 0) - (row?.received_at_ms ?? 0)), "the moment it was taken").toBeLessThan(180_000);

  // It is remembered where nobody can be asked.
  await phone.goOffline();
  await page.goto("/");
  await phone.interactive();
  await expect(page.getByTestId("clock")).toContainText("快了 1 小时 2");
});
