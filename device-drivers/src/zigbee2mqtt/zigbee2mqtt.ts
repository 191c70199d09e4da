import type { Decoded, Driver, MeterMessage, RawMessage, Role } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { type About, availabilityOf, outcomeOf, relayState, textOf } from "../outcome.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { decodeDevices, isIeeeAddress, maxNameLength } from "./devices.ts";
import { type Layout, layoutOf, parseProperty, readProperty } from "./properties.ts";

const dialect = "zigbee2mqtt";

/** Zigbee plugs, relays and meters behind Zigbee2MQTT. */
export const zigbee2mqtt: Driver = {
  dialect,
  title: "Zigbee devices behind Zigbee2MQTT",
  isForAnything: true,
  devices: "every plug, relay and meter that Zigbee2MQTT supports: Tuya, Sonoff, Aqara, IKEA, Sunricher, …",
  reads: "power, energy, voltage, current, power factor, reactive and apparent power, frequency, relays, room climate",
  switches: "relays: `zigbee2mqtt/<name>/set` ON, OFF",
  connect: "in Zigbee2MQTT: Settings, MQTT, server mqtt://<hub>",
  decode(message) {
    const { levels } = message;
    if (levels.length < 2 || !isBase(levels[0] ?? "")) return undefined;
    if (levels[1] === "bridge") return decodeBridge(message);
    const leaf = levels.at(-1) ?? "";
    if (leaf === "set" || leaf === "get" || levels.at(-2) === "set") return { ignored: "a command" };
    if (leaf === "availability") return withName(message, 1, decodeDeviceAvailability);
    const json = message.json();
    if (isJsonObject(json)) return withName(message, 0, (_, name) => decodeState(message, json, name));
    if (levels.length < 3) return decodeOther(message);
    return withName(message, 1, decodeAttribute);
  },
};

/** A home with several networks has several bases, such as `zigbee2mqtt-garage`. */
function isBase(level: string): boolean {
  return level === dialect || /^zigbee2mqtt[\w-]{0,32}$/.test(level);
}

/**
 * Calls with the friendly name, which may have several levels: all after the base but the last `levelsAfter`. In a
 * network beside the first the base is part of the name, since each network has names of its own.
 */
function withName(
  message: RawMessage,
  levelsAfter: number,
  decodeNamed: (message: RawMessage, name: string) => Decoded,
): Decoded {
  const { levels } = message;
  const name = levels.slice(levels[0] === dialect ? 1 : 0, levels.length - levelsAfter).join("/");
  const fault = faultOfTopicId(name, maxNameLength);
  return fault ? { rejected: fault } : decodeNamed(message, name);
}

function decodeBridge(message: RawMessage): Decoded {
  if (message.levels.length !== 3 || message.levels[2] !== "devices") return { ignored: "a message of the bridge" };
  return decodeDevices(message.json(), message.levels[0] ?? "");
}

/** Not an object, and no property's topic. */
function decodeOther(message: RawMessage): Decoded {
  return withName(message, 0, (_, meterId) => {
    const text = textOf(message, meterId);
    if (typeof text !== "string") return text.answer;
    if (text === "" || text === "null") return { ignored: "a message without values", meterId };
    return { rejected: "the payload is not a whole JSON object", meterId };
  });
}

/** `online`, or `{"state":"online"}`. */
function decodeDeviceAvailability(message: RawMessage, meterId: string): Decoded {
  const text = textOf(message, meterId);
  if (typeof text !== "string") return text.answer;
  const json = message.json();
  const availability = availabilityOf(isJsonObject(json) ? json.state : text);
  if (!availability) return { rejected: "the availability must be online or offline", meterId };
  return { meters: [{ meterId, readings: [], availability }] };
}

/** `zigbee2mqtt/<name>/power`: one property alone, as Zigbee2MQTT publishes with `output: attribute`. */
function decodeAttribute(message: RawMessage, meterId: string): Decoded {
  const text = textOf(message, meterId);
  if (typeof text !== "string") return text.answer;
  const property = message.levels.at(-1) ?? "";
  const channel = relayChannel(property);
  const closed = channel === undefined ? undefined : relayState(text);
  if (channel !== undefined && closed !== undefined)
    return { meters: [{ meterId, readings: [], relays: { [channel]: closed } }] };
  const name = parseProperty(property);
  if (!name || isBatteryVoltage(property, text)) return { ignored: "not a measurement", meterId };
  const collected: Collected = { readings: [], dropped: [] };
  const layout = knownLayout(message) ?? layoutOf([property]);
  readProperty(name, numberOrText(text), { layout, siblings: {}, collected });
  return outcomeOf({ meterId, roles: rolesOf(collected, layout, meterId) }, collected);
}

function numberOrText(text: string): unknown {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Battery devices publish their cell's voltage in millivolts under the same name. */
function isBatteryVoltage(property: string, text: string): boolean {
  return property === "voltage" && Number(text) > 1_000;
}

/** `zigbee2mqtt/<name>`: the whole state of a device. */
function decodeState(message: RawMessage, state: JsonObject, name: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  const names = Object.keys(state).slice(0, 300);
  const hasBattery = "battery" in state || "battery_low" in state;
  const layout = layoutIn(message, names);
  const relays: NonNullable<MeterMessage["relays"]> = {};
  const hasLight = "brightness" in state || "color_mode" in state;
  for (const property of names) {
    const channel = relayChannel(property);
    const closed = channel === undefined || hasLight ? undefined : relayState(state[property]);
    if (channel !== undefined && closed !== undefined) relays[channel] = closed;
    const parsed = parseProperty(property);
    if (!parsed || (hasBattery && property === "voltage")) continue;
    readProperty(parsed, state[property], { layout, siblings: state, collected });
  }
  readClimate(state, collected);
  const about: About = { ...identityIn(state, name), roles: rolesOf(collected, layout, name) };
  if (Object.keys(relays).length > 0) about.relays = relays;
  return outcomeOf(about, collected);
}

/** With `include_device_information` the state says which device it is of. */
function identityIn({ device }: JsonObject, name: string): About {
  if (!isJsonObject(device) || !isIeeeAddress(device.ieeeAddr) || device.ieeeAddr === name) return { meterId: name };
  return { meterId: device.ieeeAddr, alias: name };
}

/** The state of a switch is `state`, of one with several `state_left` or `state_l1`. */
function relayChannel(property: string): string | undefined {
  if (property === "state") return "0";
  return /^state_([a-z0-9]{1,16})$/.exec(property)?.[1];
}

/** What the names in the message leave open, such as whether `_a` is a phase, the list of devices has told. */
function layoutIn(message: RawMessage, names: readonly string[]): Layout {
  const isOpen = names.some((name) => /_[abc]$/.test(name) && parseProperty(name));
  return (isOpen ? knownLayout(message) : undefined) ?? layoutOf(names);
}

function knownLayout(message: RawMessage): Layout | undefined {
  const [data] = message.known(dialect);
  if (!data || !Array.isArray(data.ofFirstPhase)) return undefined;
  return { hasLetterPhases: data.hasLetterPhases === true, ofFirstPhase: data.ofFirstPhase };
}

/** A device that has both measures its room; a temperature alone is mostly the device's own. */
function readClimate(state: JsonObject, collected: Collected): void {
  if (!("temperature" in state) || !("humidity" in state)) return;
  collect(collected, state.temperature, { name: "temperature", quantity: "temperature" }, {});
  collect(collected, state.humidity, { name: "humidity", quantity: "humidity" }, {});
}

/** Three phases are a supply, clamps are on circuits, and all else is a plug or a relay. */
function rolesOf({ readings }: Collected, layout: Layout, name: string): Record<string, Role> {
  const channels = new Set(readings.map(({ channel = "" }) => channel));
  const hasClamps = channels.has("a") || channels.has("b");
  const hasPhases = layout.hasLetterPhases || layout.ofFirstPhase.length > 0 || readings.some(({ phase }) => phase);
  const role = roleFromName(name) ?? (hasPhases ? "mains" : hasClamps ? "circuit" : "appliance");
  return Object.fromEntries([...channels].map((channel) => [channel, role]));
}
