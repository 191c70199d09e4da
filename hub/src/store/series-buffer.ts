/** What the store holds in memory of one series until it is sealed into chunks and rollup rows. */
import type { Calendar, Span } from "../energy/calendar.ts";
import { addReading, emptyRollups, type Rollups, type SeriesState, type TimedValue } from "../energy/rollup.ts";
import type { Series } from "../model.ts";

export interface SeriesBuffer {
  readonly series: Series;
  state: SeriesState;
  /** Accepted since the last seal, in order of time. */
  readings: TimedValue[];
  /** What `readings` add to the rollups. */
  rollups: Rollups;
  /** Accepted since the last seal, older than what came before. */
  late: TimedValue[];
  /** Spans whose rollups must be made anew from the readings. */
  redo: Span[];
  /** A day's energy as sealed, kept so that today's total needs no query. */
  day: { startMs: number; importWh: number; exportWh: number } | null;
}

export function createBuffer(series: Series, state: SeriesState): SeriesBuffer {
  return { series, state, readings: [], rollups: emptyRollups(), late: [], redo: [], day: null };
}

/** Takes a reading; false when it is one the buffer has just had, as after a redelivery. */
export function accept(buffer: SeriesBuffer, reading: TimedValue, calendar: Calendar): boolean {
  const last = buffer.state.last;
  if (last && reading.timeMs === last.timeMs) return false;
  if (last && reading.timeMs < last.timeMs) {
    buffer.late.push(reading);
    return true;
  }
  buffer.readings.push(reading);
  addReading(buffer.rollups, buffer.state, reading, buffer.series, calendar);
  return true;
}

/** Forgets what a seal has stored. */
export function clear(buffer: SeriesBuffer): void {
  foldDay(buffer);
  buffer.readings = [];
  buffer.rollups = emptyRollups();
  buffer.late = [];
  buffer.redo = [];
}

/** Spans in order of time, with those that touch joined. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last && span.startMs <= last.endMs) last.endMs = Math.max(last.endMs, span.endMs);
    else joined.push({ ...span });
  }
  return joined;
}

function foldDay(buffer: SeriesBuffer): void {
  if (!buffer.day) return;
  if (buffer.late.length > 0 || buffer.redo.length > 0) {
    buffer.day = null;
    return;
  }
  const added = buffer.rollups.day.get(buffer.day.startMs);
  if (!added) return;
  buffer.day.importWh += added.importWh;
  buffer.day.exportWh += added.exportWh;
}
