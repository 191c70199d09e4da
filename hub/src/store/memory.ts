/** What the store has taken and not sealed: a buffer for each series, and which of them are to be sealed. */
import type { Calendar } from "../energy/calendar.ts";
import type { Series } from "../model.ts";
import { mostReadings, smallReadings } from "./chunks.ts";
import { restoreState } from "./redo.ts";
import { accept, clear, createBuffer, isEmpty, noteCommitted, type SeriesBuffer } from "./series-buffer.ts";
import type { Tables } from "./tables.ts";

export type Memory = ReturnType<typeof createMemory>;

/** Seal all above so many readings (about 16 MB). */
const sealAllAt = 1_000_000;
/** Seal a series when it has readings for a whole chunk, and at least so often. */
const sealAfterMs = 6 * 3600_000;
/** Late readings find their place with a seal: soon, but not one by one. */
const sealLateAfterMs = 5_000;

export function createMemory(tables: Tables, calendar: Calendar) {
  /** By series id. */
  const buffers: (SeriesBuffer | undefined)[] = [];
  const unsealed = new Set<SeriesBuffer>();
  /** To be sealed, a few with each commit. */
  const due = new Set<SeriesBuffer>();
  /** To be sealed with the next commit, whatever it takes. */
  const owed = new Set<SeriesBuffer>();
  let readings = 0;
  let lateSinceMs: number | null = null;

  function bufferOf(series: Series): SeriesBuffer {
    const known = buffers[series.id];
    if (known) return known;
    const buffer = createBuffer(series, restoreState(tables, series, calendar));
    buffers[series.id] = buffer;
    return buffer;
  }

  /** Takes a reading; false when it is one that the series has just had. */
  function take(buffer: SeriesBuffer, timeMs: number, value: number): boolean {
    if (!accept(buffer, timeMs, value)) return false;
    if (buffer.readings.length + buffer.late.length === 1) {
      buffer.sinceMs = performance.now();
      unsealed.add(buffer);
    }
    if (buffer.late.length > 0) lateSinceMs ??= performance.now();
    if (buffer.readings.length >= mostReadings) due.add(buffer);
    readings++;
    return true;
  }

  /** Makes the rollups of a span anew with the next commit: a redo is not in the journal. */
  function redo(series: Series, startMs: number, endMs: number): void {
    const buffer = bufferOf(series);
    buffer.redo.push({ startMs, endMs });
    owed.add(buffer);
  }

  function drop(buffer: SeriesBuffer): void {
    readings -= buffer.readings.length + buffer.late.length;
    clear(buffer);
    unsealed.delete(buffer);
    due.delete(buffer);
    owed.delete(buffer);
  }

  return {
    unsealed: unsealed as ReadonlySet<SeriesBuffer>,
    due: due as ReadonlySet<SeriesBuffer>,
    owed: owed as ReadonlySet<SeriesBuffer>,
    bufferOf,
    /** The series' buffer if it has one. */
    find: (series: Series): SeriesBuffer | undefined => buffers[series.id],
    take,
    redo,
    /** Takes what the journal holds; how many readings of it were not sealed. */
    replay(seriesById: ReadonlyMap<number, Series>): { records: number; readings: number } {
      let records = 0;
      for (const { id, entries } of tables.journal.read()) {
        records++;
        for (const { seriesId, readings: entry } of entries) {
          const series = seriesById.get(seriesId);
          if (!series) continue; // its meter was removed
          const buffer = bufferOf(series);
          for (let at = 0; at < entry.length; at++) take(buffer, entry.times[at]!, entry.values[at]!);
          buffer.firstRecordId ??= isEmpty(buffer) ? null : id;
        }
      }
      for (const buffer of unsealed) noteCommitted(buffer);
      return { records, readings };
    },
    /** How full it is: above 1 the hub takes more than it seals. */
    fullness: () => readings / sealAllAt,
    /** Marks what is to be sealed at this moment of the monotonic clock. */
    markDue(nowMs: number): void {
      if (lateSinceMs !== null && nowMs - lateSinceMs >= sealLateAfterMs) {
        for (const buffer of unsealed) if (buffer.late.length > 0) due.add(buffer);
        lateSinceMs = null;
      }
      if (readings >= sealAllAt) for (const buffer of unsealed) due.add(buffer);
    },
    /** Marks those that have waited for long. */
    markOld(nowMs: number): void {
      for (const buffer of unsealed) if (nowMs - buffer.sinceMs >= sealAfterMs) due.add(buffer);
    },
    /** Marks what a stop should seal: the journal keeps the small rest, which would be written anew after the next start. */
    markForStop(all: boolean): void {
      for (const buffer of unsealed) {
        if (all || buffer.readings.length >= smallReadings || buffer.late.length > 0) due.add(buffer);
      }
    },
    owe: (buffer: SeriesBuffer) => void owed.add(buffer),
    /** Forgets what was sealed. */
    sealed(list: Iterable<SeriesBuffer>): void {
      for (const buffer of list) drop(buffer);
    },
    /** Forgets a series whose readings were deleted, and what was not sealed of it. */
    forget(series: Series): void {
      const buffer = buffers[series.id];
      if (buffer) drop(buffer);
      delete buffers[series.id];
    },
  };
}
