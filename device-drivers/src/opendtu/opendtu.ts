import type { Decoded, Driver, RawMessage } from "../driver.ts";
import type { Leaf } from "../leaf-table.ts";
import {
  decodeLeaf,
  decodePresence,
  definingRepeats,
  facts,
  factsOf,
  gauge,
  isRepeated,
  leafTable,
  plainNumber,
  register,
  registerWh,
  repeating,
} from "../leaf-table.ts";

const dialect = "opendtu";

/** Hoymiles micro-inverters behind an OpenDTU, also the OnBattery variant. */
export const openDtu: Driver = {
  dialect,
  title: "Hoymiles inverters with OpenDTU",
  devices: "Hoymiles HM, HMS and HMT micro-inverters read by OpenDTU or OpenDTU-OnBattery",
  reads: "power, voltage, current, frequency, power factor, energy of today and in total, availability",
  switches: "nothing",
  connect: "in OpenDTU: Settings › MQTT, the hub's address, any base topic",
  decode(message) {
    const { levels } = message;
    const [group = "", leaf = ""] = levels.slice(-2);
    if (levels.length > 2 && isSerial.test(levels.at(-3) ?? "")) return decodeInverter(message, group, leaf);
    if (levels.length > 1 && isSerial.test(group)) return decodeName(message, group, leaf);
    if (group === "dtu" && dtuLeaves.has(leaf)) return decodeDtu(message, leaf);
    return group === "ac" || group === "dc" ? decodeSum(message, group, leaf) : undefined;
  },
};

/** Hoymiles' serials are hexadecimal digits of which the first ones name the model. */
const isSerial = /^1[0-9a-f]{11}$/i;

const leaves = leafTable({
  power: gauge("power_active"),
  reactivepower: gauge("power_reactive"),
  voltage: gauge("voltage"),
  current: gauge("current"),
  frequency: gauge("frequency"),
  yieldday: registerWh("produced", "today"),
  yieldtotal: register("produced", "total"),
  ...phaseLeaves("voltage", "voltage_ph1n", "voltage_ph2n", "voltage_ph3n"),
  ...phaseLeaves("current", "current_ph1", "current_ph2", "current_ph3"),
});

function phaseLeaves(quantity: "voltage" | "current", l1: string, l2: string, l3: string): Record<string, Leaf> {
  return {
    [l1]: { quantity, phase: "L1" },
    [l2]: { quantity, phase: "L2" },
    [l3]: { quantity, phase: "L3" },
  };
}

/** Newer firmware sends a ratio, older a percentage. */
function powerFactor(message: RawMessage): Leaf {
  const isPercentage = Math.abs(plainNumber(message) ?? 0) > 1;
  return { quantity: "power_factor", meaning: { unit: "", bareUnit: isPercentage ? "%" : "" } };
}

/** `<base>/<serial>/<group>/<leaf>`: channel 0 is the inverter's output, the others are its panels. */
function decodeInverter(message: RawMessage, group: string, leaf: string): Decoded | undefined {
  const meterId = message.levels.at(-3) ?? "";
  if (group === "status") {
    if (leaf !== "reachable") return { ignored: "a status", meterId };
    return decodePresence(message, { meterId }, ["1", "0"]);
  }
  if (group === "device" || group === "radio") return { ignored: "no measurement", meterId };
  if (group === "cmd") return { ignored: "a command", meterId };
  if (!/^\d$/.test(group)) return undefined;
  if (group !== "0") return { ignored: "direct current of a panel", meterId };
  const known = leaf === "powerfactor" ? powerFactor(message) : leaves.get(leaf);
  if (!known) return { ignored: "no measurement", meterId };
  const decoded = decodeLeaf(message, known, { meterId, channelRoles: { "": "solar" } });
  return sumLeaves.has(leaf) ? definingRepeats(decoded, ...sumsOf(message)) : decoded;
}

/** The topics of the sum that an inverter is part of, and a name for them all. */
function sumsOf({ levels }: RawMessage): [source: string, topics: string[]] {
  const source = [...levels.slice(0, -3), "ac"].join("/");
  return [source, [...sumLeaves].map((leaf) => `${source}/${leaf}`)];
}

function decodeName(message: RawMessage, meterId: string, leaf: string): Decoded | undefined {
  return leaf === "name" ? facts({ meterId, ...factsOf({ name: message.text() }) }) : undefined;
}

const sumLeaves = new Set(["power", "yieldday", "yieldtotal"]);
const otherSumLeaves = new Set(["is_valid", "irradiation"]);

/** The sum of all inverters, which is read while none of them is. */
function decodeSum(message: RawMessage, group: string, leaf: string): Decoded | undefined {
  const meterId = message.levels.slice(0, -2).join("/");
  if (meterId === "" || !(sumLeaves.has(leaf) || otherSumLeaves.has(leaf))) return undefined;
  if (group === "dc") return { ignored: "direct current", meterId };
  const known = leaves.get(leaf);
  if (!known) return { ignored: "whether the sum is of all inverters", meterId };
  const decoded = decodeLeaf(message, known, { meterId, channelRoles: { "": "solar" } });
  return isRepeated(message, dialect) ? repeating(decoded) : decoded;
}

const dtuLeaves = new Set(["status", "rssi", "uptime", "ip", "hostname", "temperature"]);

function decodeDtu(message: RawMessage, leaf: string): Decoded | undefined {
  const meterId = message.levels.slice(0, -2).join("/");
  if (meterId === "") return undefined;
  if (leaf === "status") return decodePresence(message, { meterId }, ["online", "offline"]);
  const value = plainNumber(message);
  if (leaf === "rssi" && value !== undefined) return facts({ meterId, signalDbm: value });
  if (leaf === "uptime" && value !== undefined) return facts({ meterId, uptimeS: value });
  return { ignored: "no measurement", meterId };
}
