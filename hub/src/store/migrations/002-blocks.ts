/** Brings the data of the first schema into the second: columns into packs, rollup rows into blocks. */
import { readingsFrom, type TimedValue } from "../../energy/readings.ts";
import type { Rollup } from "../../energy/rollup.ts";
import { createByteReader } from "../bytes.ts";
import { chunkTable } from "../chunks.ts";
import { decodeTimes, decodeValues } from "../codec/columns.ts";
import { unpacked } from "../codec/old-formats.ts";
import type { Db } from "../database.ts";
import { createEntryEncoder } from "../journal.ts";
import { levels, rollupTables } from "../rollups.ts";

export function moveToBlocks(db: Db): void {
  moveChunks(db);
  renewJournal(db);
  const rollups = rollupTables(db, refuseDamage);
  for (const level of levels) {
    const seriesIds = db.prepare(`SELECT DISTINCT series_id FROM rollup_${level}_rows`).pluck().all() as number[];
    const rowsOf = db.prepare(`
      SELECT start_ms AS startMs, count, sum, min, max,
        import_wh AS importWh, export_wh AS exportWh, estimated_wh AS estimatedWh
      FROM rollup_${level}_rows WHERE series_id = ? ORDER BY start_ms`);
    for (const id of seriesIds) {
      const rows = rowsOf.all(id) as ({ startMs: number } & Rollup)[];
      rollups[level].add(
        id,
        rows.map(({ startMs, ...rollup }) => [startMs, rollup] as const),
      );
    }
    db.exec(`DROP TABLE rollup_${level}_rows`);
  }
}

function moveChunks(db: Db): void {
  const chunks = chunkTable(db, refuseDamage);
  const ids = db.prepare("SELECT id FROM chunk_rows ORDER BY start_ms, series_id").pluck().all() as number[];
  const one = db.prepare(`
    SELECT series_id AS seriesId, count, chunk_rows.data, time_column.data AS times
    FROM chunk_rows JOIN time_column ON time_column.id = time_id WHERE chunk_rows.id = ?`);
  for (const id of ids) {
    const { seriesId, count, data, times } = one.get(id) as OldChunk;
    chunks.append(seriesId, { times: decodeTimes(times), values: decodeValues(data), length: count });
  }
  chunks.finish();
  db.exec("DROP TABLE chunk_rows; DROP TABLE time_column");
}

interface OldChunk {
  seriesId: number;
  count: number;
  data: Uint8Array;
  times: Uint8Array;
}

function refuseDamage({ reason }: { reason: string }): never {
  throw new Error(reason);
}

/** Records were lists of (series, time, value), each but the value as the difference to the one before. */
function renewJournal(db: Db): void {
  const encode = createEntryEncoder();
  const update = db.prepare("UPDATE journal SET data = ? WHERE id = ?");
  const records = db.prepare("SELECT id, data FROM journal").all() as { id: number; data: Uint8Array }[];
  for (const { id, data } of records) {
    const bySeries = readRecord(data);
    update.run(encode([...bySeries].map(([seriesId, list]) => ({ seriesId, readings: readingsFrom(list) }))), id);
  }
}

function readRecord(data: Uint8Array): Map<number, TimedValue[]> {
  const reader = createByteReader(unpacked(data));
  const bySeries = new Map<number, TimedValue[]>();
  let [seriesId, timeMs] = [0, 0];
  while (!reader.isAtEnd()) {
    seriesId += reader.signed();
    timeMs += reader.signed();
    const list = bySeries.get(seriesId) ?? [];
    bySeries.set(seriesId, [...list, { timeMs, value: reader.float() }]);
  }
  return bySeries;
}
