/** Times of use: which period of a tariff a quarter hour belongs to, by the local clock. */
import { createCalendar, hourMs, minuteMs, quarterMs } from "../energy/calendar.ts";
import { type BookTariff, periodsOf } from "./book.ts";
import { weekdayOf } from "./cycle.ts";
import { holidaysOf } from "./holidays.ts";
import type { Schedule } from "./tariff.ts";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const quartersADay = 96;
const dayless: Uint8Array = new Uint8Array(0);

/** Says the period of one instant after the other; quick when they come in order. */
export interface PeriodClock {
  readonly periods: readonly string[];
  /** The index in `periods` of the quarter hour that begins at the instant. */
  at(timeMs: number): number;
}

/** The clock of a tariff's times of use, in the home's zone unless its meters keep another. */
export function createPeriodClock(tariff: BookTariff, timeZone: string): PeriodClock {
  const { schedule } = tariff;
  const periods = periodsOf(tariff);
  if (!schedule) return { periods, at: () => 0 };
  const zone = schedule.clock ?? timeZone;
  const calendar = createCalendar(zone);
  const tableOf = createTables(schedule, periods, createHolidayCheck(tariff));
  let day = { startMs: 0, endMs: 0, isRegular: true, table: dayless };
  return {
    periods,
    at(timeMs) {
      if (timeMs < day.startMs || timeMs >= day.endMs) {
        const span = calendar.spanAt("day", timeMs);
        const table = tableOf(localTime(timeMs, zone).toPlainDate().toString());
        day = { ...span, isRegular: span.endMs - span.startMs === 24 * hourMs, table };
      }
      const minutes = day.isRegular ? (timeMs - day.startMs) / minuteMs : minuteOfDay(localTime(timeMs, zone));
      return day.table[Math.floor(minutes / 15)] as number;
    },
  };
}

function createHolidayCheck({ holidayCalendar }: BookTariff): (date: string) => boolean {
  const byYear = new Map<number, Set<string>>();
  return (date) => {
    if (!holidayCalendar) return false;
    const year = Number(date.slice(0, 4));
    const known = byYear.get(year) ?? holidaysOf(holidayCalendar, year);
    byYear.set(year, known);
    return known.has(date);
  };
}

/** The period of each quarter hour of the clock on a date; dates that the same rules fit share a table. */
function createTables(
  schedule: Schedule,
  periods: readonly string[],
  isHoliday: (date: string) => boolean,
): (date: string) => Uint8Array {
  const tables = new Map<string, Uint8Array>();
  return (date) => {
    const fitting = schedule.rules.map((rule) => fitsDay(rule, date, isHoliday(date)));
    const table = tables.get(fitting.join()) ?? dayTable(schedule, periods, fitting);
    tables.set(fitting.join(), table);
    return table;
  };
}

function dayTable(schedule: Schedule, periods: readonly string[], fitting: readonly boolean[]): Uint8Array {
  const today = schedule.rules.filter((_, index) => fitting[index]);
  return Uint8Array.from({ length: quartersADay }, (_, quarter) => {
    const rule = today.find((one) => fitsClock(one, (quarter * quarterMs) / minuteMs));
    return periods.indexOf(rule?.period ?? schedule.otherwise);
  });
}

type Rule = Schedule["rules"][number];

function fitsDay({ days, season }: Rule, date: string, isHoliday: boolean): boolean {
  const weekday = weekdays[weekdayOf(date)] as (typeof weekdays)[number];
  if (days && !days.includes(weekday) && !(isHoliday && days.includes("holiday"))) return false;
  if (!season) return true;
  const today = date.slice(5);
  return season.from <= season.to
    ? today >= season.from && today <= season.to
    : today >= season.from || today <= season.to;
}

/** A span over midnight, 22:00 to 09:00, is both ends of the same date. */
function fitsClock({ from = "00:00", to = "24:00" }: Rule, minute: number): boolean {
  const [start, end] = [minutes(from), minutes(to)];
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}

function minutes(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

function localTime(timeMs: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone);
}

function minuteOfDay({ hour, minute }: Temporal.ZonedDateTime): number {
  return hour * 60 + minute;
}
