/** What a name that people gave a value says of it: `firstfloor_inverter_power_demand`, `kwh_total`, `VoltageL2`. */
import type { Direction, Period, Phase, Quantity, Role } from "./driver.ts";
import { quantities } from "./driver.ts";
import type { Field, Place } from "./readings.ts";

/** What a name says. */
export interface NamedValue {
  quantity: Quantity;
  /** The unit that the name itself says. */
  unit?: string;
  phase?: Phase;
  /** Of an energy; absent when the name does not say it. */
  direction?: Direction;
  period?: Period;
  /** The words that say none of this, joined by "_": whose value it is. */
  rest: string;
}

/** Longer names are no names. */
const longestName = 128;

type Base = "power" | "apparent" | "reactive" | "factor" | "voltage" | "current" | "frequency" | "energy" | Climate;
type Climate = "temperature" | "humidity" | "soc";

const baseWords = table<Base>({
  power: "power watt watts wattage pwr apower actpower activepower leistung",
  apparent: "apparent aprt aprtpower apparentpower",
  reactive: "reactive react reactivepower",
  factor: "pf powerfactor cosphi",
  voltage: "voltage volt volts vrms urms",
  current: "current amp amps ampere amperes amperage irms",
  frequency: "frequency freq",
  energy: "energy energie enrg",
  temperature: "temperature temp",
  humidity: "humidity hum",
  soc: "soc",
});

/** The unit as people write it in names, the unit that it is, and what has it. */
const unitWords: ReadonlyMap<string, readonly [unit: string, base: Base]> = new Map([
  ["w", ["W", "power"]],
  ["kw", ["kW", "power"]],
  ["va", ["VA", "apparent"]],
  ["kva", ["kVA", "apparent"]],
  ["var", ["var", "reactive"]],
  ["kvar", ["kvar", "reactive"]],
  ["v", ["V", "voltage"]],
  ["mv", ["mV", "voltage"]],
  ["ma", ["mA", "current"]],
  ["hz", ["Hz", "frequency"]],
  ["wh", ["Wh", "energy"]],
  ["kwh", ["kWh", "energy"]],
  ["mwh", ["MWh", "energy"]],
  ["varh", ["varh", "energy"]],
  ["kvarh", ["kvarh", "energy"]],
  ["vah", ["VAh", "energy"]],
  ["kvah", ["kVAh", "energy"]],
]);

const periodWords = table<Period>({
  total: "total lifetime sum alltime",
  hour: "hour hourly",
  today: "today day daily",
  yesterday: "yesterday",
  week: "week weekly",
  month: "month monthly",
  year: "year yearly",
  tariff1: "t1 tariff1 tarif1",
  tariff2: "t2 tariff2 tarif2",
});

const directionWords = table<Direction>({
  import: "import imported consumed consumption consume used usage forward delivered in",
  export: "export exported returned return ret reverse injected injection feedin out",
  produced: "produced production generated generation yield",
  net: "net",
});

const phaseWords = table<Phase>({
  L1: "l1 phase1 phasea pha",
  L2: "l2 phase2 phaseb phb",
  L3: "l3 phase3 phasec phc",
  N: "neutral",
});

const letterPhases: ReadonlyMap<string, Phase> = new Map([
  ["a", "L1"],
  ["b", "L2"],
  ["c", "L3"],
]);

/** With one of these a value is no measurement of what its other words say. */
const excluding: ReadonlySet<string> = new Set(
  (
    "limit limits max min maximum minimum peak threshold thresholds setpoint target set config rated nominal calibration " +
    "calibrate offset mode status alarm alert cost price count counts counter forecast predicted interval time duration date " +
    "reserve reset avg average mean protection overload overcurrent overvoltage type name unit units delta error enabled " +
    "behavior memory outage percent percentage ratio correction change timestamp index level"
  ).split(" "),
);

/** Words that say nothing. */
const fillers: ReadonlySet<string> = new Set(
  "active act real value state sensor reading get cumulative calculated electricity electric electrical phase rms ac".split(
    " ",
  ),
);

interface NameOptions {
  /** Whether a lone `a`, `b` or `c` is a phase, as in `voltage_a`; otherwise `a` is the ampere of `current_a`. */
  hasLetterPhases?: boolean;
}

/** What the name of a value says; undefined when it does not say for sure what is measured. */
export function readName(name: string, { hasLetterPhases = false }: NameOptions = {}): NamedValue | undefined {
  if (name.length > longestName) return undefined;
  const said = new Said(hasLetterPhases);
  for (const word of wordsOf(name)) if (!said.take(word)) return undefined;
  return said.value();
}

/** The words of a name in lower case: `VoltageL2` is `voltage` and `l2`, `kWh_total` is `kwh` and `total`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .slice(0, longestName)
    .replace(/([kKM]?)(Wh|WH|VArh|varh|VAh)(?![a-z])/g, (unit) => `_${unit.toLowerCase()}_`)
    .replace(/\bk(W|VA|var)(?![a-z])/g, (unit) => `_${unit.toLowerCase()}_`)
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1_$2")
    .replace(/(?<!\p{L})(power|cos|feed)[ _-]+(factor|phi|in)(?!\p{L})/giu, "$1$2")
    .replace(/(?<!\p{L})(phase|tariff|tarif)[ _-]+([abc1-3])(?![\p{L}\p{N}])/giu, "$1$2")
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Collects what the words of one name say. */
class Said {
  readonly #bases = new Set<Base>();
  readonly #rest: string[] = [];
  readonly #hasLetterPhases: boolean;
  #unit: readonly [unit: string, base: Base] | undefined;
  #phase: Phase | undefined;
  #period: Period | undefined;
  #direction: Direction | undefined;

  constructor(hasLetterPhases: boolean) {
    this.#hasLetterPhases = hasLetterPhases;
  }

  /** False when the word makes the value something else. */
  take(word: string): boolean {
    if (excluding.has(word)) return false;
    const [, numbered = "", number = ""] = /^(\p{L}+)(\d+)$/u.exec(word) ?? [];
    if (baseWords.has(numbered)) return this.take(numbered) && this.#rest.push(number) > 0;
    const base = baseWords.get(word);
    const unit = unitWords.get(word);
    const phase = phaseWords.get(word) ?? (this.#hasLetterPhases ? letterPhases.get(word) : undefined);
    const period = periodWords.get(word);
    const direction = directionWords.get(word);
    if (base) this.#bases.add(base);
    else if (unit) this.#unit = unit;
    else if (phase) this.#phase = phase;
    else if (period) this.#period = period === "total" ? (this.#period ?? period) : period;
    else if (direction) this.#direction = direction;
    else if (word === "a" && this.#bases.has("current")) this.#unit = ["A", "current"];
    else if (!fillers.has(word)) this.#rest.push(word);
    return true;
  }

  value(): NamedValue | undefined {
    const quantity = this.#quantity();
    if (!quantity) return undefined;
    const isEnergy = quantity.startsWith("energy_");
    return {
      quantity,
      rest: this.#rest.join("_"),
      ...(this.#unit && { unit: this.#unit[0] }),
      ...(this.#phase && { phase: this.#phase }),
      ...(isEnergy && this.#direction && { direction: this.#direction }),
      ...(isEnergy && { period: this.#period ?? "total" }),
    };
  }

  #quantity(): Quantity | undefined {
    const bases = new Set(this.#bases);
    if (this.#unit) bases.add(this.#unit[1]);
    if (bases.size > 1 && (bases.has("apparent") || bases.has("reactive"))) bases.delete("power");
    // `energy_w` and `power_kwh` contradict themselves: the unit is what was meant.
    if (bases.size > 1 && this.#unit && bases.has("power") && bases.has("energy"))
      bases.delete(this.#unit[1] === "energy" ? "power" : "energy");
    if (bases.delete("energy")) return energyOf(bases, this.#unit?.[0]);
    const [base, ...others] = bases;
    return base && others.length === 0 ? quantityOfBase[base] : undefined;
  }
}

const quantityOfBase: Readonly<Record<Base, Quantity>> = {
  energy: "energy_active",
  power: "power_active",
  apparent: "power_apparent",
  reactive: "power_reactive",
  factor: "power_factor",
  voltage: "voltage",
  current: "current",
  frequency: "frequency",
  temperature: "temperature",
  humidity: "humidity",
  soc: "soc",
};

function energyOf(bases: ReadonlySet<Base>, unit = ""): Quantity | undefined {
  const [base, ...others] = bases;
  if (others.length > 0) return undefined;
  if (base === "reactive" || /varh$/i.test(unit)) return "energy_reactive";
  if (base === "apparent" || /vah$/i.test(unit)) return "energy_apparent";
  return base === undefined ? "energy_active" : undefined;
}

/** The same, with the direction where the name says none: what an inverter counts is what it made. */
export function countedBy(role: Role | undefined, named: NamedValue): NamedValue {
  return named.period === undefined ? named : { direction: role === "solar" ? "produced" : "import", ...named };
}

/** How to read a named value, where the name says its unit or `bareUnit` does. */
export function fieldOf(named: NamedValue, name: string, bareUnit = named.unit): FieldAndPlace {
  const { quantity, phase, period, direction = "import" } = named;
  const { unit } = quantities[quantity];
  return {
    field: { name, quantity, ...(bareUnit !== undefined && { meaning: { unit, bareUnit } }) },
    place: { ...(phase && { phase }), ...(period && { direction, period }) },
  };
}

interface FieldAndPlace {
  field: Field;
  place: Place;
}

function table<Meaning extends string>(words: Readonly<Record<Meaning, string>>): ReadonlyMap<string, Meaning> {
  const entries = Object.entries<string>(words) as [Meaning, string][];
  return new Map(entries.flatMap(([meaning, list]) => list.split(" ").map((word) => [word, meaning] as const)));
}
