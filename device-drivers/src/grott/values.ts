import type { Phase, Quantity } from "../driver.ts";
import type { Leaf } from "../leaf-table.ts";
import { gauge, leafTable } from "../leaf-table.ts";
import type { Collected, JsonObject, Place } from "../readings.ts";
import { collect } from "../readings.ts";
import { numberIn } from "../slot.ts";

/** A value that Grott sends as the inverter counts it, in tenths. */
function tenths(quantity: Quantity, unit: string, place: Place = {}): Leaf {
  return { ...place, quantity, meaning: { unit, times: 0.1 } };
}

/** A register of tenths of a kWh. */
function energy(place: Place): Leaf {
  return { ...place, quantity: "energy_active", meaning: { unit: "Wh", times: 100 } };
}

/** Keys are those of Grott's record layouts, https://github.com/johanmeijer/grott. */
export const totalLeaves = leafTable({
  pvpowerout: tenths("power_active", "W"),
  pvfrequentie: { quantity: "frequency", meaning: { unit: "Hz", times: 0.01 } },
  pvenergytoday: energy({ direction: "produced", period: "today" }),
  pvenergytotal: energy({ direction: "produced", period: "total" }),
});

export const singlePhaseLeaves = leafTable({
  pvgridvoltage: tenths("voltage", "V"),
  pvgridcurrent: tenths("current", "A"),
});

export const phaseLeaves = leafTable({
  ...ofPhase("", "L1"),
  ...ofPhase("2", "L2"),
  ...ofPhase("3", "L3"),
});

function ofPhase(number: string, phase: Phase): Record<string, Leaf> {
  return {
    [`pvgridvoltage${number}`]: tenths("voltage", "V", { phase }),
    [`pvgridcurrent${number}`]: tenths("current", "A", { phase }),
    [`pvgridpower${number}`]: tenths("power_active", "W", { phase }),
  };
}

const grid = { channel: "grid" };
const load = { channel: "load" };
const battery = { channel: "battery" };

/** Hybrid inverters with a battery. */
export const storageLeaves = leafTable({
  SOC: gauge("soc", battery),
  vbat: tenths("voltage", "V", battery),
  eharge1_tod: energy({ ...battery, direction: "import", period: "today" }),
  eharge1_tot: energy({ ...battery, direction: "import", period: "total" }),
  edischarge1_tod: energy({ ...battery, direction: "export", period: "today" }),
  edischarge1_tot: energy({ ...battery, direction: "export", period: "total" }),
  etouser_tod: energy({ ...grid, direction: "import", period: "today" }),
  etouser_tot: energy({ ...grid, direction: "import", period: "total" }),
  etogrid_tod: energy({ ...grid, direction: "export", period: "today" }),
  etogrid_tot: energy({ ...grid, direction: "export", period: "total" }),
  plocaloadtot: tenths("power_active", "W", load),
  elocalload_tod: energy({ ...load, direction: "import", period: "today" }),
  elocalload_tot: energy({ ...load, direction: "import", period: "total" }),
});

/** Powers that are sent as two numbers, one for each way, of which one is zero. */
const twoWay = [
  { from: "pactousertot", to: "pactogridtot", place: grid },
  { from: "p1charge1", to: "pdischarge1", place: battery },
];

export function readGrid(values: JsonObject, collected: Collected): void {
  for (const { from, to, place } of twoWay) {
    const taken = numberIn(values[from]);
    const given = numberIn(values[to]);
    if (taken === undefined || given === undefined) continue;
    const { quantity, meaning } = tenths("power_active", "W");
    collect(collected, taken - given, { name: from, quantity, ...(meaning && { meaning }) }, place);
  }
}
