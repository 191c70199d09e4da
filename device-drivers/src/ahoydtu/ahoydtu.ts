import type { Decoded, Driver, RawMessage } from "../driver.ts";
import {
  decodeLeaf,
  decodePresence,
  definingRepeats,
  facts,
  gauge,
  isRepeated,
  leafTable,
  plainNumber,
  register,
  registerWh,
  repeating,
} from "../leaf-table.ts";

const dialect = "ahoydtu";

/** Hoymiles micro-inverters behind an AhoyDTU. */
export const ahoyDtu: Driver = {
  dialect,
  title: "Hoymiles inverters with AhoyDTU",
  devices: "Hoymiles MI, HM, HMS and HMT, TSUN micro-inverters read by AhoyDTU",
  reads: "power, voltage, current, frequency, power factor, energy of today and in total, availability",
  switches: "nothing",
  connect: "in AhoyDTU: Setup › MQTT, the hub's address; keep the topic inverter",
  decode(message) {
    const { levels } = message;
    const [group = "", leaf = ""] = levels.slice(-2);
    if (levels.length > 2 && ahoyLeaf.test(leaf)) {
      if (group === "total") return decodeTotal(message, leaf);
      if (/^ch\d$/.test(group)) return decodeInverter(message, group, leaf);
    }
    return levels[0] === defaultBase ? decodeState(message) : undefined;
  },
};

/** Only under the topic that is set at first is a plain word, such as `available`, known to be of AhoyDTU. */
const defaultBase = "inverter";

const leaves = leafTable({
  P_AC: gauge("power_active"),
  Q_AC: gauge("power_reactive"),
  U_AC: gauge("voltage"),
  I_AC: gauge("current"),
  F_AC: gauge("frequency"),
  PF_AC: { quantity: "power_factor", meaning: { unit: "", bareUnit: "%" } },
  YieldDay: registerWh("produced", "today"),
  YieldTotal: register("produced", "total"),
  U_AC_1N: gauge("voltage", { phase: "L1" }),
  U_AC_2N: gauge("voltage", { phase: "L2" }),
  U_AC_3N: gauge("voltage", { phase: "L3" }),
  I_AC_1: gauge("current", { phase: "L1" }),
  I_AC_2: gauge("current", { phase: "L2" }),
  I_AC_3: gauge("current", { phase: "L3" }),
});

/** The names of values, also of those that are not read. */
const ahoyLeaf =
  /^(?:[A-Z]{1,2}_[AD]C(?:_\w{1,3})?|Yield(?:Day|Total)|MaxPower|Irradiation|Efficiency|Temp|EVT|FW\w+|HW\w+|PowerLimit|LastAlarmCode|active_PowerLimit)$/;

/** `<base>/<name>/ch0/<leaf>`: channel 0 is the inverter's output, the others are its panels. */
function decodeInverter(message: RawMessage, group: string, leaf: string): Decoded {
  const meterId = message.levels.at(-3) ?? "";
  if (group !== "ch0") return { ignored: "direct current of a panel", meterId };
  const known = leaves.get(leaf);
  if (!known) return { ignored: "no measurement", meterId };
  const decoded = decodeLeaf(message, known, { meterId, channelRoles: { "": "solar" } });
  return totalLeaves.has(leaf) ? definingRepeats(decoded, ...totalsOf(message)) : decoded;
}

/** The topics of the sum that an inverter is part of, and a name for them all. */
function totalsOf({ levels }: RawMessage): [source: string, topics: string[]] {
  const source = [...levels.slice(0, -3), "total"].join("/");
  return [source, [...totalLeaves].map((leaf) => `${source}/${leaf}`)];
}

const totalLeaves = new Set(["P_AC", "YieldDay", "YieldTotal"]);

/** The sum of all inverters, which is read while none of them is. */
function decodeTotal(message: RawMessage, leaf: string): Decoded {
  const meterId = message.levels.slice(0, -1).join("/");
  const known = totalLeaves.has(leaf) ? leaves.get(leaf) : undefined;
  if (!known) return { ignored: "no measurement", meterId };
  const decoded = decodeLeaf(message, known, { meterId, channelRoles: { "": "solar" } });
  return isRepeated(message, dialect) ? repeating(decoded) : decoded;
}

/** What the DTU says of itself and whether it hears its inverters. */
function decodeState(message: RawMessage): Decoded | undefined {
  const [base = "", name = "", leaf] = message.levels;
  if (leaf === "available" && message.levels.length === 3) return decodeAvailable(message, name);
  if (message.levels.length !== 2) return undefined;
  if (name === "mqtt") return decodePresence(message, { meterId: base }, ["connected", "not connected"]);
  const value = plainNumber(message);
  if (name === "wifi_rssi" && value !== undefined) return facts({ meterId: base, signalDbm: value });
  if (name === "uptime" && value !== undefined) return facts({ meterId: base, uptimeS: value });
  return undefined;
}

/** 0 is off, 1 there without sun, 2 producing, 3 there and was producing, 4 was there. */
function decodeAvailable(message: RawMessage, meterId: string): Decoded {
  const state = message.text()?.trim() ?? "";
  if (!/^[0-4]$/.test(state)) return { rejected: "available must be a number from 0 to 4", meterId };
  return facts({ meterId, availability: state === "0" || state === "4" ? "offline" : "online" });
}
