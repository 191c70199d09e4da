import type { Decoded, Driver, Period, RawMessage } from "../driver.ts";
import type { LeafTable } from "../leaf-table.ts";
import {
  decodeLeaf,
  exportPower,
  exportRegister,
  gauge,
  leafTable,
  outcome,
  readLeaves,
  register,
  supplyRoles,
  whyNoObject,
} from "../leaf-table.ts";
import type { NumberUnit } from "../number.ts";
import { readTelegram } from "../obis.ts";
import type { Collected } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { readTime } from "../time.ts";

/** The program DSMR-reader, which publishes what a smart meter sends and what it makes of it. */
export const dsmrReader: Driver = {
  dialect: "dsmr-reader",
  title: "DSMR-reader",
  devices: "smart meters with a P1 port, read by DSMR-reader",
  reads: "power, voltage and current by phase, energy from and to the grid by tariff, of today, month and year",
  switches: "nothing",
  connect: "in DSMR-reader: Configuration › MQTT, the hub's address; enable the topics with their default names",
  decode(message) {
    const [root, group = "", name] = message.levels;
    if (root !== "dsmr" || message.levels.length < 2 || message.levels.length > 3) return undefined;
    if (group === "raw" && name === undefined) return decodeTelegram(message);
    const leaves = group === "json" ? telegramLeaves : groups.get(group);
    if (!leaves) return otherGroups.has(group) ? { ignored: "no measurement", meterId } : undefined;
    if (name === undefined) return decodeObject(message, leaves);
    const leaf = leaves.get(name);
    if (!leaf) return { ignored: "no measurement", meterId };
    return decodeLeaf(message, leaf, { meterId, channelRoles: supplyRoles });
  },
};

/** DSMR-reader reads one meter. */
const meterId = "dsmr";

const kilowatts: NumberUnit = { unit: "W", bareUnit: "kW" };

const telegramLeaves = leafTable({
  electricity_currently_delivered: { quantity: "power_active", meaning: kilowatts },
  electricity_currently_returned: exportPower({}, kilowatts),
  electricity_delivered_1: register("import", "tariff1"),
  electricity_delivered_2: register("import", "tariff2"),
  electricity_returned_1: exportRegister("tariff1"),
  electricity_returned_2: exportRegister("tariff2"),
  ...phaseLeaves("l1", "L1"),
  ...phaseLeaves("l2", "L2"),
  ...phaseLeaves("l3", "L3"),
});

function phaseLeaves(name: string, phase: "L1" | "L2" | "L3") {
  return {
    [`phase_currently_delivered_${name}`]: { quantity: "power_active", phase, meaning: kilowatts } as const,
    [`phase_currently_returned_${name}`]: exportPower({ phase }, kilowatts),
    [`phase_voltage_${name}`]: gauge("voltage", { phase }),
    [`phase_power_current_${name}`]: gauge("current", { phase }),
  };
}

/** Sums that DSMR-reader makes of the tariffs; the tariffs alone cover a part of the span only. */
function sumLeaves(period: Period): LeafTable {
  return leafTable({
    electricity_merged: register("import", period),
    electricity_returned_merged: exportRegister(period),
  });
}

const groups: ReadonlyMap<string, LeafTable> = new Map([
  ["reading", telegramLeaves],
  ["day-consumption", sumLeaves("today")],
  ["day-totals", sumLeaves("today")],
  ["current-month", sumLeaves("month")],
  ["current-year", sumLeaves("year")],
]);

const otherGroups = new Set(["meter-stats", "consumption"]);

function decodeObject(message: RawMessage, leaves: LeafTable): Decoded {
  const body = message.json();
  if (!isJsonObject(body)) return { rejected: whyNoObject(message), meterId };
  const collected: Collected = { readings: [], dropped: [] };
  readLeaves(body, leaves, collected);
  const time = readTime(body.timestamp);
  return outcome({ meterId, channelRoles: supplyRoles, ...(time && !("why" in time) && { time }) }, collected);
}

function decodeTelegram(message: RawMessage): Decoded {
  const text = message.text();
  if (text === undefined) return { rejected: "the payload is not UTF-8 text", meterId };
  const collected: Collected = { readings: [], dropped: [] };
  readTelegram(text, collected);
  return outcome({ meterId, channelRoles: supplyRoles }, collected);
}
