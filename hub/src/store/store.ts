/**
 * The store: readings are taken into memory and committed together, with everything made from them, in one
 * transaction. Nothing is acknowledged as durable before its commit has reached the disk.
 */
import { statSync } from "node:fs";
import path from "node:path";
import type { Calendar, Span } from "../energy/calendar.ts";
import type { Level, SeriesState, TimedValue } from "../energy/rollup.ts";
import { HubError } from "../errors.ts";
import type { Channel, Meter, Series } from "../model.ts";
import { openDatabase } from "./database.ts";
import { meterTables } from "./meters.ts";
import { readingTable } from "./readings.ts";
import { redoWindow, restoreState, windowAround } from "./redo.ts";
import { type RollupRow, replaceDay, rollupTables } from "./rollups.ts";
import { accept, clear, createBuffer, joinSpans, type SeriesBuffer } from "./series-buffer.ts";

export type { RollupRow } from "./rollups.ts";

export interface StoreOptions {
  folder: string;
  calendar: Calendar;
  /** Readings that nobody waits for are committed this often: fewer writes, longer life of the card. */
  commitIntervalMs: number;
  onCommitFailed(error: HubError): void;
}

export type Store = ReturnType<typeof openStore>;

type Waiter = (error: HubError | null) => void;

/** Commit at once above so many readings in memory (about 2 MB). */
const commitAt = 20_000;
/** Refuse readings above so many in memory, when commits keep failing (about 20 MB). */
const mostPending = 200_000;

/** Opens the store in a folder, made when missing. Throws HubError when it cannot be used. */
export function openStore(options: StoreOptions) {
  const file = path.join(options.folder, "faiban.db");
  const db = openDatabase(file);
  const meters = meterTables(db);
  const readings = readingTable(db);
  const rollups = rollupTables(db);
  const tables = { readings, rollups };

  const buffers = new Map<number, SeriesBuffer>();
  const dirtyBuffers = new Set<SeriesBuffer>();
  const dirtyMeters = new Set<Meter>();
  const dirtyChannels = new Set<Channel>();
  const dirtySeries = new Set<Series>();
  let waiters: Waiter[] = [];
  let pendingReadings = 0;
  let nextSeriesId = meters.nextSeriesId();
  let isScheduled = false;
  const timer = setInterval(commitQuietly, options.commitIntervalMs);
  useCalendar();

  function bufferOf(series: Series): SeriesBuffer {
    const known = buffers.get(series.id);
    if (known) return known;
    const buffer = createBuffer(series, restoreState(tables, series, options.calendar));
    buffers.set(series.id, buffer);
    return buffer;
  }

  function append(series: Series, reading: TimedValue): boolean {
    if (pendingReadings >= mostPending) {
      throw new HubError(
        "STORE_BACKLOG",
        `${pendingReadings} readings wait to be stored`,
        "See the log for why storing fails: most often the disk is full.",
      );
    }
    const buffer = bufferOf(series);
    if (!accept(buffer, reading, options.calendar)) return false;
    dirtyBuffers.add(buffer);
    if (++pendingReadings >= commitAt) scheduleCommit();
    return true;
  }

  function whenDurable(done: Waiter): void {
    waiters.push(done);
    scheduleCommit();
  }

  /** One commit for everything that arrives in this turn of the event loop. */
  function scheduleCommit(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(commitQuietly);
  }

  function commitQuietly(): void {
    try {
      commit();
    } catch (error) {
      options.onCommitFailed(error as HubError);
    }
  }

  const writeAll = db.transaction(() => {
    for (const meter of dirtyMeters) meters.saveMeter(meter);
    for (const channel of dirtyChannels) meters.saveChannel(channel);
    for (const series of dirtySeries) meters.saveSeries(series);
    for (const buffer of dirtyBuffers) writeBuffer(buffer);
  });

  function writeBuffer(buffer: SeriesBuffer): void {
    const { id } = buffer.series;
    for (const reading of buffer.readings) readings.insert(id, reading);
    for (const level of ["minute", "quarter", "day"] as const) rollups[level].add(id, buffer.rollups[level]);
    const added = buffer.late.filter((reading) => readings.insert(id, reading));
    const windows = [...buffer.redo, ...added.map((reading) => windowAround(tables, buffer.series, reading.timeMs))];
    for (const window of joinSpans(windows)) redoWindow(tables, buffer.series, window, options.calendar);
    if (windows.length > 0) buffer.state = restoreState(tables, buffer.series, options.calendar);
  }

  function commit(): void {
    isScheduled = false;
    const waiting = waiters;
    waiters = [];
    try {
      if (dirtyBuffers.size + dirtyMeters.size + dirtyChannels.size + dirtySeries.size > 0) writeAll();
    } catch (cause) {
      const error = storeFailed(cause);
      for (const done of waiting) done(error);
      throw error;
    }
    for (const buffer of dirtyBuffers) clear(buffer);
    dirtyBuffers.clear();
    dirtyMeters.clear();
    dirtyChannels.clear();
    dirtySeries.clear();
    pendingReadings = 0;
    for (const done of waiting) done(null);
  }

  /** Energy of the local day that starts at `dayStartMs`, with what is not committed yet. */
  function dayEnergy(series: Series, dayStartMs: number): { importWh: number; exportWh: number } {
    const buffer = bufferOf(series);
    if (buffer.day?.startMs !== dayStartMs) {
      const [row] = rollups.day.range(series.id, dayStartMs, dayStartMs + 1);
      buffer.day = { startMs: dayStartMs, importWh: row?.importWh ?? 0, exportWh: row?.exportWh ?? 0 };
    }
    const added = buffer.rollups.day.get(dayStartMs);
    return {
      importWh: buffer.day.importWh + (added?.importWh ?? 0),
      exportWh: buffer.day.exportWh + (added?.exportWh ?? 0),
    };
  }

  /** Lets another series take over an energy of the channel from an instant on (see EnergyCut). */
  function cutEnergy(series: Series, side: "import" | "export", fromMs: number): void {
    const key = `${side}UntilMs` as const;
    const until = series.cut[key];
    if (until !== null && until <= fromMs) return;
    series.cut[key] = fromMs;
    dirtySeries.add(series);
    const buffer = bufferOf(series);
    const lastMs = buffer.state.last?.timeMs;
    if (lastMs === undefined || lastMs <= fromMs) return;
    buffer.redo.push({ startMs: fromMs, endMs: lastMs });
    dirtyBuffers.add(buffer);
  }

  /** Deletes a meter with all its readings. */
  function removeMeter(meter: Meter): void {
    commit();
    db.transaction(() => {
      for (const series of seriesOf(meter)) {
        for (const table of ["reading", "rollup_minute", "rollup_quarter", "rollup_day"]) {
          db.prepare(`DELETE FROM ${table} WHERE series_id = ?`).run(series.id);
        }
        buffers.delete(series.id);
      }
      db.prepare("DELETE FROM meter WHERE id = ?").run(meter.id);
    })();
  }

  /** Local days depend on the time zone: when it has changed they are made anew. */
  function useCalendar(): void {
    const { timeZone } = options.calendar;
    const stored = db.prepare("SELECT value FROM setting WHERE key = 'time_zone'").get() as
      | { value: string }
      | undefined;
    if (stored?.value === timeZone) return;
    db.transaction(() => {
      db.exec("DELETE FROM rollup_day");
      for (const { id } of db.prepare("SELECT id FROM series").all() as { id: number }[]) rebuildDays(id);
      db.prepare("INSERT OR REPLACE INTO setting (key, value) VALUES ('time_zone', ?)").run(timeZone);
    })();
  }

  function rebuildDays(seriesId: number): void {
    let day: Span | null = null;
    for (const quarter of rollups.quarter.range(seriesId, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) {
      if (day && quarter.startMs < day.endMs) continue;
      day = options.calendar.spanAt("day", quarter.startMs);
      replaceDay(rollups, seriesId, day);
    }
  }

  return {
    loadMeters(): Meter[] {
      const loaded = meters.load();
      for (const meter of loaded) {
        for (const series of seriesOf(meter)) {
          series.latest = readings.last(series.id) ?? null;
          meter.lastSeenMs = Math.max(meter.lastSeenMs, series.latest?.timeMs ?? 0);
        }
      }
      return loaded;
    },
    newSeriesId: () => nextSeriesId++,
    saveMeter: (meter: Meter) => void dirtyMeters.add(meter),
    saveChannel: (channel: Channel) => void dirtyChannels.add(channel),
    saveSeries: (series: Series) => void dirtySeries.add(series),
    /** Takes a reading to be stored with the next commit; false when the series has one of that time. */
    append,
    /** Calls back once everything appended so far is on the disk, or has failed to get there. */
    whenDurable,
    commit,
    cutEnergy,
    dayEnergy,
    removeMeter,
    /** Stored readings and those appended, in order of time; at most `limit`. */
    readings(series: Series, fromMs: number, toMs: number, limit: number): TimedValue[] {
      commit();
      return readings.range(series.id, fromMs, toMs, limit);
    },
    /** Rollups of spans that start from `fromMs` up to, not at, `toMs`. */
    rollups(series: Series, level: Level, fromMs: number, toMs: number): RollupRow[] {
      commit();
      return rollups[level].range(series.id, fromMs, toMs);
    },
    /** Stored energy of whole local days that start from `fromMs` up to, not at, `toMs`. */
    daysEnergy(series: Series, fromMs: number, toMs: number): { importWh: number; exportWh: number } {
      const total = { importWh: 0, exportWh: 0 };
      for (const day of rollups.day.range(series.id, fromMs, toMs)) {
        total.importWh += day.importWh;
        total.exportWh += day.exportWh;
      }
      return total;
    },
    stats: () => ({ series: nextSeriesId - 1, pendingReadings, sizeBytes: sizeOf(file) + sizeOf(`${file}-wal`) }),
    /** What a rebuild from the readings needs to know; exported for tests of the store's law. */
    state: (series: Series): SeriesState => bufferOf(series).state,
    close(): void {
      clearInterval(timer);
      try {
        commit();
      } finally {
        db.close();
      }
    },
  };
}

function* seriesOf(meter: Meter): Generator<Series> {
  for (const channel of meter.channels.values()) yield* channel.series.values();
}

function storeFailed(cause: unknown): HubError {
  const reason = (cause as Error).message;
  return new HubError(
    "STORE_FAILED",
    `Readings could not be stored: ${reason}`,
    "Check that the disk is not full and that the data folder can be written. Meters will send their readings again.",
    { cause },
  );
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
