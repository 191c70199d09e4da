/**
 * The store. Readings are taken into memory, with what they add to the rollups. A commit appends them to the journal:
 * one small record, and they are durable. From time to time all of memory is sealed: into compressed chunks and rollup
 * rows, in one transaction that empties the journal. After a crash the journal is taken into memory again.
 */
import { statSync } from "node:fs";
import path from "node:path";
import type { Calendar, Span } from "../energy/calendar.ts";
import type { Level, TimedValue } from "../energy/rollup.ts";
import { HubError } from "../errors.ts";
import type { Channel, Meter, Series } from "../model.ts";
import { chunkTable } from "./chunks.ts";
import { openDatabase } from "./database.ts";
import { type JournalEntry, journalTable } from "./journal.ts";
import { meterTables } from "./meters.ts";
import { redoWindow, restoreState, windowsAround } from "./redo.ts";
import { type RollupRow, replaceDay, rollupTables, withPending } from "./rollups.ts";
import { accept, clear, createBuffer, joinSpans, type SeriesBuffer } from "./series-buffer.ts";

export interface StoreOptions {
  folder: string;
  calendar: Calendar;
  /** Readings that nobody waits for are committed this often: fewer writes, longer life of the card. */
  commitIntervalMs: number;
  onCommitFailed(error: HubError): void;
  /** A part of the journal could not be read at the start, and is lost. */
  onDamage(reason: string): void;
}

export type Store = ReturnType<typeof openStore>;

type Waiter = (error: HubError | null) => void;

/** Commit at once above so many readings that are not in the journal (about 2 MB of memory). */
const commitAt = 20_000;
/** Refuse readings above so many, when commits keep failing (about 20 MB). */
const mostUncommitted = 200_000;
/** Seal above so many readings in memory (about 20 MB), and at least so often. */
const sealAt = 300_000;
const sealEveryMs = 3600_000;
/** Late readings find their place with a seal: soon, but not one by one. */
const sealLateMs = 5_000;

/** Opens the store in a folder, made when missing. Throws HubError when it cannot be used. */
export function openStore(options: StoreOptions) {
  const file = path.join(options.folder, "faiban.db");
  const db = openDatabase(file);
  const meters = meterTables(db);
  const journal = journalTable(db);
  const readings = chunkTable(db);
  const rollups = rollupTables(db);
  const tables = { readings, rollups };

  const buffers = new Map<number, SeriesBuffer>();
  /** Buffers with something to seal. */
  const unsealed = new Set<SeriesBuffer>();
  const dirtyMeters = new Set<Meter>();
  const dirtyChannels = new Set<Channel>();
  const dirtySeries = new Set<Series>();
  let uncommitted: JournalEntry[] = [];
  let waiters: Waiter[] = [];
  let unsealedReadings = 0;
  let mustSeal = false;
  let hasLate = false;
  let sealedAtMs = performance.now();
  let nextSeriesId = meters.nextSeriesId();
  let isScheduled = false;
  useCalendar();
  const loaded = meters.load();
  replayJournal();
  const timer = setInterval(commitQuietly, options.commitIntervalMs);

  function bufferOf(series: Series): SeriesBuffer {
    const known = buffers.get(series.id);
    if (known) return known;
    const buffer = createBuffer(series, restoreState(tables, series, options.calendar));
    buffers.set(series.id, buffer);
    return buffer;
  }

  function append(series: Series, reading: TimedValue): boolean {
    if (uncommitted.length >= mostUncommitted) {
      throw new HubError(
        "STORE_BACKLOG",
        `${uncommitted.length} readings wait to be stored`,
        "See the log for why storing fails: most often the disk is full.",
      );
    }
    if (!take(series, reading)) return false;
    uncommitted.push({ seriesId: series.id, ...reading });
    if (uncommitted.length >= commitAt) scheduleCommit();
    return true;
  }

  /** Takes a reading into memory. */
  function take(series: Series, reading: TimedValue): boolean {
    const buffer = bufferOf(series);
    if (!accept(buffer, reading, options.calendar)) return false;
    unsealed.add(buffer);
    unsealedReadings++;
    hasLate ||= buffer.late.length > 0;
    return true;
  }

  function replayJournal(): void {
    const byId = new Map(loaded.flatMap((meter) => [...seriesOf(meter)]).map((series) => [series.id, series]));
    const entries = journal.read(({ id, reason }) => options.onDamage(`record ${id} of the journal: ${reason}`));
    for (const { seriesId, timeMs, value } of entries) {
      const series = byId.get(seriesId);
      if (series) take(series, { timeMs, value });
    }
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

  /** Makes everything taken so far durable; tells those who wait for it. Throws HubError when the disk refuses. */
  function commit(): void {
    isScheduled = false;
    const waiting = waiters;
    waiters = [];
    try {
      if (mustSeal || isSealDue()) seal();
      else if (uncommitted.length + dirtyMeters.size + dirtyChannels.size + dirtySeries.size > 0) appendToJournal();
    } catch (cause) {
      const error = storeFailed(cause);
      for (const done of waiting) done(error);
      throw error;
    }
    uncommitted = [];
    dirtyMeters.clear();
    dirtyChannels.clear();
    dirtySeries.clear();
    for (const done of waiting) done(null);
  }

  function isSealDue(): boolean {
    const sinceMs = performance.now() - sealedAtMs;
    return unsealed.size > 0 && (unsealedReadings >= sealAt || sinceMs >= (hasLate ? sealLateMs : sealEveryMs));
  }

  const appendToJournal = db.transaction(() => {
    saveMeters();
    if (uncommitted.length > 0) journal.append(uncommitted);
  });

  const writeAll = db.transaction(() => {
    saveMeters();
    for (const buffer of unsealed) writeBuffer(buffer);
    journal.clear();
  });

  /** Moves memory into chunks and rollup rows, what is not in the journal included. */
  function seal(): void {
    try {
      writeAll();
    } finally {
      readings.endSeal();
    }
    for (const buffer of unsealed) clear(buffer);
    unsealed.clear();
    unsealedReadings = 0;
    mustSeal = false;
    hasLate = false;
    sealedAtMs = performance.now();
  }

  function sealNow(): void {
    mustSeal = true;
    commit();
  }

  function saveMeters(): void {
    for (const meter of dirtyMeters) meters.saveMeter(meter);
    for (const channel of dirtyChannels) meters.saveChannel(channel);
    for (const series of dirtySeries) meters.saveSeries(series);
  }

  function writeBuffer(buffer: SeriesBuffer): void {
    const { series } = buffer;
    readings.append(series.id, buffer.readings);
    for (const level of ["minute", "quarter", "day"] as const) rollups[level].add(series.id, buffer.rollups[level]);
    const added = readings.insert(series.id, buffer.late);
    const windows = joinSpans([...buffer.redo, ...windowsAround(tables, series, added)]);
    for (const window of windows) redoWindow(tables, series, window, options.calendar);
    if (windows.length > 0) buffer.state = restoreState(tables, series, options.calendar);
  }

  /** Seals when the series has late readings, whose place among the others only the chunks know. */
  function settle(series: Series): void {
    const buffer = buffers.get(series.id);
    if (buffer && buffer.late.length + buffer.redo.length > 0) sealNow();
  }

  function rollupsOf(series: Series, level: Level, fromMs: number, toMs: number): RollupRow[] {
    const rows = rollups[level].range(series.id, fromMs, toMs);
    const pending = buffers.get(series.id)?.rollups[level];
    return pending ? withPending(rows, pending, fromMs, toMs) : rows;
  }

  function readingsOf(series: Series, fromMs: number, toMs: number, limit: number): TimedValue[] {
    const list: TimedValue[] = [];
    for (const reading of readings.range(series.id, fromMs, toMs)) {
      if (list.length >= limit) return list;
      list.push(reading);
    }
    const pending = buffers.get(series.id)?.readings ?? [];
    const within = pending.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
    return list.concat(within.slice(0, limit - list.length));
  }

  /** Energy of the local day that starts at `dayStartMs`, with what is not sealed yet. */
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
    unsealed.add(buffer);
    mustSeal = true; // with the cut itself: a redo that is owed is not in the journal
  }

  /** Deletes a meter with all its readings. */
  function removeMeter(meter: Meter): void {
    sealNow();
    db.transaction(() => {
      for (const series of seriesOf(meter)) {
        readings.removeSeries(series.id);
        for (const level of ["minute", "quarter", "day"] as const) {
          rollups[level].remove(series.id, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
        }
        buffers.delete(series.id);
      }
      readings.removeOrphans();
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
      for (const meter of loaded) {
        for (const series of seriesOf(meter)) {
          series.latest = (buffers.get(series.id)?.state.last ?? readings.last(series.id)) || null;
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
    /** Readings from `fromMs` up to, not at, `toMs`, in order of time; at most `limit`. */
    readings(series: Series, fromMs: number, toMs: number, limit: number): TimedValue[] {
      settle(series);
      return readingsOf(series, fromMs, toMs, limit);
    },
    /** Rollups of spans that start from `fromMs` up to, not at, `toMs`. */
    rollups(series: Series, level: Level, fromMs: number, toMs: number): RollupRow[] {
      settle(series);
      return rollupsOf(series, level, fromMs, toMs);
    },
    /** Energy of whole local days that start from `fromMs` up to, not at, `toMs`; late readings count once sealed. */
    daysEnergy(series: Series, fromMs: number, toMs: number): { importWh: number; exportWh: number } {
      const total = { importWh: 0, exportWh: 0 };
      for (const day of rollupsOf(series, "day", fromMs, toMs)) {
        total.importWh += day.importWh;
        total.exportWh += day.exportWh;
      }
      return total;
    },
    stats: () => ({
      series: nextSeriesId - 1,
      pendingReadings: uncommitted.length,
      sizeBytes: sizeOf(file) + sizeOf(`${file}-wal`),
    }),
    close(): void {
      clearInterval(timer);
      try {
        sealNow();
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
