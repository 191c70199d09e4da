/** Making rollups anew from stored readings: after late readings, and where a series' energy was cut. */
import { type Calendar, floorTo, minuteMs, quarterMs, type Span } from "../energy/calendar.ts";
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
 * Makes the rollups of a window anew from the stored readings. Where the readings behind rollups are gone, deleted or
 * damaged, only spans that hold nothing yet are filled.
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
  const kept = keptSpans(tables, series, whole);
  for (const level of ["minute", "quarter"] as const) {
    const within = [...rollups[level]].filter(([startMs]) => startMs >= whole.startMs && startMs < whole.endMs);
    for (const part of partsOutside(kept, whole, level === "minute" ? minuteMs : quarterMs)) {
      tables.rollups[level].remove(series.id, part.startMs, part.endMs);
    }
    tables.rollups[level].fill(series.id, within);
  }
  for (let dayMs = whole.startMs; dayMs < whole.endMs; ) {
    const day = calendar.spanAt("day", dayMs);
    tables.rollups.replaceDay(series.id, day);
    dayMs = day.endMs;
  }
}

/** Where a window's rollups say more than the readings that are left: up to those next to the ones that are gone. */
function keptSpans(tables: Tables, { id }: Series, window: Span): Span[] {
  const lost = tables.readings.lostSpans(id, window.startMs, window.endMs).map(({ startMs, endMs }) => ({
    startMs: tables.readings.before(id, startMs)?.timeMs ?? startMs,
    endMs: tables.readings.after(id, endMs + 1)?.timeMs ?? endMs,
  }));
  return [{ startMs: never, endMs: (tables.rawFrom.get(id) ?? never) - 1 }, ...lost];
}

/** The parts of a window, in whole steps, that touch none of the spans, which are in order of time. */
function partsOutside(spans: readonly Span[], window: Span, stepMs: number): Span[] {
  const parts: Span[] = [];
  let { startMs } = window;
  for (const span of spans) {
    const endMs = Math.min(window.endMs, floorTo(span.startMs, stepMs));
    if (endMs > startMs) parts.push({ startMs, endMs });
    startMs = Math.max(startMs, floorTo(span.endMs, stepMs) + stepMs);
  }
  if (window.endMs > startMs) parts.push({ startMs, endMs: window.endMs });
  return parts;
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
  // A reading before a silence is still the base of those held below it.
  const baseMs = tables.readings.before(series.id, timeMs - registerMemory.lengthMs)?.timeMs;
  return Math.min(firstMs ?? timeMs, baseMs ?? timeMs);
}

/** The time up to which a reading at `timeMs` decides what later ones mean. */
function memoryEnd(tables: Tables, series: Series, timeMs: number): number {
  if (!series.kind.endsWith("_register")) return timeMs;
  const lastMs = tables.readings.timeAfter(series.id, timeMs, registerMemory.readings);
  // What is held ends with the first reading behind that time, whose energy lies before it.
  const endMs = tables.readings.after(series.id, timeMs + registerMemory.lengthMs)?.timeMs;
  return Math.max(timeMs + registerMemory.lengthMs, lastMs ?? timeMs, endMs ?? timeMs);
}
