/** Rollups: one table a level, all of one shape. */
import { emptyRollup, type Level, mergeRollup, type Rollup, type Rollups } from "../energy/rollup.ts";
import type { Db } from "./database.ts";

/** A rollup and the start of its span. */
export interface RollupRow extends Rollup {
  startMs: number;
}

export type RollupTables = Record<Level, ReturnType<typeof rollupTable>>;

export function rollupTables(db: Db): RollupTables {
  return { minute: rollupTable(db, "minute"), quarter: rollupTable(db, "quarter"), day: rollupTable(db, "day") };
}

function rollupTable(db: Db, level: Level) {
  const table = `rollup_${level}`;
  const upsert = db.prepare(`
    INSERT INTO ${table} (series_id, start_ms, count, sum, min, max, import_wh, export_wh, estimated_wh)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (series_id, start_ms) DO UPDATE SET
      count = count + excluded.count,
      sum = sum + excluded.sum,
      min = min(ifnull(min, excluded.min), ifnull(excluded.min, min)),
      max = max(ifnull(max, excluded.max), ifnull(excluded.max, max)),
      import_wh = import_wh + excluded.import_wh,
      export_wh = export_wh + excluded.export_wh,
      estimated_wh = estimated_wh + excluded.estimated_wh`);
  const range = db.prepare(`
    SELECT start_ms AS startMs, count, sum, min, max,
      import_wh AS importWh, export_wh AS exportWh, estimated_wh AS estimatedWh
    FROM ${table} WHERE series_id = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`);
  const remove = db.prepare(`DELETE FROM ${table} WHERE series_id = ? AND start_ms >= ? AND start_ms < ?`);
  return {
    /** Adds to what the spans hold already. */
    add(seriesId: number, rollups: Iterable<[number, Rollup]>): void {
      for (const [startMs, r] of rollups) {
        upsert.run(seriesId, startMs, r.count, r.sum, r.min, r.max, r.importWh, r.exportWh, r.estimatedWh);
      }
    },
    /** Spans that start from `fromMs` up to, not at, `toMs`. */
    range: (seriesId: number, fromMs: number, toMs: number) => range.all(seriesId, fromMs, toMs) as RollupRow[],
    remove: (seriesId: number, fromMs: number, toMs: number) => void remove.run(seriesId, fromMs, toMs),
  };
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

/** Replaces the minutes and quarter hours of a window by those in `rollups` that start within it. */
export function replaceWindow(
  tables: RollupTables,
  seriesId: number,
  window: { startMs: number; endMs: number },
  rollups: Rollups,
): void {
  for (const level of ["minute", "quarter"] as const) {
    tables[level].remove(seriesId, window.startMs, window.endMs);
    const within = [...rollups[level]].filter(([startMs]) => startMs >= window.startMs && startMs < window.endMs);
    tables[level].add(seriesId, within);
  }
}

/** Makes a series' day anew from its quarter hours. */
export function replaceDay(tables: RollupTables, seriesId: number, day: { startMs: number; endMs: number }): void {
  const total = emptyRollup();
  const quarters = tables.quarter.range(seriesId, day.startMs, day.endMs);
  for (const quarter of quarters) mergeRollup(total, quarter);
  tables.day.remove(seriesId, day.startMs, day.endMs);
  if (quarters.length > 0) tables.day.add(seriesId, [[day.startMs, total]]);
}
