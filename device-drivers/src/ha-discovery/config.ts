/** A configuration message: what it says about the messages on the topics that it names. */
import { isTooLarge } from "../definitions.ts";
import type { Decoded, Definition, DefinitionData } from "../driver.ts";
import { faultOfTopicId, readMac } from "../ids.ts";
import { shownText } from "../outcome.ts";
import type { JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { placeOfTopic } from "../topic-place.ts";
import { asText, faultOfNames } from "./evaluate.ts";
import { expandConfig } from "./keys.ts";
import { meaningOf } from "./meaning.ts";
import { type Part, parseTemplate } from "./parse.ts";

/** Where a device says whether it is there. */
export interface AvailabilitySource {
  topic: string;
  template?: string;
  online: string;
  offline: string;
}

const maxTopicLength = 512;
const maxComponents = 64;

/** What a device is called; its id is what it names itself by, else its MAC address, else where its messages are. */
interface Device {
  meterId: string;
  name?: string;
  model?: string;
  firmware?: string;
  mac?: string;
}

/** A configuration of one component, on its topic. */
export function decodeConfig(component: string, source: string, config: JsonObject): Decoded {
  const described = describe(component, expandConfig(config));
  if ("rejected" in described) return described;
  const { definition, meterId, ignored } = described;
  return { ignored, meterId, defines: { source, list: definition ? [definition] : [] } };
}

/** A configuration of a whole device with all its components, which share what stands beside them. */
export function decodeDeviceConfig(source: string, config: JsonObject): Decoded {
  const { components, ...shared } = expandConfig(config);
  if (!isJsonObject(components)) return { rejected: "the configuration of the device has no components" };
  const list: Definition[] = [];
  let meterId: string | undefined;
  for (const component of Object.values(components).slice(0, maxComponents)) {
    if (!isJsonObject(component)) continue;
    // The base of topics stands beside the components, and is used inside of them.
    const own = expandConfig({ ...(typeof config["~"] === "string" && { "~": config["~"] }), ...component });
    const described = describe(asText(own.platform), { ...shared, ...own });
    if ("rejected" in described) return described;
    meterId = described.meterId;
    if (described.definition) list.push(described.definition);
  }
  return { ignored: "a description of a device", ...(meterId !== undefined && { meterId }), defines: { source, list } };
}

type Described = { rejected: string } | { ignored: string; meterId: string; definition?: Definition };

function describe(component: string, config: JsonObject): Described {
  const topic = config.state_topic;
  const device = deviceOf(config, typeof topic === "string" ? topic : "");
  const fault = faultOfTopicId(device.meterId, 128);
  if (fault) return { rejected: fault };
  const { meterId } = device;
  if (component !== "sensor" && component !== "switch")
    return { ignored: `a description of a ${component.slice(0, 32)}, which is not read`, meterId };
  if (typeof topic !== "string" || topic === "" || topic.length > maxTopicLength)
    return { ignored: "a description without a topic to read", meterId };
  const found = component === "switch" ? switchData(config) : sensorData(config, device.name ?? "");
  if ("rejected" in found) return found;
  if (!found.data) return { ignored: "a description of a sensor that does not measure electricity", meterId };
  const availability = availabilityOf(config);
  const topics = [...new Set([topic, ...availability.map((one) => one.topic)])];
  const data = { ...device, topic, ...found.data, availability };
  if (isTooLarge(data)) return { rejected: "the configuration is longer than 4096 bytes" };
  return {
    ignored: `a description of the messages on ${topic.slice(0, 100)}`,
    meterId,
    definition: { topics, data },
  };
}

function deviceOf({ device }: JsonObject, topic: string): Device {
  const known = isJsonObject(device) ? device : {};
  const mac = macOf(known.connections);
  const model = shownText([known.manufacturer, known.model].filter((text) => typeof text === "string").join(" "));
  const name = shownText(known.name);
  const firmware = shownText(known.sw_version);
  return {
    meterId: idOf(known.identifiers) ?? mac ?? (placeOfTopic(topic.split("/").slice(0, -1)) || "unnamed"),
    ...(name !== undefined && { name }),
    ...(model !== undefined && { model }),
    ...(firmware !== undefined && { firmware }),
    ...(mac && { mac }),
  };
}

function idOf(identifiers: unknown): string | undefined {
  return shownText(Array.isArray(identifiers) ? identifiers[0] : identifiers);
}

/** `[["mac", "84:0D:8E:52:28:51"]]` */
function macOf(connections: unknown): string | undefined {
  if (!Array.isArray(connections)) return undefined;
  const [, mac] = connections.find((one) => Array.isArray(one) && one[0] === "mac") ?? [];
  return readMac(mac);
}

/** What is described; undefined when it is nothing that the hub reads. */
type Found = { data: DefinitionData | undefined } | { rejected: string };

/** A template matters only where the sensor does. */
function sensorData(config: JsonObject, deviceName: string): Found {
  if (!meaningOf(config, undefined, deviceName)) return { data: undefined };
  const parts = templateOf(config);
  if (parts && "rejected" in parts) return parts;
  const meaning = meaningOf(config, parts, deviceName);
  return { data: meaning && { kind: "sensor", ...meaning, ...templateData(config) } };
}

function switchData(config: JsonObject): Found {
  const parts = templateOf(config);
  if (parts && "rejected" in parts) return parts;
  const on = config.state_on ?? config.payload_on ?? "ON";
  const off = config.state_off ?? config.payload_off ?? "OFF";
  const [onText, offText] = [asText(on).slice(0, 100), asText(off).slice(0, 100)];
  return { data: { kind: "switch", on: onText, off: offText, ...commandData(config), ...templateData(config) } };
}

/** How the switch is switched: read by `commands.ts`. */
function commandData({ command_topic: topic, payload_on: on = "ON", payload_off: off = "OFF" }: JsonObject) {
  if (typeof topic !== "string" || topic === "" || topic.length > maxTopicLength) return {};
  return { commandTopic: topic, commandOn: asText(on).slice(0, 100), commandOff: asText(off).slice(0, 100) };
}

function templateData({ value_template: template }: JsonObject): { template?: string } {
  return typeof template === "string" && template.trim() !== "" ? { template } : {};
}

/** The template's parts, undefined without one; a template that is not understood is said, with what in it. */
function templateOf({ value_template: template }: JsonObject): Part[] | { rejected: string } | undefined {
  if (typeof template !== "string" || template.trim() === "") return undefined;
  const parts = parseTemplate(template);
  const why = "why" in parts ? parts.why : faultOfNames(parts);
  return why === undefined ? (parts as Part[]) : { rejected: `value_template: ${why}` };
}

function availabilityOf(config: JsonObject): AvailabilitySource[] {
  const list = Array.isArray(config.availability) ? config.availability.filter(isJsonObject) : [];
  const { availability_topic: topic, availability_template: template } = config;
  const single = topic === undefined ? [] : [{ ...config, topic, value_template: template }];
  return [...list, ...single].flatMap((one) => availabilitySource(one));
}

function availabilitySource(one: JsonObject): AvailabilitySource[] {
  const { topic, value_template: template, payload_available: online, payload_not_available: offline } = one;
  if (typeof topic !== "string" || topic === "" || topic.length > maxTopicLength) return [];
  const isUsable = typeof template === "string" && !("why" in parseTemplate(template));
  return [{ topic, ...(isUsable && { template }), online: word(online, "online"), offline: word(offline, "offline") }];
}

function word(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value.slice(0, 100) : otherwise;
}
