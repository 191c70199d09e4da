/** The holidays of a calendar: fixed, movable and single days, and the days given for those that fall on a weekend. */
import { dayFrom, weekdayOf } from "./cycle.ts";
import type { Holiday, HolidayCalendar } from "./tariff.ts";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const saturday = 5;
const sunday = 6;

/** The local dates that are holidays in the year, substitutes among them, also for days of the years beside it. */
export function holidaysOf(calendar: HolidayCalendar, year: number): Set<string> {
  const years = [year - 1, year, year + 1];
  const proper = years.flatMap((one) => calendar.days.map((day) => dateIn(day, one))).filter((date) => date !== null);
  const all = new Set(proper);
  for (const date of proper.toSorted()) {
    const substitute = substituteFor(date, calendar.substitute, all);
    if (substitute) all.add(substitute);
  }
  return new Set([...all].filter((date) => date.startsWith(`${year}-`)));
}

function dateIn(day: Holiday, year: number): string | null {
  if (year < (day.fromYear ?? year) || year > (day.toYear ?? year)) return null;
  if (day.date !== undefined) return day.date.startsWith(`${year}-`) ? day.date : null;
  if (day.day !== undefined) return `${year}-${day.day}`;
  if (day.easter !== undefined) return dayFrom(easterSunday(year), day.easter);
  return nthWeekday(day, year);
}

/** The nth weekday of a month, counted from its end when negative; null when the month has no such day. */
function nthWeekday({ weekday = "mon", month = 1, nth = 1 }: Holiday, year: number): string | null {
  const wanted = weekdays.indexOf(weekday);
  const first = dateText(year, month, 1);
  const firstWanted = dayFrom(first, (wanted - weekdayOf(first) + 7) % 7);
  if (nth > 0) return withinMonth(dayFrom(firstWanted, 7 * (nth - 1)), first);
  const last = dayFrom(month === 12 ? dateText(year + 1, 1, 1) : dateText(year, month + 1, 1), -1);
  const lastWanted = dayFrom(last, -((weekdayOf(last) - wanted + 7) % 7));
  return withinMonth(dayFrom(lastWanted, 7 * (nth + 1)), first);
}

function withinMonth(date: string, first: string): string | null {
  return date.slice(0, 7) === first.slice(0, 7) ? date : null;
}

/** Easter Sunday of the Gregorian calendar, after Meeus, Astronomical Algorithms, chapter 8. */
function easterSunday(year: number): string {
  const century = Math.floor(year / 100);
  const inCentury = year % 100;
  const shift = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const moon = (19 * (year % 19) + century - Math.floor(century / 4) - shift + 15) % 30;
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - moon - (inCentury % 4)) % 7;
  const late = Math.floor(((year % 19) + 11 * moon + 22 * toSunday) / 451);
  const days = moon + toSunday - 7 * late + 114;
  return dateText(year, Math.floor(days / 31), (days % 31) + 1);
}

function dateText(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

function substituteFor(date: string, rule: HolidayCalendar["substitute"], taken: Set<string>): string | null {
  const weekday = weekdayOf(date);
  if (rule === "none" || weekday < saturday) return null;
  if (rule === "sunday_to_next_workday" && weekday !== sunday) return null;
  if (rule === "nearest_workday") return dayFrom(date, weekday === saturday ? -1 : 1);
  let next = dayFrom(date, 1);
  while (weekdayOf(next) >= saturday || taken.has(next)) next = dayFrom(next, 1);
  return next;
}
