// Which of 3,000 stations are open: the phone's own code in WASM beside a plain loop over the same arrays, in one engine.
// Usage: node lookup.mjs FOLDER-OF-THE-GLUE. Prints JSON; milliseconds a pass.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const { District } = createRequire(import.meta.url)(resolve(process.argv[2], "waypost_bench_phone.js"));

const STATIONS = 3000;
const SCHEDULES = 50;
const DAYS = 35;
const ROUNDS = 201;
const DAY = 1440;

const start = 29_923_200;
const schedules = Array.from({ length: SCHEDULES }, (_, at) => ({
  id: `s${at}`,
  rule: "",
  // Mornings and afternoons, as offices keep them.
  open: Array.from({ length: DAYS * 2 }, (_, span) => {
    const from = start + Math.floor(span / 2) * DAY + (span % 2 ? 780 : 480) + at;
    return [from, from + 240];
  }),
}));
const stations = Array.from({ length: STATIONS }, (_, at) => ({
  id: `st${at}`,
  slug: `st${at}`,
  name: `${at}`,
  lat: 30.3,
  lng: 120.1,
  schedule: `s${at % SCHEDULES}`,
}));
const snapshot = {
  rev: 1,
  generated_at: "",
  generated_at_min: start,
  horizon_start_min: start,
  horizon_end_min: start + DAYS * DAY,
  utc_offset_min: 480,
  min_client: 1,
  full: true,
  district: { name: "" },
  stations,
  services: [],
  schedules,
  markets: [],
};

const byId = new Map(schedules.map((schedule) => [schedule.id, schedule.open]));
function plain(at) {
  let open = 0;
  for (const { schedule } of stations) {
    for (const [from, to] of byId.get(schedule)) {
      if (from <= at && at < to) {
        open += 1;
        break;
      }
    }
  }
  return open;
}

const district = new District(JSON.stringify(snapshot));
const times = { wasm: [], plain: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  const at = start + ((round * 7919) % (DAYS * DAY));
  const counts = [];
  for (const [name, count] of [["wasm", (at) => district.open(at)], ["plain", plain]]) {
    const begun = performance.now();
    counts.push(count(at));
    times[name].push(performance.now() - begun);
  }
  if (counts[0] !== counts[1]) throw new Error(`at ${at}: ${counts.join(" and ")} open`);
}
const spread = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], slowest: sorted.at(-1) };
};
console.log(JSON.stringify({ stations: STATIONS, wasm: spread(times.wasm), plain: spread(times.plain) }));
