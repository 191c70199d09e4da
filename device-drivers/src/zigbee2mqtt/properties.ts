/** The properties of devices that Zigbee2MQTT publishes, and where each belongs. */
import type { Direction, Period, Phase, Quantity } from "../driver.ts";
import { isNotANumber, type NumberUnit, numberFromJson } from "../number.ts";
import type { Collected, Field, JsonObject, Place } from "../readings.ts";
import { collect, kilovarHours, kilowattHours } from "../readings.ts";
import { numberIn } from "../slot.ts";

interface Property extends Field {
  direction?: Direction;
  period?: Period;
}

const bases: ReadonlyMap<string, Property> = new Map(
  [
    property("power", "power_active"),
    property("active_power", "power_active"),
    property("total_power", "power_active"),
    property("power_active", "power_active"),
    property("power_apparent", "power_apparent"),
    property("apparent_power", "power_apparent"),
    property("power_reactive", "power_reactive"),
    property("reactive_power", "power_reactive"),
    property("power_factor", "power_factor"),
    property("voltage", "voltage"),
    property("current", "current"),
    property("ac_frequency", "frequency"),
    property("frequency", "frequency"),
    register("energy", "import"),
    register("consumption", "import"), // the name until 1.0
    register("total_energy", "import"),
    register("energy_consumed", "import"),
    register("consumed_energy", "import"),
    register("energy_produced", "export"),
    register("produced_energy", "export"),
    register("energy_today", "import", "today"),
    register("energy_yesterday", "import", "yesterday"),
    register("energy_month", "import", "month"),
    register("energy_tier_1", "import", "tariff1"),
    register("energy_tier_2", "import", "tariff2"),
    { ...register("reactive_energy", "import"), quantity: "energy_reactive", meaning: kilovarHours } as const,
  ].map((one) => [one.name, one]),
);

function property(name: string, quantity: Quantity): Property {
  return { name, quantity };
}

function register(name: string, direction: Direction, period: Period = "total"): Property {
  return { name, quantity: "energy_active", direction, period, meaning: kilowattHours };
}

/** A property's name in its parts. */
export interface PropertyName {
  property: Property;
  /** What follows the name: `phase_b`, `neutral`, `a`, `l1`, `left`; "" when nothing does. */
  suffix: string;
}

const suffixes = /^(.+?)_(phase_[abc]|neutral|total|ab|abc|[abc]|l\d{1,2}|\d{1,2}|left|right|center|top|bottom|usb)$/;

/** What a property is; undefined when it is nothing that this driver reads. */
export function parseProperty(name: string): PropertyName | undefined {
  const whole = bases.get(name);
  if (whole) return { property: whole, suffix: "" };
  const [, base = "", suffix = ""] = suffixes.exec(name) ?? [];
  const known = bases.get(base);
  return known && { property: known, suffix };
}

/** How a device names its inputs. */
export interface Layout {
  /** `_a`, `_b`, `_c` are the phases of one supply, rather than clamps on different wires. */
  hasLetterPhases: boolean;
  /** Names that stand for the first phase when they have no suffix, since others are `…_phase_b`. */
  ofFirstPhase: readonly string[];
}

/** The layout that the names of all properties of a device show. */
export function layoutOf(names: readonly string[]): Layout {
  return {
    hasLetterPhases: names.some((name) => /^voltage_[bc]$|^(?:power|current)_c$/.test(name)),
    ofFirstPhase: names.filter((name) => names.includes(`${name}_phase_b`) && !names.includes(`${name}_phase_a`)),
  };
}

const phases: ReadonlyMap<string, Phase> = new Map([
  ["a", "L1"],
  ["b", "L2"],
  ["c", "L3"],
  ["neutral", "N"],
]);

/** Where a property's value belongs. */
export function placeOf({ property: { name, direction, period }, suffix }: PropertyName, layout: Layout): Place {
  const register = { ...(direction && { direction }), ...(period && { period }) };
  if (suffix === "" && layout.ofFirstPhase.includes(name)) return { phase: "L1", ...register };
  const phase = phases.get(suffix.replace("phase_", ""));
  const isLetter = suffix.length === 1 && !/\d/.test(suffix);
  if (phase && (!isLetter || layout.hasLetterPhases)) return { phase, ...register };
  const isSum = suffix === "" || suffix === "total" || suffix === "ab" || suffix === "abc";
  return isSum ? register : { channel: suffix, ...register };
}

/** Adds one property's value; `siblings` are the other values of its message. */
export function readProperty(
  name: PropertyName,
  value: unknown,
  { layout, siblings, collected }: { layout: Layout; siblings: JsonObject; collected: Collected },
): void {
  const { property, suffix } = name;
  const label = suffix === "" ? property.name : `${property.name}_${suffix}`;
  const field: Field = { ...property, name: label };
  const place = placeOf(name, layout);
  if (property.quantity === "power_factor") collect(collected, value, inRatioOrPercent(field, value), place);
  else if (isProduced(property, suffix, siblings)) collect(collected, exported(value), field, place);
  else collect(collected, value, field, place);
}

const percent: NumberUnit = { unit: "", bareUnit: "%" };

/** Some converters publish the power factor in percent; no factor is above 1. */
function inRatioOrPercent(field: Field, value: unknown): Field {
  const number = numberIn(value) ?? 0;
  return number > 1 || number < -1 ? { ...field, meaning: percent } : field;
}

/** Clamps with `energy_flow` publish power without its sign. */
function isProduced({ quantity }: Property, suffix: string, siblings: JsonObject): boolean {
  if (quantity !== "power_active") return false;
  const flow = siblings[suffix === "" ? "energy_flow" : `energy_flow_${suffix}`];
  return flow === "producing" || flow === "reverse";
}

function exported(value: unknown): unknown {
  if (value === null) return null;
  const number = numberIn(value) ?? numberFromJson(value, { unit: "W" });
  return number === undefined || isNotANumber(number) ? value : -Math.abs(number);
}
