/** What the store holds in memory of one series until it is sealed into chunks and rollup blocks. */
import type { Calendar, Span } from "../energy/calendar.ts";
import { emptyReadings, pushReading, type Readings, sliceReadings } from "../energy/readings.ts";
import { addReadings, emptyRollups, type Rollups, type SeriesState } from "../energy/rollup.ts";
import type { Series } from "../model.ts";

export interface SeriesBuffer {
  readonly series: Series;
  /** The newest reading's time, sealed ones included; `never` before the first. */
  lastMs: number;
  /** Accepted since the last seal. */
  readonly readings: Readings;
  /** Accepted since the last seal, older than what came before them; in the order in which they came. */
  readonly late: Readings;
  /** It has readings that are not in the journal. */
  isDirty: boolean;
  /** How many of both are in the journal. */
  committed: { readings: number; late: number };
  /** The first record of the journal with a reading of these; null when there is none. */
  firstRecordId: number | null;
  /** The state behind the first `rolledUp` of `readings`, and what those add to the rollups. */
  state: SeriesState;
  rolledUp: number;
  rollups: Rollups;
  /** Spans whose rollups must be made anew from the readings. */
  redo: Span[];
  /** A day's energy as sealed, kept so that today's total needs no query. */
  day: { startMs: number; importWh: number; exportWh: number } | null;
  /** When the first of the unsealed came, by the monotonic clock. */
  sinceMs: number;
}

/** An hour of a reading a second, and a little. */
const mostKept = 4_096;

/** A buffer behind the last stored reading, after which `state` is. */
export function createBuffer(series: Series, state: SeriesState): SeriesBuffer {
  return {
    ...{ series, state, lastMs: state.lastMs, readings: emptyReadings(), late: emptyReadings(), redo: [], day: null },
    ...{
      isDirty: false,
      committed: { readings: 0, late: 0 },
      firstRecordId: null,
      rolledUp: 0,
      rollups: emptyRollups(),
      sinceMs: 0,
    },
  };
}

/** Takes a reading; false when it is one the buffer has just had, as after a redelivery. */
export function accept(buffer: SeriesBuffer, timeMs: number, value: number): boolean {
  if (timeMs > buffer.lastMs) {
    buffer.lastMs = timeMs;
    pushReading(buffer.readings, timeMs, value);
    return true;
  }
  if (timeMs === buffer.lastMs) return false;
  pushReading(buffer.late, timeMs, value);
  return true;
}

/** Whether it holds anything to seal. */
export function isEmpty({ readings, late, redo }: SeriesBuffer): boolean {
  return readings.length + late.length + redo.length === 0;
}

/** The readings that are not in the journal. */
export function uncommitted({ readings, late, committed }: SeriesBuffer): Readings[] {
  const parts = [sliceReadings(readings, committed.readings), sliceReadings(late, committed.late)];
  return parts.filter(({ length }) => length > 0);
}

/** Brings the rollups up to the newest reading: many at a time, since nobody may ask for hours. */
export function bringUp(buffer: SeriesBuffer, calendar: Calendar): void {
  const { readings, rolledUp, state, series, rollups } = buffer;
  addReadings(rollups, state, readings, { from: rolledUp, to: readings.length }, series, calendar);
  buffer.rolledUp = readings.length;
}

/** Forgets what a seal has stored. */
export function clear(buffer: SeriesBuffer): void {
  foldDay(buffer);
  empty(buffer.readings);
  empty(buffer.late);
  buffer.committed = { readings: 0, late: 0 };
  buffer.firstRecordId = null;
  buffer.rolledUp = 0;
  buffer.rollups = emptyRollups();
  buffer.redo = [];
}

/** Keeps the memory of a usual load for the next readings, not that of a burst. */
function empty(readings: Readings): void {
  readings.length = 0;
  if (readings.times.length > mostKept) Object.assign(readings, emptyReadings());
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
  if (buffer.late.length + buffer.redo.length > 0) {
    buffer.day = null;
    return;
  }
  const added = buffer.rollups.day.get(buffer.day.startMs);
  if (!added) return;
  buffer.day.importWh += added.importWh;
  buffer.day.exportWh += added.exportWh;
}

/** All of it is in the journal. */
export function noteCommitted(buffer: SeriesBuffer): void {
  buffer.committed = { readings: buffer.readings.length, late: buffer.late.length };
}
