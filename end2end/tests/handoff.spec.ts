import { bd09, gcj02 } from "../support/coordinates";
import { type Place, metres, snapshot, station } from "../support/district";
import { expect, test } from "../support/test";

test("each map app is handed the station in its own coordinates", async ({ phone, network }) => {
  const page = await phone.open("/stations/leshi-container");
  const place = station(await snapshot(network), "leshi-container");
  const link = async (name: string) => {
    const href = await page.getByRole("link", { name, exact: true }).first().getAttribute("href");
    return decodeURIComponent(href ?? "");
  };
  const pair = (text: string, pattern: RegExp): [number, number] => {
    const found = pattern.exec(text);
    if (!found) throw new Error(`no coordinates in ${text}`);
    return [Number(found[1]), Number(found[2])];
  };
  const off = (a: Place, b: Place) => metres(a, b);

  const [amapLng, amapLat] = pair(await link("高德地图"), /to=([\d.]+),([\d.]+)/);
  expect(off({ lat: amapLat, lng: amapLng }, gcj02(place))).toBeLessThan(1);
  const [qqLat, qqLng] = pair(await link("腾讯地图"), /coord:([\d.]+),([\d.]+)/);
  expect(off({ lat: qqLat, lng: qqLng }, gcj02(place))).toBeLessThan(1);
  const baidu = await link("百度地图");
  const [baiduLat, baiduLng] = pair(baidu, /location=([\d.]+),([\d.]+)/);
  expect(off({ lat: baiduLat, lng: baiduLng }, bd09(place))).toBeLessThan(1);
  expect(baidu).toContain("coord_type=bd09ll");

  // What a mix-up would cost here.
  expect(off(place, gcj02(place))).toBeGreaterThan(500);
  expect(off(place, bd09(place))).toBeGreaterThan(1100);
});
