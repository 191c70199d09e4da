/** Rollups: one table a level, each row a block of one series' rollups (see rollup-block.ts). */
import { type Calendar, dayMs, floorTo, hourMs, minuteMs, quarterMs, type Span } from "../energy/calendar.ts";
import { compose } from "../energy/compose.ts";
import type { Level, Rollup } from "../energy/rollup.ts";
import {
  addFrom,
  type Change,
  columnsFrom,
  emptyColumns,
  filterColumns,
  joinColumns,
  mergeColumns,
  type RollupColumns,
  sliceColumns,
} from "../energy/rollup-columns.ts";
import type { Db } from "./database.ts";
import { type BlockShape, decodeBlock, encodeBlock } from "./rollup-block.ts";

/** About a hundred rows a block: enough to compress, little to write anew when the newest rows are added. */
const shapes: Record<Level, Omit<BlockShape, "startMs"> & { lengthMs: number }> = {
  minute: { lengthMs: 3 * hourMs, gridMs: minuteMs, spanMs: minuteMs, partsPerWh: 1e4, isCompressed: true },
  quarter: { lengthMs: dayMs, gridMs: quarterMs, spanMs: quarterMs, partsPerWh: 1e6, isCompressed: false },
  // Local days start on any quarter hour of UTC.
  day: { lengthMs: 64 * dayMs, gridMs: quarterMs, spanMs: dayMs, partsPerWh: 1e6, isCompressed: false },
};
export const levels = ["minute", "quarter", "day"] as const;

/** A block that could not be read. */
export interface DamagedBlock {
  level: Level;
  seriesId: number;
  startMs: number;
  endMs: number;
  reason: string;
}

export function rollupTables(db: Db, onDamaged: (block: DamagedBlock) => void) {
  const tables = {
    minute: rollupTable(db, "minute", onDamaged),
    quarter: rollupTable(db, "quarter", onDamaged),
    day: rollupTable(db, "day", onDamaged),
  };
  return {
    ...tables,
    /** Makes a series' day anew from its quarter hours. */
    replaceDay(seriesId: number, day: Span): void {
      const quarters = tables.quarter.range(seriesId, day.startMs, day.endMs);
      tables.day.remove(seriesId, day.startMs, day.endMs);
      tables.day.addColumns(
        seriesId,
        mergeColumns(quarters, () => day.startMs),
      );
    },
    /** Makes all of a series' days anew from its quarter hours. */
    rebuildDays(seriesId: number, calendar: Calendar): void {
      const quarters = tables.quarter.range(seriesId, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
      tables.day.removeSeries(seriesId);
      tables.day.addColumns(seriesId, compose(quarters, "day", calendar));
    },
    removeSeries(seriesId: number): void {
      for (const level of levels) tables[level].removeSeries(seriesId);
    },
  };
}

function rollupTable(db: Db, level: Level, onDamaged: (block: DamagedBlock) => void) {
  const { lengthMs, ...shape } = shapes[level];
  const table = `rollup_${level}`;
  // The plus: SQLite would prepare the statement anew for each other value (it looks for a better plan).
  const within = db.prepare(`
    SELECT start_ms AS startMs, data FROM ${table} WHERE series_id = +? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`);
  const upsert = db.prepare(`
    INSERT INTO ${table} (series_id, start_ms, data) VALUES (?, ?, ?)
    ON CONFLICT (series_id, start_ms) DO UPDATE SET data = excluded.data`);
  const exactly = db.prepare(`SELECT data FROM ${table} WHERE series_id = ? AND start_ms = ?`).pluck();
  const newestStart = db.prepare(`SELECT max(start_ms) FROM ${table} WHERE series_id = ?`).pluck();
  const deleteBlock = db.prepare(`DELETE FROM ${table} WHERE series_id = ? AND start_ms = ?`);
  const deleteSeries = db.prepare(`DELETE FROM ${table} WHERE series_id = ?`);
  const deleteBefore = db.prepare(`DELETE FROM ${table} WHERE series_id = ? AND start_ms < ?`);
  const newest = db.prepare(
    `SELECT start_ms AS startMs, length(data) AS bytes FROM ${table} WHERE series_id = ? ORDER BY start_ms DESC LIMIT 4`,
  );
  const extent = db.prepare(`SELECT count(*) AS blocks FROM ${table} WHERE series_id = ?`).pluck();

  /** The start of each series' newest block: nearly always it is the one that rows are added to. */
  const newestMs = new Map<number, number>();

  /** The rollups of blocks that start from `fromMs` up to, not at, `toMs`; a damaged block has none. */
  function readBlocks(seriesId: number, fromMs: number, toMs: number, meansAlone: boolean): RollupColumns {
    const blocks = within.all(seriesId, fromMs, toMs) as { startMs: number; data: Uint8Array }[];
    const rollups = emptyColumns(blocks.length * (lengthMs / shape.spanMs));
    for (const { startMs, data } of blocks) decode(seriesId, startMs, data, rollups, meansAlone);
    return rollups;
  }

  function readBlock(seriesId: number, startMs: number): RollupColumns {
    const rollups = emptyColumns(lengthMs / shape.spanMs);
    const data = exactly.get(seriesId, startMs) as Uint8Array | undefined;
    if (data) decode(seriesId, startMs, data, rollups);
    return rollups;
  }

  function decode(seriesId: number, startMs: number, data: Uint8Array, into: RollupColumns, meansAlone = false): void {
    try {
      decodeBlock(data, { startMs, ...shape }, into, meansAlone);
    } catch (error) {
      onDamaged({ level, seriesId, startMs, endMs: startMs + lengthMs, reason: (error as Error).message });
    }
  }

  /**
   * Puts rollups into the blocks that they belong to; `onTaken` says what becomes of a span that has one already. A block
   * that is new closes the one before it: that is now written to be kept.
   */
  function insert(seriesId: number, rollups: RollupColumns, onTaken: Change): void {
    for (let at = 0; at < rollups.length; ) {
      const blockMs = floorTo(rollups.startMs[at]!, lengthMs);
      const added = sliceColumns(rollups, blockMs, blockMs + lengthMs);
      const newest = newestOf(seriesId);
      const isNew = newest === null || blockMs > newest;
      if (isNew && newest !== null) close(seriesId, newest);
      if (isNew) newestMs.set(seriesId, blockMs);
      const whole = isNew ? added : joinColumns(readBlock(seriesId, blockMs), added, onTaken);
      write(seriesId, blockMs, whole, !isNew && blockMs < newest);
      at += added.length;
    }
  }

  function newestOf(seriesId: number): number | null {
    const known = newestMs.get(seriesId);
    if (known !== undefined) return known;
    const stored = newestStart.get(seriesId) as number | null;
    if (stored !== null) newestMs.set(seriesId, stored);
    return stored;
  }

  function close(seriesId: number, blockMs: number): void {
    const rollups = readBlock(seriesId, blockMs);
    if (rollups.length > 0) write(seriesId, blockMs, rollups, true);
  }

  function write(seriesId: number, startMs: number, rollups: RollupColumns, isKept: boolean): void {
    upsert.run(seriesId, startMs, encodeBlock(rollups, { startMs, ...shape }, isKept));
  }

  return {
    /** Adds to what the spans hold already; of each span once. */
    add: (seriesId: number, rollups: Iterable<readonly [number, Rollup]>) =>
      insert(seriesId, columnsFrom(rollups), addFrom),
    addColumns: (seriesId: number, rollups: RollupColumns) => insert(seriesId, rollups, addFrom),
    /** Adds rollups of spans that hold nothing yet; of each span once. */
    fill: (seriesId: number, rollups: Iterable<readonly [number, Rollup]>) =>
      insert(seriesId, columnsFrom(rollups), () => {}),
    /** Takes out the spans that start from `fromMs` up to, not at, `toMs`. */
    remove(seriesId: number, fromMs: number, toMs: number): void {
      for (const { startMs } of within.all(seriesId, floorTo(fromMs, lengthMs), toMs) as { startMs: number }[]) {
        const rollups = readBlock(seriesId, startMs);
        const left = filterColumns(rollups, (at) => rollups.startMs[at]! < fromMs || rollups.startMs[at]! >= toMs);
        if (left.length === 0) deleteBlock.run(seriesId, startMs);
        else if (left.length < rollups.length) write(seriesId, startMs, left, true);
      }
    },
    /** Spans that start from `fromMs` up to, not at, `toMs`; with `meansAlone` bounds and energies may be missing. */
    range: (seriesId: number, fromMs: number, toMs: number, meansAlone = false): RollupColumns =>
      sliceColumns(readBlocks(seriesId, floorTo(fromMs, lengthMs), toMs, meansAlone), fromMs, toMs),
    /** Deletes the blocks that end before the time; how many it were. */
    removeBefore: (seriesId: number, beforeMs: number) => deleteBefore.run(seriesId, beforeMs - lengthMs).changes,
    /** What the series takes on the disk, and a day of it, from its newest blocks. */
    usage(seriesId: number): { bytes: number; bytesPerDay: number } {
      const rows = newest.all(seriesId) as { startMs: number; bytes: number }[];
      const blocks = extent.get(seriesId) as number;
      // The newest block is not full yet, unless there is no other.
      const full = rows.length > 1 ? rows.slice(1) : rows;
      if (full.length === 0) return { bytes: 0, bytesPerDay: 0 };
      const bytes = full.reduce((sum, row) => sum + row.bytes, 0) / full.length;
      return { bytes: bytes * blocks, bytesPerDay: (bytes / lengthMs) * dayMs };
    },
    removeSeries(seriesId: number): void {
      deleteSeries.run(seriesId);
      newestMs.delete(seriesId);
    },
  };
}

/** Stored rollups with what is not stored yet of the same spans added. */
export function withPending(
  stored: RollupColumns,
  pending: ReadonlyMap<number, Rollup>,
  fromMs: number,
  toMs: number,
): RollupColumns {
  const within = [...pending].filter(([startMs]) => startMs >= fromMs && startMs < toMs);
  return joinColumns(stored, columnsFrom(within), addFrom);
}
