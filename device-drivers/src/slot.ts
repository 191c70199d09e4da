/**
 * Traced decoding: a driver decodes a message in which a slot stands for each number, and its outcome shows what
 * becomes of which number, whatever they are.
 *
 * A slot is a symbol because JavaScript throws a TypeError where a program calculates with a symbol, compares its
 * size or joins it to a text. So a driver that decides by a number cannot do so unnoticed, as long as it asks whether a
 * value is a number with `numberIn`, and not by `typeof`.
 */
import type { NumberUnit } from "./number.ts";

/** Stands for a number, or for the text of a time. */
export type Slot = symbol;

/** What a traced message has as the value of a reading: the number in a slot, once it is converted. */
interface SlotReading {
  slot: Slot;
  meaning: NumberUnit;
}

/** Whether a value of a message is a slot: JSON itself has no symbols. */
export function isSlot(value: unknown): value is Slot {
  return typeof value === "symbol";
}

/** Puts a slot where the types want a number. Only a traced message has one there, and only `plan.ts` sees that. */
export function inPlaceOfNumber(slot: Slot): number {
  return slot as unknown as number;
}

/** Puts a slot where the types want the value of a reading. Without prototype, an object throws where a symbol does. */
export function inPlaceOfReading(slot: Slot, meaning: NumberUnit): number {
  const reading: SlotReading = { slot, meaning };
  return Object.assign(Object.create(null), reading);
}

/** What `inPlaceOfReading` has put as the value of a reading; undefined when the value is from no slot. */
export function slotReadingIn(value: unknown): SlotReading | undefined {
  return typeof value === "object" && value !== null && "slot" in value ? (value as SlotReading) : undefined;
}

/** A JSON value that is a number, unchanged (so it may be infinite); undefined when it is anything else. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return isSlot(value) ? inPlaceOfNumber(value) : undefined;
}

/** As `numberIn`, without what is too large for a number (JSON has no limit, so that `1e999` is infinite). */
export function finiteNumberIn(value: unknown): number | undefined {
  const number = numberIn(value);
  return Number.isFinite(number) || isSlot(number) ? number : undefined;
}
