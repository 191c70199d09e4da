/** Raw readings. */
import type { TimedValue } from "../energy/rollup.ts";
import type { Db } from "./database.ts";

export type ReadingTable = ReturnType<typeof readingTable>;

export function readingTable(db: Db) {
  const insert = db.prepare("INSERT OR IGNORE INTO reading (series_id, time_ms, value) VALUES (?, ?, ?)");
  const columns = "time_ms AS timeMs, value";
  const last = db.prepare(`SELECT ${columns} FROM reading WHERE series_id = ? ORDER BY time_ms DESC LIMIT 1`);
  const before = db.prepare(
    `SELECT ${columns} FROM reading WHERE series_id = ? AND time_ms < ? ORDER BY time_ms DESC LIMIT 1`,
  );
  const after = db.prepare(
    `SELECT ${columns} FROM reading WHERE series_id = ? AND time_ms >= ? ORDER BY time_ms LIMIT 1`,
  );
  const range = db.prepare(
    `SELECT ${columns} FROM reading WHERE series_id = ? AND time_ms >= ? AND time_ms < ? ORDER BY time_ms LIMIT ?`,
  );
  return {
    /** False when the series has a reading of that time already. */
    insert: (seriesId: number, reading: TimedValue) =>
      insert.run(seriesId, reading.timeMs, reading.value).changes === 1,
    last: (seriesId: number) => last.get(seriesId) as TimedValue | undefined,
    /** The last reading before the time. */
    before: (seriesId: number, timeMs: number) => before.get(seriesId, timeMs) as TimedValue | undefined,
    /** The first reading at or after the time. */
    after: (seriesId: number, timeMs: number) => after.get(seriesId, timeMs) as TimedValue | undefined,
    /** Readings from `fromMs` up to, not at, `toMs`, in order of time. */
    range: (seriesId: number, fromMs: number, toMs: number, limit = -1) =>
      range.all(seriesId, fromMs, toMs, limit) as TimedValue[],
    iterate: (seriesId: number, fromMs: number, toMs: number) =>
      range.iterate(seriesId, fromMs, toMs, -1) as IterableIterator<TimedValue>,
  };
}
