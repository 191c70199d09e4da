/** Billing cycles: spans of local dates, their billing months, and the cycle that holds a date. */
import { BillingError } from "./errors.ts";

/** A span of local dates, "2026-01-15" to "2026-02-15"; the end is the first date that is not part of it. */
export interface Cycle {
  start: string;
  end: string;
}

/** When a household's cycles begin. */
export interface CycleRule {
  /** 1 to 31; in a shorter month the cycle begins on its last day. */
  startDay: number;
  /** How many months a cycle lasts; 1 when not given. */
  months?: number;
  /** A month in which a cycle begins, "2026-01"; needed when cycles last several months. */
  anchorMonth?: string;
}

/** The cycle that holds the local date; throws a BillingError for a rule or date that cannot be. */
export function cycleAt(date: string, rule: CycleRule): Cycle {
  const months = rule.months ?? 1;
  const { year, month } = dateOf(date);
  checkRule(rule, months);
  const anchor = monthNumber(rule.anchorMonth ?? `${String(year).padStart(4, "0")}-01`);
  const sinceAnchor = year * 12 + month - 1 - anchor;
  const startMonth = anchor + Math.floor(sinceAnchor / months) * months;
  const start = startIn(startMonth, rule.startDay);
  return date >= start
    ? laterCycle({ startMonth, months, startDay: rule.startDay })
    : laterCycle({ startMonth: startMonth - months, months, startDay: rule.startDay });
}

/** The cycle of one calendar month, "2026-02"; throws a BillingError for a text that is no month. */
export function monthCycle(month: string): Cycle {
  const number = monthNumber(month);
  return { start: startIn(number, 1), end: startIn(number + 1, 1) };
}

/** The first day of the month whose bill it is: the month that the cycle's last day, when the meter is read, lies in. */
export function billingMonth(cycle: Cycle): string {
  return `${lastDay(cycle).slice(0, 7)}-01`;
}

/** How many days the span has. */
export function daysIn({ start, end }: Cycle): number {
  return Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000);
}

/** The dates of the span, in order. */
export function datesIn({ start, end }: Cycle): string[] {
  const dates: string[] = [];
  for (let date = start; date < end; date = dayAfter(date)) dates.push(date);
  return dates;
}

export function dayAfter(date: string): string {
  return dayFrom(date, 1);
}

/** The date so many days later, or earlier. */
export function dayFrom(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** 0 is Monday, 6 Sunday. */
export function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** Throws a BillingError unless it is a span of at most three years, from a real date to a later one. */
export function checkCycle(cycle: Cycle): Cycle {
  dateOf(cycle.start);
  dateOf(cycle.end);
  const days = daysIn(cycle);
  if (days >= 1 && days <= 1_100) return cycle;
  throw new BillingError(
    `The cycle ${cycle.start} to ${cycle.end} has ${days} days`,
    "Its end is the first date after it, at most three years later",
  );
}

/** Throws a BillingError unless it is a date that exists. */
export function checkDate(date: string): string {
  dateOf(date);
  return date;
}

function dateOf(date: string): { year: number; month: number } {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date) {
    throw new BillingError(`${JSON.stringify(date)} is no date`, "Write it as 2026-01-31");
  }
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)) };
}

function monthNumber(month: string): number {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    throw new BillingError(`${JSON.stringify(month)} is no month`, "Write it as 2026-01");
  }
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
}

function checkRule(rule: CycleRule, months: number): void {
  const isWhole = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  if (!isWhole(rule.startDay, 31)) throw new BillingError("No such day begins a cycle", "Give a startDay from 1 to 31");
  if (!isWhole(months, 12)) throw new BillingError("No cycle lasts so many months", "Give months from 1 to 12");
  if (12 % months !== 0 && rule.anchorMonth === undefined) {
    throw new BillingError(`Cycles of ${months} months begin in no known month`, "Give an anchorMonth such as 2026-01");
  }
}

function laterCycle({ startMonth, months, startDay }: { startMonth: number; months: number; startDay: number }): Cycle {
  return { start: startIn(startMonth, startDay), end: startIn(startMonth + months, startDay) };
}

function startIn(monthNumber: number, startDay: number): string {
  const [year, month] = [Math.floor(monthNumber / 12), monthNumber % 12];
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(startDay, days))).toISOString().slice(0, 10);
}

function lastDay(cycle: Cycle): string {
  return dayFrom(cycle.end, -1);
}
