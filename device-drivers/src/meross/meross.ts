import type { Decoded, Driver, MeterMessage } from "../driver.ts";
import { faultOfPayloadId, readMac } from "../ids.ts";
import { type About, numberText, outcomeOf, relayState, shownText } from "../outcome.ts";
import type { Collected, Field, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { readTime } from "../time.ts";

/** Meross plugs that are bound to a broker at home. */
export const meross: Driver = {
  dialect: "meross",
  title: "Meross plugs on a broker at home",
  devices: "Meross MSS310, MSS305, MSS315 and relatives, bound to a local broker",
  reads: "power, voltage, current, relays, availability, model and firmware",
  switches: "nothing yet: commands must be signed with the key that the plug was bound with",
  connect: "bind the plug to the hub with the program Meross pair or meross_lan; it speaks TLS only",
  decode(message) {
    const { levels } = message;
    if (levels.length !== 4 || levels[0] !== "" || levels[1] !== "appliance") return undefined;
    const [, , meterId = "", branch] = levels;
    const fault = faultOfPayloadId(meterId);
    if (fault) return { rejected: fault };
    if (branch !== "publish") return { ignored: "a command", meterId };
    const body = message.json();
    if (!isJsonObject(body) || !isJsonObject(body.header) || !isJsonObject(body.payload))
      return { rejected: "the payload is not a whole message with header and payload", meterId };
    return decodeMessage(meterId, body.header, body.payload);
  },
};

/** Milliamperes, tenths of a volt and milliwatts. */
const fields: readonly Field[] = [
  { name: "current", quantity: "current", meaning: { unit: "A", bareUnit: "mA" } },
  { name: "voltage", quantity: "voltage", meaning: { unit: "V", times: 0.1 } },
  { name: "power", quantity: "power_active", meaning: { unit: "W", bareUnit: "mW" } },
];

function decodeMessage(meterId: string, header: JsonObject, payload: JsonObject): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  const about: About = { meterId };
  for (const inputs of [payload.electricity, payload.electricityX]) readElectricity(inputs, about, collected);
  const { all } = payload;
  if (isJsonObject(all)) readSystem(all, about);
  readToggles(payload.togglex ?? payload.toggle, about);
  if (isJsonObject(payload.online)) readOnline(payload.online, about);
  const time = readTime(header.timestamp);
  if (time && !("why" in time)) about.time = time;
  return outcomeOf(about, collected);
}

function readElectricity(inputs: unknown, about: About, collected: Collected): void {
  for (const input of listOf(inputs)) {
    const channel = channelOf(input);
    for (const field of fields) collect(collected, input[field.name], field, { channel });
    about.roles = { ...about.roles, [channel]: "appliance" };
  }
}

function readToggles(toggles: unknown, about: About): void {
  for (const toggle of listOf(toggles)) {
    const closed = relayState(numberText(toggle.onoff));
    if (closed !== undefined) about.relays = { ...about.relays, [channelOf(toggle)]: closed };
  }
}

/** `Appliance.System.All`: who the device is, and the state of its relays. */
function readSystem(all: JsonObject, about: About): void {
  const system = isJsonObject(all.system) ? all.system : {};
  const hardware = isJsonObject(system.hardware) ? system.hardware : {};
  const firmware = isJsonObject(system.firmware) ? shownText(system.firmware.version) : undefined;
  const type = shownText(hardware.type);
  const mac = readMac(hardware.macAddress);
  if (type !== undefined) about.model = `Meross ${type.toUpperCase()}`;
  if (firmware !== undefined) about.firmware = firmware;
  if (mac) about.mac = mac;
  if (isJsonObject(all.digest)) readToggles(all.digest.togglex ?? all.digest.toggle, about);
}

function readOnline({ status }: JsonObject, about: About): void {
  const isOnline: Record<string, MeterMessage["availability"]> = { 1: "online", 2: "offline" };
  const availability = isOnline[numberText(status) ?? ""];
  if (availability) about.availability = availability;
}

/** The largest power strip has seven. */
const maxChannels = 16;

function listOf(value: unknown): JsonObject[] {
  return (Array.isArray(value) ? value.slice(0, maxChannels) : [value]).filter(isJsonObject);
}

function channelOf({ channel }: JsonObject): string {
  const text = numberText(channel) ?? "0";
  return /^\d{1,2}$/.test(text) ? text : "0";
}
