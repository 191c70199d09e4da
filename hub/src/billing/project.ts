/** What a cycle will cost: the bill to date, and three ways in which its remaining days may go. */
import { createCalendar, hourMs, quarterMs } from "../energy/calendar.ts";
import { type Bill, type BillOptions, computeBill } from "./bill.ts";
import type { BookTariff } from "./book.ts";
import type { Cycle } from "./cycle.ts";
import type { Quarters } from "./usage.ts";
import { windowOf } from "./window.ts";

export interface Projection {
  /** The bill as if nothing more were used. */
  toDate: Bill;
  /** Null while there is no whole day to learn from. */
  expected: Bill | null;
  /** About four of five cycles end between these. */
  low: Bill | null;
  high: Bill | null;
  /** How many whole days the projection learned from. */
  learnedDays: number;
}

/** Older days tell more of the last season than of this one. */
const learnFromDays = 28;
/** A day with less of its quarter hours is left out. */
const wholeDayShare = 0.95;
/** Between the 10th and the 90th percentile of a normal distribution. */
const rangeDeviations = 1.2816;
/** The range when a single day tells nothing of how days differ: ± this share of what remains. */
const unknownRange = 0.5;

/**
 * Projects a cycle from its quarter hours up to `nowMs`; quarters before the cycle are used to learn. Each remaining
 * quarter hour gets the mean of the same clock time on past workdays, or on past weekends.
 */
export function projectBill({
  tariff,
  cycle,
  quarters,
  nowMs,
  options = {},
}: {
  tariff: BookTariff;
  cycle: Cycle;
  quarters: Quarters;
  nowMs: number;
  options?: BillOptions;
}): Projection {
  const timeZone = options.timeZone ?? tariff.timeZone;
  const { past, days, rest, untilMs, endMs } = learn({ cycle, quarters, nowMs, timeZone });
  const bill = (more: Quarters, knownToMs: number) =>
    computeBill({ tariff, cycle, usage: { quarters: joined(past, more) }, options: { ...options, knownToMs } });
  const toDate = bill(empty, untilMs);
  if (days.length === 0) return { toDate, expected: null, low: null, high: null, learnedDays: 0 };
  const range = restRange(days, rest);
  const scaledBill = (factor: number) => bill(scale(rest, factor), endMs);
  return {
    toDate,
    expected: scaledBill(1),
    low: scaledBill(Math.max(1 - range, 0)),
    high: scaledBill(1 + range),
    learnedDays: days.length,
  };
}

/** The quarter hours of a cycle, those to come as they are expected; null while there is no whole day to learn from. */
export function expectQuarters(question: {
  cycle: Cycle;
  quarters: Quarters;
  nowMs: number;
  timeZone: string;
}): Quarters | null {
  const { past, days, rest } = learn(question);
  return days.length === 0 ? null : joined(past, rest);
}

/** What is known up to now, and what the rest of the cycle will be like; no rest without days to learn from. */
function learn({
  cycle,
  quarters,
  nowMs,
  timeZone,
}: {
  cycle: Cycle;
  quarters: Quarters;
  nowMs: number;
  timeZone: string;
}) {
  const untilMs = Math.floor(nowMs / quarterMs) * quarterMs;
  const days = wholeDays(quarters, timeZone, untilMs);
  const { startMs, endMs } = windowOf(cycle, timeZone);
  const span = { fromMs: Math.max(untilMs, startMs), toMs: endMs, timeZone };
  return {
    past: cut(quarters, untilMs),
    days,
    rest: days.length === 0 ? empty : typicalRest(days, span),
    untilMs,
    endMs,
  };
}

/** Columns by quarter hour of the local clock. */
interface LearnedDay {
  isWeekend: boolean;
  importWh: Float64Array;
  exportWh: Float64Array;
  totalWh: number;
}

const empty: Quarters = { startMs: [], importWh: [], exportWh: [] };

/** The newest days of which nearly every quarter hour is known, the newest first. */
function wholeDays(quarters: Quarters, timeZone: string, untilMs: number): LearnedDay[] {
  const calendar = createCalendar(timeZone);
  const days: LearnedDay[] = [];
  let index = lastBefore(quarters.startMs, untilMs);
  while (index >= 0 && days.length < learnFromDays) {
    const { startMs, endMs } = calendar.spanAt("day", quarters.startMs[index] as number);
    const day = emptyDay(isWeekendAt(startMs, timeZone));
    let count = 0;
    for (; index >= 0 && (quarters.startMs[index] as number) >= startMs; index--) {
      addQuarter(day, clockQuarter(quarters.startMs[index] as number, startMs), quarters, index);
      count++;
    }
    if (endMs <= untilMs && count >= ((endMs - startMs) / quarterMs) * wholeDayShare) days.push(day);
  }
  return days;
}

function emptyDay(isWeekend: boolean): LearnedDay {
  return { isWeekend, importWh: new Float64Array(96), exportWh: new Float64Array(96), totalWh: 0 };
}

function addQuarter(day: LearnedDay, quarter: number, quarters: Quarters, index: number): void {
  const importWh = quarters.importWh[index] as number;
  day.importWh[quarter] = (day.importWh[quarter] as number) + importWh;
  day.exportWh[quarter] = (day.exportWh[quarter] as number) + (quarters.exportWh?.[index] ?? 0);
  day.totalWh += importWh;
}

/** Counted from midnight: on the two days of changing clocks an hour off, which an estimate may be. */
function clockQuarter(timeMs: number, dayStartMs: number): number {
  return Math.min(Math.floor((timeMs - dayStartMs) / quarterMs), 95);
}

/** The quarter hours to come, each as on the past days of its kind. */
function typicalRest(
  days: readonly LearnedDay[],
  { fromMs, toMs, timeZone }: { fromMs: number; toMs: number; timeZone: string },
): Quarters {
  const calendar = createCalendar(timeZone);
  const typical = { true: meanDay(days, true), false: meanDay(days, false) };
  const startMs: number[] = [];
  const importWh: number[] = [];
  const exportWh: number[] = [];
  let day = { startMs: 0, endMs: 0, typical: typical.false };
  for (let timeMs = fromMs; timeMs < toMs; timeMs += quarterMs) {
    if (timeMs >= day.endMs) {
      const span = calendar.spanAt("day", timeMs);
      day = { ...span, typical: typical[`${isWeekendAt(span.startMs, timeZone)}`] };
    }
    const quarter = clockQuarter(timeMs, day.startMs);
    startMs.push(timeMs);
    importWh.push(day.typical.importWh[quarter] as number);
    exportWh.push(day.typical.exportWh[quarter] as number);
  }
  return { startMs, importWh, exportWh };
}

/** The mean of the days of one kind, of all days when there is none of it. */
function meanDay(days: readonly LearnedDay[], isWeekend: boolean): LearnedDay {
  const alike = days.filter((day) => day.isWeekend === isWeekend);
  const used = alike.length > 0 ? alike : days;
  const mean = emptyDay(isWeekend);
  for (const { importWh, exportWh, totalWh } of used) {
    mean.importWh.forEach((sum, at) => {
      mean.importWh[at] = sum + (importWh[at] as number) / used.length;
      mean.exportWh[at] = (mean.exportWh[at] as number) + (exportWh[at] as number) / used.length;
    });
    mean.totalWh += totalWh / used.length;
  }
  return mean;
}

/**
 * By which share the remaining energy may differ: days differ from their mean with the deviation s, and the mean of n
 * days is itself off, so m days to come differ with s × √(m + m² / n).
 */
function restRange(days: readonly LearnedDay[], rest: Quarters): number {
  const restWh = total(rest.importWh);
  if (restWh === 0) return 0;
  const n = days.length;
  if (n < 2) return unknownRange;
  const means = { true: meanDay(days, true).totalWh, false: meanDay(days, false).totalWh };
  const squares = days.map((day) => (day.totalWh - means[`${day.isWeekend}`]) ** 2);
  const deviation = Math.sqrt(total(squares) / (n - 1));
  const m = (rest.startMs.length * quarterMs) / (24 * hourMs);
  return (rangeDeviations * deviation * Math.sqrt(m + m ** 2 / n)) / restWh;
}

function isWeekendAt(timeMs: number, timeZone: string): boolean {
  const time = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone);
  return time.dayOfWeek >= 6;
}

function lastBefore(times: ArrayLike<number>, timeMs: number): number {
  let index = times.length - 1;
  while (index >= 0 && (times[index] as number) >= timeMs) index--;
  return index;
}

function cut({ startMs, importWh, exportWh }: Quarters, untilMs: number): Quarters {
  const count = lastBefore(startMs, untilMs) + 1;
  const first = (column: ArrayLike<number>) => Array.from({ length: count }, (_, index) => column[index] as number);
  return { startMs: first(startMs), importWh: first(importWh), exportWh: exportWh && first(exportWh) };
}

function joined(a: Quarters, b: Quarters): Quarters {
  const both = (x: ArrayLike<number>, y: ArrayLike<number>) => [...Array.from(x), ...Array.from(y)];
  const zeros = (quarters: Quarters) => quarters.exportWh ?? new Float64Array(quarters.startMs.length);
  return {
    startMs: both(a.startMs, b.startMs),
    importWh: both(a.importWh, b.importWh),
    exportWh: both(zeros(a), zeros(b)),
  };
}

function scale(quarters: Quarters, factor: number): Quarters {
  return { ...quarters, importWh: Array.from(quarters.importWh, (wh) => wh * factor) };
}

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0);
}
