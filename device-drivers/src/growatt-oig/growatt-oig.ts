import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { readMac } from "../ids.ts";
import type { Leaf, Roles } from "../leaf-table.ts";
import { gauge, leafTable, mayBeObject, outcome, readLeaves, register } from "../leaf-table.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";

/** Growatt inverters with a ShineWiFi stick that runs OpenInverterGateway. */
export const growattOig: Driver = {
  dialect: "growatt-oig",
  title: "Growatt inverters (OpenInverterGateway)",
  devices: "Growatt MIC, MIN, MOD, SPH and TL-X with a ShineWiFi-S or ShineWiFi-X stick and OpenInverterGateway",
  reads:
    "power, voltage and current by phase, frequency, energy of today and in total; of hybrids also grid, home and battery",
  switches: "nothing",
  connect: "in the stick's Wi-Fi portal: MQTT server = the hub's address, topic energy/solar",
  decode(message) {
    if (message.levels.length > maxLevels || !mayBeObject(message)) return undefined;
    const body = message.json();
    if (!isJsonObject(body) || !("InverterStatus" in body && "OutputPower" in body)) return undefined;
    return decodeInverter(body, message);
  },
};

/** The topic may be any; those that people chose have few levels. */
const maxLevels = 4;

const roles: Roles = { "": "solar", grid: "mains", load: "circuit", battery: "battery" };

const leaves = leafTable({
  OutputPower: gauge("power_active"),
  GridFrequency: gauge("frequency"),
  ...phaseLeaves("L1"),
  ...phaseLeaves("L2"),
  ...phaseLeaves("L3"),
  TodayGenerateEnergy: register("produced", "today"),
  TotalGenerateEnergy: register("produced", "total"),
  // Hybrid inverters, see https://github.com/OpenInverterGateway/OpenInverterGateway.
  EnergyToUserToday: register("import", "today", { channel: "grid" }),
  EnergyToUserTotal: register("import", "total", { channel: "grid" }),
  EnergyToGridToday: register("export", "today", { channel: "grid" }),
  EnergyToGridTotal: register("export", "total", { channel: "grid" }),
  INVPowerToLocalLoadTotal: gauge("power_active", { channel: "load" }),
  LocalLoadEnergyToday: register("import", "today", { channel: "load" }),
  LocalLoadEnergyTotal: register("import", "total", { channel: "load" }),
  SOC: gauge("soc", { channel: "battery" }),
  ChargeEnergyToday: register("import", "today", { channel: "battery" }),
  ChargeEnergyTotal: register("import", "total", { channel: "battery" }),
  DischargeEnergyToday: register("export", "today", { channel: "battery" }),
  DischargeEnergyTotal: register("export", "total", { channel: "battery" }),
});

function phaseLeaves(phase: "L1" | "L2" | "L3"): Record<string, Leaf> {
  return {
    [`${phase}ThreePhaseGridVoltage`]: gauge("voltage", { phase }),
    [`${phase}ThreePhaseGridOutputCurrent`]: gauge("current", { phase }),
    [`${phase}ThreePhaseGridOutputPower`]: gauge("power_active", { phase }),
  };
}

function decodeInverter(body: JsonObject, { topic: meterId }: RawMessage): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  readLeaves(body, leaves, collected);
  const mac = readMac(body.Mac);
  return outcome({ meterId, channelRoles: roles, ...(mac !== undefined && { mac }) }, collected);
}
