/** A question to the billing engine as people write it in a file, and its answer under the same names. */
import { amountOf, type Bill, type BillInput, type BillOptions, computeBill } from "./bill.ts";
import { type BookTariff, findTariff, periodsOf, type TariffBook } from "./book.ts";
import { type Cycle, cycleAt, monthCycle } from "./cycle.ts";
import { BillingError } from "./errors.ts";
import { decimal, fraction, multiply, shown, shownHundredths } from "./exact.ts";
import { lineLabel, noteText } from "./labels.ts";
import type { BillLine } from "./ledger.ts";
import type { PriceSeries } from "./prices.ts";
import type { Usage } from "./usage.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Bills one case; throws a BillingError that says what is wrong with it. */
export function answerCase(input: unknown, book: TariffBook): Record<string, unknown> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new BillingError("A case is not an object", 'Write it as {"plan": "TH-1.2", "billing_month": "2025-02", …}');
  }
  const fields = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  const bill = computeBill(readCase(fields, book));
  return { ...echoed(fields), ...amounts(bill), ...details(bill, book) };
}

function readCase(fields: Fields, book: TariffBook): BillInput {
  const id = fields.plan ?? fields.tariff;
  const plans = [...book.tariffs.keys()].join(", ");
  if (typeof id !== "string") throw new BillingError("The case names no plan", `Give plan, one of ${plans}`);
  const tariff = findTariff(book, id);
  return { tariff, cycle: readCycle(fields), usage: readUsage(fields, tariff), options: readOptions(fields) };
}

function readCycle(fields: Fields): Cycle {
  const { billing_month: month, date, cycle } = fields;
  if (month !== undefined) return monthCycle(String(month));
  if (isRecord(cycle)) return { start: String(cycle.start), end: String(cycle.end) };
  if (date === undefined) {
    throw new BillingError(
      "The case has no billing_month",
      'Give billing_month "2025-02", or cycle {"start", "end"}, or a date with start_day',
    );
  }
  const anchor = fields.anchor_month;
  return cycleAt(String(date), {
    startDay: Number(fields.start_day ?? 1),
    months: Number(fields.months ?? 1),
    ...(anchor === undefined ? {} : { anchorMonth: String(anchor) }),
  });
}

function readUsage(fields: Fields, tariff: BookTariff): Usage {
  if (fields.quarters !== undefined) return { quarters: readQuarters(fields.quarters) };
  const importWh = readEnergies(fields, tariff, "");
  if (!importWh) {
    const needed = needsPeriods(tariff) ? fieldNames(periodsOf(tariff), "") : ["units_kwh"];
    throw new BillingError(
      `The case has no energy that ${tariff.id} can price`,
      `Give ${needed.join(" and ")}, or quarters as rows of [epoch ms, import Wh, export Wh]`,
    );
  }
  const peakKw = fields.peak_demand_kw;
  const peak = peakKw === undefined ? {} : { peakW: readNumber(peakKw, "peak_demand_kw") * 1000 };
  return { totals: { importWh, exportWh: readEnergies(fields, tariff, "export_") ?? {}, ...peak } };
}

/** Whether the time of use decides the price, in any version. */
function needsPeriods(tariff: BookTariff): boolean {
  return tariff.versions.some((version) => version.energy.all === undefined);
}

function fieldNames(periods: readonly string[], prefix: string): string[] {
  return periods.map((period) => `${prefix}${period}_kwh`);
}

/**
 * The energy by time of use from fields such as `off_peak_kwh`, else of all times from `units_kwh` (`export_kwh`); null
 * without any. A tariff with one price takes the sum of a time-of-use meter's registers too.
 */
function readEnergies(fields: Fields, tariff: BookTariff, prefix: "" | "export_"): Record<string, number> | null {
  const whole = prefix === "" ? "units_kwh" : "export_kwh";
  const isByPeriod = needsPeriods(tariff);
  if (fields[whole] !== undefined && !isByPeriod) return { all: readNumber(fields[whole], whole) * 1000 };
  const periods = isByPeriod ? periodsOf(tariff) : ["peak", "off_peak"];
  const names = fieldNames(periods, prefix);
  const given = names.filter((name) => fields[name] !== undefined);
  if (given.length === 0) {
    // Without hours, export cannot be netted by time of use, but it can be paid for.
    return prefix === "export_" && fields[whole] !== undefined
      ? { all: readNumber(fields[whole], whole) * 1000 }
      : null;
  }
  if (given.length < names.length) {
    throw new BillingError(
      `The case has ${given.join(" and ")} alone`,
      `Give ${names.join(" and ")}, 0 where there is none`,
    );
  }
  const energies = names.map((name, index): [string, number] => [
    periods[index] as string,
    readNumber(fields[name], name) * 1000,
  ]);
  return Object.fromEntries(energies);
}

function readQuarters(rows: unknown) {
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row) && row.every((one) => typeof one === "number"))) {
    throw new BillingError("quarters are no rows of numbers", "Write each as [epoch ms, import Wh, export Wh]");
  }
  const column = (index: number) => (rows as number[][]).map((row) => row[index] ?? 0);
  return { startMs: column(0), importWh: column(1), exportWh: column(2) };
}

function readOptions(fields: Fields): BillOptions {
  const { time_zone: timeZone, entitlements, contracted_kw: contracted, carry } = fields;
  return {
    adjustments: readAdjustments(fields),
    entitlements: Array.isArray(entitlements) ? entitlements.map(String) : [],
    prices: readPrices(fields.prices),
    exactUnits: fields.exact_units === true,
    ...(typeof timeZone === "string" ? { timeZone } : {}),
    ...(contracted === undefined ? {} : { contractedKw: readNumber(contracted, "contracted_kw") }),
    ...(isRecord(carry) ? { carry: readCarry(carry) } : {}),
  };
}

/** Fields such as `ft_satang_per_kwh` replace the published value. */
function readAdjustments(fields: Fields): Record<string, string> {
  const adjustments: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const key = /^(\w+)_satang_per_kwh$/.exec(name)?.[1];
    if (key === undefined) continue;
    const text = String(value);
    if (!/^-?\d{1,9}(\.\d{1,8})?$/.test(text)) {
      throw new BillingError(`${name} is ${JSON.stringify(value)}`, "It must be a decimal such as 39.72 or -15.32");
    }
    adjustments[key] = text;
  }
  return adjustments;
}

function readPrices(prices: unknown): Record<string, PriceSeries> {
  const series: Record<string, PriceSeries> = {};
  for (const [name, value] of Object.entries(isRecord(prices) ? prices : {})) {
    const { step_minutes: step = 60, rows } = isRecord(value) ? value : {};
    if (!Array.isArray(rows) || !rows.every(Array.isArray)) {
      throw new BillingError(`The prices ${name} have no rows`, "Write each as [epoch ms, price per kWh]");
    }
    const stepMs = readNumber(step, "step_minutes") * 60_000;
    series[name] = { startMs: rows.map(([timeMs]) => timeMs), pricePerKwh: rows.map(([, price]) => price), stepMs };
  }
  return series;
}

function readCarry({ wh, satang = 0 }: Fields): NonNullable<BillOptions["carry"]> {
  if (typeof satang !== "number" || !Number.isSafeInteger(satang)) {
    throw new BillingError(`carry.satang is ${JSON.stringify(satang)}`, "It is a whole number of hundredths");
  }
  const energies = Object.entries(isRecord(wh) ? wh : {});
  return {
    wh: Object.fromEntries(energies.map(([period, energy]) => [period, readNumber(energy, "carry.wh")])),
    satang,
  };
}

function readNumber(value: unknown, name: string): number {
  const text = typeof value === "number" || typeof value === "string" ? String(value) : "";
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (number >= 0 && number <= 1e9) return number;
  throw new BillingError(`${name} is ${JSON.stringify(value)}`, "It must be a number from 0 to 1,000,000,000");
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What says which case it was, and for what use. */
function echoed(fields: Fields): Record<string, unknown> {
  const isAsked = (name: string) =>
    ["id", "plan", "tariff", "billing_month", "date"].includes(name) ||
    (name.endsWith("_kwh") && !name.endsWith("_per_kwh") && name !== "billed_kwh");
  return Object.fromEntries(Object.entries(fields).filter(([name]) => isAsked(name)));
}

/** Sums by line, such as `energy_thb`, `service_thb`, `ft_thb`, `vat_thb` and `total_thb`. */
function amounts(bill: Bill): Record<string, string> {
  const currency = bill.currency.toLowerCase();
  const named: Record<string, string> = {};
  const put = (key: string, amount: number) => {
    named[`${key}_${currency}`] = shownHundredths(amount);
  };
  put("energy", amountOf(bill, "energy"));
  put("service", amountOf(bill, "fixed"));
  for (const line of bill.lines) {
    if (line.kind === "energy" || line.kind === "fixed") continue;
    if (line.kind === "adjustment") named[`${line.key}_satang_per_kwh`] = hundredthsRate(line);
    put(line.key, amountOf(bill, line.key));
  }
  put("total", bill.totalSatang);
  for (const line of bill.separateLines) put(`separate_${line.key}`, line.amountSatang);
  return named;
}

function hundredthsRate({ rate }: BillLine): string {
  const text = shown(multiply(decimal(rate ?? "0"), fraction(100)));
  return /\.\d\d/.test(text) ? text : Number(text).toFixed(2);
}

function details(bill: Bill, book: TariffBook): Record<string, unknown> {
  const item = (line: BillLine) => ({
    key: line.key,
    label_en: lineLabel(line, book.labels, "en"),
    label_th: lineLabel(line, book.labels, "th"),
    quantity: line.quantity,
    unit: line.unit,
    rate: line.rate,
    amount_satang: line.amountSatang,
    ...(line.period === null ? {} : { period: line.period }),
    ...(line.tier === null ? {} : { from_kwh: line.tier.fromKwh, to_kwh: line.tier.toKwh }),
  });
  return {
    billed_kwh: bill.billedKwh,
    cycle: bill.cycle,
    items: bill.lines.map(item),
    ...(bill.separateLines.length > 0 ? { separate_items: bill.separateLines.map(item) } : {}),
    periods: bill.periods.map(({ period, importWh, exportWh, amountSatang }) => ({
      period,
      import_kwh: shown(fraction(Math.round(importWh * 1000), 1_000_000)),
      export_kwh: shown(fraction(Math.round(exportWh * 1000), 1_000_000)),
      amount_satang: amountSatang,
    })),
    ...(bill.peak ? { peak_demand_kw: bill.peak.powerW / 1000 } : {}),
    notes: bill.notes.map((note) => ({
      ...note,
      en: noteText(note, book.labels, "en"),
      th: noteText(note, book.labels, "th"),
    })),
  };
}
