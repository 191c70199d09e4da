/** For families that send each value on a topic of its own, or as a key of its own: tables of what each one is. */
import type { Decoded, Direction, MeterMessage, Period, Phase, Quantity, RawMessage, Role } from "./driver.ts";
import { faultOfTopicId } from "./ids.ts";
import type { NumberUnit } from "./number.ts";
import { quote } from "./number.ts";
import { shownText, withoutRepeats } from "./outcome.ts";
import type { Collected, JsonObject, Place } from "./readings.ts";
import { collect, kilowattHours, reasonOf } from "./readings.ts";
import { finiteNumberIn } from "./slot.ts";

/** What one value is. */
export interface Leaf extends Place {
  quantity: Quantity;
  /** When a number without unit is not in the quantity's own unit. */
  meaning?: NumberUnit;
}

/** Leaves by the end of their topic, or by their key. */
export type LeafTable = ReadonlyMap<string, Leaf>;

/** What the channels of a family measure, by channel. */
export type Roles = Readonly<Record<string, Role>>;

/** All that a message says of its meter but readings, and what each of the family's channels measures. */
export interface About extends Omit<MeterMessage, "readings" | "roles" | "dropped"> {
  channelRoles?: Roles;
}

export function leafTable(rows: Readonly<Record<string, Leaf>>): LeafTable {
  return new Map(Object.entries(rows));
}

/** A gauge in its quantity's own unit. */
export function gauge(quantity: Quantity, place: Place = {}): Leaf {
  return { quantity, ...place };
}

/** A register of active energy that is sent in kWh. */
export function register(direction: Direction, period: Period, place: Place = {}): Leaf {
  return { ...place, quantity: "energy_active", direction, period, meaning: kilowattHours };
}

/** A register of active energy that is sent in Wh. */
export function registerWh(direction: Direction, period: Period, place: Place = {}): Leaf {
  return { ...place, quantity: "energy_active", direction, period };
}

/**
 * The channel of what a supply gives back to the grid, on meters that send it apart. Sent apart, neither of the two
 * numbers alone is the supply's power, and the last one need not be the true one; but the hub adds up all channels of the mains.
 */
export const exportChannel = "export";

/** The two channels of a supply whose export is sent apart. */
export const supplyRoles: Roles = { "": "mains", [exportChannel]: "mains" };

/** Power to the grid that is sent as a positive number. */
export function exportPower(place: Place = {}, meaning: NumberUnit = { unit: "W" }): Leaf {
  return { quantity: "power_active", channel: exportChannel, ...place, meaning: { ...meaning, times: -1 } };
}

/** A register of energy to the grid, beside the power to it. */
export function exportRegister(period: Period, place: Place = {}): Leaf {
  return register("export", period, { channel: exportChannel, ...place });
}

const phases: ReadonlyMap<string, Phase> = new Map([
  ["l1", "L1"],
  ["l2", "L2"],
  ["l3", "L3"],
  ["n", "N"],
]);

/** Takes the level that names a phase out of a path: `ac/l1/voltage` is `ac/voltage` of L1. */
export function takePhase(path: readonly string[]): { key: string; phase?: Phase } {
  for (const [i, level] of path.entries()) {
    const phase = level.length <= 2 ? phases.get(level.toLowerCase()) : undefined;
    if (phase) return { key: path.toSpliced(i, 1).join("/"), phase };
  }
  return { key: path.join("/") };
}

/** A topic of which the end is not the user's to choose may have several levels before it. */
const maxBaseLength = 128;

/** Decodes a topic with one value, a number as text or as JSON. */
export function decodeLeaf(message: RawMessage, leaf: Leaf, about: About): Decoded {
  const { meterId } = about;
  if (message.payload.length === 0) return { ignored: "a retained message was cleared", meterId };
  const text = message.text();
  if (text === undefined) return { rejected: "the payload is not UTF-8 text", meterId };
  return decodeValue(text.trim() === "null" ? null : text, leaf, about);
}

/** Decodes one value; null is no measurement. */
export function decodeValue(value: unknown, { quantity, meaning, ...place }: Leaf, about: About): Decoded {
  const { meterId } = about;
  const fault = faultOfTopicId(meterId, maxBaseLength);
  if (fault) return { rejected: fault };
  const collected: Collected = { readings: [], dropped: [] };
  collect(collected, value, { name: "payload", quantity, ...(meaning && { meaning }) }, place);
  return outcome(about, collected);
}

/** Reads the keys that the table knows, in the table's order. */
export function readLeaves(body: JsonObject, table: LeafTable, collected: Collected): void {
  for (const [key, leaf] of table) {
    if (!Object.hasOwn(body, key)) continue;
    const { quantity, meaning, ...place } = leaf;
    collect(collected, body[key], { name: key, quantity, ...(meaning && { meaning }) }, place);
  }
}

/** One message about one meter: what it says; or that it says nothing, or nothing usable. */
export function outcome({ channelRoles, ...about }: About, { readings: all, dropped }: Collected): Decoded {
  const { meterId } = about;
  const readings = withoutRepeats(all);
  const fault = faultOfTopicId(meterId, maxBaseLength);
  if (fault) return { rejected: fault };
  if (readings.length === 0 && !saysMore(about)) {
    return dropped.length > 0 ? { rejected: reasonOf(dropped), meterId } : { ignored: "no measurement", meterId };
  }
  const roles = channelRoles && rolesOf(readings, channelRoles);
  return { meters: [{ ...about, readings, ...(roles && { roles }), ...(dropped.length > 0 && { dropped }) }] };
}

/** What a message says beside readings: `{ meterId, availability: "online" }`. */
export function facts(about: About): Decoded {
  return outcome(about, { readings: [], dropped: [] });
}

/** Facts that a message without readings is worth keeping for. */
const factKeys: readonly (keyof About)[] = [
  "availability",
  "relays",
  "name",
  "model",
  "firmware",
  "signalDbm",
  "uptimeS",
];

function saysMore(about: About): boolean {
  return factKeys.some((key) => about[key] !== undefined);
}

function rolesOf(readings: readonly { channel?: string }[], channelRoles: Roles): Record<string, Role> | undefined {
  const channels = [...new Set(readings.map(({ channel = "" }) => channel))];
  const roles = channels.flatMap((channel) => {
    const role = Object.hasOwn(channelRoles, channel) ? channelRoles[channel] : undefined;
    return role ? [[channel, role] as const] : [];
  });
  return roles.length > 0 ? Object.fromEntries(roles) : undefined;
}

/**
 * Makes known, with an inverter's message, that the topics of a sum repeat it. A sum alone is all that is known of the
 * inverters; beside them it would count them twice.
 */
export function definingRepeats(decoded: Decoded, source: string, topics: readonly string[]): Decoded {
  return "meters" in decoded
    ? { ...decoded, defines: { source, list: [{ topics, data: { isRepeated: true } }] } }
    : decoded;
}

/** Whether an inverter of this sum was heard of (see `definingRepeats`). */
export function isRepeated(message: RawMessage, dialect: string): boolean {
  return message.known(dialect).some((data) => data.isRepeated === true);
}

/** What a sum of inverters says beside messages of each of them. */
export function repeating(decoded: Decoded): Decoded {
  return "meters" in decoded ? { ...decoded, repeats: "a sum of inverters that are read one by one" } : decoded;
}

/** Decodes a last will: the word for there, or the word for gone. */
export function decodePresence(
  message: RawMessage,
  about: About,
  [online, offline]: readonly [string, string],
): Decoded {
  const word = message.text()?.trim().toLowerCase();
  if (word === "") return { ignored: "a retained message was cleared", meterId: about.meterId };
  if (word === online) return facts({ ...about, availability: "online" });
  if (word === offline) return facts({ ...about, availability: "offline" });
  return { rejected: `the last will must be ${online} or ${offline}`, meterId: about.meterId };
}

/** Facts of a device, without those that are absent. */
export function factsOf(values: { name?: unknown; model?: unknown; firmware?: unknown; signalDbm?: unknown }) {
  const name = shownText(values.name);
  const model = shownText(values.model);
  const firmware = shownText(values.firmware);
  const signalDbm = finiteNumberIn(values.signalDbm);
  return {
    ...(name !== undefined && { name }),
    ...(model !== undefined && { model }),
    ...(firmware !== undefined && { firmware }),
    ...(signalDbm !== undefined && { signalDbm }),
  };
}

/** A topic's number, such as a signal strength; undefined when the payload is none. */
export function plainNumber(message: RawMessage): number | undefined {
  const text = message.text()?.trim();
  return text !== undefined && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

/** Whether the payload may be a JSON object: to parse what is none takes long. */
export function mayBeObject({ payload }: RawMessage): boolean {
  const first = payload.find((byte) => byte > 0x20);
  return first === 0x7b;
}

/** Why a payload that should be a JSON object is none. */
export function whyNoObject(message: RawMessage): string {
  const text = message.text();
  if (text === undefined) return "the payload is not UTF-8 text";
  if (message.json() === undefined) return `the payload is not whole JSON: ${quote(text.trim())}`;
  return "the payload is not a JSON object";
}
