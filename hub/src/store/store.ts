/**
 * The store. Readings are taken into memory. A commit appends them to the journal: one small record, and they are
 * durable. From time to time a series is sealed: its readings move into compressed chunks, and what they add to the
 * rollups into blocks, in one transaction. The journal keeps what is not sealed yet; after a crash it is taken into
 * memory again, and what had been sealed already is recognised.
 */
import { statSync } from "node:fs";
import path from "node:path";
import type { Calendar } from "../energy/calendar.ts";
import { downsample, type Spans } from "../energy/downsample.ts";
import { emptyReadings, indexAt, type Readings, readingAt, sliceReadings } from "../energy/readings.ts";
import { type Level, never } from "../energy/rollup.ts";
import { addFrom, joinColumns, type RollupColumns, totalEnergy } from "../energy/rollup-columns.ts";
import type { HubError } from "../errors.ts";
import type { Channel, Meter, Series } from "../model.ts";
import { auditTable } from "./audit.ts";
import { billTables } from "./bills.ts";
import { createCommits } from "./commits.ts";
import { damaged, isDamage, openDatabase } from "./database.ts";
import { definitionTable } from "./definitions.ts";
import { deviceTables } from "./devices.ts";
import type { Disk } from "./disk.ts";
import { createMemory } from "./memory.ts";
import { peopleTables } from "./people.ts";
import { createReader } from "./reader.ts";
import { createRetention, type QuantityUsage, type Retention } from "./retention.ts";
import { withPending } from "./rollups.ts";
import { createRoom } from "./room.ts";
import { secretTable } from "./secrets.ts";
import { bringUp, isEmpty } from "./series-buffer.ts";
import { openTables } from "./tables.ts";

export interface StoreOptions {
  folder: string;
  /** The home's calendar, by what the database says of the home. */
  calendarOf(setting: (key: string) => string | null): Calendar;
  /** Readings that nobody waits for are committed this often: fewer writes, longer life of the card. */
  commitIntervalMs: number;
  /** Epoch milliseconds, null while the true time is not known: nothing is deleted for its age then. */
  knownTimeMs(): number | null;
  onCommitFailed(error: HubError): void;
  /** A part of the store could not be read, and is left out: what, and why. */
  onDamage(what: string): void;
  /** What had to be mended at the start, as a sentence. */
  onRepaired(what: string): void;
  /** The disk was full, and old raw readings were deleted to make room; as a sentence. */
  onRoomMade(what: string): void;
}

export type Store = ReturnType<typeof openStore>;

/** Longer scans than so many chunks (some 200,000 readings, 5 ms) are left to the reading thread. */
const longScan = 60;

/** The error itself; HubError DATABASE_DAMAGED where SQLite found the store's file damaged. */
export function storeError(folder: string, error: unknown): unknown {
  return isDamage(error) ? damaged(databaseFile(folder), error) : error;
}

function databaseFile(folder: string): string {
  return path.join(folder, "faiban.db");
}

/** The setting that a stop in order leaves behind. */
const stoppedKey = "stopped_in_order";

/** Opens the store in a folder, made when missing. Throws HubError when it cannot be used. */
export function openStore(options: StoreOptions) {
  const file = databaseFile(options.folder);
  const db = openDatabase(file);
  const tables = openTables(db, options.onDamage);
  const { settings, meters, held, readings, rollups } = tables;
  const calendar = options.calendarOf(settings.get);
  /** Whether the last stop was in order: then a rest in the journal is nothing to speak of. */
  const wasStopped = settings.get(stoppedKey) === "1";
  if (wasStopped) settings.set(stoppedKey, "0");
  useCalendar();
  const loaded = meters.load();
  const seriesById = new Map(loaded.flatMap((meter) => [...seriesOf(meter)]).map((series) => [series.id, series]));
  let nextSeriesId = meters.nextSeriesId();
  const memory = createMemory(tables, calendar);
  const retention = createRetention(db, tables);
  const room = createRoom({
    ...{ db, folder: options.folder, retention, knownTimeMs: options.knownTimeMs, onMade: options.onRoomMade },
    series: () => seriesById.values(),
    onFailed: (error) => options.onRepaired(`Old readings could not be deleted: ${error.message}`),
  });
  const commits = createCommits({
    ...{ db, tables, memory, room, calendar, intervalMs: options.commitIntervalMs, onFailed: options.onCommitFailed },
  });
  const reader = createReader(file, options.onDamage);
  const replayed = memory.replay(seriesById);
  if (replayed.records > 0 && !wasStopped) {
    options.onRepaired(
      `The hub was not stopped in order: ${replayed.readings} readings were taken from the journal, nothing acknowledged is lost`,
    );
  }

  /** Seals a series that has late readings, whose place among the others only the chunks know. */
  function settle(series: Series): void {
    mendRollups();
    const buffer = memory.find(series);
    if (buffer && buffer.late.length + buffer.redo.length > 0) memory.owe(buffer);
    if (memory.owed.size > 0) commits.commit(0);
  }

  /** Rollups found damaged are made anew, as far as their readings are there. */
  function mendRollups(): void {
    for (const { seriesId, startMs, endMs } of tables.damage.spans.splice(0)) {
      const series = seriesById.get(seriesId);
      if (series) memory.redo(series, startMs, endMs - 1);
    }
  }

  function rollupsOf(series: Series, level: Level, fromMs: number, toMs: number, meansAlone = false): RollupColumns {
    const rows = rollups[level].range(series.id, fromMs, toMs, meansAlone);
    const buffer = memory.find(series);
    if (!buffer || isEmpty(buffer)) return rows;
    bringUp(buffer, calendar);
    return withPending(rows, buffer.rollups[level], fromMs, toMs);
  }

  function* readingsOf(series: Series, fromMs: number, toMs: number): Generator<Readings> {
    yield* readings.range(series.id, fromMs, toMs);
    const pending = pendingOf(series, fromMs, toMs);
    if (pending.length > 0) yield pending;
  }

  /** A copy of the range's readings that are not sealed; all later than the sealed ones. */
  function pendingOf(series: Series, fromMs: number, toMs: number): Readings {
    const pending = memory.find(series)?.readings ?? emptyReadings();
    const part = sliceReadings(pending, indexAt(pending, fromMs), indexAt(pending, toMs));
    return { times: part.times.slice(), values: part.values.slice(), length: part.length };
  }

  function latestOf(series: Series) {
    const pending = memory.find(series)?.readings;
    if (pending && pending.length > 0) return readingAt(pending, pending.length - 1);
    return readings.last(series.id) ?? null;
  }

  /** Energy of the local day that starts at `dayStartMs`, with what is not sealed yet. */
  function dayEnergy(series: Series, dayStartMs: number): { importWh: number; exportWh: number } {
    const buffer = memory.bufferOf(series);
    if (buffer.day?.startMs !== dayStartMs) {
      buffer.day = { startMs: dayStartMs, ...totalEnergy(rollups.day.range(series.id, dayStartMs, dayStartMs + 1)) };
    }
    bringUp(buffer, calendar);
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
    commits.changed.series.add(series);
    const { lastMs } = memory.bufferOf(series);
    if (lastMs > fromMs) memory.redo(series, fromMs, lastMs);
  }

  /**
   * The true time is known: held readings take their place in their series, those stamped on arrival moved by
   * `shiftMs`. `onReading` is told each, in order.
   */
  function release(
    shiftMs: number,
    nowMs: number,
    onReading: (series: Series, timeMs: number, value: number) => void,
  ): void {
    commits.commit(); // what is held is on the disk, and in one place
    const shown = new Set<Series>();
    const aheadMs = new Map<Series, number>();
    let lastId: number | null = null;
    for (const { recordId, seriesId, timeMs, value, isOwnTime } of held.read()) {
      // A whole record at a time, so that a failure in between releases nothing twice.
      if (lastId !== null && recordId !== lastId && commits.isLarge()) {
        commits.noteReleased(lastId);
        commits.commit();
      }
      lastId = recordId;
      const series = seriesById.get(seriesId);
      if (!series) continue; // its meter was removed
      if (!shown.has(series)) series.latest = latestOf(series); // it was of the wrong time
      shown.add(series);
      let trueMs = isOwnTime ? timeMs : timeMs + shiftMs;
      if (isOwnTime && timeMs > nowMs) {
        // A meter that is ahead of the true time has no clock to go by: its readings keep their order, and no more.
        trueMs = (aheadMs.get(series) ?? nowMs - 1) + 1;
        aheadMs.set(series, trueMs);
      }
      if (commits.append(series, trueMs, value)) onReading(series, trueMs, value);
    }
    if (lastId !== null) commits.noteReleased(lastId);
    commits.commit();
  }

  /** Deletes a meter with all its readings. */
  function removeMeter(meter: Meter): void {
    commits.commit(); // so that nothing of it is still to be written
    db.transaction(() => {
      for (const series of seriesOf(meter)) {
        readings.removeSeries(series.id);
        rollups.removeSeries(series.id);
      }
      readings.removeOrphans();
      db.prepare("DELETE FROM meter WHERE id = ?").run(meter.id);
      // What is held or in the journal of a removed series must not become another's.
      meters.keepSeriesId(nextSeriesId);
    })();
    readings.forget(); // ids of what was deleted are given out again
    for (const series of seriesOf(meter)) {
      memory.forget(series);
      seriesById.delete(series.id);
    }
  }

  /** Local days depend on the time zone: when it has changed they are made anew. */
  function useCalendar(): void {
    const { timeZone } = calendar;
    const stored = settings.get("time_zone");
    if (stored === timeZone) return;
    db.transaction(() => {
      for (const id of db.prepare("SELECT id FROM series").pluck().all() as number[]) rollups.rebuildDays(id, calendar);
      settings.set("time_zone", timeZone);
    })();
  }

  function sizeBytes(): number {
    return sizeOf(file) + sizeOf(`${file}-wal`);
  }

  return {
    loadMeters(): Meter[] {
      for (const meter of loaded) {
        for (const series of seriesOf(meter)) {
          series.latest = latestOf(series);
          meter.lastSeenMs = Math.max(meter.lastSeenMs, series.latest?.timeMs ?? 0);
        }
      }
      return loaded;
    },
    newSeriesId: () => nextSeriesId++,
    saveMeter: (meter: Meter) => void commits.changed.meters.add(meter),
    saveChannel: (channel: Channel) => void commits.changed.channels.add(channel),
    saveSeries(series: Series): void {
      commits.changed.series.add(series);
      seriesById.set(series.id, series);
    },
    append: commits.append,
    /** Keeps a reading durably until the true time is known. */
    hold(series: Series, timeMs: number, value: number, isOwnTime: boolean): void {
      held.add({ seriesId: series.id, timeMs, value, isOwnTime });
    },
    release,
    /** Whether any reading is held, of this run or of an earlier one. */
    hasHeld: () => !held.isEmpty(),
    calendar,
    secrets: secretTable(db),
    audit: auditTable(db),
    bills: billTables(db),
    devices: deviceTables(db),
    definitions: definitionTable(db),
    people: (homeId: string) => peopleTables(db, homeId),
    /** Runs writes of settings, people, devices and the like in one transaction. */
    atOnce: <T>(work: () => T): T => db.transaction(work)(),
    /** Removes a setting so that nothing of it stays in the file. */
    eraseSetting(key: string): void {
      db.pragma("secure_delete = ON");
      settings.remove(key);
      db.pragma("secure_delete = OFF");
      db.pragma("wal_checkpoint(TRUNCATE)");
    },
    setting: settings.get,
    saveSetting: settings.set,
    whenDurable: commits.whenDurable,
    relieve: commits.relieve,
    /** Makes everything taken so far durable. Throws HubError when the disk refuses. */
    commit: () => commits.commit(),
    cutEnergy,
    dayEnergy,
    removeMeter,
    /** Readings from `fromMs` up to, not at, `toMs`, in order of time, in parts that are valid until the next call. */
    readings(series: Series, fromMs: number, toMs: number): Iterable<Readings> {
      settle(series);
      return readingsOf(series, fromMs, toMs);
    },
    /** Readings of a range as a rollup a span. */
    async downsample(series: Series, fromMs: number, toMs: number, spans: Spans): Promise<RollupColumns> {
      settle(series);
      if (readings.count(series.id, fromMs, toMs) <= longScan) {
        return downsample(readingsOf(series, fromMs, toMs), spans);
      }
      const pending = pendingOf(series, fromMs, toMs);
      const sealed = await reader.downsample(series.id, fromMs, pending.times[0] ?? toMs, spans);
      return joinColumns(sealed, downsample([pending], spans), addFrom);
    },
    /** Readings of a range of any length, in parts in order of time, read by another thread. */
    async *export(series: Series, fromMs: number, toMs: number): AsyncGenerator<Readings> {
      settle(series);
      const pending = pendingOf(series, fromMs, toMs);
      yield* reader.readings(series.id, fromMs, pending.times[0] ?? toMs);
      if (pending.length > 0) yield pending;
    },
    /** Rollups of spans that start from `fromMs` up to, not at, `toMs`; with `meansAlone` bounds and energies may be missing. */
    rollups(series: Series, level: Level, fromMs: number, toMs: number, meansAlone = false): RollupColumns {
      settle(series);
      const rows = rollupsOf(series, level, fromMs, toMs, meansAlone);
      if (tables.damage.spans.length === 0) return rows;
      settle(series);
      return rollupsOf(series, level, fromMs, toMs, meansAlone);
    },
    /** Energy of whole local days that start from `fromMs` up to, not at, `toMs`; late readings count once sealed. */
    daysEnergy(series: Series, fromMs: number, toMs: number): { importWh: number; exportWh: number } {
      return totalEnergy(rollupsOf(series, "day", fromMs, toMs));
    },
    /** Makes all rollups of a meter anew from its readings; those whose readings are gone stay as they are. */
    rebuild(meter: Meter): void {
      for (const series of seriesOf(meter)) {
        const first = readings.after(series.id, never);
        if (first) memory.redo(series, first.timeMs, memory.bufferOf(series).lastMs);
      }
      commits.commit(0);
    },
    /** The newest reading's time of all series, null when there is none. */
    newestMs(): number | null {
      const times = [...seriesById.values()].map((series) => latestOf(series)?.timeMs ?? never);
      const newest = times.reduce((most, timeMs) => Math.max(most, timeMs), held.newestMs() ?? never);
      return newest === never ? null : newest;
    },
    stats: () => ({
      series: seriesById.size,
      pendingReadings: commits.pending(),
      sizeBytes: sizeBytes(),
      damaged: tables.damage.count,
      disk: room.disk().state,
    }),
    /** What the store takes on the disk, and will take. */
    storage(): { sizeBytes: number; disk: Disk; retention: Retention; quantities: QuantityUsage[] } {
      const quantities = retention.usage(seriesById.values());
      return { sizeBytes: sizeBytes(), disk: room.disk(), retention: retention.rules(), quantities };
    },
    /** Sets how long readings are kept; what is too old goes soon. Throws HubError BAD_REQUEST. */
    setRetention(rules: Retention): void {
      retention.setRules(rules);
      room.enforceSoon();
    },
    close(): void {
      commits.stop();
      room.stop();
      void reader.close();
      try {
        commits.finish();
        settings.set(stoppedKey, "1");
      } finally {
        db.close();
      }
    },
  };
}

function* seriesOf(meter: Meter): Generator<Series> {
  for (const channel of meter.channels.values()) yield* channel.series.values();
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
