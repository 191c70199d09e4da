/** The present cycle: its bill so far, what it will come to, and what a kWh costs now and later today. */
import type * as api from "../api/bill-contract.ts";
import { type Bill, type BillOptions, computeBill } from "../billing/bill.ts";
import type { BookTariff } from "../billing/book.ts";
import type { Cycle } from "../billing/cycle.ts";
import { projectBill } from "../billing/project.ts";
import { createPeriodClock } from "../billing/schedule.ts";
import { windowOf } from "../billing/window.ts";
import { dayMs, floorTo, quarterMs } from "../energy/calendar.ts";
import type { Energies } from "./energies.ts";
import type { BillMaker } from "./make.ts";
import type { PlanBook } from "./plans.ts";
import { billView, periodLabel } from "./view.ts";

/** Four weeks to learn from, and a day of which a part is over. */
const learnMs = 29 * dayMs;
/** Every schedule of weekdays has come round by then; holidays are shorter. */
const lookAheadMs = 8 * dayMs;

export interface NowScope {
  maker: BillMaker;
  book: PlanBook;
  timeZone: string;
  nowMs: number;
}

/** What is needed to project the present cycle. */
export function readNow({ maker, timeZone, nowMs }: NowScope) {
  const cycle = maker.now();
  const { startMs } = windowOf(cycle, timeZone);
  const energies = maker.read({ startMs: Math.min(startMs, nowMs - learnMs), endMs: nowMs });
  return { cycle, tariff: maker.tariffOf(cycle), energies, options: maker.billOptions(cycle) };
}

export function billNow(scope: NowScope): api.BillNow {
  const { book, timeZone, nowMs } = scope;
  const { cycle, tariff, energies, options } = readNow(scope);
  const projection = projectBill({ tariff, cycle, quarters: energies, nowMs, options });
  const view = (bill: Bill) =>
    billView(bill, { tariff, labels: book.labels, timeZone, energies, knownToMs: floorTo(nowMs, quarterMs) });
  const { toDate, expected, low, high, learnedDays } = projection;
  return {
    toDate: view(toDate),
    expected: expected && view(expected),
    range: low && high && { lowSatang: low.totalSatang, highSatang: high.totalSatang },
    learnedDays,
    ...periodsFrom(tariff, book, { timeZone, nowMs }, (period) =>
      marginalSatang({ tariff, cycle, options, bill: toDate, period }),
    ),
  };
}

/** The time of use that it is, and the next one. */
function periodsFrom(
  tariff: BookTariff,
  { labels }: PlanBook,
  { timeZone, nowMs }: { timeZone: string; nowMs: number },
  satangPerKwh: (period: string) => number,
): Pick<api.BillNow, "now" | "next"> {
  const clock = createPeriodClock(tariff, timeZone);
  const nameAt = (timeMs: number) => clock.periods[clock.at(timeMs)] ?? "all";
  const spanFrom = (fromMs: number) => {
    const period = nameAt(fromMs);
    let endMs = fromMs + quarterMs;
    while (endMs < fromMs + lookAheadMs && nameAt(endMs) === period) endMs += quarterMs;
    const end = endMs < fromMs + lookAheadMs ? endMs : null;
    const label = periodLabel(period, labels);
    return { period, label, startMs: fromMs, endMs: end, satangPerKwh: satangPerKwh(period) };
  };
  const now = spanFrom(floorTo(nowMs, quarterMs));
  return { now, next: now.endMs === null ? null : spanFrom(now.endMs) };
}

/**
 * What one more kWh in a time of use adds to the bill, in hundredths: the tier it falls into, adjustments, taxes. Each line
 * is rounded with and without it, so it may be off by a hundredth a line.
 */
export function marginalSatang({
  tariff,
  cycle,
  options,
  bill,
  period,
}: {
  tariff: BookTariff;
  cycle: Cycle;
  options: BillOptions;
  /** So far. */
  bill: Bill;
  period: string;
}): number {
  const total = (moreWh: number) => {
    const importWh = Object.fromEntries(
      bill.periods.map((one) => [one.period, one.importWh + (one.period === period ? moreWh : 0)]),
    );
    const exportWh = Object.fromEntries(bill.periods.map((one) => [one.period, one.exportWh]));
    return computeBill({ tariff, cycle, usage: { totals: { importWh, exportWh } }, options }).totalSatang;
  };
  return total(1000) - total(0);
}

/** The same energies with nothing given out. */
export function importOnly(energies: Energies): Energies {
  return { ...energies, exportWh: new Float64Array(energies.startMs.length) };
}
