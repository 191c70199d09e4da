/** Brings the data of the first schema into the second: checksums behind columns, rollup rows into blocks. */
import { readingsFrom, type TimedValue } from "../../energy/readings.ts";
import type { Rollup } from "../../energy/rollup.ts";
import { createByteReader, withChecksum } from "../bytes.ts";
import { unpacked } from "../codec/old-formats.ts";
import type { Db } from "../database.ts";
import { createEntryEncoder } from "../journal.ts";
import { levels, rollupTables } from "../rollups.ts";

export function moveToBlocks(db: Db): void {
  for (const table of ["chunk", "time_column"]) addChecksums(db, table);
  renewJournal(db);
  const rollups = rollupTables(db, ({ reason }) => {
    throw new Error(reason);
  });
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

function addChecksums(db: Db, table: string): void {
  const update = db.prepare(`UPDATE ${table} SET data = ? WHERE id = ?`);
  for (const id of db.prepare(`SELECT id FROM ${table}`).pluck().all() as number[]) {
    const data = db.prepare(`SELECT data FROM ${table} WHERE id = ?`).pluck().get(id) as Uint8Array;
    update.run(withChecksum(data), id);
  }
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
