import type { Decoded, Driver, MeterMessage, RawMessage } from "../driver.ts";
import { readMac } from "../ids.ts";
import { readTelegram } from "../obis.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject, reasonOf } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { readTime } from "../time.ts";
import { readEnergy, rolesFromLayout } from "./energy.ts";
import { readSml } from "./sml.ts";
import type { DeviceFacts } from "./status.ts";
import {
  readDeviceStatus,
  readDiscovery,
  readFirmware,
  readNetwork,
  readRelay,
  readState,
  relayChannel,
} from "./status.ts";
import type { TasmotaTopic } from "./topic.ts";
import { announcedPlace, parseTopic } from "./topic.ts";
import { readZigbee } from "./zigbee.ts";

/** Plugs, relays and meters with the Tasmota firmware. */
export const tasmota: Driver = {
  dialect: "tasmota",
  title: "Devices with Tasmota firmware",
  devices: "Sonoff POW, plugs, relays and meters with Tasmota; smart meters by SML or P1 on their serial port",
  reads: "power, voltage, current, power factor, frequency, energy by phase, channel or tariff, relays, Wi-Fi",
  switches: "relays: `cmnd/<topic>/POWER1` ON, OFF; restart",
  connect: "in its console: MqttHost, MqttUser, MqttPassword, Topic, TelePeriod 10",
  decode(message) {
    if (message.levels[0] === "tasmota" && message.levels[1] === "discovery") return decodeDiscovery(message);
    const topic = parseTopic(message.levels);
    if (!topic) return undefined;
    if (topic.prefix === undefined) return decodeWithoutPrefix(message, topic);
    if (topic.prefix === "cmnd") return { ignored: "a command" };
    if (topic.fault) return { rejected: topic.fault };
    if (message.payload.length === 0) return { ignored: "a retained message was cleared", meterId: topic.place };
    if (topic.leaf === "LWT") return decodeLastWill(message, topic.place);
    const channel = relayChannel(topic.leaf);
    return channel === undefined ? decodeJson(message, topic) : decodeRelay(message, topic.place, channel);
  },
};

/** Without `%prefix%` only the content tells that a message is Tasmota's. */
function decodeWithoutPrefix(message: RawMessage, topic: TasmotaTopic): Decoded | undefined {
  const body = message.json();
  const isTasmota = isJsonObject(body)
    ? isJsonObject(body.ENERGY) || (topic.leaf === "STATE" && "Uptime" in body && isJsonObject(body.Wifi))
    : (message.text()?.startsWith('{"Time":"') ?? false);
  if (!isTasmota) return undefined;
  return topic.fault ? { rejected: topic.fault } : decodeJson(message, topic);
}

function decodeLastWill(message: RawMessage, meterId: string): Decoded {
  const word = message.text()?.trim().toLowerCase();
  if (word !== "online" && word !== "offline") return { rejected: "the last will must be Online or Offline", meterId };
  return { meters: [{ meterId, readings: [], availability: word }] };
}

/** `stat/plug/POWER1`: the state alone. */
function decodeRelay(message: RawMessage, meterId: string, channel: string): Decoded {
  const facts: DeviceFacts = {};
  const collected: Collected = { readings: [], dropped: [] };
  readRelay(channel, message.text()?.trim(), facts, collected);
  return outcome(meterId, facts, collected, {});
}

function decodeJson(message: RawMessage, { leaf, place: meterId }: TasmotaTopic): Decoded {
  const body = message.json();
  if (body === undefined) {
    const fault = message.text() === undefined ? "the payload is not UTF-8 text" : "the payload is not whole JSON";
    return { rejected: fault, meterId };
  }
  if (!isJsonObject(body)) return { ignored: "a message without values", meterId };
  if (leaf.startsWith("STATUS")) return decodeStatus(body, meterId);
  if (leaf === "SENSOR") return decodeSensor(body, body.ENERGY, meterId);
  // Firmware before 5.10 sent the values of ENERGY on a topic of that name.
  if (leaf.startsWith("ENERGY")) return decodeSensor(body, body, meterId);
  const facts: DeviceFacts = {};
  const collected: Collected = { readings: [], dropped: [] };
  if (leaf === "STATE" || leaf === "RESULT" || leaf === "UPTIME") readState(body, facts, collected);
  if (leaf === "RESULT") {
    const line = body.SerialReceived ?? body.SSerialReceived;
    if (typeof line === "string") return decodeTelegram(line, meterId);
  }
  if (leaf.startsWith("INFO")) readFirmware(isJsonObject(body.Info1) ? body.Info1 : body, facts);
  return outcome(meterId, facts, collected, body);
}

function decodeSensor(body: JsonObject, energy: unknown, meterId: string): Decoded {
  if (!isJsonObject(energy)) return decodeSmartMeter(body, meterId);
  const collected: Collected = { readings: [], dropped: [] };
  readEnergy(energy, collected);
  return withRoles(outcome(meterId, {}, collected, body), energy);
}

/** Answers to `Status n`; `Status 0` of newer firmware holds them all. */
function decodeStatus(body: JsonObject, meterId: string): Decoded {
  const facts: DeviceFacts = {};
  const collected: Collected = { readings: [], dropped: [] };
  const sensors = isJsonObject(body.StatusSNS) ? body.StatusSNS : {};
  const energy = isJsonObject(sensors.ENERGY) ? sensors.ENERGY : body.StatusPWR;
  if (isJsonObject(body.Status)) readDeviceStatus(body.Status, facts);
  if (isJsonObject(body.StatusFWR)) readFirmware(body.StatusFWR, facts);
  if (isJsonObject(body.StatusNET)) readNetwork(body.StatusNET, facts);
  if (isJsonObject(body.StatusSTS)) readState(body.StatusSTS, facts, collected);
  if (!isJsonObject(energy)) {
    const hasMeter = readSml(sensors, collected);
    const decoded = outcome(meterId, facts, collected, hasMeter ? sensors : {});
    return hasMeter ? withMainsRole(decoded) : decoded;
  }
  readEnergy(energy, collected);
  return withRoles(outcome(meterId, facts, collected, sensors), energy);
}

/** A message without `ENERGY` may hold the values of a smart meter, which the user's script has named. */
function decodeSmartMeter(body: JsonObject, meterId: string): Decoded {
  if (isJsonObject(body.ZbReceived)) {
    const meters = readZigbee(body.ZbReceived, meterId);
    return meters.length > 0 ? { meters } : { ignored: "a Zigbee device without energy values", meterId };
  }
  const collected: Collected = { readings: [], dropped: [] };
  if (!readSml(body, collected)) return { ignored: "a sensor without energy values", meterId };
  return withMainsRole(outcome(meterId, {}, collected, body));
}

/** A line, or all lines, of a smart meter's telegram. */
function decodeTelegram(text: string, meterId: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  readTelegram(text, collected);
  return withMainsRole(outcome(meterId, {}, collected, {}));
}

/** Smart meters are on the supply. */
function withMainsRole(decoded: Decoded): Decoded {
  if (!("meters" in decoded)) return decoded;
  for (const meter of decoded.meters) {
    const named = roleFromName(meter.meterId);
    const roleOf = (channel: string) => roleFromName(channel) ?? named ?? "mains";
    meter.roles = Object.fromEntries(meter.readings.map(({ channel = "" }) => [channel, roleOf(channel)]));
  }
  return decoded;
}

/** Retained announcement of a device: the only message that ties its MAC to its topic. */
function decodeDiscovery(message: RawMessage): Decoded | undefined {
  const [, , mac, leaf] = message.levels;
  const meterId = readMac(mac);
  if (meterId === undefined || message.levels.length !== 4) return undefined;
  if (leaf !== "config") return { ignored: "a description of sensors", meterId };
  if (message.payload.length === 0) return { ignored: "a device is no longer announced", meterId };
  const config = message.json();
  if (!isJsonObject(config)) return { rejected: "the payload is not whole JSON", meterId };
  const facts: DeviceFacts = { mac: meterId };
  readDiscovery(config, facts);
  const alias = announcedPlace(config.ft, config.t);
  return { meters: [{ meterId, readings: [], ...(alias !== undefined && { alias }), ...facts }] };
}

function outcome(meterId: string, facts: DeviceFacts, { readings, dropped }: Collected, timed: JsonObject): Decoded {
  const hasFacts = Object.keys(facts).length > 0;
  if (readings.length === 0 && !hasFacts) {
    return dropped.length > 0 ? { rejected: reasonOf(dropped), meterId } : { ignored: "no measurement", meterId };
  }
  const meter: MeterMessage = { meterId, readings, ...facts };
  const time = readTime(timed.Time);
  if (time && !("why" in time)) meter.time = time;
  else if (time) dropped.push(`Time: ${time.why}`);
  if (dropped.length > 0) meter.dropped = dropped;
  return { meters: [meter] };
}

function withRoles(decoded: Decoded, energy: JsonObject): Decoded {
  if (!("meters" in decoded)) return decoded;
  for (const meter of decoded.meters) meter.roles = rolesFromLayout(energy, roleFromName(meter.meterId));
  return decoded;
}
