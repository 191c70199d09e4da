import type { Decoded, Driver, MeterMessage, RawMessage } from "../driver.ts";
import { faultOfPayloadId, faultOfTopicId, readMac } from "../ids.ts";
import { shownText } from "../outcome.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject, reasonOf } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { readTime } from "../time.ts";
import type { DeviceFacts } from "./components.ts";
import { components, readRoomTemperature } from "./components.ts";
import { identityFromId, isClimateId, isGen2Id } from "./models.ts";

/** Shelly devices of the generations Plus, Pro, Gen3 and Gen4. */
export const shellyGen2: Driver = {
  dialect: "shelly-gen2",
  title: "Shelly Plus, Pro, Gen3 and Gen4",
  devices: "Shelly Plus, Pro, Mini, Gen3 and Gen4: plugs, relays, dimmers, covers, PM, EM and 3EM meters, H&T",
  reads: "power, energy in both directions, voltage, current, power factor, frequency, relays, room climate, Wi-Fi",
  switches: "outputs: `<prefix>/rpc` Switch.Set, Light.Set; restart: Shelly.Reboot",
  connect: "in its web page: Settings, MQTT, with RPC and generic status updates on",
  decode(message) {
    const { levels } = message;
    if (levels.length < 2) return undefined;
    const [branch, leaf = ""] = levels.slice(-2);
    if (leaf === "online") return decodeOnline(message);
    if (leaf === "announce") return decodeAnnouncement(message);
    if (leaf === "rpc") return branch === "events" ? decodeNotification(message) : decodeReply(message);
    if (levels.length < 3) return undefined;
    if (branch === "status") return decodeStatus(message, leaf);
    if (branch === "debug" && leaf === "log")
      return isGen2Id(prefixOf(message, 2)) ? { ignored: "a log line" } : undefined;
    return undefined;
  },
};

/** A prefix that the user chose may have several levels. */
const maxPrefixLength = 128;

function prefixOf(message: RawMessage, levelsAfter: number): string {
  return message.levels.slice(0, -levelsAfter).join("/");
}

/** `<prefix>/online`, the last will. Gen1 has the same under `shellies/`. */
function decodeOnline(message: RawMessage): Decoded | undefined {
  const meterId = prefixOf(message, 1);
  const word = message.text()?.trim();
  if (word !== "true" && word !== "false") return undefined;
  if (message.levels[0] === "shellies" && !isGen2Id(message.levels[1] ?? "")) return undefined;
  const fault = faultOfTopicId(meterId, maxPrefixLength);
  if (fault) return { rejected: fault };
  const availability = word === "true" ? "online" : "offline";
  return { meters: [{ meterId, readings: [], availability, ...identityFromId(meterId) }] };
}

/** Components that exist once and have no index. */
const singletons: ReadonlySet<string> = new Set([
  ..."sys wifi eth mqtt cloud ble ws bthome matter modbus knx zigbee ui plugs_ui pm1_ui ht_ui wd_ui".split(" "),
]);

/** `<prefix>/status/switch:0`: the whole status of one component. */
function decodeStatus(message: RawMessage, component: string): Decoded | undefined {
  const isIndexed = /^[a-z][a-z0-9_]*:\d{1,4}$/.test(component);
  if (!isIndexed && !singletons.has(component)) return undefined;
  const meterId = prefixOf(message, 2);
  const fault = faultOfTopicId(meterId, maxPrefixLength);
  if (fault) return { rejected: fault };
  if (message.payload.length === 0) return { ignored: "a retained status was cleared", meterId };
  const status = message.json();
  if (!isJsonObject(status)) return isIndexed ? { rejected: "the payload is not a JSON object", meterId } : undefined;
  return outcome({ meterId, ...identityFromId(meterId), readings: [] }, { [component]: status });
}

/** `<prefix>/events/rpc`: what changed since the last notification. */
function decodeNotification(message: RawMessage): Decoded {
  const prefix = prefixOf(message, 2);
  const fault = faultOfTopicId(prefix, maxPrefixLength);
  if (fault) return { rejected: fault };
  const frame = message.json();
  if (!isJsonObject(frame)) return { rejected: "the payload is not a JSON object", meterId: prefix };
  const meterId = faultOfPayloadId(frame.src) === undefined ? (frame.src as string) : prefix;
  if (frame.method !== "NotifyStatus" && frame.method !== "NotifyFullStatus") return { ignored: "an event", meterId };
  if (!isJsonObject(frame.params)) return { rejected: "the notification has no params", meterId };
  const meter: MeterMessage = { meterId, ...identityFromId(meterId), readings: [] };
  if (prefix !== meterId) meter.alias = prefix;
  const time = readTime(frame.params.ts);
  // Before its clock is set a device sends the seconds since its start; the arrival time is then the better one.
  if (time && !("why" in time)) meter.time = time;
  return outcome(meter, frame.params);
}

/** `<prefix>/announce`, the answer to the command `announce`: who the device is. */
function decodeAnnouncement(message: RawMessage): Decoded | undefined {
  const info = message.json();
  if (!isJsonObject(info) || !isDeviceInfo(info)) return undefined;
  const prefix = prefixOf(message, 1);
  const alias = prefix !== "shellies" && faultOfTopicId(prefix, maxPrefixLength) === undefined ? prefix : undefined;
  return decodeDeviceInfo(info, info.id, alias);
}

/** `<src of the request>/rpc`: a reply; or `<prefix>/rpc`: a command. */
function decodeReply(message: RawMessage): Decoded | undefined {
  const frame = message.json();
  if (!isJsonObject(frame) || typeof frame.src !== "string") return undefined;
  if (typeof frame.method === "string") return { ignored: "a command" };
  if (!("result" in frame) && !("error" in frame)) return undefined;
  const { src, result } = frame;
  if (faultOfPayloadId(src) !== undefined) return { ignored: "a reply to a command" };
  if (isJsonObject(result) && isDeviceInfo(result)) return decodeDeviceInfo(result, src, undefined);
  // The reply to Shelly.GetStatus has the statuses of all components.
  const hasStatuses = isJsonObject(result) && Object.keys(result).some((key) => /^[a-z0-9]+:\d+$/.test(key));
  if (hasStatuses) return outcome({ meterId: src, ...identityFromId(src), readings: [] }, result);
  return { ignored: "a reply to a command", meterId: src };
}

type DeviceInfo = JsonObject & { id: string };

/** Only later generations say which one they are. */
function isDeviceInfo(info: JsonObject): info is DeviceInfo {
  return faultOfPayloadId(info.id) === undefined && "gen" in info && "mac" in info;
}

function decodeDeviceInfo(info: JsonObject, meterId: string, prefix: string | undefined): Decoded {
  const mac = readMac(info.mac);
  const name = shownText(info.name);
  const firmware = shownText(info.ver);
  const meter: MeterMessage = { meterId, ...identityFromId(meterId), readings: [] };
  if (prefix !== undefined && prefix !== meterId) meter.alias = prefix;
  if (mac) meter.mac = mac;
  if (name !== undefined) meter.name = name;
  if (firmware !== undefined) meter.firmware = firmware;
  return { meters: [meter] };
}

/** A device with all its virtual components has fewer. */
const maxComponents = 300;

function outcome(meter: MeterMessage, statuses: JsonObject): Decoded {
  const collected: Collected = { readings: meter.readings, dropped: [] };
  const facts: DeviceFacts = {};
  for (const component of Object.keys(statuses).slice(0, maxComponents)) {
    readStatus(component, statuses[component], collected, facts);
  }
  readClimate(meter.meterId, statuses, collected);
  const { readings, dropped } = collected;
  if (readings.length === 0 && !facts.relays && facts.signalDbm === undefined && facts.uptimeS === undefined) {
    const { meterId } = meter;
    return dropped.length > 0 ? { rejected: reasonOf(dropped), meterId } : { ignored: "no measurement", meterId };
  }
  Object.assign(meter, facts);
  if (facts.roles) meter.roles = namedRoles(facts.roles, meter);
  if (dropped.length > 0) meter.dropped = dropped;
  return { meters: [meter] };
}

function readStatus(component: string, status: unknown, collected: Collected, facts: DeviceFacts): void {
  const [type = "", index = "0"] = component.split(":");
  const read = components.get(type);
  if (read && isJsonObject(status) && /^\d{1,4}$/.test(index)) read(status, index, collected, facts);
}

/** Of a climate sensor, known by its id or its `humidity:0`, the temperature is the room's and not its own heat. */
function readClimate(meterId: string, statuses: JsonObject, collected: Collected): void {
  const temperature = statuses["temperature:0"];
  if (!isJsonObject(temperature) || !("humidity:0" in statuses || isClimateId(meterId))) return;
  readRoomTemperature(temperature, "0", collected);
}

/** A name that the user chose (`solar-pm`) says more than the kind of component. */
function namedRoles(roles: NonNullable<MeterMessage["roles"]>, { meterId, alias }: MeterMessage): typeof roles {
  const named = roleFromName(alias ?? meterId);
  if (named === undefined || named === "mains") return roles;
  return Object.fromEntries(Object.keys(roles).map((channel) => [channel, named]));
}
