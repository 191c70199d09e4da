import type { Phase } from "../driver.ts";
import type { Leaf } from "../leaf-table.ts";
import { exportChannel, exportPower, exportRegister, gauge, leafTable, register } from "../leaf-table.ts";
import { kilovarHours } from "../readings.ts";

/** The keys of `data`, see https://github.com/UtilitechAS/amsreader-firmware/wiki. */
export const meterLeaves = leafTable({
  P: gauge("power_active"),
  PO: exportPower(),
  Q: gauge("power_reactive"),
  PF: gauge("power_factor"),
  ...phaseKeys(1, "L1"),
  ...phaseKeys(2, "L2"),
  ...phaseKeys(3, "L3"),
  tPI: register("import", "total"),
  tPO: exportRegister("total"),
  tQI: reactiveRegister("import"),
  tQO: reactiveRegister("export"),
});

function phaseKeys(number: number, phase: Phase): Record<string, Leaf> {
  return {
    [`P${number}`]: gauge("power_active", { phase }),
    [`PO${number}`]: exportPower({ phase }),
    [`I${number}`]: gauge("current", { phase }),
    [`U${number}`]: gauge("voltage", { phase }),
    [`PF${number}`]: gauge("power_factor", { phase }),
    [`tPI${number}`]: register("import", "total", { phase }),
    [`tPO${number}`]: exportRegister("total", { phase }),
  };
}

function reactiveRegister(direction: "import" | "export"): Leaf {
  const channel = direction === "export" ? { channel: exportChannel } : {};
  return { quantity: "energy_reactive", direction, period: "total", meaning: kilovarHours, ...channel };
}

/** What the reader itself counts: of this hour, day and month. */
export const realtimeLeaves = leafTable({
  h: register("import", "hour"),
  d: register("import", "today"),
  m: register("import", "month"),
  he: exportRegister("hour"),
  de: exportRegister("today"),
  me: exportRegister("month"),
});

export const rawLeaves = leafTable({
  "meter/import/active": gauge("power_active"),
  "meter/export/active": exportPower(),
  "meter/import/reactive": gauge("power_reactive"),
  "meter/powerfactor": gauge("power_factor"),
  "meter/import/active/accumulated": register("import", "total"),
  "meter/import/active/accumulated/tariff1": register("import", "tariff1"),
  "meter/import/active/accumulated/tariff2": register("import", "tariff2"),
  "meter/export/active/accumulated": exportRegister("total"),
  "meter/export/active/accumulated/tariff1": exportRegister("tariff1"),
  "meter/export/active/accumulated/tariff2": exportRegister("tariff2"),
  "meter/import/reactive/accumulated": reactiveRegister("import"),
  "meter/export/reactive/accumulated": reactiveRegister("export"),
  ...phaseTopics("l1", "L1"),
  ...phaseTopics("l2", "L2"),
  ...phaseTopics("l3", "L3"),
  "realtime/import/hour": register("import", "hour"),
  "realtime/import/day": register("import", "today"),
  "realtime/import/month": register("import", "month"),
  "realtime/export/hour": exportRegister("hour"),
  "realtime/export/day": exportRegister("today"),
  "realtime/export/month": exportRegister("month"),
});

function phaseTopics(level: string, phase: Phase): Record<string, Leaf> {
  return {
    [`meter/import/${level}`]: gauge("power_active", { phase }),
    [`meter/export/${level}`]: exportPower({ phase }),
    [`meter/import/${level}/accumulated`]: register("import", "total", { phase }),
    [`meter/export/${level}/accumulated`]: exportRegister("total", { phase }),
    [`meter/${level}/current`]: gauge("current", { phase }),
    [`meter/${level}/voltage`]: gauge("voltage", { phase }),
    [`meter/${level}/powerfactor`]: gauge("power_factor", { phase }),
  };
}
