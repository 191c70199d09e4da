/**
 * Raw readings in compressed chunks of one series each, in order of time and never overlapping. Series measured
 * together share one column of times.
 */
import type { TimedValue } from "../energy/rollup.ts";
import { decodeTimes, decodeValues, encodeTimes, encodeValues } from "./codec.ts";
import type { Db } from "./database.ts";

export type ChunkTable = ReturnType<typeof chunkTable>;

/** A chunk is at most an hour of one reading a second, so that reaching into the past stays cheap. */
const mostReadings = 3_600;
const longestMs = 24 * 3600_000;

interface ChunkRow {
  id: number;
  startMs: number;
  endMs: number;
  count: number;
  timeId: number;
  data: Uint8Array;
  times: Uint8Array;
}

export function chunkTable(db: Db) {
  const select = `SELECT chunk.id, start_ms AS startMs, end_ms AS endMs, count, time_id AS timeId,
    chunk.data, time_column.data AS times FROM chunk JOIN time_column ON time_column.id = time_id`;
  const atOrBefore = db.prepare(`${select} WHERE series_id = ? AND start_ms <= ? ORDER BY start_ms DESC LIMIT 1`);
  const from = db.prepare(`${select} WHERE series_id = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`);
  const insertChunk = db.prepare(
    "INSERT INTO chunk (series_id, start_ms, end_ms, count, time_id, data) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const deleteChunk = db.prepare("DELETE FROM chunk WHERE id = ?");
  const insertTimes = db.prepare("INSERT INTO time_column (data) VALUES (?)");
  const deleteTimes = db.prepare(
    "DELETE FROM time_column WHERE id = @id AND NOT EXISTS (SELECT 1 FROM chunk WHERE time_id = @id)",
  );
  const deleteSeries = db.prepare("DELETE FROM chunk WHERE series_id = ?");
  const deleteOrphans = db.prepare("DELETE FROM time_column WHERE id NOT IN (SELECT time_id FROM chunk)");
  /** Columns of times written in the present transaction, by content; emptied by `endSeal`. */
  const sharedTimes = new Map<string, number>();

  function chunkAt(seriesId: number, timeMs: number): ChunkRow | undefined {
    return atOrBefore.get(seriesId, timeMs) as ChunkRow | undefined;
  }

  function* chunksIn(seriesId: number, fromMs: number, toMs: number): Generator<ChunkRow> {
    const first = chunkAt(seriesId, fromMs);
    if (first && first.endMs >= fromMs) yield first;
    // `all`, not `iterate`: the database takes no other statement while a cursor is open.
    for (const chunk of from.all(seriesId, fromMs + 1, toMs) as ChunkRow[]) yield chunk;
  }

  function* readingsIn(seriesId: number, fromMs: number, toMs: number): Generator<TimedValue> {
    for (const chunk of chunksIn(seriesId, fromMs, toMs)) {
      for (const reading of decode(chunk)) if (reading.timeMs >= fromMs && reading.timeMs < toMs) yield reading;
    }
  }

  function write(seriesId: number, readings: readonly TimedValue[]): void {
    for (let at = 0; at < readings.length; ) {
      const part = readings.slice(at, endOfChunk(readings, at));
      const times = encodeTimes(part.map((reading) => reading.timeMs));
      const data = encodeValues(part.map((reading) => reading.value));
      const [first, last] = [part[0] as TimedValue, part.at(-1) as TimedValue];
      insertChunk.run(seriesId, first.timeMs, last.timeMs, part.length, timesId(times), data);
      at += part.length;
    }
  }

  function timesId(times: Uint8Array): number {
    const key = Buffer.from(times).toString("latin1");
    const known = sharedTimes.get(key);
    if (known !== undefined) return known;
    const id = Number(insertTimes.run(times).lastInsertRowid);
    sharedTimes.set(key, id);
    return id;
  }

  function remove(chunk: ChunkRow): void {
    deleteChunk.run(chunk.id);
    if (deleteTimes.run({ id: chunk.timeId }).changes === 0) return;
    for (const [key, id] of sharedTimes) if (id === chunk.timeId) sharedTimes.delete(key);
  }

  /** Adds readings that lie behind a chunk and before the next, filling the chunk up first. */
  function extend(seriesId: number, chunk: ChunkRow | undefined, readings: readonly TimedValue[]): void {
    const last = readings.at(-1);
    if (!chunk || !last || chunk.count >= mostReadings || last.timeMs - chunk.startMs > longestMs) {
      write(seriesId, readings);
      return;
    }
    remove(chunk);
    write(seriesId, [...decode(chunk), ...readings]);
  }

  /** Puts readings between those of a chunk; the ones it did not have already. */
  function fillIn(seriesId: number, chunk: ChunkRow, readings: readonly TimedValue[]): TimedValue[] {
    const stored = decode(chunk);
    const known = new Set(stored.map((reading) => reading.timeMs));
    const added = readings.filter((reading) => !known.has(reading.timeMs));
    if (added.length === 0) return added;
    remove(chunk);
    write(
      seriesId,
      [...stored, ...added].sort((a, b) => a.timeMs - b.timeMs),
    );
    return added;
  }

  return {
    /** Adds readings that are later than all stored ones, in order of time. */
    append(seriesId: number, readings: readonly TimedValue[]): void {
      if (readings.length > 0) extend(seriesId, chunkAt(seriesId, Number.MAX_SAFE_INTEGER), readings);
    },
    /** Adds readings anywhere in the past, in any order; the ones whose time was free. */
    insert(seriesId: number, readings: readonly TimedValue[]): TimedValue[] {
      const added: TimedValue[] = [];
      for (const group of groupByChunk(uniqueInOrder(readings), (timeMs) => chunkAt(seriesId, timeMs))) {
        // Looked up again: the group before may have rewritten it.
        const chunk = chunkAt(seriesId, group[0]?.timeMs ?? 0);
        if (chunk && isWithin(chunk, group[0]?.timeMs ?? 0)) added.push(...fillIn(seriesId, chunk, group));
        else {
          extend(seriesId, chunk, group);
          added.push(...group);
        }
      }
      return added;
    },
    last(seriesId: number): TimedValue | undefined {
      const chunk = chunkAt(seriesId, Number.MAX_SAFE_INTEGER);
      return chunk && decode(chunk).at(-1);
    },
    /** The last reading before the time. */
    before(seriesId: number, timeMs: number): TimedValue | undefined {
      const chunk = chunkAt(seriesId, timeMs - 1);
      return chunk && decode(chunk).findLast((reading) => reading.timeMs < timeMs);
    },
    /** The first reading at or after the time. */
    after(seriesId: number, timeMs: number): TimedValue | undefined {
      return readingsIn(seriesId, timeMs, Number.MAX_SAFE_INTEGER).next().value as TimedValue | undefined;
    },
    /** The time of the `count`th reading before the time, or of the first there is. */
    timeBefore(seriesId: number, timeMs: number, count: number): number | undefined {
      let found: number | undefined;
      for (
        let left = count, chunk = chunkAt(seriesId, timeMs - 1);
        chunk;
        chunk = chunkAt(seriesId, chunk.startMs - 1)
      ) {
        const times = decodeTimes(chunk.times).filter((one) => one < timeMs);
        if (times.length >= left) return times.at(-left);
        left -= times.length;
        found = times[0] ?? found;
      }
      return found;
    },
    /** The time of the `count`th reading after the time, or of the last there is. */
    timeAfter(seriesId: number, timeMs: number, count: number): number | undefined {
      let found: number | undefined;
      let left = count;
      for (const reading of readingsIn(seriesId, timeMs + 1, Number.MAX_SAFE_INTEGER)) {
        found = reading.timeMs;
        if (--left === 0) break;
      }
      return found;
    },
    /** Readings from `fromMs` up to, not at, `toMs`, in order of time. */
    range: readingsIn,
    /** Ends a transaction that wrote chunks: later ones share no more times with it. */
    endSeal: () => sharedTimes.clear(),
    removeSeries: (seriesId: number) => void deleteSeries.run(seriesId),
    removeOrphans: () => void deleteOrphans.run(),
  };
}

/** Readings that lie within one chunk, or between the same two, together. */
function groupByChunk(
  readings: readonly TimedValue[],
  chunkAt: (timeMs: number) => ChunkRow | undefined,
): TimedValue[][] {
  const groups: { key: string; readings: TimedValue[] }[] = [];
  for (const reading of readings) {
    const chunk = chunkAt(reading.timeMs);
    const key = `${chunk?.id} ${chunk && isWithin(chunk, reading.timeMs)}`;
    const last = groups.at(-1);
    if (last?.key === key) last.readings.push(reading);
    else groups.push({ key, readings: [reading] });
  }
  return groups.map((group) => group.readings);
}

function isWithin(chunk: ChunkRow, timeMs: number): boolean {
  return timeMs >= chunk.startMs && timeMs <= chunk.endMs;
}

function uniqueInOrder(readings: readonly TimedValue[]): TimedValue[] {
  const byTime = new Map<number, TimedValue>();
  for (const reading of readings) if (!byTime.has(reading.timeMs)) byTime.set(reading.timeMs, reading);
  return [...byTime.values()].sort((a, b) => a.timeMs - b.timeMs);
}

function endOfChunk(readings: readonly TimedValue[], at: number): number {
  const latestMs = (readings[at]?.timeMs ?? 0) + longestMs;
  let end = Math.min(readings.length, at + mostReadings);
  while ((readings[end - 1]?.timeMs ?? 0) > latestMs) end--;
  return end;
}

function decode(chunk: ChunkRow): TimedValue[] {
  const times = decodeTimes(chunk.times);
  const values = decodeValues(chunk.data);
  return times.map((timeMs, index) => ({ timeMs, value: values[index] as number }));
}
