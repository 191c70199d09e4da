import type { Decoded, Definitions, Driver, RawMessage } from "../driver.ts";
import type { Leaf, Roles } from "../leaf-table.ts";
import { decodeLeaf, decodePresence, gauge, leafTable, register, takePhase } from "../leaf-table.ts";

/** Deye, Sunsynk, Sol-Ark and other inverters read by deye-inverter-mqtt. */
export const deye: Driver = {
  dialect: "deye",
  title: "Deye inverters (deye-inverter-mqtt)",
  devices:
    "Deye micro-, string and hybrid inverters and their brands (Bosswerk, Sunsynk, Sol-Ark), IGEN DTSD422 meters",
  reads: "power, voltage and current by phase, frequency, energies of solar, grid, home and battery, state of charge",
  switches: "nothing",
  connect: "run deye-inverter-mqtt with MQTT_HOST = the hub's address and MQTT_TOPIC_PREFIX=deye",
  decode(message) {
    const [root = "", index = "", ...rest] = message.levels;
    if (!/^deye/i.test(root) || message.levels.length < 2) return undefined;
    // With several loggers the second level is the number of one.
    const isNumbered = /^\d{1,3}$/.test(index);
    const meterId = isNumbered ? `${root}/${index}` : root;
    return decodePath(message, meterId, isNumbered ? rest : [index, ...rest]);
  },
};

const grid = { channel: "grid" };
const load = { channel: "load" };
const battery = { channel: "battery" };

/** https://github.com/kbialek/deye-inverter-mqtt/tree/main/docs; single phases are looked up without their level. */
const leaves = leafTable({
  "ac/active_power": gauge("power_active"),
  "ac/reactive_power": gauge("power_reactive"),
  "ac/apparent_power": gauge("power_apparent"),
  "ac/voltage": gauge("voltage"),
  "ac/current": gauge("current"),
  "ac/power": gauge("power_active"),
  "ac/freq": gauge("frequency"),
  "ac/frequency": gauge("frequency"),
  day_energy: register("produced", "today"),
  total_energy: register("produced", "total"),
  "ac/total_grid_power": gauge("power_active", grid),
  "ac/ct/external": gauge("power_active", grid),
  "ac/daily_energy_bought": register("import", "today", grid),
  "ac/total_energy_bought": register("import", "total", grid),
  "ac/daily_energy_sold": register("export", "today", grid),
  "ac/total_energy_sold": register("export", "total", grid),
  "ac/ups/total_power": gauge("power_active", load),
  "ac/ups/power": gauge("power_active", load),
  "ac/ups/voltage": gauge("voltage", load),
  "ac/ups/daily_energy": register("import", "today", load),
  "ac/ups/total_energy": register("import", "total", load),
  // The inverter counts what flows out of its battery as positive.
  "battery/power": { ...battery, quantity: "power_active", meaning: { unit: "W", times: -1 } },
  "battery/current": { ...battery, quantity: "current", meaning: { unit: "A", times: -1 } },
  "battery/voltage": gauge("voltage", battery),
  "battery/soc": gauge("soc", battery),
  "battery/daily_charge": register("import", "today", battery),
  "battery/total_charge": register("import", "total", battery),
  "battery/daily_discharge": register("export", "today", battery),
  "battery/total_discharge": register("export", "total", battery),
});

/** A meter with up to six clamps, each a channel. */
const clampLeaves = leafTable({
  active_power: gauge("power_active"),
  reactive_power: gauge("power_reactive"),
  apparent_power: gauge("power_apparent"),
  power_factor: gauge("power_factor"),
  voltage: gauge("voltage"),
  current: gauge("current"),
  total_positive_energy: register("import", "total"),
  total_negative_energy: register("export", "total"),
});

const roles: Roles = {
  "": "solar",
  grid: "mains",
  load: "circuit",
  battery: "battery",
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((number) => [`ct${number}`, "circuit" as const])),
};

function decodePath(message: RawMessage, meterId: string, path: readonly string[]): Decoded {
  const key = path.join("/");
  if (key === "logger_status") return decodePresence(message, { meterId }, ["online", "offline"]);
  if (path.at(-1) === "command") return { ignored: "a command", meterId };
  const leaf = ambiguousLeaves.has(key) ? leafDefined(message) : leafOf(path);
  if (leaf) {
    const decoded = decodeLeaf(message, leaf, { meterId, channelRoles: roles });
    const defines = definitionsBy(key, message, meterId);
    return defines && "meters" in decoded ? { ...decoded, defines } : decoded;
  }
  if (path[0] === "dc") return { ignored: "direct current", meterId };
  return { ignored: ambiguousLeaves.has(key) ? "what it means depends on the model" : "no measurement", meterId };
}

/**
 * Topics whose meaning depends on the model. Only a hybrid inverter has no measure of its solar power but that of the
 * direct current; and the total power is that of the grid in models with three phases, but the inverter's in others.
 */
const ambiguousLeaves: ReadonlyMap<string, Leaf> = leafTable({
  "dc/total_power": gauge("power_active"),
  "ac/total_power": gauge("power_active", grid),
});

/** By which topic a model shows, and which of the others that explains. */
const revealing: ReadonlyMap<string, string> = new Map([
  ["battery/soc", "dc/total_power"],
  ["ac/l3/ct/external", "ac/total_power"],
]);

function definitionsBy(key: string, { topic }: RawMessage, meterId: string): Definitions | undefined {
  const explained = revealing.get(key);
  return explained === undefined
    ? undefined
    : { source: topic, list: [{ topics: [`${meterId}/${explained}`], data: { key: explained } }] };
}

function leafDefined(message: RawMessage): Leaf | undefined {
  const key = message.known("deye")[0]?.key;
  return typeof key === "string" ? ambiguousLeaves.get(key) : undefined;
}

function leafOf(path: readonly string[]): Leaf | undefined {
  const [channel = "", name = ""] = path;
  if (/^ct[1-6]$/.test(channel) && path.length === 2) {
    const leaf = clampLeaves.get(name);
    return leaf && { ...leaf, channel };
  }
  const { key, phase } = takePhase(path);
  const leaf = leaves.get(key);
  return leaf && { ...leaf, ...(phase && { phase }) };
}
