import type { Place } from "./district";

// The published approximation of China's coordinate shift, written apart from the product's own, to check it.
const A = 6_378_245;
const EE = 0.006_693_421_622_965_943;

function waves(value: number, twelfth: number, thirtieth: number): number {
  const s = (k: number) => Math.sin(k * Math.PI * value);
  return ((20 * s(1) + 40 * s(1 / 3) + twelfth * s(1 / 12) + thirtieth * s(1 / 30)) * 2) / 3;
}

/** WGS-84 to GCJ-02, the system of Amap and Tencent. */
export function gcj02({ lat, lng }: Place): Place {
  const x = lng - 105;
  const y = lat - 35;
  const short = ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
  const root = Math.sqrt(Math.abs(x));
  const dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + short + waves(y, 160, 320);
  const dLng = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + short + waves(x, 150, 300);
  const rad = (lat / 180) * Math.PI;
  const magic = 1 - EE * Math.sin(rad) ** 2;
  return {
    lat: lat + (dLat * 180) / (((A * (1 - EE)) / (magic * Math.sqrt(magic))) * Math.PI),
    lng: lng + (dLng * 180) / ((A / Math.sqrt(magic)) * Math.cos(rad) * Math.PI),
  };
}

/** WGS-84 to BD-09, the system of Baidu. */
export function bd09(place: Place): Place {
  const { lat, lng } = gcj02(place);
  const k = (Math.PI * 3000) / 180;
  const z = Math.sqrt(lng * lng + lat * lat) + 0.000_02 * Math.sin(lat * k);
  const theta = Math.atan2(lat, lng) + 0.000_003 * Math.cos(lng * k);
  return { lat: z * Math.sin(theta) + 0.006, lng: z * Math.cos(theta) + 0.0065 };
}
