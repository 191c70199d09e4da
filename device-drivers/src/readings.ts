import type { Quantity, Reading } from "./driver.ts";
import { quantities } from "./driver.ts";
import type { NumberUnit } from "./number.ts";
import { isNotANumber, numberFromJson } from "./number.ts";
import { inPlaceOfReading, isSlot } from "./slot.ts";

/** A JSON object, of which any property may hold anything. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What was read from a message so far, and what could not be. */
export interface Collected {
  readings: Reading[];
  dropped: string[];
}

/** Where and what a value measured: all that a reading says beside its quantity and value. */
export type Place = Omit<Reading, "quantity" | "value">;

/** What one kind of value is, and the name that its maker gave it. */
export interface Field {
  name: string;
  quantity: Quantity;
  /** When a number without unit is not in the quantity's own unit. */
  meaning?: NumberUnit;
}

/** The largest meters send about a hundred values; a message with more is made to overwhelm. */
const maxValues = 500;

/** Adds one value: nothing when it is absent or null, a reading, or the reason why it is none. */
export function collect(collected: Collected, value: unknown, field: Field, place: Place): void {
  if (collected.readings.length + collected.dropped.length >= maxValues) return;
  const meaning: NumberUnit = field.meaning ?? quantities[field.quantity];
  const number = isSlot(value) ? inPlaceOfReading(value, meaning) : numberFromJson(value, meaning);
  if (number === undefined) return;
  if (isNotANumber(number)) collected.dropped.push(`${field.name}: ${number.why}`);
  else collected.readings.push({ quantity: field.quantity, value: number, ...place });
}

/** For registers that are sent in kWh. */
export const kilowattHours: NumberUnit = { unit: "Wh", bareUnit: "kWh" };
export const kilovarHours: NumberUnit = { unit: "varh", bareUnit: "kvarh" };

/** The reasons of a message from which nothing could be read, as one sentence of bounded length. */
export function reasonOf(dropped: readonly string[]): string {
  const shown = dropped.slice(0, 5).join("; ");
  return dropped.length > 5 ? `${shown}; and ${dropped.length - 5} more` : shown;
}
