import type { Decoded, Driver, RawMessage, Role } from "../driver.ts";
import { type Described, describedOf, identityOf, readDescribed } from "../ha-discovery/state.ts";
import { faultOfTopicId } from "../ids.ts";
import { countedBy, fieldOf, readName, wordsOf } from "../naming.ts";
import { type About, decodeNumber, decodeRelay, outcomeOf } from "../outcome.ts";
import type { Collected } from "../readings.ts";
import { roleFromName } from "../roles.ts";

/** Devices with ESPHome that publish over MQTT. */
export const esphome: Driver = {
  dialect: "esphome",
  title: "Devices with ESPHome",
  isForAnything: true,
  devices: "any board with ESPHome and its mqtt component: Athom and Shelly plugs, Emporia Vue, PZEM and CT boards",
  reads: "power, energy, voltage, current, power factor, frequency of each sensor; switches, availability",
  switches: "switches: `<prefix>/switch/<name>/command` ON, OFF",
  connect: "in its YAML: mqtt: with broker, username, password",
  isFallback: true,
  decode(message) {
    const { levels } = message;
    if (levels[0] === "homeassistant") return undefined;
    if (levels.length === 2 && levels[1] === "status") return decodeStatus(message);
    const [component = "", objectId = "", leaf] = levels.slice(-3);
    if (leaf !== "state" || levels.length < 4 || !components.has(component)) return undefined;
    const meterId = levels.slice(0, -3).join("/");
    const fault = faultOfTopicId(meterId, 128) ?? faultOfTopicId(objectId, 128);
    if (fault) return { rejected: fault };
    if (component === "sensor") return decodeSensor(message, meterId, objectId);
    return component === "switch"
      ? decodeSwitch(message, meterId, objectId)
      : { ignored: `the state of a ${component}`, meterId };
  },
};

const components: ReadonlySet<string> = new Set(
  "sensor switch binary_sensor text_sensor light number select button climate cover fan lock text event update".split(
    " ",
  ),
);

/** `<prefix>/status`, the last will. Any two-level topic may look so: only the very words count. */
function decodeStatus(message: RawMessage): Decoded | undefined {
  const text = message.text();
  if (text !== "online" && text !== "offline") return undefined;
  const meterId = message.levels[0] ?? "";
  const fault = faultOfTopicId(meterId);
  if (fault) return { rejected: fault };
  return { meters: [{ meterId, readings: [], availability: text === "online" ? "online" : "offline" }] };
}

/** The unit of a sensor is said by discovery alone; without it the words of its name say what they can. */
function decodeSensor(message: RawMessage, meterId: string, objectId: string): Decoded {
  const described = describedOf(message).find(({ kind, topic }) => kind === "sensor" && topic === message.topic);
  return described ? decodeDescribed(message, meterId, described) : decodeByName(message, meterId, objectId);
}

function decodeDescribed(message: RawMessage, meterId: string, described: Described): Decoded {
  if (message.payload.length === 0) return { ignored: "a retained message was cleared", meterId };
  const about: About = { ...identityOf(described), meterId };
  const collected: Collected = { readings: [], dropped: [] };
  readDescribed(placedByTopic(described, message), message, about, collected);
  return outcomeOf(about, collected);
}

/** The channel is named as it is without discovery, so that both are the same. */
function placedByTopic(described: Described, message: RawMessage): Described {
  const { channel: _, ...rest } = described;
  const channel = channelOf(readName(message.levels.at(-2) ?? "")?.rest ?? "", message);
  return { ...rest, ...(channel !== "" && { channel }) } as Described;
}

function decodeByName(message: RawMessage, meterId: string, objectId: string): Decoded {
  const named = readName(objectId);
  const text = message.text()?.trim() ?? "";
  if (!named || !/^[-+]?[\d.]/.test(text)) return { ignored: "not a measurement", meterId };
  if (named.quantity.startsWith("energy_") && named.unit === undefined)
    return { ignored: "an energy whose unit is not known: turn on discovery in the device's mqtt component", meterId };
  if (named.quantity === "temperature" || named.quantity === "humidity")
    return { ignored: "room climate without discovery", meterId };
  const channel = channelOf(named.rest, message);
  const role = roleOf(`${meterId} ${objectId}`, named.phase !== undefined);
  const { field, place } = fieldOf(countedBy(role, named), objectId);
  const roles = { [channel]: role };
  return decodeNumber(message, { meterId, roles }, field, { ...place, ...(channel !== "" && { channel }) });
}

/** What is left of a sensor's name beside its quantity and the name of its device: the circuit or the load. */
function channelOf(rest: string, { levels }: RawMessage): string {
  const device = new Set([
    ...wordsOf(levels.slice(0, -3).join("_")),
    "demand",
    "relay",
    "switch",
    "outlet",
    "plug",
    "socket",
  ]);
  return wordsOf(rest)
    .filter((word) => !device.has(word))
    .join("_")
    .slice(0, 64);
}

function roleOf(names: string, hasPhase: boolean): Role {
  return roleFromName(names.replaceAll("_", " ")) ?? (hasPhase ? "mains" : "appliance");
}

/** Switches that are no relays: they restart the device, or set how it works. */
const noRelay =
  /restart|reboot|reset|safe_?mode|shutdown|factory|\bota\b|led|logger|debug|enable|mode|manual|buzzer|lock/i;

function decodeSwitch(message: RawMessage, meterId: string, objectId: string): Decoded {
  if (noRelay.test(objectId)) return { ignored: "a switch that is no relay", meterId };
  return decodeRelay(message, { meterId }, channelOf(objectId, message) || "0");
}
