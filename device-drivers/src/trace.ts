/** Finds what a driver makes of each slot of a form, by a traced decoding (see slot.ts). */
import { Buffer } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import type { Driver, MeterMessage, RawMessage, Reading } from "./driver.ts";
import type { FormSlot } from "./form.ts";
import { literalsOf, slotsOf } from "./form.ts";
import { createMessage } from "./message.ts";
import { factorOfBare } from "./number.ts";
import type { Slot } from "./slot.ts";
import { isSlot, slotReadingIn } from "./slot.ts";

/** What becomes of the number or time in a slot. */
export type Target =
  | { kind: "reading"; index: number; factor: number }
  | { kind: "time" }
  | { kind: "signal" }
  | { kind: "uptime" }
  | { kind: "unused" };

/** The slots of a form, what becomes of each, and what its messages say beside. */
export interface Trace {
  slots: readonly FormSlot[];
  /** As many as slots. */
  targets: readonly Target[];
  about: MeterMessage;
}

/** The form of a message and what its driver makes of it; null when that cannot be told without knowing the numbers. */
export function traceForm(driver: Driver, message: RawMessage): Trace | null {
  const slots = slotsOf(message.payload);
  const about = slots && soleMeter(driver, message);
  return about ? traceSlots(driver, { message, about, slots }) : null;
}

/** A time that is not the message's, such as when the meter was installed, is a text like any other and not to vary. */
function traceSlots(driver: Driver, { message, about, slots }: Traced): Trace | null {
  const targets = traceTargets(driver, { message, about, slots });
  if (!targets) return null;
  const varying = slots.filter(({ kind }, i) => kind === "number" || targets[i]?.kind !== "unused");
  return varying.length === slots.length
    ? { about, slots, targets }
    : traceSlots(driver, { message, about, slots: varying });
}

interface Traced {
  message: RawMessage;
  /** What the message says. */
  about: MeterMessage;
  slots: readonly FormSlot[];
}

function traceTargets(driver: Driver, { message, about, slots: formSlots }: Traced): readonly Target[] | null {
  const slots = formSlots.map(({ kind }) => Symbol(kind));
  const traced = tracedMeter(driver, tracedMessage(message, formSlots, slots));
  if (!traced || !isDeepStrictEqual(fixedPartOf(traced), fixedPartOf(about))) return null;
  const bySlot = targetsIn(traced);
  if (!bySlot) return null;
  const targets = slots.map((slot): Target => bySlot.get(slot) ?? { kind: "unused" });
  return targets.every((target, i) => mayHold(target, formSlots[i]!)) ? targets : null;
}

function tracedMeter(driver: Driver, message: RawMessage | null): MeterMessage | null {
  try {
    return message && soleMeter(driver, message);
  } catch {
    return null; // the driver calculates with a slot, or decides by it
  }
}

/** The meter of a message that is about one meter, defines and repeats nothing, and of which every value is usable. */
function soleMeter(driver: Driver, message: RawMessage): MeterMessage | null {
  const decoded = driver.decode(message);
  if (!decoded || !("meters" in decoded) || decoded.defines || decoded.repeats) return null;
  const [meter, ...others] = decoded.meters;
  return meter && others.length === 0 && !meter.dropped ? meter : null;
}

/** The same message with slots for its numbers, or null when it is not a JSON object or list. */
function tracedMessage(
  { topic, levels, payload }: RawMessage,
  formSlots: readonly FormSlot[],
  slots: readonly Slot[],
): RawMessage | null {
  const literals = literalsOf(payload, formSlots);
  const numbered = createMessage({ topic, payload: numberedPayload(literals) }).json();
  if (typeof numbered !== "object" || numbered === null) return null;
  const json = withSlots(numbered, slots);
  // Of the bytes a driver gets those with which all messages of the form begin: enough to see that it is JSON.
  const beginning = createMessage({ topic, payload: literals[0]! });
  return {
    topic,
    levels,
    payload: beginning.payload,
    text: () => beginning.text(),
    json: () => json,
    get retain(): boolean {
      throw new TypeError("a plan reads retained messages and others alike");
    },
    known(): never {
      throw new TypeError("a plan outlives what was defined about its topic");
    },
  };
}

/** A payload with the indexes of slots as its only numbers. The spaces keep what was no JSON from becoming JSON. */
function numberedPayload(literals: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(literals.flatMap((literal, i) => (i === 0 ? [literal] : [Buffer.from(` ${i - 1} `), literal])));
}

/** A copy of a JSON value with `slots[n]` in place of each number n. */
function withSlots(json: unknown, slots: readonly Slot[]): unknown {
  if (typeof json === "number") return slots[json];
  if (Array.isArray(json)) return json.map((item) => withSlots(item, slots));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, withSlots(value, slots)]));
}

/** All that a meter message says but its numbers, of which it says only that they are there. */
function fixedPartOf({ readings, time, signalDbm, uptimeS, ...rest }: MeterMessage) {
  const places = readings.map(({ value: _, ...place }) => place);
  return { rest, places, hasTime: !!time, hasSignal: signalDbm !== undefined, hasUptime: uptimeS !== undefined };
}

/** Where the slots of a traced message have gone; null when a number is not from a slot, or two are from one. */
function targetsIn({ readings, time, signalDbm, uptimeS }: MeterMessage): ReadonlyMap<Slot, Target> | null {
  const found: (readonly [slot: unknown, target: Target | undefined])[] = readings.map(readingTarget);
  if (time) found.push(["timeMs" in time ? time.timeMs : undefined, { kind: "time" }]);
  if (signalDbm !== undefined) found.push([signalDbm, { kind: "signal" }]);
  if (uptimeS !== undefined) found.push([uptimeS, { kind: "uptime" }]);

  const targets = new Map<Slot, Target>();
  for (const [slot, target] of found) {
    if (!isSlot(slot) || !target || targets.has(slot)) return null;
    targets.set(slot, target);
  }
  return targets;
}

function readingTarget({ value }: Reading, index: number): readonly [slot: unknown, target: Target | undefined] {
  const found = slotReadingIn(value);
  const factor = found && factorOfBare(found.meaning);
  return [found?.slot, factor === undefined ? undefined : { kind: "reading", index, factor }];
}

/** The text of a time is no number. */
function mayHold(target: Target, { kind }: FormSlot): boolean {
  return kind === "number" || target.kind === "time" || target.kind === "unused";
}
