import type { Decoded, Driver, RawMessage } from "../driver.ts";
import type { Leaf, Roles } from "../leaf-table.ts";
import { decodeLeaf, decodePresence, facts, factsOf, gauge, leafTable, register } from "../leaf-table.ts";

/** What evcc publishes of the home and its charging points. */
export const evcc: Driver = {
  dialect: "evcc",
  title: "evcc",
  devices: "every meter, inverter, battery and charging point that evcc reads",
  reads:
    "power of grid, solar, battery and home, state of charge; power, current, voltage and energy of charging points",
  switches: "nothing",
  connect: "in evcc: Configuration › MQTT, the hub's address, topic evcc",
  decode(message) {
    const [root, branch, first, ...rest] = message.levels;
    if (root !== "evcc" || branch === undefined) return undefined;
    if (message.levels.at(-1) === "set") return { ignored: "a command", meterId: root };
    if (branch === "status" && first === undefined)
      return decodePresence(message, { meterId: root }, ["online", "offline"]);
    if (branch === "site") return decodeSite(message, [first ?? "", ...rest].join("/"));
    if (branch !== "loadpoints") return { ignored: "no measurement", meterId: root };
    if (first === undefined || !/^\d{1,3}$/.test(first)) return { ignored: "no measurement", meterId: root };
    return decodeLoadpoint(message, `evcc/loadpoints/${first}`, rest.join("/"));
  },
};

const siteRoles: Roles = { grid: "mains", pv: "solar", battery: "battery", home: "circuit" };

/** https://docs.evcc.io/en/integrations/mqtt-api: a battery's power is positive while it is discharged. */
const siteLeaves = leafTable({
  ...both("gridPower", "grid/power", gauge("power_active", { channel: "grid" })),
  ...both("gridEnergy", "grid/energy", register("import", "total", { channel: "grid" })),
  pvPower: gauge("power_active", { channel: "pv" }),
  pvEnergy: register("produced", "total", { channel: "pv" }),
  homePower: gauge("power_active", { channel: "home" }),
  ...both("batterySoc", "battery/soc", gauge("soc", { channel: "battery" })),
  ...both("batteryPower", "battery/power", {
    quantity: "power_active",
    channel: "battery",
    meaning: { unit: "W", times: -1 },
  }),
  ...phaseLeaves("gridCurrents", gauge("current", { channel: "grid" })),
  ...phaseLeaves("grid/currents", gauge("current", { channel: "grid" })),
  ...phaseLeaves("gridPowers", gauge("power_active", { channel: "grid" })),
  ...phaseLeaves("grid/powers", gauge("power_active", { channel: "grid" })),
});

const loadpointLeaves = leafTable({
  chargePower: gauge("power_active"),
  chargeTotalImport: register("import", "total"),
  vehicleSoc: gauge("soc"),
  ...phaseLeaves("chargeCurrents", gauge("current")),
  ...phaseLeaves("chargeVoltages", gauge("voltage")),
});

/** The name before evcc 0.134 and the one since. */
function both(before: string, since: string, leaf: Leaf): Record<string, Leaf> {
  return { [before]: leaf, [since]: leaf };
}

/** Lists are numbered from 1; those of phases have three items. */
function phaseLeaves(list: string, leaf: Leaf): Record<string, Leaf> {
  return {
    [`${list}/1`]: { ...leaf, phase: "L1" },
    [`${list}/2`]: { ...leaf, phase: "L2" },
    [`${list}/3`]: { ...leaf, phase: "L3" },
  };
}

function decodeSite(message: RawMessage, path: string): Decoded {
  const meterId = "evcc";
  const leaf = siteLeaves.get(path);
  if (leaf) return decodeLeaf(message, leaf, { meterId, channelRoles: siteRoles });
  if (path === "siteTitle") return facts({ meterId, ...factsOf({ name: message.text() }) });
  return { ignored: "no measurement", meterId };
}

function decodeLoadpoint(message: RawMessage, meterId: string, path: string): Decoded {
  const leaf = loadpointLeaves.get(path);
  if (leaf) return decodeLeaf(message, leaf, { meterId, channelRoles: { "": "ev" } });
  if (path === "title") return facts({ meterId, ...factsOf({ name: message.text() }) });
  return { ignored: "no measurement", meterId };
}
