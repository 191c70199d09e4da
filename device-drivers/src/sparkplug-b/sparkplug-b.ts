import type { Decoded, Definition, DefinitionData, Driver, RawMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import type { Roles } from "../leaf-table.ts";
import { facts, outcome } from "../leaf-table.ts";
import { fieldOf, readName } from "../naming.ts";
import type { Collected } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { readTime } from "../time.ts";
import type { Metric, Payload } from "./payload.ts";
import { numberOf, readPayload } from "./payload.ts";

const dialect = "sparkplug-b";

/** Edge nodes and devices that speak Sparkplug B 3.0, as gateways of Ignition, Cirrus Link and others do. */
export const sparkplugB: Driver = {
  dialect,
  title: "Sparkplug B devices",
  devices: "edge nodes and gateways with Sparkplug B, such as Ignition Edge, Cirrus Link, Opto 22, HiveMQ Edge",
  reads: "power, voltage, current, frequency, power factor, energies, wherever a metric's name says so; availability",
  switches: "nothing",
  connect: "on the node: broker = the hub's address; restart it once, so that it sends its birth",
  decode(message) {
    const [root, group = "", type = "", node = "", device] = message.levels;
    if (root !== "spBv1.0") return undefined;
    if (group === "STATE" || type === "STATE") return { ignored: "the state of a host" };
    const meterId = [group, node, ...(device === undefined ? [] : [device])].join("/");
    const fault = faultOfTopicId(node) ?? faultOfTopicId(meterId, 128);
    if (fault) return { rejected: fault };
    if (type === "NDEATH" || type === "DDEATH") return facts({ meterId, availability: "offline" });
    if (type === "NCMD" || type === "DCMD") return { ignored: "a command", meterId };
    if (!/^[ND](?:BIRTH|DATA)$/.test(type)) return { rejected: "the topic is none of Sparkplug B", meterId };
    const payload = readPayload(message.payload);
    if (!payload) return { rejected: "the payload is not of Sparkplug B", meterId };
    return type.endsWith("BIRTH") ? decodeBirth(message, meterId, payload) : decodeData(message, meterId, payload);
  },
};

/** What a birth says of a metric, so that data messages may name it by its alias. */
interface Meaning {
  name: string;
  unit?: string;
  dataType?: number;
}

function decodeBirth(message: RawMessage, meterId: string, payload: Payload): Decoded {
  const decoded = decodeMetrics(meterId, payload, new Map(), { availability: "online" });
  const list = definitionsOf(message.levels, payload.metrics);
  return "rejected" in decoded ? decoded : { ...decoded, defines: { source: message.topic, list } };
}

function decodeData(message: RawMessage, meterId: string, payload: Payload): Decoded {
  const meanings = new Map<string, Meaning>(message.known(dialect).flatMap(meaningsIn));
  const isUnknown = payload.metrics.some(({ name, alias }) => name === undefined && !meanings.has(alias ?? ""));
  const decoded = decodeMetrics(meterId, payload, meanings, {});
  // Metrics that measure nothing have no meaning either, so that this may be all that the message holds.
  return isUnknown && "ignored" in decoded
    ? { ignored: "metrics of which the birth has not said that they measure", meterId }
    : decoded;
}

function decodeMetrics(
  meterId: string,
  { metrics, timestampMs }: Payload,
  meanings: ReadonlyMap<string, Meaning>,
  presence: { availability?: "online" },
): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  for (const metric of metrics) if (!metric.isHistorical) readMetric(metric, meanings, collected);
  const time = readTime(timestampMs);
  return outcome(
    {
      meterId,
      ...presence,
      channelRoles: rolesOf(meterId, collected),
      ...(time && !("why" in time) && { time }),
    },
    collected,
  );
}

/** A device's name may say what all of its channels measure. */
function rolesOf(meterId: string, { readings }: Collected): Roles {
  const role = roleFromName(meterId);
  return role ? Object.fromEntries(readings.map(({ channel = "" }) => [channel, role])) : {};
}

function readMetric(metric: Metric, meanings: ReadonlyMap<string, Meaning>, collected: Collected): void {
  const known = metric.alias === undefined ? undefined : meanings.get(metric.alias);
  const name = metric.name ?? known?.name;
  const named = name === undefined ? undefined : readName(name);
  if (name === undefined || !named || metric.value === undefined) return;
  const { field, place } = fieldOf(named, name, named.unit ?? metric.unit ?? known?.unit);
  const channel = named.rest === "" ? {} : { channel: named.rest };
  const value = numberOf(metric.value, metric.dataType ?? known?.dataType);
  collect(collected, value, field, { ...place, ...channel });
}

/** A definition holds few metrics, so that it stays below the limit of its size. */
const metricsOfDefinition = 8;
const mostDefinitions = 64;
const longestName = 128;

/** The metrics that measure something, for the data messages of the same node or device. */
function definitionsOf([root, group, type = "", ...rest]: readonly string[], metrics: readonly Metric[]): Definition[] {
  const topics = [[root, group, type.replace("BIRTH", "DATA"), ...rest].join("/")];
  const aliased = metrics.flatMap(({ name, alias, unit, dataType }) => {
    if (name === undefined || alias === undefined || !mayBeKept(name)) return [];
    const isUnit = unit !== undefined && unit.length <= 16;
    return [[alias, { name, ...(isUnit && { unit }), ...(dataType !== undefined && { dataType }) }] as const];
  });
  const definitions: Definition[] = [];
  for (let at = 0; at < aliased.length && definitions.length < mostDefinitions; at += metricsOfDefinition)
    definitions.push({ topics, data: { aliases: Object.fromEntries(aliased.slice(at, at + metricsOfDefinition)) } });
  return definitions;
}

/** Control characters take six bytes each in JSON. */
function mayBeKept(name: string): boolean {
  return name.length <= longestName && !/\p{C}/u.test(name) && readName(name) !== undefined;
}

/** What was defined, as it comes back from where it was stored. */
function meaningsIn({ aliases }: DefinitionData): (readonly [string, Meaning])[] {
  if (!isJsonObject(aliases)) return [];
  return Object.entries(aliases).flatMap(([alias, meaning]) =>
    isJsonObject(meaning) && typeof meaning.name === "string" ? [[alias, meaning as unknown as Meaning] as const] : [],
  );
}
