/** What most dialects do alike: making the outcome of what was read, and reading a topic that carries one value. */
import type { Decoded, MeterMessage, RawMessage, Reading } from "./driver.ts";
import type { Collected, Field, Place } from "./readings.ts";
import { collect, reasonOf } from "./readings.ts";
import { numberIn } from "./slot.ts";

/** All that a message says of its meter beside readings. */
export type About = Omit<MeterMessage, "readings" | "dropped">;

/** Of what was read: the meter's message; or why there is none, when it says nothing but who it is. */
export function outcomeOf(about: About, { readings: all, dropped }: Collected): Decoded {
  const readings = withoutRepeats(all);
  const { meterId, availability, relays, signalDbm, uptimeS } = about;
  const saysMore = availability ?? relays ?? signalDbm ?? uptimeS;
  if (readings.length === 0 && saysMore === undefined) {
    return dropped.length > 0 ? { rejected: reasonOf(dropped), meterId } : { ignored: "no measurement", meterId };
  }
  const meter: MeterMessage = { ...about, readings, ...(dropped.length > 0 && { dropped }) };
  if (meter.roles && Object.keys(meter.roles).length === 0) delete meter.roles;
  return { meters: [meter] };
}

/** Of readings of one and the same thing, such as by an old name and a new one, the first. */
export function withoutRepeats(readings: Reading[]): Reading[] {
  if (readings.length < 2) return readings;
  const seen = new Set<string>();
  return readings.filter(({ quantity, channel, phase, direction, period }) => {
    const thing = [quantity, channel, phase, direction, period].join("\n");
    return !seen.has(thing) && seen.add(thing);
  });
}

/** The text of a message that has any; or what to answer when it has none. */
export function textOf(message: RawMessage, meterId: string): string | { answer: Decoded } {
  if (message.payload.length === 0) return { answer: { ignored: "a retained message was cleared", meterId } };
  const text = message.text()?.trim();
  return text === undefined ? { answer: { rejected: "the payload is not UTF-8 text", meterId } } : text;
}

/** A topic that carries one number, with or without its unit. */
export function decodeNumber(message: RawMessage, about: About, field: Field, place: Place): Decoded {
  const text = textOf(message, about.meterId);
  if (typeof text !== "string") return text.answer;
  const collected: Collected = { readings: [], dropped: [] };
  collect(collected, text, { ...field, name: "payload" }, place);
  return outcomeOf(about, collected);
}

/** A topic that carries the state of one relay. */
export function decodeRelay(message: RawMessage, about: About, channel: string): Decoded {
  const text = textOf(message, about.meterId);
  if (typeof text !== "string") return text.answer;
  const closed = relayState(text);
  if (closed === undefined) return { rejected: "the state must be on or off", meterId: about.meterId };
  return { meters: [{ ...about, readings: [], relays: { [channel]: closed } }] };
}

/** A topic that carries `online` or `offline`, as last wills do. */
export function decodeAvailability(message: RawMessage, about: About): Decoded {
  const text = textOf(message, about.meterId);
  if (typeof text !== "string") return text.answer;
  const availability = availabilityOf(text);
  if (!availability) return { rejected: "it must be online or offline", meterId: about.meterId };
  return { meters: [{ ...about, readings: [], availability }] };
}

const relayStates: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...(["on", "1", "true", true] as const).map((state) => [state, true] as const),
  ...(["off", "0", "false", false] as const).map((state) => [state, false] as const),
]);

/** Whether a relay is closed; undefined when the value is none of `on`, `off`, `true`, `false`, `1` and `0`. */
export function relayState(value: unknown): boolean | undefined {
  return relayStates.get(typeof value === "string" ? value.toLowerCase() : value);
}

/** From `online` and `offline`, `true` and `false`, `1` and `0`; undefined for other words. */
export function availabilityOf(value: unknown): "online" | "offline" | undefined {
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (word === "online" || relayState(word) === true) return "online";
  return word === "offline" || relayState(word) === false ? "offline" : undefined;
}

/** A JSON number as text, such as the one that numbers a channel; undefined for anything else. */
export function numberText(value: unknown): string | undefined {
  const number = numberIn(value);
  // Unlike String(), a template throws at a slot: a plan must not decide by it.
  return number === undefined ? undefined : `${number}`;
}

/** Text of a device that is shown to people: short and without control characters; undefined when nothing is left. */
export function shownText(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value.replace(/\p{C}/gu, "").trim().slice(0, 100).trim() || undefined;
}
