import type { Phase, Quantity } from "../driver.ts";
import type { Leaf } from "../leaf-table.ts";
import { gauge, registerWh } from "../leaf-table.ts";
import { fieldOf, readName } from "../naming.ts";

/** Inputs of which a node has one. */
const single: ReadonlyMap<string, Leaf> = new Map<string, Leaf>([
  ["vrms", gauge("voltage")],
  ["v", gauge("voltage")],
  ["voltage", gauge("voltage")],
  ["f", gauge("frequency")],
  ["freq", gauge("frequency")],
  ["frequency", gauge("frequency")],
  ["power", gauge("power_active")],
  ["wh", registerWh("import", "total")],
  ["kwh", { ...registerWh("import", "total"), meaning: { unit: "Wh", bareUnit: "kWh" } }],
]);

/** Inputs that are numbered by clamp, by the letters before the number. */
const numbered: ReadonlyMap<string, Quantity> = new Map<string, Quantity>([
  ["p", "power_active"],
  ["power", "power_active"],
  ["realpower", "power_active"],
  ["e", "energy_active"],
  ["wh", "energy_active"],
  ["i", "current"],
  ["pf", "power_factor"],
]);

const phases: Readonly<Record<string, Phase>> = { "1": "L1", "2": "L2", "3": "L3" };

/** What an input's name says; undefined when it says nothing of electricity: `T1` is a temperature, `pulse` a count. */
export function inputLeaf(key: string): Leaf | undefined {
  const name = key.toLowerCase();
  const leaf = single.get(name);
  if (leaf) return leaf;
  const [, letters = "", number = ""] = /^([a-z]{1,9})([1-9]\d?)$/.exec(name) ?? [];
  if (letters === "v" || letters === "vrms") return phases[number] && gauge("voltage", { phase: phases[number] });
  const quantity = numbered.get(letters);
  if (quantity === "energy_active") return registerWh("import", "total", { channel: number });
  return quantity ? { quantity, channel: number } : namedLeaf(key);
}

/** A name of the user's own, as `Kitchen_W` of an IoTaWatt: an energy must say its unit. */
function namedLeaf(key: string): Leaf | undefined {
  const named = readName(key);
  if (!named || (named.unit === undefined && named.quantity.startsWith("energy_"))) return undefined;
  const { field, place } = fieldOf(named, key);
  const channel = named.rest === "" ? {} : { channel: named.rest };
  return { quantity: field.quantity, ...(field.meaning && { meaning: field.meaning }), ...place, ...channel };
}
