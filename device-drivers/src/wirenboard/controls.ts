/** The controls of Wiren Board's meters, by the names of their templates (wb-mqtt-serial). */
import type { Direction, Period, Phase, Quantity } from "../driver.ts";
import { fieldOf, readName } from "../naming.ts";
import type { Field, Place } from "../readings.ts";
import { kilovarHours, kilowattHours } from "../readings.ts";

const quantityOf: ReadonlyMap<string, Quantity> = new Map<string, Quantity>([
  ["Urms", "voltage"],
  ["Irms", "current"],
  ["P", "power_active"],
  ["Q", "power_reactive"],
  ["S", "power_apparent"],
  ["PF", "power_factor"],
  ["AP energy", "energy_active"],
  ["RP energy", "energy_reactive"],
  ["Frequency", "frequency"],
]);

/** `Ch 1 Total P`, `Urms L1`, `AP energy L2`, `Total AP energy reverse`; the clamps of a MAP12 are channels of three. */
const control =
  /^(?:Ch (?<channel>\d{1,2}) )?(?:Total )?(?<name>Urms|Irms|PF|P|Q|S|AP energy|RP energy|Frequency)(?: (?<way>fwd|forward|rev|reverse|export))?(?: L(?<phase>[123]))?$/;

const phases: readonly Phase[] = ["L1", "L2", "L3"];

/** How to read a control. */
export interface Control {
  field: Field;
  place: Place;
}

/** What a control is by its name alone; undefined when the name does not tell. */
export function controlOf(name: string): Control | undefined {
  const groups = control.exec(name)?.groups;
  const quantity = quantityOf.get(groups?.name ?? "");
  if (!groups || !quantity) return undefined;
  const { channel, way = "", phase } = groups;
  const isExport = /^(?:rev|reverse|export)$/.test(way);
  const place = {
    ...(channel !== undefined && { channel }),
    ...(phase !== undefined && { phase: phases[Number(phase) - 1] as Phase }),
  };
  if (quantity === "energy_active") return registerOf({ name, quantity, meaning: kilowattHours }, place, isExport);
  if (quantity === "energy_reactive") return registerOf({ name, quantity, meaning: kilovarHours }, place, isExport);
  return { field: { name, quantity }, place };
}

function registerOf(field: Field, place: Place, isExport: boolean): Control {
  const register: { direction: Direction; period: Period } = {
    direction: isExport ? "export" : "import",
    period: "total",
  };
  return { field, place: { ...place, ...register } };
}

/** What a control of another maker's device is, by its name and the units that its description has. */
export function controlWithUnits(name: string, units: string): Control | undefined {
  const named = readName(`${name} ${units}`) ?? readName(name);
  if (!named || !/^(?:\d{1,2})?$/.test(named.rest)) return undefined;
  const { field, place } = fieldOf(named, name, units);
  return { field, place: { ...(named.rest !== "" && { channel: named.rest }), ...place } };
}
