/** The local calendar of the home. A day is counted from 1970-01-01, as a whole number. */

export interface Calendar {
  timeZone: string;
  dayOf(timeMs: number): number;
  /** The instant of local midnight, where the day begins. */
  startMs(day: number): number;
  /** The instant when clocks show `hour` (7.5 is half past seven); from 24 on, that of the next day. */
  atMs(day: number, hour: number): number;
  /** 1 is Monday, 7 Sunday. */
  weekday(day: number): number;
  /** The first day of the month that `day` is in. */
  monthStart(day: number): number;
  /** From 1 for 1 January. */
  dayOfYear(day: number): number;
  /** As `2026-02-06T14:30:00+07:00`. */
  localText(timeMs: number): string;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
// Offsets change at a quarter of an hour at the earliest in every zone of today.
const offsetStepMs = 900_000;
const rememberedOffsets = 5_000;

export function createCalendar(timeZone: string): Calendar {
  const offsets = new Map<number, number>();
  const starts = new Map<number, number>();

  function offsetMs(timeMs: number): number {
    const step = Math.floor(timeMs / offsetStepMs);
    const known = offsets.get(step);
    if (known !== undefined) return known;
    const zoned = Temporal.Instant.fromEpochMilliseconds(step * offsetStepMs).toZonedDateTimeISO(timeZone);
    const offset = zoned.offsetNanoseconds / 1e6;
    if (offsets.size >= rememberedOffsets) offsets.clear();
    offsets.set(step, offset);
    return offset;
  }

  function plainDate(day: number): Temporal.PlainDate {
    return Temporal.PlainDate.from("1970-01-01").add({ days: day });
  }

  function startMs(day: number): number {
    const known = starts.get(day);
    if (known !== undefined) return known;
    const start = plainDate(day).toZonedDateTime(timeZone).epochMilliseconds;
    if (starts.size >= rememberedOffsets) starts.clear();
    starts.set(day, start);
    return start;
  }

  function atMs(day: number, hour: number): number {
    if (hour >= 24) return atMs(day + 1, hour - 24);
    const start = startMs(day);
    const instant = start + hour * hourMs;
    // On a day of 23 or 25 hours the clock is ahead or behind after the change.
    return startMs(day + 1) - start === dayMs ? instant : instant + offsetMs(start) - offsetMs(instant);
  }

  return {
    timeZone,
    dayOf: (timeMs) => Math.floor((timeMs + offsetMs(timeMs)) / dayMs),
    startMs,
    atMs,
    weekday: (day) => plainDate(day).dayOfWeek,
    monthStart: (day) => day - plainDate(day).day + 1,
    dayOfYear: (day) => plainDate(day).dayOfYear,
    localText: (timeMs) => localText(timeMs, offsetMs(timeMs)),
  };
}

function localText(timeMs: number, offsetMs: number): string {
  const clock = new Date(timeMs + offsetMs).toISOString().slice(0, 19);
  const minutes = Math.abs(offsetMs) / 60_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${clock}${offsetMs < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
