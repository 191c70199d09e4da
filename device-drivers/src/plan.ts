/**
 * Reads messages of a known form without making objects of them.
 *
 * Why that is safe: a form is all bytes of a payload but its numbers and the texts of times, so that messages of one
 * form differ in nothing else. A traced decoding (see slot.ts) shows what becomes of each number, whichever it is. A
 * payload that is not byte for byte of the form, or has a number that the driver would not take as a value, is left to
 * the driver. What is defined about a topic may change between messages: a driver that asks for it gets no plan, and who
 * keeps plans lets those of a topic go when something else is defined about it.
 */
import { startsWithAt } from "./ascii.ts";
import type { Driver, MeterMessage, RawMessage } from "./driver.ts";
import type { FormSlot } from "./form.ts";
import { literalsOf } from "./form.ts";
import { readJsonNumber } from "./json-number.ts";
import { convert } from "./number.ts";
import { unixTimeMs } from "./time.ts";
import { createTimeTextReader } from "./time-text.ts";
import type { Target } from "./trace.ts";
import { traceForm } from "./trace.ts";

/**
 * Reads messages of one form (same topic, same keys and texts, other numbers) straight from their bytes, with the very
 * same outcome as the driver's `decode`.
 */
export interface DecodePlan {
  /** The meter message that all messages of this form decode to, but for values, time, signalDbm and uptimeS. */
  readonly about: MeterMessage;
  /**
   * Reads the payload: `into.values[i]` is the value of `about.readings[i]`. False when the payload is of another form,
   * or a value in it is not usable: then `into` holds nothing of use, and the message is to be decoded by the driver.
   */
  read(payload: Uint8Array, into: PlanValues): boolean;
}

/** What a plan reads from one message; the caller makes it once and `read` fills it each time. */
export interface PlanValues {
  /** At least as long as `about.readings`, in the units of their quantities. */
  readonly values: Float64Array;
  /** NaN when the message has no exact time: none at all, or a wall clock's without zone. */
  timeMs: number;
  /** NaN when the message has none. */
  signalDbm: number;
  /** NaN when the message has none. */
  uptimeS: number;
}

/** The plan for messages of this form; null when what the driver makes of them depends on more than plain numbers. */
export function createPlan(driver: Driver, message: RawMessage): DecodePlan | null {
  const trace = traceForm(driver, message);
  if (!trace) return null;
  const literals = literalsOf(message.payload, trace.slots);
  const steps = trace.slots.map(({ kind }, i) => ({ literal: literals[i]!, kind, target: trace.targets[i]! }));
  return { about: trace.about, read: createReader(steps, literals.at(-1)!) };
}

/** The bytes that come next in every message of the form, and the slot that follows. */
interface Step {
  literal: Uint8Array;
  kind: FormSlot["kind"];
  target: Target;
}

function createReader(steps: readonly Step[], tail: Uint8Array): DecodePlan["read"] {
  const number = new Float64Array(1);
  const readTimeText = createTimeTextReader();

  return (payload, into) => {
    into.timeMs = Number.NaN;
    into.signalDbm = Number.NaN;
    into.uptimeS = Number.NaN;
    let at = 0;
    for (const { literal, kind, target } of steps) {
      if (!startsWithAt(payload, at, literal)) return false;
      at += literal.length;
      if (kind === "time") {
        at = readTimeText(payload, at, into);
        if (at === -1) return false;
      } else {
        at = readJsonNumber(payload, at, number, 0);
        if (at === -1 || !take(target, number[0]!, into)) return false;
      }
    }
    return payload.length === at + tail.length && startsWithAt(payload, at, tail);
  };
}

/** Puts a number where it belongs; false when the driver would not take it as a value. */
function take(target: Target, number: number, into: PlanValues): boolean {
  switch (target.kind) {
    case "reading":
      into.values[target.index] = convert(number, target.factor);
      return !Number.isNaN(into.values[target.index]);
    case "time":
      into.timeMs = unixTimeMs(number);
      return !Number.isNaN(into.timeMs);
    case "signal":
      into.signalDbm = number;
      return Number.isFinite(number);
    case "uptime":
      into.uptimeS = number;
      return Number.isFinite(number);
    case "unused":
      return true;
  }
}
