import type { Phase, Quantity } from "../driver.ts";
import type { Leaf, Roles } from "../leaf-table.ts";
import { gauge, leafTable, register, registerWh } from "../leaf-table.ts";

const battery = { channel: "battery" };
const solar = { channel: "pv" };

/** The supply is what the meter is: it has no channel name. */
export const homeRoles: Roles = {
  "": "mains",
  pv: "solar",
  battery: "battery",
  consumer1: "appliance",
  consumer2: "appliance",
};

/** https://github.com/snaptec/openWB/blob/master/runs/pubmqtt.sh: the supply is `evu`, and what solar panels give is negative. */
export const homeLeaves = leafTable({
  "evu/W": gauge("power_active"),
  "evu/WhImported": registerWh("import", "total"),
  "evu/WhExported": registerWh("export", "total"),
  "evu/Hz": gauge("frequency"),
  ...byPhase("evu/WPhase", "power_active", {}),
  ...byPhase("evu/APhase", "current", {}),
  ...byPhase("evu/VPhase", "voltage", {}),
  ...byPhase("evu/PfPhase", "power_factor", {}),
  "pv/W": { ...solar, quantity: "power_active", meaning: { unit: "W", times: -1 } },
  "pv/WhCounter": registerWh("produced", "total", solar),
  "pv/DailyYieldKwh": register("produced", "today", solar),
  "housebattery/W": gauge("power_active", battery),
  "housebattery/%Soc": gauge("soc", battery),
  "housebattery/WhImported": registerWh("import", "total", battery),
  "housebattery/WhExported": registerWh("export", "total", battery),
  ...consumer(1),
  ...consumer(2),
});

export const chargePointLeaves = leafTable({
  W: gauge("power_active"),
  kWhCounter: register("import", "total"),
  ...byPhase("APhase", "current", {}),
  ...byPhase("VPhase", "voltage", {}),
  ...byPhase("PfPhase", "power_factor", {}),
});

function byPhase(name: string, quantity: Quantity, place: { channel?: string }): Record<string, Leaf> {
  const phases: readonly Phase[] = ["L1", "L2", "L3"];
  return Object.fromEntries(phases.map((phase, i) => [`${name}${i + 1}`, gauge(quantity, { ...place, phase })]));
}

function consumer(number: number): Record<string, Leaf> {
  const channel = `consumer${number}`;
  return {
    [`Verbraucher/WNr${number}`]: gauge("power_active", { channel }),
    [`Verbraucher/WhImportedNr${number}`]: registerWh("import", "total", { channel }),
    [`Verbraucher/WhExportedNr${number}`]: registerWh("export", "total", { channel }),
  };
}
