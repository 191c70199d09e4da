/** Tariffs and uses that the tests of bills make up. */
import { quarterMs } from "../energy/calendar.ts";
import { type Bill, type BillOptions, computeBill } from "./bill.ts";
import { type BookTariff, findTariff, readBook } from "./book.ts";
import { type Cycle, monthCycle } from "./cycle.ts";
import type { Tariff, Version } from "./tariff.ts";
import type { Quarters } from "./usage.ts";
import { windowOf } from "./window.ts";

type Made = Partial<Omit<Tariff, "versions">> & { versions?: (Partial<Version> & { from?: string })[] };

/** A tariff of one flat price, but for what is given. */
export function made({ versions = [{}], ...rest }: Made = {}): BookTariff {
  const tariff = {
    id: "made",
    name: { en: "", th: "" },
    currency: "EUR",
    timeZone: "Europe/Berlin",
    changes: "day",
    rounding: { mode: "half-up", lines: "each" },
    sources: ["made up"],
    ...rest,
    versions: versions.map((version) => ({ from: "2020-01-01", energy: { all: "0.30" }, ...version })),
  };
  return findTariff(readBook([{ name: "made.json", content: { tariffs: [tariff] } }]), "made");
}

export const june = monthCycle("2026-06");

export function billTotals(
  tariff: BookTariff,
  kwh: number,
  options: BillOptions & { cycle?: Cycle; exportKwh?: number } = {},
): Bill {
  const { cycle = june, exportKwh = 0, ...rest } = options;
  const totals = { importWh: { all: kwh * 1000 }, exportWh: { all: exportKwh * 1000 } };
  return computeBill({ tariff, cycle, usage: { totals }, options: rest });
}

/** Quarter hours of local dates, each with the energies that its index gives. */
export function quartersOf(
  cycle: Cycle,
  timeZone: string,
  importWh: (index: number) => number,
  exportWh?: (index: number) => number,
): Quarters {
  const { startMs, endMs } = windowOf(cycle, timeZone);
  const length = (endMs - startMs) / quarterMs;
  const column = (at: (index: number) => number) => Float64Array.from({ length }, (_, index) => at(index));
  return {
    startMs: column((index) => startMs + index * quarterMs),
    importWh: column(importWh),
    exportWh: exportWh ? column(exportWh) : null,
  };
}

/** A use that is never twice the same in a row. */
export const uneven = (index: number) => 50 + ((index * 7919) % 1000);
