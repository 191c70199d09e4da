/** What a first-generation Shelly measures: the fields of its inputs, and where each belongs in the home. */
import type { Direction, Phase, Role } from "../driver.ts";
import type { NumberUnit } from "../number.ts";
import type { Field, Place } from "../readings.ts";

/** Watt-minutes, since the device started: a register in its working memory. */
const wattMinutes: NumberUnit = { unit: "Wh", bareUnit: "Wmin" };

interface InputField extends Field {
  direction?: Direction;
}

/** `relay/0/power`: by the last level, or by the key in `meters` of a status. */
export const outputFields = fieldsByName([
  { name: "power", quantity: "power_active" },
  { name: "energy", quantity: "energy_active", direction: "import", meaning: wattMinutes },
]);

/** `meters` in a status call the register `total`, in the same watt-minutes. */
export const statusMeterFields = fieldsByName([
  { name: "power", quantity: "power_active" },
  { name: "total", quantity: "energy_active", direction: "import", meaning: wattMinutes },
]);

/**
 * `emeter/0/…` and `emeters` in a status. `energy` and `returned_energy` are not read: they are watt-minutes beside the
 * better registers, in Wh and kept when the power goes.
 */
export const emeterFields = fieldsByName([
  { name: "power", quantity: "power_active" },
  { name: "reactive_power", quantity: "power_reactive" },
  { name: "reactive", quantity: "power_reactive" },
  { name: "voltage", quantity: "voltage" },
  { name: "current", quantity: "current" },
  { name: "pf", quantity: "power_factor" },
  { name: "total", quantity: "energy_active", direction: "import" },
  { name: "total_returned", quantity: "energy_active", direction: "export" },
]);

function fieldsByName(fields: readonly InputField[]): ReadonlyMap<string, InputField> {
  return new Map(fields.map((field) => [field.name, field]));
}

/** The place of a field's value on a channel; registers count since the device was installed, or started. */
export function placeOf({ direction }: InputField, channel: string, phase?: Phase): Place {
  return { channel, ...(phase && { phase }), ...(direction && { direction, period: "total" }) };
}

const phases: readonly Phase[] = ["L1", "L2", "L3"];

/** The three inputs of a 3EM are the phases of one supply; those of an EM are two clamps. */
export function emeterPhase(model: string | undefined, index: string): Phase | undefined {
  return model === "Shelly 3EM" ? phases[Number(index)] : undefined;
}

/** The first clamp of an EM goes on the supply, by its manual; the second wherever the user wants. */
export function emeterRole(model: string | undefined, index: string): Role {
  return model === "Shelly 3EM" || index === "0" ? "mains" : "circuit";
}
