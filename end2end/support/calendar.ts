import { readFileSync } from "node:fs";

import type { Locator } from "@playwright/test";
import ICAL from "ical.js";

import type { Phone } from "./phone";

export interface Occasion {
  uid: string;
  /** Epoch minutes. */
  start: number;
  end: number;
  cancelled: boolean;
  summary: string;
  location: string;
  description: string;
}

/** The events of a calendar file, as a calendar program reads them, in the order of time. */
export function occasions(file: string): Occasion[] {
  const calendar = new ICAL.Component(ICAL.parse(file));
  const found = calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component, { strictExceptions: true });
    return {
      uid: event.uid,
      start: event.startDate.toUnixTime() / 60,
      end: event.endDate.toUnixTime() / 60,
      cancelled: component.getFirstPropertyValue("status") === "CANCELLED",
      summary: event.summary,
      location: event.location,
      description: event.description,
    };
  });
  return found.sort((a, b) => a.start - b.start);
}

/** What a tap puts among the phone's downloads. */
export async function downloaded(phone: Phone, button: Locator): Promise<{ name: string; text: string }> {
  const waiting = phone.page.waitForEvent("download");
  await button.click();
  const download = await waiting;
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}
