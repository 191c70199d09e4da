/** What a configured sensor measures: its unit decides, then its class, then the words of its names. */
import type { Direction, Period, Phase, Quantity, Role } from "../driver.ts";
import { quantities } from "../driver.ts";
import { readName, wordsOf } from "../naming.ts";
import { factorOfBare } from "../number.ts";
import type { JsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import type { Expression, Part } from "./parse.ts";

/** What a value is and where it belongs. */
export interface Meaning {
  quantity: Quantity;
  /** The unit of a value without one; absent when it is the quantity's own. */
  unit?: string;
  phase?: Phase;
  direction?: Direction;
  period?: Period;
  channel?: string;
  role?: Role;
}

/** Of units that two quantities could have, such as %, the class tells which one it is. */
const ofClass: ReadonlyMap<unknown, Quantity> = new Map<unknown, Quantity>([
  ["power", "power_active"],
  ["apparent_power", "power_apparent"],
  ["reactive_power", "power_reactive"],
  ["power_factor", "power_factor"],
  ["voltage", "voltage"],
  ["current", "current"],
  ["frequency", "frequency"],
  ["energy", "energy_active"],
  ["reactive_energy", "energy_reactive"],
  ["temperature", "temperature"],
  ["humidity", "humidity"],
]);

const ofUnit: readonly Quantity[] = [
  "power_active",
  "power_apparent",
  "power_reactive",
  "voltage",
  "current",
  "frequency",
  "energy_active",
  "energy_reactive",
  "energy_apparent",
];

/** Words of sensors whose values are no measurement of electricity in the home, whatever their unit. */
const notMeasured =
  /battery_(?:voltage|level)|\b(?:limit|max|min|threshold|setpoint|target|price|cost|forecast|rated|nominal)\b/;

/** What a configured sensor measures; undefined when it is nothing that the hub reads. */
export function meaningOf(
  config: JsonObject,
  parts: readonly Part[] | undefined,
  deviceName: string,
): Meaning | undefined {
  const {
    unit_of_measurement: unit,
    device_class: deviceClass,
    name,
    object_id: objectId,
    unique_id: uniqueId,
  } = config;
  const quantity = quantityOf(unit, deviceClass);
  if (!quantity) return undefined;
  const path = parts ? pathOf(parts) : [];
  const titles = [name, objectId, uniqueId].filter((text) => typeof text === "string");
  const words = [...path, ...titles].flatMap((text) => [...wordsOf(text)]);
  if (notMeasured.test(words.join(" ")) || notMeasured.test(words.join("_"))) return undefined;
  const isOwnHeat = quantity === "temperature" && config.entity_category === "diagnostic";
  if (isOwnHeat || (quantity === "voltage" && words.includes("battery") && unit === "mV")) return undefined;
  const place = placeOf(quantity, path, titles, deviceName);
  const role = roleFromName(place.channel ?? "") ?? roleFromName(deviceName) ?? (place.phase ? "mains" : "appliance");
  return {
    quantity,
    ...(typeof unit === "string" && unit !== quantities[quantity].unit && { unit }),
    ...place,
    // What an inverter counts, where nothing else is said, is what it made.
    ...(place.period && !place.direction && { direction: role === "solar" ? "produced" : "import" }),
    role,
  };
}

/** The unit says what a value is even where its class says otherwise; without one, the class does. */
function quantityOf(unit: unknown, deviceClass: unknown): Quantity | undefined {
  const classed = ofClass.get(deviceClass);
  if (typeof unit !== "string" || unit === "") return classed === "power_factor" ? classed : undefined;
  if (classed && hasUnit(classed, unit)) return classed;
  return ofUnit.find((quantity) => hasUnit(quantity, unit));
}

function hasUnit(quantity: Quantity, bareUnit: string): boolean {
  return factorOfBare({ unit: quantities[quantity].unit, bareUnit }) !== undefined;
}

/** What `value_json.ENERGY.Today` and the like refers to: the first such path of a template. */
export function pathOf(parts: readonly Part[]): string[] {
  for (const part of parts) {
    const path =
      part.op === "output" || part.op === "set" ? pathIn(part.value) : part.op === "if" ? pathOfBranches(part) : [];
    if (path.length > 0) return path;
  }
  return [];
}

function pathOfBranches({ branches }: Extract<Part, { op: "if" }>): string[] {
  return branches.map(({ parts }) => pathOf(parts)).find((path) => path.length > 0) ?? [];
}

function pathIn(expression: Expression): string[] {
  switch (expression.op) {
    case "member":
      return [...pathIn(expression.of), ...(expression.key.op === "constant" ? [String(expression.key.value)] : [])];
    case "choose":
      return firstPath(expression.yes, expression.no);
    case "binary":
      return firstPath(expression.left, expression.right);
    case "call":
      return firstPath(...expression.args);
    case "filter":
    case "method":
    case "negate":
    case "not":
    case "test":
      return pathIn(expression.of);
    default:
      return [];
  }
}

function firstPath(...expressions: readonly Expression[]): string[] {
  return expressions.map(pathIn).find((path) => path.length > 0) ?? [];
}

/** Words of names that tell no input from another. */
const plain = /^(?:\d{1,2}|demand|meter|sensor|active|status|now|json|mqtt|ch|zigbee2mqtt)$/;

/** The phase, register and channel: the path in the message tells the phase, the sensor's name whose value it is. */
function placeOf(quantity: Quantity, path: readonly string[], titles: readonly string[], deviceName: string) {
  const unit = quantities[quantity].unit;
  const said = (name: string) => readName(`${name} ${unit}`, letters) ?? readName(name, letters);
  const ofPath = path.length > 0 ? said(path.join("_")) : undefined;
  const ofName = titles[0] === undefined ? ofPath : said(titles[0]);
  const phase = ofPath?.phase ?? titles.map((title) => readName(title)?.phase).find((one) => one !== undefined);
  const isEnergy = quantity.startsWith("energy_");
  const direction = [ofPath, ofName].map((one) => one?.direction).find((one) => one !== undefined);
  const own = new Set(wordsOf(deviceName));
  const isWord = (word: string) => word.length > 1 && !own.has(word) && !plain.test(word);
  const channel = wordsOf(ofName?.rest ?? "")
    .filter(isWord)
    .join("_")
    .slice(0, 64);
  return {
    ...(phase && { phase }),
    ...(isEnergy && { period: periodOf([...path, ...titles]), ...(direction && { direction }) }),
    ...(channel !== "" && { channel }),
  };
}

const letters = { hasLetterPhases: true };

/** A register that begins anew each day is told by its name alone. */
function periodOf(names: readonly string[]): Period {
  const periods = names.map((name) => readName(`${name} kWh`)?.period ?? "total");
  return periods.find((period) => period !== "total") ?? "total";
}
