import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { decodeLeaf, facts, factsOf, outcome } from "../leaf-table.ts";
import type { Collected } from "../readings.ts";
import { collect } from "../readings.ts";
import { chargePointLeaves, homeLeaves, homeRoles } from "./version1.ts";
import { type Component2, componentsOf2 } from "./version2.ts";

/** Charging stations of openWB and the meters, inverters and batteries that they read, versions 1.9 and 2. */
export const openWb: Driver = {
  dialect: "openwb",
  title: "openWB",
  devices: "openWB charging stations, and the grid meters, inverters and batteries that they read, versions 1.9 and 2",
  reads: "power, voltage, current and power factor by phase, energies, of grid, solar, battery and charge points",
  switches: "nothing",
  connect: "in openWB: Settings › MQTT bridges, a bridge to the hub's address that exports the status topics",
  decode(message) {
    const [root, branch = "", first = "", ...rest] = message.levels;
    if (root !== "openWB" || message.levels.length < 2) return undefined;
    if (branch === "set" || first === "set") return { ignored: "a command", meterId: root };
    const component = componentsOf2.get(branch);
    if (component && /^\d{1,5}$/.test(first)) return decodeComponent2(message, component, rest);
    if (branch === "lp" && /^\d$/.test(first)) return decodeChargePoint(message, `openWB/lp/${first}`, rest.join("/"));
    const leaf = homeLeaves.get(message.levels.slice(1).join("/"));
    if (!leaf) return { ignored: "no measurement", meterId: root };
    return decodeLeaf(message, leaf, { meterId: root, channelRoles: homeRoles });
  },
};

function decodeChargePoint(message: RawMessage, meterId: string, name: string): Decoded {
  const leaf = chargePointLeaves.get(name);
  if (leaf) return decodeLeaf(message, leaf, { meterId, channelRoles: { "": "ev" } });
  if (name === "strChargePointName") return facts({ meterId, ...factsOf({ name: message.text() }) });
  return { ignored: "no measurement", meterId };
}

/** Version 2: `openWB/counter/0/get/power`; a list has one item a phase. */
function decodeComponent2(message: RawMessage, { leaves, lists, role }: Component2, path: readonly string[]): Decoded {
  const meterId = message.levels.slice(0, 3).join("/");
  const [group, name = ""] = path;
  const about = { meterId, channelRoles: { "": role } };
  if (group !== "get" || path.length !== 2) return { ignored: "no measurement", meterId };
  const leaf = leaves.get(name);
  if (leaf) return decodeLeaf(message, leaf, about);
  const list = lists.get(name);
  const values = list && message.json();
  if (!list || !Array.isArray(values)) return { ignored: "no measurement", meterId };
  const collected: Collected = { readings: [], dropped: [] };
  for (const [i, phase] of (["L1", "L2", "L3"] as const).entries()) {
    const { quantity, meaning } = list;
    collect(collected, values[i], { name, quantity, ...(meaning && { meaning }) }, { phase });
  }
  return outcome(about, collected);
}
