import type { Snapshot } from "./district";
import type { Network } from "./network";
import { LEDI_HARBOUR } from "./phone";

export interface Open {
  code: string;
  category?: string;
  state?: string;
  /** Metres to the north of the phone. */
  north: number;
}

/** The id of the open report with that code. */
export const openId = (code: string) => `0193a2b0-0000-7000-8000-${Buffer.from(code).toString("hex").padStart(12, "0")}`;

/** The phone is told of open reports. */
export function tell(network: Network, open: Open[]): void {
  network.rewrite("/api/v1/snapshot", (answer) => {
    const district = JSON.parse(answer.body) as Snapshot & { generated_at_min: number };
    const reports = open.map(({ code, category = "road", state = "assigned", north }) => ({
      id: openId(code),
      code,
      category,
      state,
      lat: LEDI_HARBOUR.latitude + north / 111_195,
      lng: LEDI_HARBOUR.longitude,
      received_at_min: district.generated_at_min - 3 * 1440,
    }));
    return { ...answer, body: JSON.stringify({ ...district, open_reports: reports }) };
  });
}
