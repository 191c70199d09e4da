import type { Decoded, Definitions, Driver, RawMessage } from "../driver.ts";
import { faultOfPayloadId, faultOfTopicId } from "../ids.ts";
import {
  decodeLeaf,
  facts,
  factsOf,
  gauge,
  leafTable,
  plainNumber,
  register,
  registerWh,
  whyNoObject,
} from "../leaf-table.ts";
import { isJsonObject } from "../readings.ts";

/** Charging stations with the OpenEVSE or EmonEVSE Wi-Fi gateway. */
export const openEvse: Driver = {
  dialect: "openevse",
  title: "OpenEVSE charging stations",
  devices: "OpenEVSE and EmonEVSE charging stations with the Wi-Fi gateway",
  reads: "power, voltage, current, energy of today, week, month, year and in total, Wi-Fi, availability, name",
  switches: "nothing",
  connect: "on the charger's page: Services › MQTT, the hub's address; keep openevse in the base topic",
  decode(message) {
    const { levels } = message;
    if (levels.length < 2) return undefined;
    if (levels[0] === "openevse" && levels[1] === "announce") return decodeAnnouncement(message);
    const leaf = levels.at(-1) ?? "";
    const base = message.topic.slice(0, -leaf.length - 1);
    const isChargers = /openevse/i.test(base) || (isLeaf(leaf) && message.known(dialect).length > 0);
    return isChargers ? decodeStatus(message, base, leaf) : undefined;
  },
};

const dialect = "openevse";

/** https://github.com/OpenEVSE/openevse_esp32_firmware/blob/master/docs/Developers_Guide_MQTT.md */
const leaves = leafTable({
  power: gauge("power_active"),
  voltage: gauge("voltage"),
  amp: { quantity: "current", meaning: { unit: "A", bareUnit: "mA" } },
  frequency: { quantity: "frequency", meaning: { unit: "Hz", times: 0.01 } },
  total_energy: register("import", "total"),
  total_day: register("import", "today"),
  total_week: register("import", "week"),
  total_month: register("import", "month"),
  total_year: register("import", "year"),
  // The names before firmware 5.
  wh: registerWh("import", "total"),
  watthour: registerWh("import", "total"),
});

const otherLeaves = new Set(["srssi", "uptime"]);

function isLeaf(leaf: string): boolean {
  return leaves.has(leaf) || otherLeaves.has(leaf);
}

/** Tells the charger's id and under which topic it sends; also sent as its last will. */
function decodeAnnouncement(message: RawMessage): Decoded {
  if (message.payload.length === 0) return { ignored: "a retained message was cleared" };
  const body = message.json();
  if (!isJsonObject(body)) return { rejected: whyNoObject(message) };
  const fault = faultOfPayloadId(body.id);
  if (fault) return { rejected: fault };
  const meterId = body.id as string;
  if (body.state !== "connected" && body.state !== "disconnected")
    return { rejected: "the state must be connected or disconnected", meterId };
  const availability = body.state === "connected" ? "online" : "offline";
  const alias = typeof body.mqtt === "string" && !faultOfTopicId(body.mqtt, 128) ? body.mqtt : undefined;
  const decoded = facts({
    meterId,
    availability,
    ...factsOf({ name: body.name }),
    ...(alias !== undefined && { alias }),
  });
  return alias !== undefined && "meters" in decoded
    ? { ...decoded, defines: definitionsOf(message.topic, alias) }
    : decoded;
}

/** A base topic may be any: the announcement makes its topics known. */
function definitionsOf(source: string, base: string): Definitions {
  const topics = [...leaves.keys(), ...otherLeaves].map((leaf) => `${base}/${leaf}`);
  return { source, list: [{ topics, data: {} }] };
}

function decodeStatus(message: RawMessage, meterId: string, leaf: string): Decoded {
  const known = leaves.get(leaf);
  if (known) return decodeLeaf(message, known, { meterId, channelRoles: { "": "ev" } });
  const value = plainNumber(message);
  if (leaf === "srssi" && value !== undefined) return facts({ meterId, signalDbm: value });
  if (leaf === "uptime" && value !== undefined) return facts({ meterId, uptimeS: value });
  return { ignored: "no measurement", meterId };
}
