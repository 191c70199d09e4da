import type { Direction, Period, Phase, Role } from "../driver.ts";
import type { Collected, Field, JsonObject, Place } from "../readings.ts";
import { collect, kilovarHours, kilowattHours } from "../readings.ts";
import { numberIn } from "../slot.ts";

/** How the firmware lays out its values: one input, the phases of a supply, or independent inputs. */
type Layout = "single" | "phases" | "channels";

/** What a key of `ENERGY` holds; the key is the field's name. */
interface EnergyField extends Field {
  register?: { direction: Direction; period: Period };
}

const instants: readonly EnergyField[] = [
  { name: "Power", quantity: "power_active" },
  { name: "ApparentPower", quantity: "power_apparent" },
  { name: "ReactivePower", quantity: "power_reactive" },
  { name: "Factor", quantity: "power_factor" },
  { name: "Frequency", quantity: "frequency" },
  { name: "Voltage", quantity: "voltage" },
  { name: "Current", quantity: "current" },
];

const neutralCurrent: Field = { name: "CurrentNeutral", quantity: "current" };

const registers: readonly EnergyField[] = [
  register("ImportActive", "import", "total"),
  register("ExportActive", "export", "total"),
  register("TodaySumImport", "import", "today"),
  register("TodaySumExport", "export", "today"),
  reactiveRegister("ImportReactive", "import"),
  reactiveRegister("ExportReactive", "export"),
];

/** Lists with a register for each tariff, of firmware that knows tariffs. */
const tariffRegisters = [
  { name: "TotalTariff", fields: tariffFields("TotalTariff", "import") },
  { name: "ExportTariff", fields: tariffFields("ExportTariff", "export") },
];

function tariffFields(name: string, direction: Direction): readonly EnergyField[] {
  return [register(name, direction, "tariff1"), register(name, direction, "tariff2")];
}

/** Registers whose direction depends on what else the meter counts. */
const mainRegisters = { import: mainRegistersOf("import"), net: mainRegistersOf("net") };

function mainRegistersOf(direction: Direction): readonly EnergyField[] {
  return [
    register("Total", direction, "total"),
    register("Yesterday", direction, "yesterday"),
    register("Today", direction, "today"),
  ];
}

/** Below this an input is not connected: its voltage is an aerial's, and its frequency noise. */
const leastVoltageV = 20;

/**
 * Reads an `ENERGY` object. `Period` is never read: it is the energy since the last message, which overflows in some
 * firmware.
 */
export function readEnergy(energy: JsonObject, collected: Collected): void {
  const layout = layoutOf(energy);
  const unconnected = unconnectedInputs(energy, layout);
  for (const field of instants) {
    const isNoise = field.quantity === "voltage" || field.quantity === "frequency";
    readField(energy[field.name], field, layout, collected, isNoise ? unconnected : undefined);
  }
  collect(collected, energy.CurrentNeutral, neutralCurrent, { phase: "N" });
  for (const field of mainRegisters[directionOfTotal(energy)]) {
    if (field.name === "Total" && repeatsTotal(energy.ImportActive, energy.Total)) continue;
    readField(energy[field.name], field, layout, collected);
  }
  for (const field of registers) readField(energy[field.name], field, layout, collected);
  for (const { name, fields } of tariffRegisters) {
    const values = energy[name];
    if (!Array.isArray(values)) continue;
    for (const [i, field] of fields.entries()) collect(collected, values[i], field, field.register ?? {});
  }
}

/** Several phases are a supply; what a plug or a relay measures is an appliance. */
export function rolesFromLayout(energy: JsonObject, named: Role | undefined): Record<string, Role> {
  const layout = layoutOf(energy);
  if (layout === "channels") {
    return Object.fromEntries(
      asList(energy.Power ?? energy.Current).map((_, i) => [String(i + 1), named ?? "appliance"]),
    );
  }
  return { "": named ?? (layout === "phases" ? "mains" : "appliance") };
}

function layoutOf(energy: JsonObject): Layout {
  const inputs = asList(energy.Power ?? energy.ApparentPower ?? energy.Current).length;
  if (inputs < 2) return "single";
  const ownVoltages = Array.isArray(energy.Voltage) && energy.Voltage.length === inputs;
  return ownVoltages && inputs <= 3 ? "phases" : "channels";
}

function readField(
  value: unknown,
  field: EnergyField,
  layout: Layout,
  collected: Collected,
  skips?: ReadonlySet<number>,
): void {
  if (!Array.isArray(value)) {
    collect(collected, value, field, field.register ?? {});
    return;
  }
  // With one input, a list of energies holds the sum and then the tariffs.
  const count = layout === "single" ? 1 : maxInputs;
  for (const [i, item] of value.slice(0, count).entries()) {
    if (!skips?.has(i)) collect(collected, item, field, { ...placeOf(i, layout), ...field.register });
  }
}

const phases: readonly Phase[] = ["L1", "L2", "L3"];

function placeOf(index: number, layout: Layout): Place {
  if (layout === "single") return {};
  const phase = phases[index];
  return layout === "phases" && phase ? { phase } : { channel: String(index + 1) };
}

/** When all inputs are dead it is an outage, which is worth reading. */
function unconnectedInputs(energy: JsonObject, layout: Layout): ReadonlySet<number> | undefined {
  if (layout !== "phases") return undefined;
  const isConnected = asList(energy.Voltage).map((voltage) => (numberIn(voltage) ?? 0) >= leastVoltageV);
  if (!isConnected.includes(true)) return undefined;
  return new Set(isConnected.flatMap((connected, i) => (connected ? [] : [i])));
}

/** A meter that also counts export, but not import, lets its total run backwards. */
function directionOfTotal(energy: JsonObject): "import" | "net" {
  const isPresent = (value: unknown) => value !== undefined && value !== null;
  return isPresent(energy.ExportActive) && !isPresent(energy.ImportActive) ? "net" : "import";
}

/** The meter's own import register and the firmware's total are the same, unless one is per phase. */
function repeatsTotal(importActive: unknown, total: unknown): boolean {
  if (importActive === undefined || importActive === null) return false;
  return !Array.isArray(importActive) || Array.isArray(total);
}

/** The firmware's own limit. */
const maxInputs = 8;

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.slice(0, maxInputs);
  return value === undefined ? [] : [value];
}

function register(name: string, direction: Direction, period: Period): EnergyField {
  return { name, quantity: "energy_active", register: { direction, period }, meaning: kilowattHours };
}

function reactiveRegister(name: string, direction: Direction): EnergyField {
  return { name, quantity: "energy_reactive", register: { direction, period: "total" }, meaning: kilovarHours };
}
