import type { Page } from "@playwright/test";

import { API, type Fault, PORTAL, unavailable } from "../support/faults";
import type { Network } from "../support/network";
import { ONE_BAR } from "../support/pace";
import { picture } from "../support/noise";
import { save, shoot } from "../support/reporting";
import { settle, wake } from "../support/settle";
import { expect, test } from "../support/test";

const REPORTS = Number(process.env.REPORTS ?? 300);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const TABS = 3;
/** The browser is killed after so many reports of each tab. */
const BATCH = 20;

/** Random numbers that a seed repeats: one of 0..most. */
function dice(seed: number): (most: number) => number {
  let state = seed >>> 0;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

function fault(roll: (most: number) => number): Fault | "slow" | "none" {
  const kinds: (Fault | "slow" | "none")[] = [
    { kind: "reset" },
    { kind: "swallow" },
    { kind: "cut-up", after: 1 + roll(60_000) },
    { kind: "cut-down", after: roll(200) },
    PORTAL,
    unavailable(502),
    unavailable(503, 1),
    "slow",
    "none",
    "none",
    "none",
  ];
  return kinds[roll(kinds.length)]!;
}

function next(network: Network, roll: (most: number) => number): void {
  network.restore();
  const drawn = fault(roll);
  if (drawn === "slow") network.slow(ONE_BAR);
  else if (drawn !== "none") network.suffer(API, drawn);
}

/** Writes a report as a person does; one in ten has a photo. */
async function write(page: Page, words: string, number: number): Promise<void> {
  await page.getByLabel("说一句").fill(words);
  if (number % 10 === 0) await shoot(page, picture(number, 160, 120));
  await page.getByRole("radio", { name: "路面破损" }).check();
  await page.getByLabel("最近的地标或驿站").selectOption({ index: 1 + (number % 10) });
  await save(page);
  await page.getByRole("button", { name: "再报一条" }).click();
}

test(`${REPORTS} reports by the real program in ${TABS} tabs, with faults of seed ${SEED}`, async ({ phone, server, network }) => {
  phone.expected.push(/./); // What the console says of a broken network is not the point here; what arrives is.
  const roll = dice(SEED);
  const saved: string[] = [];
  let [browserKills, serverKills] = [0, 0];
  // One power cut at a time, whichever tab it comes from.
  let power = Promise.resolve();
  const powerCut = async (): Promise<void> => {
    serverKills += 1;
    await server.kill();
    await server.run();
    network.target = server.port;
  };
  while (saved.length < REPORTS) {
    const pages = [phone.page];
    while (pages.length < TABS) pages.push(await phone.context.newPage());
    network.restore();
    for (const page of pages) {
      await phone.open("/report", page);
      // A draft that a killed browser has left is not this report's.
      const left = await page.getByLabel("说一句").inputValue();
      expect(left, "only what was saved was written").toBe("");
    }
    const each = Math.min(BATCH, Math.ceil((REPORTS - saved.length) / TABS));
    const work = pages.map(async (page, tab) => {
      for (let one = 0; one < each; one += 1) {
        const number = saved.length;
        const words = `连续上报 ${browserKills}-${tab}-${one}`;
        saved.push(words);
        await write(page, words, number);
        // The wire changes with the work, not with the clock, so that a seed repeats it.
        next(network, roll);
        if (roll(25) === 0) await (power = power.then(powerCut));
      }
    });
    await Promise.all(work);
    browserKills += 1;
    await phone.kill();
    await phone.reopen();
  }
  network.restore();
  const page = await phone.open("/mine");
  await wake(page);
  await settle(phone, server, { received: saved }, page, 300_000);
  console.log(
    `seed ${SEED}: ${saved.length} reports by the real program in ${TABS} tabs, ${browserKills} SIGKILLs of the browser, ` +
      `${serverKills} of the server, ${network.carried.length} requests, of which ${network.carried.filter(({ status }) => status === undefined).length} ` +
      `never got an answer: lost 0, doubled 0, stuck 0`,
  );
});
