/** Reads the numbers that meters send, and says to a maker why something is not one. */

/** Why a value is not a usable number, as a sentence that a maker can act on. */
export interface NotANumber {
  why: string;
}

/** Whether reading a number gave the reason why it is none. */
export function isNotANumber(number: number | NotANumber): number is NotANumber {
  return typeof number === "object" && "why" in number;
}

/** What firmware sends when a register overflowed or was never read: the extremes of its integer types. */
const overflowMarks: ReadonlySet<number> = new Set([
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 32 - 1,
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
]);

/** For each unit of `quantities`, the units that can be sent instead and what one of them is worth. */
const conversions: Readonly<Record<string, ReadonlyMap<string, number>>> = {
  W: unitTable({ w: 1, watt: 1, watts: 1, kw: 1e3, Mw: 1e6, mw: 1e-3 }),
  var: unitTable({ var: 1, vars: 1, kvar: 1e3 }),
  VA: unitTable({ va: 1, kva: 1e3 }),
  V: unitTable({ v: 1, volt: 1, volts: 1, mv: 1e-3, kv: 1e3 }),
  A: unitTable({ a: 1, amp: 1, amps: 1, ampere: 1, ma: 1e-3, ka: 1e3 }),
  Hz: unitTable({ hz: 1, mhz: 1e-3 }),
  Wh: unitTable({
    wh: 1,
    kWh: 1e3,
    kwh: 1e3,
    Mwh: 1e6,
    wmin: 1 / 60,
    j: 1 / 3600,
    ws: 1 / 3600,
    kj: 1 / 3.6,
    Mj: 1e3 / 3.6,
  }),
  varh: unitTable({ varh: 1, kvarh: 1e3 }),
  VAh: unitTable({ vah: 1, kvah: 1e3 }),
  "%": unitTable({ "%": 1 }),
  "": unitTable({ "%": 0.01 }),
  "°C": unitTable({ "°c": 1, "℃": 1, c: 1 }),
};

const everyUnit: ReadonlySet<string> = new Set(Object.values(conversions).flatMap((table) => [...table.keys()]));

const decimal = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(.*)$/is;
const nonNumbers = /^(?:[+-]?nan|[+-]?inf(?:inity)?|null|nil|none|undefined|unavailable|unknown|true|false|on|off)$/i;

/** What a number means: the unit it is wanted in, and the unit it is in when the maker names none. */
export interface NumberUnit {
  unit: string;
  /** As `unit` when absent. */
  bareUnit?: string;
  /** What a number is worth besides: -1 where a device counts the other way, 0.1 where it sends tenths. */
  times?: number;
}

/** The number in a leaf's text, such as `812.5` or `1.2 kW`, converted to `unit`. */
export function numberFromText(text: string, meaning: NumberUnit): number | NotANumber {
  const trimmed = text.trim();
  const match = decimal.exec(trimmed);
  if (!match) return notANumber(trimmed);
  const [, digits, suffix] = match;
  if (suffix === "" || suffix === undefined) return scale(Number(digits), meaning.bareUnit ?? meaning.unit, meaning);
  if (!/^\p{L}|^[%°℃]/u.test(suffix) || /^x[0-9a-f]+$/i.test(suffix)) return notANumber(trimmed);
  return scale(Number(digits), suffix, meaning);
}

/** The number in a JSON value, converted to `unit`; undefined when the value is absent or null. */
export function numberFromJson(value: unknown, meaning: NumberUnit): number | NotANumber | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return scale(value, meaning.bareUnit ?? meaning.unit, meaning);
  if (typeof value === "string") return numberFromText(value, meaning);
  if (typeof value === "boolean") return { why: `${value} is not a number` };
  return { why: Array.isArray(value) ? "a list is not a number" : "an object is not a number" };
}

/** A maker's text for a message: short, on one line, in quotes. */
export function quote(text: string): string {
  const line = text.replace(/\p{C}/gu, "�");
  return line.length > 40 ? `'${line.slice(0, 40)}…'` : `'${line}'`;
}

/** By what a number that stands without unit is to be multiplied; undefined when one unit is not made of the other. */
export function factorOfBare({ unit, bareUnit = unit, times = 1 }: NumberUnit): number | undefined {
  const factor = factorOf(bareUnit, unit);
  return factor === undefined ? undefined : factor * times;
}

/** The number times the factor, without the noise of floating point; NaN when it is too large or an overflow mark. */
export function convert(value: number, factor: number): number {
  if (isOverflowMark(value)) return Number.NaN;
  const converted = factor === 1 ? value + 0 : withoutFloatNoise(value * factor);
  return Number.isFinite(converted) ? converted : Number.NaN;
}

function scale(value: number, sentUnit: string, { unit, times = 1 }: NumberUnit): number | NotANumber {
  const factor = factorOf(sentUnit, unit);
  if (factor === undefined) return { why: faultOfUnit(sentUnit, unit || "a ratio without unit") };
  const converted = convert(value, factor * times);
  if (!Number.isNaN(converted)) return converted;
  if (isOverflowMark(value)) return { why: "it is the extreme of an integer type: the meter overflowed" };
  return { why: "the number is too large" };
}

function factorOf(sentUnit: string, unit: string): number | undefined {
  if (sentUnit === unit) return 1;
  const table = conversions[unit];
  return table?.get(sentUnit) ?? table?.get(unitKey(sentUnit));
}

function faultOfUnit(sentUnit: string, wanted: string): string {
  if (everyUnit.has(unitKey(sentUnit))) return `it is in ${sentUnit}, send ${wanted}`;
  return `the unit ${quote(sentUnit)} is unknown, send ${wanted}`;
}

function isOverflowMark(value: number): boolean {
  return (value > 2e9 || value < -2e9) && overflowMarks.has(value);
}

/** 6.294 kWh is 6294 Wh, not 6293.999999999999. */
function withoutFloatNoise(value: number): number {
  return Math.abs(value) < 1e9 ? Math.round(value * 1e6) / 1e6 + 0 : Math.round(value * 1e3) / 1e3;
}

function notANumber(text: string): NotANumber {
  if (text === "") return { why: "it is empty" };
  const quoted = quote(text);
  if (nonNumbers.test(text)) return { why: `${quoted} is not a number: send nothing while there is no measurement` };
  if (/^[+-]?0x/i.test(text)) return { why: `${quoted} is hexadecimal: send decimal digits` };
  if (/^[+-]?\d{1,3}(?:[, '_]\d{3})+(?:\.\d*)?$/.test(text))
    return { why: `${quoted} groups its digits: send them together` };
  if (/^[+-]?\d*,\d+$/.test(text)) return { why: `${quoted} uses a decimal comma: send ${text.replace(",", ".")}` };
  if (/(?![0-9])\p{Nd}/u.test(text)) return { why: `${quoted} is not in the digits 0 to 9` };
  return { why: `${quoted} is not a number` };
}

/** Unit names differ in case only by carelessness, except for M (mega) and m (milli). */
function unitKey(unit: string): string {
  return unit.startsWith("M") ? `M${unit.slice(1).toLowerCase()}` : unit.toLowerCase();
}

function unitTable(factors: Record<string, number>): ReadonlyMap<string, number> {
  return new Map(Object.entries(factors));
}
