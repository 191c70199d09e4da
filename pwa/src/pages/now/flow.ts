import type { Home } from "../../../../hub/src/api/contract.ts";
import type { Key } from "../../i18n/text.ts";

/** Where the home's power comes from, in one sentence. */
export interface Flow {
  key: Key;
  /** The share of the use that the sun covers, 0…1. */
  solarShare: number;
  /** What goes to the grid, W. */
  soldW: number;
}

// A balanced home wavers around zero; within this the grid does nothing worth telling.
const BALANCED_W = 15;

export function describeFlow(now: Home["now"], leastUsedW: number | null): Flow {
  const solarW = Math.max(0, now.solarW ?? 0);
  const gridW = now.gridW ?? 0;
  const usedW = now.usedW;
  const soldW = gridW < -BALANCED_W ? -gridW : 0;
  if (usedW === null) return { key: leastUsedW === null ? "now.noPower" : "now.atLeast", solarShare: 0, soldW: 0 };
  const solarShare = usedW > 0 ? Math.min(1, solarW / usedW) : 0;
  if (soldW > 0) return { key: solarW > BALANCED_W ? "now.selling" : "now.sellingOnly", solarShare, soldW };
  if (usedW < 0.5) return { key: "now.quiet", solarShare, soldW };
  if (solarW <= BALANCED_W) return { key: "now.fromGrid", solarShare: 0, soldW };
  if (gridW <= BALANCED_W) return { key: "now.fromSun", solarShare: 1, soldW };
  return { key: "now.mixed", solarShare, soldW };
}
