/** Making rollups anew from stored readings: after late readings, and where a series' energy was cut. */
import { type Calendar, floorTo, quarterMs, type Span } from "../energy/calendar.ts";
import type { Readings, TimedValue } from "../energy/readings.ts";
import { readingsFrom } from "../energy/readings.ts";
import { registerMemory } from "../energy/register.ts";
import { addReadings, emptyRollups, emptyState, never, type SeriesState } from "../energy/rollup.ts";
import type { Series } from "../model.ts";
import type { Tables } from "./tables.ts";

/** The state of a series after its last stored reading. */
export function restoreState(tables: Tables, series: Series, calendar: Calendar): SeriesState {
  const last = tables.readings.last(series.id);
  const state = emptyState();
  if (!last) return state;
  const discarded = emptyRollups();
  for (const part of tables.readings.range(series.id, memoryStart(tables, series, last.timeMs), last.timeMs + 1)) {
    addReadings(discarded, state, part, { from: 0, to: part.length }, series, calendar);
  }
  return state;
}

/** Late readings this close together are redone in one window. */
const clusterMs = 4 * quarterMs;

/** The spans whose rollups late readings, stored among others, may have changed. */
export function windowsAround(tables: Tables, series: Series, added: readonly TimedValue[]): Span[] {
  const clusters: Span[] = [];
  for (const { timeMs } of [...added].sort((a, b) => a.timeMs - b.timeMs)) {
    const last = clusters.at(-1);
    if (last && timeMs - last.endMs <= clusterMs) last.endMs = timeMs;
    else clusters.push({ startMs: timeMs, endMs: timeMs });
  }
  return clusters.map(({ startMs, endMs }) => ({
    startMs: tables.readings.before(series.id, startMs)?.timeMs ?? startMs,
    endMs: memoryEnd(tables, series, tables.readings.after(series.id, endMs + 1)?.timeMs ?? endMs),
  }));
}

/**
 * Makes the rollups of a window anew from the stored readings. Where the readings behind older rollups are gone, only
 * spans that hold nothing yet are filled.
 */
export function redoWindow(tables: Tables, series: Series, window: Span, calendar: Calendar): void {
  const whole: Span = {
    startMs: floorTo(window.startMs, quarterMs),
    endMs: floorTo(window.endMs, quarterMs) + quarterMs,
  };
  const state = emptyState();
  const rollups = emptyRollups();
  for (const part of readingsFor(tables, series, whole)) {
    addReadings(rollups, state, part, { from: 0, to: part.length }, series, calendar);
  }
  for (const level of ["minute", "quarter"] as const) {
    const within = [...rollups[level]].filter(([startMs]) => startMs >= whole.startMs && startMs < whole.endMs);
    tables.rollups[level].remove(
      series.id,
      Math.max(whole.startMs, tables.rawFrom.get(series.id) ?? never),
      whole.endMs,
    );
    tables.rollups[level].fill(series.id, within);
  }
  for (let dayMs = whole.startMs; dayMs < whole.endMs; ) {
    const day = calendar.spanAt("day", dayMs);
    tables.rollups.replaceDay(series.id, day);
    dayMs = day.endMs;
  }
}

/** All readings that decide a window's rollups: the state before it, the readings within, and the next one after. */
function* readingsFor(tables: Tables, series: Series, window: Span): Generator<Readings> {
  const before = tables.readings.before(series.id, window.startMs);
  const fromMs = before ? memoryStart(tables, series, before.timeMs) : window.startMs;
  yield* tables.readings.range(series.id, fromMs, window.endMs);
  const next = tables.readings.after(series.id, window.endMs);
  if (next) yield readingsFrom([next]);
}

/** The time of the earliest reading that still decides what one at `timeMs` means. */
function memoryStart(tables: Tables, series: Series, timeMs: number): number {
  if (!series.kind.endsWith("_register")) return timeMs;
  const firstMs = tables.readings.timeBefore(series.id, timeMs, registerMemory.readings);
  return Math.min(timeMs - registerMemory.lengthMs, firstMs ?? timeMs);
}

/** The time up to which a reading at `timeMs` decides what later ones mean. */
function memoryEnd(tables: Tables, series: Series, timeMs: number): number {
  if (!series.kind.endsWith("_register")) return timeMs;
  const lastMs = tables.readings.timeAfter(series.id, timeMs, registerMemory.readings);
  return Math.max(timeMs + registerMemory.lengthMs, lastMs ?? timeMs);
}
