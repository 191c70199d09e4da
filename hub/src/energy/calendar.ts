/** Local time: where a home's days, weeks, months and years begin, in UTC epoch milliseconds. */

export const minuteMs = 60_000;
export const quarterMs = 15 * minuteMs;
export const hourMs = 60 * minuteMs;
/** A day in UTC; local days may be an hour shorter or longer. */
export const dayMs = 24 * hourMs;

export type LocalSpan = "day" | "week" | "month" | "year";

export interface Span {
  startMs: number;
  /** The start of the next one: not part of this one. */
  endMs: number;
}

/** A home's local calendar; days last 23 to 25 hours where clocks change. */
export interface Calendar {
  readonly timeZone: string;
  /** The local day, ISO week (from Monday), month or year that holds the instant. */
  spanAt(span: LocalSpan, timeMs: number): Span;
  /** The start of the local clock hour that holds the instant. */
  hourStart(timeMs: number): number;
}

/** Whether it names a time zone; Temporal would also take the zone out of a whole date. */
export function isTimeZone(timeZone: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(timeZone)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** Throws a RangeError for a time zone that does not exist. */
export function createCalendar(timeZone: string): Calendar {
  // Readings come in order of time, so the span asked for is nearly always the one asked for last.
  const last: Partial<Record<LocalSpan, Span>> = {};
  let era: Era = { startMs: 0, endMs: 0, offsetMs: 0 };
  const zoned = (timeMs: number) =>
    Temporal.Instant.fromEpochMilliseconds(Math.floor(timeMs)).toZonedDateTimeISO(timeZone);
  zoned(0);
  return {
    timeZone,
    spanAt(span, timeMs) {
      const cached = last[span];
      if (cached && timeMs >= cached.startMs && timeMs < cached.endMs) return cached;
      const found = findSpan(zoned(timeMs), span);
      last[span] = found;
      return found;
    },
    hourStart(timeMs) {
      if (timeMs < era.startMs || timeMs >= era.endMs) era = eraAt(timeMs, timeZone);
      const startMs = floorTo(timeMs + era.offsetMs, hourMs) - era.offsetMs;
      // Lord Howe's clocks change by half an hour: the hour that this cuts begins with the change.
      return Math.max(startMs, era.startMs);
    },
  };
}

/** A time between two changes of the clocks, and how far they are ahead of UTC then. */
interface Era extends Span {
  offsetMs: number;
}

function eraAt(timeMs: number, timeZone: string): Era {
  const zoned = Temporal.Instant.fromEpochMilliseconds(Math.floor(timeMs)).toZonedDateTimeISO(timeZone);
  const last = zoned.add({ milliseconds: 1 }).getTimeZoneTransition("previous"); // a change at this very instant counts
  const next = zoned.getTimeZoneTransition("next");
  return {
    startMs: last?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    endMs: next?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs: zoned.offsetNanoseconds / 1e6,
  };
}

/** The largest multiple of `stepMs` that is not after `timeMs`. */
export function floorTo(timeMs: number, stepMs: number): number {
  return Math.floor(timeMs / stepMs) * stepMs;
}

function findSpan(time: Temporal.ZonedDateTime, span: LocalSpan): Span {
  const start = firstDate(time.toPlainDate(), span);
  const end = start.add({ [`${span}s`]: 1 });
  // startOfDay by date, not by subtracting hours: in some zones midnight does not exist on the day clocks change.
  return { startMs: midnight(start, time.timeZoneId), endMs: midnight(end, time.timeZoneId) };
}

function firstDate(date: Temporal.PlainDate, span: LocalSpan): Temporal.PlainDate {
  if (span === "week") return date.subtract({ days: date.dayOfWeek - 1 });
  if (span === "month") return date.with({ day: 1 });
  if (span === "year") return date.with({ month: 1, day: 1 });
  return date;
}

function midnight(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}
