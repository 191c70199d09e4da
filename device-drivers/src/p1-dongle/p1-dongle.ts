import type { Decoded, Driver, RawMessage } from "../driver.ts";
import type { Leaf } from "../leaf-table.ts";
import {
  decodeLeaf,
  decodePresence,
  decodeValue,
  exportPower,
  exportRegister,
  gauge,
  leafTable,
  outcome,
  register,
  supplyRoles,
  takePhase,
} from "../leaf-table.ts";
import type { NumberUnit } from "../number.ts";
import { isTelegram, readTelegram } from "../obis.ts";
import type { Collected } from "../readings.ts";
import { isJsonObject } from "../readings.ts";

/** Dongles on the P1 port of a smart meter that name values as the DSMR library for Arduino does, or send its telegrams. */
export const p1Dongle: Driver = {
  dialect: "p1-dongle",
  title: "Dongles on the P1 port of a smart meter",
  devices:
    "Smart-Stuff P1 Dongle and Ethernet Dongle, DSMR-API and DSMR-logger, Energy Intelligence ESP32, raw P1 telegrams",
  reads: "power, voltage and current by phase, energy from and to the grid by tariff, availability",
  switches: "nothing",
  connect: "on the dongle's page: Settings › MQTT, the hub's address; keep dongle, DSMR or P1 in the top topic",
  decode(message) {
    const { levels } = message;
    const leaf = levels.at(-1) ?? "";
    if (levels.length < 2) return undefined;
    if (leaf === "raw" || leaf === "telegram") return decodeTelegram(message);
    if (leaf === "value" || leaf === "unit") return decodeWordedTopic(message);
    if (!valueName.test(leaf) && !otherName.test(leaf)) return undefined;
    return decodeName(message, message.topic.slice(0, -leaf.length - 1), leaf);
  },
};

/** Most topics of others are told apart by how their last level begins. */
const valueName = /^(?:power|energy|voltage|current)/;

const kilowatts: NumberUnit = { unit: "W", bareUnit: "kW" };

/** Names that only these dongles use; phases are looked up without their level. */
const supplyLeaves = leafTable({
  power_delivered: { quantity: "power_active", meaning: kilowatts },
  power_returned: exportPower({}, kilowatts),
  energy_delivered: register("import", "total"),
  energy_delivered_total: register("import", "total"),
  energy_delivered_tariff1: register("import", "tariff1"),
  energy_delivered_tariff2: register("import", "tariff2"),
  energy_returned: exportRegister("total"),
  energy_returned_total: exportRegister("total"),
  energy_returned_tariff1: exportRegister("tariff1"),
  energy_returned_tariff2: exportRegister("tariff2"),
});

/** Names that others use too: they are the dongle's under a topic that is known to be. */
const plainLeaves = leafTable({ voltage: gauge("voltage"), current: gauge("current") });

const dongleTopic = /dongle|dsmr|(?:^|[^a-z0-9])p1(?:$|[^a-z0-9])/i;

function decodeName(message: RawMessage, meterId: string, name: string): Decoded | undefined {
  const { key, phase } = takePhase(name.split(/_(?=l[123]$)/));
  const isDongles = dongleTopic.test(meterId);
  const leaf = supplyLeaves.get(key) ?? (isDongles ? plainLeaves.get(key) : undefined);
  if (leaf) return decodeNamed(message, meterId, name, { ...leaf, ...(phase && { phase }) });
  if (!isDongles || !/^(?:Eth-)?[\w-]*(?:dongle|DSMR)[\w-]*$/i.test(meterId)) return undefined;
  if (name === "LWT") return decodePresence(message, { meterId }, ["online", "offline"]);
  return { ignored: "no measurement", meterId };
}

const otherName =
  /^(?:LWT|identification|p1_version\w*|timestamp|equipment_id|electricity_\w+|message_\w+|gas_\w+|water\w*|peak_\w+|highest_\w+|mbus\d_\w+)$/;

/** The value is a number, or `{"power_delivered":[{"value":0.227,"unit":"kW"}]}`. */
function decodeNamed(message: RawMessage, meterId: string, name: string, leaf: Leaf): Decoded {
  const about = { meterId, channelRoles: supplyRoles };
  const body = message.json();
  if (!isJsonObject(body)) return decodeLeaf(message, leaf, about);
  const list = body[name];
  const item: unknown = Array.isArray(list) ? list[0] : list;
  const value = isJsonObject(item) ? item.value : body.value;
  return decodeValue(value ?? null, leaf, about);
}

/** `Energy/Active/Positive/value`, of which the unit is on a topic beside it. */
const wordedLeaves = leafTable({
  "Energy/Active/Positive": register("import", "total"),
  "Energy/Active/Negative": exportRegister("total"),
  "Power/Instant/Active/Positive": { quantity: "power_active", meaning: kilowatts },
  "Power/Instant/Active/Negative": exportPower({}, kilowatts),
});

function decodeWordedTopic(message: RawMessage): Decoded | undefined {
  const { levels } = message;
  const at = levels.findIndex((level) => level === "Energy" || level === "Power");
  if (at < 1) return undefined;
  const meterId = levels.slice(0, at).join("/");
  const { key, phase } = takePhase(levels.slice(at, -1));
  const leaf = wordedLeaves.get(key);
  if (!leaf) return undefined;
  if (levels.at(-1) === "unit") return { ignored: "the unit of another topic", meterId };
  return decodeLeaf(message, { ...leaf, ...(phase && { phase }) }, { meterId, channelRoles: supplyRoles });
}

function decodeTelegram(message: RawMessage): Decoded | undefined {
  const text = message.text();
  if (message.levels[0] === "dsmr" || text === undefined || !isTelegram(text)) return undefined;
  const collected: Collected = { readings: [], dropped: [] };
  readTelegram(text, collected);
  return outcome({ meterId: message.levels.slice(0, -1).join("/"), channelRoles: supplyRoles }, collected);
}
