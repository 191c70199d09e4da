/** Reads JSON objects whose keys are what their maker called the values. */
import type { Role } from "../driver.ts";
import { countedBy, fieldOf, type NamedValue, readName } from "../naming.ts";
import type { Collected, JsonObject, Place } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { numberIn } from "../slot.ts";

/** A meter sends fewer; an object with more is made to overwhelm. */
const maxKeys = 200;
const maxDepth = 3;

/** A value with the name that its keys give it, from the outermost on. */
export interface KeyedValue {
  name: string;
  value: unknown;
}

/** The numbers of an object and of the objects in it; a list counts its items. */
export function* keyedValues(object: JsonObject, before = "", depth = 1): Generator<KeyedValue> {
  for (const key of Object.keys(object).slice(0, maxKeys)) {
    const value = object[key];
    const name = before === "" ? key : `${before} ${key}`;
    if (isJsonObject(value) && depth < maxDepth) yield* keyedValues(value, name, depth + 1);
    else if (numberIn(value) !== undefined || typeof value === "string" || value === null) yield { name, value };
  }
}

/** Keys that are short for a quantity where others of them stand beside, such as `Va`, `Aa` and `Pa`. */
const shortKeys: readonly ReadonlyMap<string, string>[] = [
  new Map([
    ["va", "voltage"],
    ["aa", "current"],
    ["pa", "power"],
  ]),
  new Map([
    ["v", "voltage"],
    ["a", "current"],
    ["w", "power"],
  ]),
  new Map([
    ["u", "voltage"],
    ["i", "current"],
    ["p", "power"],
  ]),
  new Map([
    ["v", "voltage"],
    ["i", "current"],
    ["p", "power"],
  ]),
];

/** Words around the values that say nothing of them. */
const wrappers =
  /^(?:data|values|measurements?|energy|electricity|electrical|meter|pzem|params|payload|reported|ENERGY)\s+/i;

/** What the values of an object are: those whose names tell, in their order. */
export function namedValues(object: JsonObject): (KeyedValue & { named: NamedValue })[] {
  const values = [...keyedValues(object)].slice(0, maxKeys);
  const keys = new Set(values.map(({ name }) => name.toLowerCase()));
  const short = shortKeys.find((words) => [...words.keys()].every((key) => keys.has(key)));
  return values.flatMap(({ name, value }) => {
    const named = readName(short?.get(name.toLowerCase()) ?? name.replace(wrappers, ""));
    return named && isPlainRest(named.rest) ? [{ name, value, named }] : [];
  });
}

/** Other words than a number make it another thing: `battery_voltage`, `cpu_temperature`. */
function isPlainRest(rest: string): boolean {
  return /^(?:\d{1,2})?$/.test(rest);
}

/** Adds the values; `role` is what the meter measures. */
export function readNamed(object: JsonObject, collected: Collected, role: Role): void {
  for (const { name, value, named } of namedValues(object)) {
    const { quantity, unit, rest } = named;
    if (quantity.startsWith("energy_") && unit === undefined && typeof value !== "string") {
      collected.dropped.push(`${name}: its unit is not known, name it ${name}_kwh or ${name}_wh`.slice(0, 120));
      continue;
    }
    const { field, place } = fieldOf(countedBy(role, named), name.slice(0, 60));
    const channel: Place = rest === "" ? {} : { channel: rest };
    collect(collected, value, field, { ...channel, ...place });
  }
}

/** Whether the names are surely those of a meter: a power with its unit, or two quantities of electricity. */
export function isMeter(object: JsonObject): boolean {
  const named = namedValues(object).map((one) => one.named);
  const quantities = new Set(named.map(({ quantity }) => quantity));
  quantities.delete("temperature");
  quantities.delete("humidity");
  quantities.delete("soc");
  return quantities.size > 1 || named.some(({ unit = "" }) => /^(?:k?W|k?Wh)$/.test(unit));
}
