import type { Quantity } from "../driver.ts";
import type { Leaf } from "../leaf-table.ts";
import type { NumberUnit } from "../number.ts";
import type { Collected } from "../readings.ts";
import { collect } from "../readings.ts";

/** What each place of the list `nrg` holds; undefined for what is not read. */
export type Sensors = readonly (Leaf | undefined)[];

const phases = ["L1", "L2", "L3"] as const;
const percent: NumberUnit = { unit: "", bareUnit: "%" };

/** U of L1 to L3 and N, I of L1 to L3, P of L1 to L3, N and in total, power factor of L1 to L3 and N. */
function sensors(current: NumberUnit, power: NumberUnit, totalPower: NumberUnit): Sensors {
  const each = (quantity: Quantity, meaning: NumberUnit) => phases.map((phase): Leaf => ({ quantity, phase, meaning }));
  return [
    ...each("voltage", { unit: "V" }),
    undefined,
    ...each("current", current),
    ...each("power_active", power),
    undefined,
    { quantity: "power_active", meaning: totalPower },
    ...each("power_factor", percent),
  ];
}

/** API v2. */
export const sensorsOfValue = sensors({ unit: "A" }, { unit: "W" }, { unit: "W" });

/** API v1: 0.1 A, 0.1 kW and, for the total, 0.01 kW. */
export const sensorsOfStatus = sensors({ unit: "A", times: 0.1 }, { unit: "W", times: 100 }, { unit: "W", times: 10 });

export function readSensors(values: readonly unknown[], list: Sensors, collected: Collected): void {
  for (const [i, leaf] of list.entries()) {
    if (!leaf) continue;
    const { quantity, meaning, ...place } = leaf;
    collect(collected, values[i], { name: `nrg[${i}]`, quantity, ...(meaning && { meaning }) }, place);
  }
}
