/** Rollups: one table a level, each row a block of one series' rollups (see rollup-block.ts). */
import { type Calendar, floorTo, hourMs, minuteMs, quarterMs } from "../energy/calendar.ts";
import { emptyRollup, type Level, mergeRollup, type Rollup } from "../energy/rollup.ts";
import type { Db } from "./database.ts";
import { type BlockShape, decodeBlock, encodeBlock, type RollupRow } from "./rollup-block.ts";

export type { RollupRow } from "./rollup-block.ts";
export type RollupTables = ReturnType<typeof rollupTables>;

const dayMs = 24 * hourMs;
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
    replaceDay(seriesId: number, day: { startMs: number; endMs: number }): void {
      const total = emptyRollup();
      const quarters = tables.quarter.range(seriesId, day.startMs, day.endMs);
      for (const quarter of quarters) mergeRollup(total, quarter);
      tables.day.remove(seriesId, day.startMs, day.endMs);
      if (quarters.length > 0) tables.day.add(seriesId, [[day.startMs, total]]);
    },
    /** Makes all of a series' days anew from its quarter hours. */
    rebuildDays(seriesId: number, calendar: Calendar): void {
      const days = new Map<number, Rollup>();
      for (const quarter of tables.quarter.range(seriesId, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) {
        const { startMs } = calendar.spanAt("day", quarter.startMs);
        const day = days.get(startMs);
        if (day) mergeRollup(day, quarter);
        else days.set(startMs, { ...emptyRollup(), ...quarter });
      }
      tables.day.removeSeries(seriesId);
      tables.day.add(seriesId, days);
    },
    removeSeries(seriesId: number): void {
      for (const level of levels) tables[level].removeSeries(seriesId);
    },
  };
}

function rollupTable(db: Db, level: Level, onDamaged: (block: DamagedBlock) => void) {
  const { lengthMs, ...shape } = shapes[level];
  const table = `rollup_${level}`;
  const within = db.prepare(`
    SELECT start_ms AS startMs, data FROM ${table} WHERE series_id = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`);
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

  /** The rows of blocks that start from `fromMs` up to, not at, `toMs`; a damaged block has none. */
  function readBlocks(seriesId: number, fromMs: number, toMs: number): RollupRow[] {
    const blocks = within.all(seriesId, fromMs, toMs) as { startMs: number; data: Uint8Array }[];
    return blocks.flatMap(({ startMs, data }) => decode(seriesId, startMs, data));
  }

  function readBlock(seriesId: number, startMs: number): RollupRow[] {
    const data = exactly.get(seriesId, startMs) as Uint8Array | undefined;
    return data ? decode(seriesId, startMs, data) : [];
  }

  function decode(seriesId: number, startMs: number, data: Uint8Array): RollupRow[] {
    try {
      return decodeBlock(data, { startMs, ...shape });
    } catch (error) {
      onDamaged({ level, seriesId, startMs, endMs: startMs + lengthMs, reason: (error as Error).message });
      return [];
    }
  }

  /**
   * Puts rollups into the blocks that they belong to; `onTaken` says what becomes of a span that has one already. A block
   * that is new closes the one before it: that is now written to be kept.
   */
  function insert(
    seriesId: number,
    rollups: Iterable<readonly [number, Rollup]>,
    onTaken: (row: RollupRow, rollup: Rollup) => void,
  ): void {
    for (const [blockMs, added] of Map.groupBy(rollups, ([startMs]) => floorTo(startMs, lengthMs))) {
      const newest = newestOf(seriesId);
      const isNew = newest === null || blockMs > newest;
      if (isNew && newest !== null) close(seriesId, newest);
      if (isNew) newestMs.set(seriesId, blockMs);
      const rows = insertRows(isNew ? [] : readBlock(seriesId, blockMs), added, onTaken);
      write(seriesId, blockMs, rows, !isNew && blockMs < newest);
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
    const rows = readBlock(seriesId, blockMs);
    if (rows.length > 0) write(seriesId, blockMs, rows, true);
  }

  function write(seriesId: number, startMs: number, rows: readonly RollupRow[], isKept: boolean): void {
    upsert.run(seriesId, startMs, encodeBlock(rows, { startMs, ...shape }, isKept));
  }

  return {
    /** Adds to what the spans hold already. */
    add: (seriesId: number, rollups: Iterable<readonly [number, Rollup]>) => insert(seriesId, rollups, mergeRollup),
    /** Adds rollups of spans that hold nothing yet. */
    fill: (seriesId: number, rollups: Iterable<readonly [number, Rollup]>) => insert(seriesId, rollups, () => {}),
    /** Takes out the spans that start from `fromMs` up to, not at, `toMs`. */
    remove(seriesId: number, fromMs: number, toMs: number): void {
      for (const { startMs } of within.all(seriesId, floorTo(fromMs, lengthMs), toMs) as { startMs: number }[]) {
        const rows = readBlock(seriesId, startMs);
        const left = rows.filter((row) => row.startMs < fromMs || row.startMs >= toMs);
        if (left.length === 0) deleteBlock.run(seriesId, startMs);
        else if (left.length < rows.length) write(seriesId, startMs, left, true);
      }
    },
    /** Spans that start from `fromMs` up to, not at, `toMs`, in order of time. */
    range(seriesId: number, fromMs: number, toMs: number): RollupRow[] {
      const rows = readBlocks(seriesId, floorTo(fromMs, lengthMs), toMs);
      if (rows.length === 0 || (rows[0]!.startMs >= fromMs && rows.at(-1)!.startMs < toMs)) return rows;
      return rows.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
    },
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

/** Rows in order of time, with more put among them. */
function insertRows(
  rows: RollupRow[],
  added: (readonly [number, Rollup])[],
  onTaken: (row: RollupRow, rollup: Rollup) => void,
): RollupRow[] {
  const lastMs = rows.at(-1)?.startMs ?? Number.NEGATIVE_INFINITY;
  added.sort(([a], [b]) => a - b);
  const isBehind = added.every(([startMs]) => startMs >= lastMs); // as nearly always
  const byStart = isBehind ? null : new Map(rows.map((row) => [row.startMs, row]));
  for (const [startMs, rollup] of added) {
    const last = rows.at(-1);
    const known = byStart ? byStart.get(startMs) : last?.startMs === startMs ? last : undefined;
    if (known) onTaken(known, rollup);
    else rows.push({ startMs, ...rollup });
  }
  return isBehind ? rows : rows.sort((a, b) => a.startMs - b.startMs);
}

/** Stored rows with what is not stored yet of the same spans added, in order of time. */
export function withPending(
  rows: RollupRow[],
  pending: ReadonlyMap<number, Rollup>,
  fromMs: number,
  toMs: number,
): RollupRow[] {
  const within = [...pending].filter(([startMs]) => startMs >= fromMs && startMs < toMs);
  if (within.length === 0) return rows;
  const byStart = new Map(rows.map((row) => [row.startMs, row]));
  for (const [startMs, rollup] of within) {
    const row = byStart.get(startMs);
    if (row) mergeRollup(row, rollup);
    else byStart.set(startMs, { startMs, ...rollup });
  }
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}
