import type { Locator, Page } from "@playwright/test";

import { DEFAULTS, Phone } from "../support/phone";
import { KERB } from "../support/reporting";
import { LOOKS, check } from "../support/screen-check";
import { choosePassword, expectSignedOut, firstAdmin, signIn, worker } from "../support/staff";
import { expect, test } from "../support/test";

const HOURS = "工作日 9:00-17:30，周六 9:00-12:00";

async function openStations(page: Page): Promise<void> {
  await page.getByRole("link", { name: "驿站", exact: true }).click();
  await expect(page.getByTestId("station").first()).toBeVisible();
}

/** Makes a station and stays on its page. */
async function makeStation(page: Page, name: string): Promise<void> {
  await openStations(page);
  await page.getByRole("link", { name: "新建驿站" }).click();
  await page.locator("#station-name").fill(name);
  await page.locator("#station-hours").fill(HOURS);
  // As a picker of a Chinese map gives it: longitude first.
  await page.locator("#station-position").fill("120.1386,30.3172");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page).toHaveURL(/\/staff\/stations\/st-/);
  await expect(page.getByTestId("undo")).toContainText("已保存");
}

test("whoever was there says so in one tap, and takes it back in another", async ({ phone, server }) => {
  // "Just now" ends with the minute.
  await phone.page.clock.setFixedTime(Date.now());
  const page = await worker(phone, server);
  await openStations(page);
  // Nothing of the sample is verified, so all of it waits; the first is looked at by its name from here on.
  const name = (await page.getByTestId("station").first().getByRole("heading").textContent()) ?? "";
  const row = page.getByTestId("station").filter({ has: page.getByRole("heading", { name, exact: true }) });
  const next = (await page.getByTestId("station").nth(1).getByRole("heading").textContent()) ?? "";
  await row.getByRole("button", { name: /核实了/ }).press("Enter");
  await expect(row).toContainText("刚刚核实");
  // By keys one goes on with the next.
  const following = page.getByTestId("station").filter({ has: page.getByRole("heading", { name: next, exact: true }) });
  await expect(following.getByRole("button", { name: /核实了/ })).toBeFocused();
  // What was just looked at is the last thing to look at next.
  await expect(page.getByTestId("station").last().getByRole("heading")).toHaveText(name);
  await page.getByTestId("undo").getByRole("button", { name: "撤销" }).click();
  await expect(page.getByTestId("undo")).toContainText("已撤销");
  await expect(row).not.toContainText("刚刚核实");
});

test("a station is found by any of its words", async ({ phone, server }) => {
  const page = await worker(phone, server);
  await openStations(page);
  // Hours as people say them, and not as rules.
  await expect(page.getByTestId("stations")).toContainText(/平时周一至周五 \d+:\d\d–/);
  await expect(page.getByTestId("stations")).not.toContainText(/\b(Mo|Sa|PH)\b/);
  await page.locator("#search").fill("新新");
  await expect(page.getByTestId("station").first()).toContainText("新新");
  await page.locator("#search").fill("没有这样的地方");
  await expect(page.getByTestId("station")).toHaveCount(0);
  await expect(page.getByTestId("count")).toHaveText("0 个");
});

test("typed hours show the next two weeks before anybody keeps them", async ({ phone, server }) => {
  const page = await worker(phone, server);
  await openStations(page);
  await page.getByRole("link", { name: "新建驿站" }).click();
  const preview = page.getByTestId("preview");
  await expect(preview).toContainText("写下时间");
  await page.locator("#station-hours").fill(HOURS);
  await expect(preview.locator("li")).toHaveCount(14);
  await expect(preview.getByTestId("rule")).toContainText("09:00-17:30");
  await expect(preview).toContainText("09:00–17:30");
  await expect(preview).toContainText("不开");
  await page.locator("#station-hours").fill(`${HOURS}，看心情加班`);
  await expect(preview.getByTestId("unclear")).toContainText("看心情加班");
  await page.locator("#station-hours").fill("24/7");
  await expect(preview.locator("li").first()).toContainText("全天");
});

test("a station is made, changed, taken back, and each version is kept", async ({ phone, server }) => {
  const page = await worker(phone, server);
  await makeStation(page, "桥西小站");
  await page.locator("#station-phone").fill("0571-1234");
  await page.locator("#station-why").fill("打过电话");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByTestId("version")).toHaveCount(2);
  await expect(page.getByTestId("version").first()).toContainText("打过电话");
  await expect(page.getByTestId("version").first()).toContainText("0571-1234");
  await page.getByTestId("undo").getByRole("button", { name: "撤销" }).click();
  await expect(page.locator("#station-phone")).toHaveValue("");
  await expect(page.getByTestId("version")).toHaveCount(3);

  // A version that is not the last is put into the form, to be looked at first.
  await page.getByTestId("version").nth(1).getByRole("button", { name: "改回这一版" }).click();
  await expect(page.locator("#station-phone")).toHaveValue("0571-1234");

  // What the server does not accept is said where it stands.
  phone.expected.push(/status of 422/);
  await page.locator("#station-name").fill("");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.locator("#station-name")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("#station-name")).toBeFocused();
});

test("services, closures and markets are added and removed", async ({ phone, server }) => {
  const page = await worker(phone, server);
  await makeStation(page, "桥西小站");
  await page.getByRole("button", { name: "添加服务" }).click();
  const service = page.getByTestId("service-new");
  await service.locator("#service-new-name").fill("免费理发");
  await service.locator("#service-new-hours").fill("周四 14:00-17:00");
  await expect(service.getByTestId("preview").locator("li")).toHaveCount(14);
  await service.locator("#service-new-price_fen").fill("0");
  await service.getByRole("button", { name: "添加", exact: true }).click();
  await expect(page.getByTestId("service")).toHaveCount(1);
  await expect(page.getByTestId("service")).toContainText("免费理发");

  await page.getByRole("button", { name: "添加临时安排" }).click();
  const closure = page.getByTestId("closure-new");
  await closure.locator("#closure-new-first").fill("2027-03-01");
  await closure.locator("#closure-new-reason").fill("检修");
  await closure.getByRole("button", { name: "添加", exact: true }).click();
  await expect(page.getByTestId("closure")).toContainText("2027-03-01 · 关门 · 检修");
  await page.getByTestId("closure").getByRole("button", { name: /修改/ }).click();
  await page.getByTestId("closure").getByRole("button", { name: "去掉" }).click();
  await expect(page.getByTestId("closure")).toHaveCount(0);
  await page.getByTestId("undo").getByRole("button", { name: "撤销" }).click();
  await expect(page.getByTestId("closure")).toHaveCount(1);

  await page.goto("/staff/markets");
  await expect(page.getByTestId("market").first()).toBeVisible();
  const before = await page.getByTestId("market").count();
  await page.getByRole("button", { name: "新建市集" }).click();
  const market = page.getByTestId("market-new");
  await market.locator("#market-new-name").fill("桥西市集");
  await market.locator("#market-new-hours").fill("每月第二个周六 9:00-11:00");
  await market.locator("#market-new-position").fill("30.3172, 120.1386");
  await market.getByRole("button", { name: "添加手艺" }).click();
  await market.locator("#market-new-skill-0-name").fill("磨刀");
  await market.locator("#market-new-skill-0-person").fill("老周");
  await market.getByRole("button", { name: "添加", exact: true }).click();
  await expect(page.getByTestId("market")).toHaveCount(before + 1);
  await expect(page.getByTestId("market").filter({ hasText: "桥西市集" })).toHaveCount(1);
});

test("the way in is shown step by step with photos, which a courier who saw them sees also without a network", async ({ phone, server, network }) => {
  const page = await worker(phone, server);
  await makeStation(page, "桥西小站");
  await page.getByRole("button", { name: "加一步" }).click();
  const steps = page.getByTestId("step");
  await steps.nth(0).getByLabel("怎么走", { exact: true }).fill("左转，玻璃门");
  await page.getByRole("button", { name: "加一步" }).click();
  await steps.nth(1).getByTestId("step-photo").setInputFiles(KERB);
  await expect(steps.nth(1).getByRole("img", { name: "第 2 步的照片" })).toBeVisible();
  // Whoever cannot see the photo is told where to go, too.
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByText("每一步都要写几个字")).toBeVisible();
  await steps.nth(1).getByLabel("怎么走", { exact: true }).fill("走下沉广场的扶梯");
  await page.getByRole("button", { name: "把第 2 步上移" }).click();
  await expect(steps.nth(0).getByRole("img", { name: "第 1 步的照片" })).toBeVisible();
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByTestId("version")).toHaveCount(2);
  await expect(page.getByTestId("version").first()).toContainText("走下沉广场的扶梯 照片");

  const courier = await Phone.start(network, DEFAULTS);
  try {
    let way = await courier.open("/stations/qiao-xi-xiao-zhan");
    const wayIn = (): Locator => way.getByRole("list").filter({ hasText: "玻璃门" }).getByRole("listitem");
    await expect(wayIn()).toHaveText(["走下沉广场的扶梯", "左转，玻璃门"]);
    const picture = (): Locator => wayIn().first().getByRole("img", { name: "走下沉广场的扶梯" });
    const isDrawn = () => picture().evaluate((image: HTMLImageElement) => image.naturalWidth > 0);
    await picture().scrollIntoViewIfNeeded();
    await expect.poll(isDrawn).toBe(true);
    // The worker that keeps it has the page by the second visit.
    await courier.installed();
    way = await courier.open("/stations/qiao-xi-xiao-zhan");
    await expect.poll(isDrawn).toBe(true);
    const isKept = () =>
      picture().evaluate(async (image: HTMLImageElement) => Boolean(await (await caches.open("pictures")).match(image.src)));
    await expect.poll(isKept).toBe(true);
    // It is the same network that the staff's page is on.
    phone.expectBrokenNetwork();
    await courier.goOffline();
    way = await courier.open("/stations/qiao-xi-xiao-zhan");
    await expect.poll(isDrawn).toBe(true);
    const whole = way.context().waitForEvent("page");
    await picture().click();
    await expect.poll(async () => (await whole).evaluate(() => document.images[0]?.naturalWidth ?? 0)).toBeGreaterThan(0);
    expect(courier.faults).toEqual([]);
  } finally {
    await courier.dispose();
  }
});

test("of two who change a station the second keeps what they typed and sees what the first did", async ({ phone, server, network }) => {
  const page = await worker(phone, server);
  await makeStation(page, "桥西小站");
  const address = new URL(page.url()).pathname;

  const other = await Phone.start(network, DEFAULTS);
  expectSignedOut(other);
  other.expected.push(/status of 409/);
  try {
    await choosePassword(other.page, server.addStaff("张社工", "worker"));
    await signIn(other.page, "张社工");
    await expect(other.page.getByRole("navigation")).toBeVisible();
    await other.page.goto(address);
    await other.page.locator("#station-address").fill("桥西路 1 号");

    await page.locator("#station-phone").fill("0571-1234");
    await page.getByRole("button", { name: "保存", exact: true }).click();
    await expect(page.getByTestId("version")).toHaveCount(2);

    await other.page.getByRole("button", { name: "保存", exact: true }).click();
    const overtaken = other.page.getByTestId("overtaken").filter({ hasText: "改过了" });
    await expect(overtaken).toContainText("李社工");
    await expect(overtaken).toContainText("0571-1234");
    await expect(other.page.locator("#station-address")).toHaveValue("桥西路 1 号");
    await overtaken.getByRole("button", { name: "用现在的，放弃我填的" }).click();
    await expect(other.page.locator("#station-phone")).toHaveValue("0571-1234");
    await expect(other.page.locator("#station-address")).toHaveValue("");
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }
});

test("a station whose answer is lost is made once, however often it is saved", async ({ phone, server, network }) => {
  // So that the browser does not send it again by itself.
  network.keepsConnections = false;
  const page = await worker(phone, server);
  await openStations(page);
  await page.getByRole("link", { name: "新建驿站" }).click();
  await page.locator("#station-name").fill("桥西小站");
  await page.locator("#station-hours").fill(HOURS);
  await page.locator("#station-position").fill("120.1386,30.3172");
  phone.expectBrokenNetwork();
  network.suffer((method, path) => method === "POST" && path === "/api/v1/staff/stations", { kind: "swallow" }, 1);
  const made = () => server.rows("SELECT id FROM stations WHERE body LIKE '%桥西小站%'").length;
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByTestId("fault")).toContainText("不知道有没有做成");
  expect(made()).toBe(1);
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page).toHaveURL(/\/staff\/stations\/st-/);
  await expect(page.getByTestId("version")).toHaveCount(1);
  expect(made()).toBe(1);
});

/** Somebody's sessions end behind the page, which finds that out. */
async function endSessions(page: Page, server: { execute(sql: string): void }, name: string): Promise<void> {
  server.execute(`DELETE FROM staff_sessions WHERE staff = (SELECT id FROM staff WHERE name = '${name}')`);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(page.getByRole("heading", { name: "登录工作台" })).toBeVisible();
}

test("what was typed when a session ended comes back, and meets what a colleague did meanwhile", async ({ phone, server, network }) => {
  phone.expected.push(/status of 409/);
  const page = await worker(phone, server);
  await makeStation(page, "桥西小站");
  await page.locator("#station-phone").fill("0571-1234");
  await endSessions(page, server, "李社工");

  const other = await Phone.start(network, DEFAULTS);
  try {
    const there = await worker(other, server, "张社工");
    await there.goto(new URL(page.url()).pathname);
    await expect(there.locator("#station-phone")).toHaveValue("");
    await there.locator("#station-address").fill("桥西路 1 号");
    await there.getByRole("button", { name: "保存", exact: true }).click();
    await expect(there.getByTestId("version")).toHaveCount(2);
    expect(other.faults).toEqual([]);
  } finally {
    await other.dispose();
  }

  await signIn(page, "李社工");
  await expect(page.getByTestId("put-back").filter({ hasText: "放回来了" })).toBeVisible();
  await expect(page.locator("#station-phone")).toHaveValue("0571-1234");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByTestId("overtaken").filter({ hasText: "改过了" })).toContainText("张社工");
  await page.getByRole("button", { name: "用现在的内容" }).click();
  await expect(page.locator("#station-phone")).toHaveValue("");
  await expect(page.locator("#station-address")).toHaveValue("桥西路 1 号");
});

test("a service typed when a session ended comes back at its own station and to whoever typed it", async ({ phone, server }) => {
  expectSignedOut(phone);
  await choosePassword(phone.page, server.addStaff("张社工", "worker"));
  const page = await worker(phone, server);
  await makeStation(page, "河东小站");
  const elsewhere = new URL(page.url()).pathname;
  await makeStation(page, "桥西小站");
  const name = page.locator("#service-new-name");
  await page.getByRole("button", { name: "添加服务" }).click();
  await name.fill("免费理发");
  await endSessions(page, server, "李社工");
  await signIn(page, "李社工");
  await expect(name).toHaveValue("免费理发");

  // At another station a new one begins empty.
  await endSessions(page, server, "李社工");
  await page.evaluate((path) => {
    history.pushState(null, "", path);
    dispatchEvent(new PopStateEvent("popstate"));
  }, elsewhere);
  await signIn(page, "李社工");
  await page.getByRole("button", { name: "添加服务" }).click();
  await expect(name).toHaveValue("");
  await page.goBack();
  await expect(name).toHaveValue("免费理发");

  await endSessions(page, server, "李社工");
  await signIn(page, "张社工");
  await page.getByRole("button", { name: "添加服务" }).click();
  await expect(name).toHaveValue("");
});

test("a file is tried before it is imported", async ({ phone, server }) => {
  phone.expected.push(/status of 422/);
  const page = await worker(phone, server);
  await openStations(page);
  await page.getByTestId("moving").locator("summary").click();
  const choose = (text: string): Promise<void> =>
    page.locator("#import-file").setInputFiles({ name: "stations.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await choose("网址名,名称,纬度,经度,电话\nqiaoxi,桥西导入站,120.1386,30.3172,1.38E+10\n");
  const said = page.getByTestId("import");
  await expect(said).toContainText("第 2 行，经纬度：纬度 120.1386、经度 30.3172 像是填反了");
  await expect(said).toContainText("第 2 行，电话：“1.38E+10”被表格软件缩短了：请把这一列设为文本，重新填写");
  await choose("PK\u0003\u0004");
  await expect(said).toContainText("这是 Excel 工作簿，请另存为 CSV（UTF-8）再导入");
  await choose("slug,name,lat,lng\nqiaoxi,桥西导入站,30.3172,120.1386\n");
  await expect(said).toContainText("如果导入");
  await expect(said).toContainText("第 2 行\tqiaoxi\t新增", { useInnerText: true });
  expect(server.rows("SELECT id FROM stations WHERE slug = 'qiaoxi'")).toEqual([]);
  await expect(page.getByTestId("import")).toContainText("内置的示例会全部删掉：7 个驿站");
  await page.getByRole("button", { name: "就这样导入" }).click();
  expect(server.rows("SELECT 1 FROM stations")).toHaveLength(7);
  await page.getByRole("button", { name: "再点一次：删掉示例并导入" }).click();
  await expect(page.getByTestId("import")).toContainText("导入好了");
  await expect(page.getByTestId("station").filter({ hasText: "桥西导入站" })).toBeVisible();
});

test("an admin keeps units and adds somebody of one; the numbers say what waits for it", async ({ phone, server }) => {
  const { page } = await firstAdmin(phone, server);
  await page.getByRole("link", { name: "处置单位" }).click();
  await page.locator("#new-unit-name").fill("路灯所");
  await page.locator("#new-unit-phone").fill("0571-9");
  await page.getByRole("button", { name: "添加", exact: true }).click();
  const unit = page.getByTestId("unit").filter({ hasText: "路灯所" });
  await expect(unit).toContainText("0571-9");
  await unit.getByRole("button", { name: "停止派单" }).click();
  await expect(unit).toContainText("已停止派单");
  await unit.getByRole("button", { name: "恢复派单" }).click();
  await expect(unit).not.toContainText("已停止派单");

  await page.getByRole("link", { name: "人员" }).click();
  await page.locator("#new-name").fill("王师傅");
  await page.locator("#new-role").selectOption("unit");
  await page.locator("#new-unit").selectOption({ label: "路灯所" });
  await page.getByRole("button", { name: "添加", exact: true }).click();
  await expect(page.getByTestId("link")).toBeVisible();
  await expect(page.getByTestId("person").filter({ hasText: "王师傅" })).toContainText("处置单位");

  await page.getByRole("link", { name: "数据" }).click();
  await expect(page.getByTestId("coverage").getByRole("table")).toBeVisible();
  await expect(page.getByTestId("weeks").getByRole("row")).toHaveCount(10);
  const download = page.waitForEvent("download");
  await page.getByTestId("sheet").click();
  expect((await download).suggestedFilename()).toMatch(/^reports-.*\.csv$/);
});

for (const [name, options] of Object.entries(LOOKS)) {
  test.describe(name, () => {
    test.use({ phoneOptions: options });

    test("no screen of stations has an accessibility violation, and each fits", async ({ phone, server }) => {
      const { page } = await firstAdmin(phone, server);
      const take = (what: string) => check(page, what, name);
      await openStations(page);
      await page.getByTestId("moving").locator("summary").click();
      await take("stations");
      await page.getByRole("link", { name: "新建驿站" }).click();
      await page.locator("#station-hours").fill(HOURS);
      await expect(page.getByTestId("preview").locator("li")).toHaveCount(14);
      await take("station-new");
      await makeStation(page, "桥西小站");
      await page.getByRole("button", { name: "加一步" }).click();
      await page.getByTestId("step").getByTestId("step-photo").setInputFiles(KERB);
      await expect(page.getByTestId("step").getByRole("img")).toBeVisible();
      await page.getByRole("button", { name: "添加服务" }).click();
      await page.getByRole("button", { name: "添加临时安排" }).click();
      await expect(page.getByTestId("version")).toHaveCount(1);
      await take("station");
      await page.goto("/staff/markets");
      await page.getByTestId("market").first().getByRole("button", { name: /修改/ }).click();
      await expect(page.getByTestId("preview").locator("li")).toHaveCount(14);
      await take("markets");
      await page.getByRole("link", { name: "处置单位" }).click();
      await page.locator("#new-unit-name").fill("路灯所");
      await page.getByRole("button", { name: "添加", exact: true }).click();
      await expect(page.getByTestId("unit")).toHaveCount(1);
      await take("units");
      await page.getByRole("link", { name: "数据" }).click();
      await expect(page.getByTestId("coverage").getByRole("table")).toBeVisible();
      await take("numbers");
    });
  });
}
