/** Bills as the API shows them: with texts in both languages, and how well the cycle was measured. */
import type * as api from "../api/bill-contract.ts";
import type { Bill } from "../billing/bill.ts";
import type { BookTariff } from "../billing/book.ts";
import { type Cycle, daysIn } from "../billing/cycle.ts";
import { lineLabel, noteText } from "../billing/labels.ts";
import type { BillLine } from "../billing/ledger.ts";
import { type Window, windowOf } from "../billing/window.ts";
import { quarterMs } from "../energy/calendar.ts";
import { type Energies, energiesIn } from "./energies.ts";
import { entitlementsOf, needsContractedKw, needsPrices, type PlanBook } from "./plans.ts";
import { adjustmentKeys, pricedPeriods } from "./settings.ts";

type Labels = PlanBook["labels"];

export interface BillScope {
  tariff: BookTariff;
  labels: Labels;
  timeZone: string;
  energies: Energies;
  /** What is later has not been measured yet. */
  knownToMs: number;
}

export function billView(bill: Bill, { tariff, labels, timeZone, energies, knownToMs }: BillScope): api.Bill {
  const line = (one: BillLine) => ({ ...one, label: bothOf((language) => lineLabel(one, labels, language)) });
  const window = windowOf(bill.cycle, timeZone);
  return {
    cycle: cycleView(bill.cycle, timeZone),
    plan: { id: tariff.id, name: tariff.name },
    currency: bill.currency,
    billedKwh: bill.billedKwh,
    periods: bill.periods.map((one) => ({ ...one, label: periodLabel(one.period, labels) })),
    lines: bill.lines.map(line),
    totalSatang: bill.totalSatang,
    separateLines: bill.separateLines.map(line),
    peak: bill.peak,
    notes: bill.notes.map((note) => ({
      key: note.key,
      text: bothOf((language) => noteText(note, labels, language)),
    })),
    measured: measuredIn(energies, { startMs: window.startMs, endMs: Math.min(window.endMs, knownToMs) }),
  };
}

export function cycleView({ start, end }: Cycle, timeZone: string): api.Bill["cycle"] {
  return { start, end, ...windowOf({ start, end }, timeZone), days: daysIn({ start, end }) };
}

export function measuredIn(energies: Energies, window: Window): api.Measured {
  const { startMs, estimatedWh, isPartial } = energiesIn(energies, window);
  const all = Math.max(Math.floor((window.endMs - window.startMs) / quarterMs), 0);
  return {
    quarters: startMs.length,
    missingQuarters: Math.max(all - startMs.length, 0),
    partialQuarters: isPartial.reduce((sum, one) => sum + one, 0),
    estimatedWh: Math.round(estimatedWh.reduce((sum, wh) => sum + wh, 0) * 1000) / 1000,
  };
}

/** What a time of use is called; null texts never: a key without a text stands for itself. */
export function periodLabel(period: string, labels: Labels): api.Label {
  return labelOf(`period_${period}`, labels) ?? { en: period, th: period };
}

/** A key may be the name of what every object has. */
function labelOf(key: string, labels: Labels): api.Label | null {
  return (Object.hasOwn(labels, key) && labels[key]) || null;
}

export function planView(tariff: BookTariff, { labels, ownIds }: PlanBook): api.Plan {
  const named = (key: string) => ({ key, label: labelOf(key, labels) ?? { en: key, th: key } });
  return {
    id: tariff.id,
    name: tariff.name,
    about: tariff.about ?? null,
    country: tariff.country ?? null,
    currency: tariff.currency,
    customer: tariff.customer ?? null,
    isOwn: ownIds.has(tariff.id),
    periods: pricedPeriods(tariff).map((period) => ({ period, label: periodLabel(period, labels) })),
    adjustments: adjustmentKeys(tariff).map(named),
    entitlements: entitlementsOf(tariff).map(named),
    needsContractedKw: needsContractedKw(tariff),
    needsPrices: needsPrices(tariff),
    pricesFrom: tariff.versions[0]?.from ?? "",
    sources: tariff.sources,
  };
}

/** A bill as a table: one row a line, with the total as the last. Begins with the mark that spreadsheets know UTF-8 by. */
export function billCsv({ bill }: api.PastBill): string {
  const header = ["key", "label_en", "label_th", "quantity", "unit", "rate", `amount (${bill.currency})`, "from", "to"];
  const rows = bill.lines.map(({ key, label, quantity, unit, rate, amountSatang, span }) => [
    ...[key, label.en, label.th, quantity ?? "", unit ?? "", rate ?? "", money(amountSatang), span.start, span.end],
  ]);
  const { start, end } = bill.cycle;
  const total = ["total", "Total", "รวม", bill.billedKwh, "kWh", "", money(bill.totalSatang), start, end];
  return `\uFEFF${[header, ...rows, total].map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;
}

function money(satang: number): string {
  return (satang / 100).toFixed(2);
}

/** Texts of own tariffs may begin like a formula: the apostrophe keeps spreadsheets from running it. */
function csvCell(text: string): string {
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function bothOf(text: (language: "en" | "th") => string): api.Label {
  return { en: text("en"), th: text("th") };
}
