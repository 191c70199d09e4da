/** The bill of one cycle, to the hundredth of the currency. */
import { isDeepStrictEqual } from "node:util";
import { isTimeZone } from "../energy/calendar.ts";
import { type Billing, billEnergy } from "./billed.ts";
import { type BookTariff, periodsOf } from "./book.ts";
import { type Cycle, checkCycle, daysIn } from "./cycle.ts";
import { BillingError } from "./errors.ts";
import { fraction, round, shown } from "./exact.ts";
import { settleExport } from "./export.ts";
import { type BillLine, billLine, createLedger, type Ledger } from "./ledger.ts";
import { adjustmentLines, type Draft, demandLines, energyLines, fixedLines, spanOf, totalMwh } from "./lines.ts";
import { type MeteredCycle, meterCycle } from "./metering.ts";
import { type BillNote, notesOf } from "./notes.ts";
import { type Part, partsOf } from "./parts.ts";
import type { PriceSeries } from "./prices.ts";
import { stepLine } from "./steps.ts";
import { kwhOf, type Peak, type Usage, wholeMwh } from "./usage.ts";

/** What one cycle hands on to the next: energy by priced time of use, and money in hundredths. */
export interface Carry {
  wh: Readonly<Record<string, number>>;
  satang: number;
}

export interface BillOptions {
  /** The home's time zone; the tariff's when not given. */
  timeZone?: string;
  /** Adjustments by key in hundredths per kWh, such as `{ ft: "39.72" }`, in place of the published ones. */
  adjustments?: Readonly<Record<string, string>>;
  /** What the household has a right to, such as `free_50`. */
  entitlements?: readonly string[];
  contractedKw?: number;
  /** Series of prices by the name that the tariff gives them. */
  prices?: Readonly<Record<string, PriceSeries>>;
  carry?: Carry;
  /** Bills the exact energy where the tariff bills what the meter's digits show. */
  exactUnits?: boolean;
  /** Energy after this instant is not missing: it is yet to come. */
  knownToMs?: number;
}

export interface BillInput {
  tariff: BookTariff;
  cycle: Cycle;
  usage: Usage;
  options?: BillOptions;
}

export interface Bill {
  tariffId: string;
  currency: string;
  cycle: Cycle;
  /** What was metered and what its energy costs, by time of use; null where one price holds for all of them. */
  periods: { period: string; importWh: number; exportWh: number; amountSatang: number | null }[];
  /** The units that the bill is made of, in kWh. */
  billedKwh: string;
  /** Add up to `totalSatang`. */
  lines: BillLine[];
  totalSatang: number;
  /** What is paid for energy given out apart from this bill; not in the total. */
  separateLines: BillLine[];
  /** The largest quarter hour's mean power; null when nothing is known of it. */
  peak: Peak | null;
  carry: Carry;
  notes: BillNote[];
}

/** Makes the bill; throws a BillingError, with a hint, for input that cannot be billed. */
export function computeBill({ tariff, cycle, usage, options = {} }: BillInput): Bill {
  checkCycle(cycle);
  const timeZone = options.timeZone ?? tariff.timeZone;
  if (!isTimeZone(timeZone)) throw new BillingError(`There is no time zone ${timeZone}`, "Write it as Asia/Bangkok");
  const parts = partsOf(tariff, cycle, options.adjustments ?? {});
  const metered = meterCycle(
    tariff,
    { cycle, parts, usage },
    { timeZone, prices: options.prices ?? {}, knownToMs: options.knownToMs ?? Number.POSITIVE_INFINITY },
  );
  const billing = billEnergy(parts, metered.parts, {
    periods: periodsOf(tariff),
    unitMwh: options.exactUnits ? 1 : (tariff.unitWh ?? 0) * 1000 || 1,
    isNet: parts.at(-1)?.version.export?.mode === "net",
    carryMwh: scaled(options.carry?.wh ?? {}, (wh) => wholeMwh(wh, "Carried energy")),
  });
  const ledger = createLedger(tariff.rounding);
  addCharges(ledger, { cycle, parts, billing, metered, contractedKw: options.contractedKw });
  const settled = settleExport({ parts, metered: metered.parts, billing, carriedSatang: options.carry?.satang ?? 0 });
  if (settled.place === "before_steps") settled.addTo(ledger);
  addSteps(ledger, { cycle, parts, billing, entitlements: options.entitlements ?? [] });
  if (settled.place === "on_bill") settled.addTo(ledger);
  const lines = ledger.lines(cycle);
  const separateLines = settled.place === "separately" ? separate(settled.drafts, tariff) : [];
  return {
    tariffId: tariff.id,
    currency: tariff.currency,
    cycle: spanOf(cycle),
    periods: periodSums(periodsOf(tariff), metered, lines),
    billedKwh: shown(kwhOf(billedMwh(billing))),
    lines,
    totalSatang: lines.reduce((sum, line) => sum + line.amountSatang, 0),
    separateLines,
    peak: metered.peak,
    carry: { wh: scaled(settled.carryMwh, (mwh) => mwh / 1000), satang: settled.carrySatang() },
    notes: notesOf({ tariff, cycle, parts, metered: metered.parts, usage, lines: [...lines, ...separateLines] }),
  };
}

/** The sum of the lines of a kind, or with a key, in hundredths; a kind's name is never the key of another. */
export function amountOf(bill: Bill, keyOrKind: string): number {
  const lines = bill.lines.filter(({ key, kind }) => key === keyOrKind || kind === keyOrKind);
  return lines.reduce((sum, line) => sum + line.amountSatang, 0);
}

interface ChargeScope {
  cycle: Cycle;
  parts: readonly Part[];
  billing: Billing;
}

/** Energy, fixed charges, demand, adjustments: the order in which utilities print them. */
function addCharges(
  ledger: Ledger,
  {
    cycle,
    parts,
    billing,
    metered,
    contractedKw,
  }: ChargeScope & { metered: MeteredCycle; contractedKw?: number | undefined },
): void {
  ledger.add(energyLines(parts, billing.parts, cycle), true);
  for (const part of parts) ledger.add(fixedLines(part, cycle, contractedKw));
  for (const part of parts) ledger.add(demandLines(part, cycle, (charge) => metered.peakFor(part, charge)));
  for (const [index, part] of parts.entries()) ledger.add(adjustmentLines(part, partMwh(billing, index)));
}

/** Steps that are the same throughout are taken once on the whole bill, else by part on the part's own lines. */
function addSteps(
  ledger: Ledger,
  { cycle, parts, billing, entitlements }: ChargeScope & { entitlements: readonly string[] },
): void {
  const [first] = parts;
  const isSame = parts.every((part) => isDeepStrictEqual(part.version.steps, first?.version.steps));
  const cycleMwh = billedMwh(billing);
  const spans = isSame
    ? [{ part: first as Part, span: spanOf(cycle), mwh: cycleMwh }]
    : parts.map((part, index) => ({ part, span: spanOf(part), mwh: partMwh(billing, index) }));
  for (const { part, span, mwh } of spans) {
    const share = fraction(daysIn(span), daysIn(cycle));
    for (const step of part.version.steps ?? []) {
      const before = ledger.values().filter(([line]) => line.span.start >= span.start && line.span.end <= span.end);
      const line = stepLine(step, before, { span, cycleMwh, mwh, share, entitlements });
      if (line) ledger.add([line]);
    }
  }
}

function partMwh(billing: Billing, index: number): number {
  const part = billing.parts[index];
  return part ? totalMwh(part) : 0;
}

function billedMwh(billing: Billing): number {
  return billing.parts.reduce((sum, part) => sum + totalMwh(part), 0);
}

function periodSums(periods: readonly string[], { parts }: MeteredCycle, lines: readonly BillLine[]): Bill["periods"] {
  const isOnePrice = lines.some((line) => line.period === "all");
  const amount = (period: string) =>
    lines.filter((line) => line.period === period).reduce((sum, line) => sum + line.amountSatang, 0);
  const sums = periods.map((period, index) => ({
    period,
    importWh: parts.reduce((sum, part) => sum + (part.importMwh[index] as number), 0) / 1000,
    exportWh: parts.reduce((sum, part) => sum + (part.exportMwh[index] as number), 0) / 1000,
    amountSatang: amount(period),
  }));
  if (!isOnePrice || periods.includes("all")) return sums;
  return sums.map((sum) => ({ ...sum, amountSatang: null }));
}

/** Lines apart from the bill, each rounded on its own. */
function separate(drafts: readonly Draft[], tariff: BookTariff): BillLine[] {
  return drafts.map((line) => billLine(line, round(line.exact, tariff.rounding.mode)));
}

function scaled(
  energies: Readonly<Record<string, number>>,
  change: (energy: number) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(energies).map(([period, energy]) => [period, change(energy)]));
}
