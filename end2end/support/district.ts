import type { Network } from "./network";

export interface Station {
  id: string;
  slug: string;
  name: string;
  name_en: string;
  lat: number;
  lng: number;
  schedule: string | null;
  facilities: string[];
}

export interface Snapshot {
  rev: number;
  stations: Station[];
  services: { station: string; kind: string; schedule: string | null }[];
  schedules: { id: string; open: [number, number][] }[];
  landmarks: { id: string; name: string; lat: number; lng: number }[];
  markets: { id: string; name: string; name_en: string; schedule: string | null; skills: { name: string }[] }[];
  open_reports: { id: string; code: string; state: string }[];
}

/** The district as the server tells any client. */
export async function snapshot(network: Network): Promise<Snapshot> {
  const answer = await fetch(`${network.origin}/api/v1/snapshot`);
  if (!answer.ok) throw new Error(`the snapshot was answered ${answer.status}`);
  return (await answer.json()) as Snapshot;
}

export interface Place {
  lat: number;
  lng: number;
}

/** Metres along the great circle; written apart from the product's, to check it. */
export function metres(a: Place, b: Place): number {
  const rad = Math.PI / 180;
  const half = (from: number, to: number) => Math.sin(((to - from) * rad) / 2) ** 2;
  const h = half(a.lat, b.lat) + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * half(a.lng, b.lng);
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(h));
}

export const nowMinute = (): number => Math.floor(Date.now() / 60_000);

export function isOpen(district: Snapshot, station: Station, minute: number): boolean {
  const schedule = district.schedules.find(({ id }) => id === station.schedule);
  return schedule?.open.some(([start, end]) => start <= minute && minute < end) ?? false;
}

/** Whether it will still be open for a person who sets off on foot now; generous, for the tests' doubt. */
export function openFor(district: Snapshot, station: Station, minute: number, minutes: number): boolean {
  return isOpen(district, station, minute) && isOpen(district, station, minute + minutes);
}

export function byDistance(district: Snapshot, from: Place): Station[] {
  return [...district.stations].sort((a, b) => metres(from, a) - metres(from, b));
}

export function station(district: Snapshot, slug: string): Station {
  const found = district.stations.find((one) => one.slug === slug);
  if (!found) throw new Error(`the sample district has no station ${slug}`);
  return found;
}
