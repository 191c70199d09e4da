/**
 * Raw readings in compressed chunks of one series each, in order of time and never overlapping. Series measured
 * together share one column of times. A chunk whose bytes are damaged is set aside and told, and reads as a gap.
 */
import {
  emptyReadings,
  indexAt,
  pushReadings,
  type Readings,
  readingAt,
  readingsFrom,
  sliceReadings,
  type TimedValue,
} from "../energy/readings.ts";
import { checked, withChecksum } from "./bytes.ts";
import { decodeTimes, decodeValues, encodeTimes, encodeValues } from "./codec/columns.ts";
import type { Effort } from "./codec/integers.ts";
import type { Db } from "./database.ts";

export type ChunkTable = ReturnType<typeof chunkTable>;

/** A chunk is at most an hour of one reading a second, so that reaching into the past stays cheap. */
export const mostReadings = 3_600;
const dayMs = 24 * 3600_000;
const longestMs = dayMs;
/** A chunk with fewer readings is written anew with those that follow it; larger ones gain little by growing. */
const smallReadings = 900;
/** Decoded chunks kept, since neighbouring look-ups ask for the same ones. */
const mostDecoded = 4;

/** Meters whose quantities may be sealed by turns and still share their times. */
const mostShared = 8;

/** A chunk that could not be read. */
export interface DamagedChunk {
  seriesId: number;
  startMs: number;
  endMs: number;
  /** Readings lost. */
  count: number;
  reason: string;
}

interface Chunk {
  id: number;
  startMs: number;
  endMs: number;
  count: number;
  timeId: number;
}

interface NewestRow {
  startMs: number;
  endMs: number;
  bytes: number;
  timesBytes: number;
  /** How many chunks share the times. */
  shares: number;
}

export function chunkTable(db: Db, onDamaged: (chunk: DamagedChunk) => void) {
  const select = "SELECT id, start_ms AS startMs, end_ms AS endMs, count, time_id AS timeId FROM chunk";
  const atOrBefore = db.prepare(`${select} WHERE series_id = ? AND start_ms <= ? ORDER BY start_ms DESC LIMIT 1`);
  const from = db.prepare(`${select} WHERE series_id = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`);
  const bytesOf = db.prepare(
    "SELECT chunk.data, time_column.data AS times FROM chunk LEFT JOIN time_column ON time_column.id = time_id WHERE chunk.id = ?",
  );
  const insertChunk = db.prepare(
    "INSERT INTO chunk (series_id, start_ms, end_ms, count, time_id, data) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const deleteChunk = db.prepare("DELETE FROM chunk WHERE id = ?");
  const insertTimes = db.prepare("INSERT INTO time_column (data) VALUES (?)");
  const deleteTimes = db.prepare(
    "DELETE FROM time_column WHERE id = @id AND NOT EXISTS (SELECT 1 FROM chunk WHERE time_id = @id)",
  );
  const setAside = db.prepare(`
    INSERT INTO damaged_chunk (series_id, start_ms, end_ms, count, data, times, reason)
    SELECT series_id, start_ms, end_ms, count, chunk.data, time_column.data, ?
    FROM chunk LEFT JOIN time_column ON time_column.id = time_id WHERE chunk.id = ?`);
  const deleteSeries = db.prepare("DELETE FROM chunk WHERE series_id = ?");
  // The newest chunk stays, so that the series' last reading is always known.
  const oldest = db.prepare(`${select} WHERE series_id = @seriesId AND end_ms < @beforeMs
    AND start_ms < (SELECT max(start_ms) FROM chunk WHERE series_id = @seriesId) ORDER BY start_ms LIMIT @most`);
  const newest = db.prepare(`
    SELECT start_ms AS startMs, end_ms AS endMs, length(chunk.data) AS bytes, length(time_column.data) AS timesBytes,
      (SELECT count(*) FROM chunk AS other WHERE other.time_id = chunk.time_id) AS shares
    FROM chunk JOIN time_column ON time_column.id = time_id
    WHERE series_id = ? ORDER BY start_ms DESC LIMIT 4`);
  const countIn = db
    .prepare("SELECT count(*) FROM chunk WHERE series_id = ? AND start_ms >= ? AND start_ms < ?")
    .pluck();
  const extent = db.prepare("SELECT count(*) AS chunks, min(start_ms) AS startMs FROM chunk WHERE series_id = ?");
  const deleteOrphans = db.prepare("DELETE FROM time_column WHERE id NOT IN (SELECT time_id FROM chunk)");
  let effort: Effort = "thorough";
  /** Columns of times written lately, the newest first. */
  const writtenTimes: { id: number; times: Float64Array }[] = [];
  const decoded = new Map<number, Readings>();

  function chunkAt(seriesId: number, timeMs: number): Chunk | undefined {
    return atOrBefore.get(seriesId, timeMs) as Chunk | undefined;
  }

  /** The chunk's readings; null, with the chunk set aside, when it is damaged. */
  function decode(seriesId: number, chunk: Chunk): Readings | null {
    const known = decoded.get(chunk.id);
    if (known) return known;
    try {
      const readings = readColumns(chunk);
      decoded.set(chunk.id, readings);
      if (decoded.size > mostDecoded) decoded.delete(decoded.keys().next().value as number);
      return readings;
    } catch (error) {
      const { startMs, endMs, count } = chunk;
      const reason = (error as Error).message;
      if (!db.readonly) {
        setAside.run(reason, chunk.id);
        remove(chunk);
      }
      onDamaged({ seriesId, startMs, endMs, count, reason });
      return null;
    }
  }

  function readColumns({ id, startMs, endMs, count }: Chunk): Readings {
    const bytes = bytesOf.get(id) as { data: Uint8Array; times: Uint8Array | null };
    if (!bytes.times) throw new RangeError("its times are gone");
    const times = decodeTimes(checked(bytes.times));
    const values = decodeValues(checked(bytes.data));
    const isWhole = times.length === count && values.length === count && times[0] === startMs && times.at(-1) === endMs;
    if (!isWhole) throw new RangeError("its columns do not fit each other");
    return { times, values, length: count };
  }

  function* readingsIn(seriesId: number, fromMs: number, toMs: number): Generator<Readings> {
    const first = chunkAt(seriesId, fromMs);
    // `all`, not `iterate`: the database takes no other statement while a cursor is open.
    const rest = from.all(seriesId, fromMs + 1, toMs) as Chunk[];
    for (const chunk of first && first.endMs >= fromMs ? [first, ...rest] : rest) {
      const readings = decode(seriesId, chunk);
      if (!readings) continue;
      const part = sliceReadings(readings, indexAt(readings, fromMs), indexAt(readings, toMs));
      if (part.length > 0) yield part;
    }
  }

  function write(seriesId: number, readings: Readings): void {
    for (let at = 0; at < readings.length; ) {
      const part = sliceReadings(readings, at, endOfChunk(readings, at));
      const timeId = timesId(part.times);
      const data = withChecksum(encodeValues(part.values, effort));
      insertChunk.run(seriesId, part.times[0], part.times[part.length - 1], part.length, timeId, data);
      at += part.length;
    }
  }

  /** The id of a column of times: of one that was just written when they are the same, as of one meter's quantities. */
  function timesId(times: Float64Array): number {
    const known = writtenTimes.find((written) => isSame(written.times, times));
    if (known) return known.id;
    const id = Number(insertTimes.run(withChecksum(encodeTimes(times))).lastInsertRowid);
    writtenTimes.unshift({ id, times: times.slice() });
    if (writtenTimes.length > mostShared) writtenTimes.pop();
    return id;
  }

  function remove(chunk: Chunk): void {
    deleteChunk.run(chunk.id);
    decoded.delete(chunk.id);
    if (deleteTimes.run({ id: chunk.timeId }).changes === 0) return;
    const index = writtenTimes.findIndex(({ id }) => id === chunk.timeId);
    if (index !== -1) writtenTimes.splice(index, 1);
  }

  /** Adds readings that lie behind a chunk and before the next. */
  function extend(seriesId: number, chunk: Chunk | undefined, readings: Readings): void {
    const earlier = chunk && canGrow(chunk, readings) ? decode(seriesId, chunk) : null;
    if (!chunk || !earlier) {
      write(seriesId, readings);
      return;
    }
    const whole = emptyReadings(earlier.length + readings.length);
    pushReadings(whole, earlier);
    pushReadings(whole, readings);
    remove(chunk);
    write(seriesId, whole);
  }

  /** Puts readings between those of a chunk; the ones it did not have already. */
  function fillIn(seriesId: number, chunk: Chunk, readings: readonly TimedValue[]): readonly TimedValue[] {
    const stored = decode(seriesId, chunk);
    if (!stored) {
      extend(seriesId, chunkAt(seriesId, chunk.startMs), readingsFrom(readings));
      return readings;
    }
    const known = new Set(stored.times);
    const added = readings.filter((reading) => !known.has(reading.timeMs));
    if (added.length === 0) return added;
    const all = Array.from({ length: stored.length }, (_, index) => readingAt(stored, index));
    remove(chunk);
    write(seriesId, readingsFrom([...all, ...added].sort((a, b) => a.timeMs - b.timeMs)));
    return added;
  }

  /** The newest chunk at or before the time that can be read, with its readings. */
  function readableAt(seriesId: number, timeMs: number): { chunk: Chunk; readings: Readings } | undefined {
    for (let chunk = chunkAt(seriesId, timeMs); chunk; chunk = chunkAt(seriesId, timeMs)) {
      const readings = decode(seriesId, chunk);
      if (readings) return { chunk, readings };
    }
    return undefined;
  }

  return {
    /** Adds readings that are later than all stored ones. */
    append(seriesId: number, readings: Readings): void {
      if (readings.length > 0) extend(seriesId, chunkAt(seriesId, Number.MAX_SAFE_INTEGER), readings);
    },
    /** Adds readings anywhere in the past, in any order; gives those whose time was free. */
    insert(seriesId: number, readings: readonly TimedValue[]): TimedValue[] {
      const added: TimedValue[] = [];
      for (const group of groupByChunk(uniqueInOrder(readings), (timeMs) => chunkAt(seriesId, timeMs))) {
        // Looked up again: the group before may have rewritten it.
        const chunk = chunkAt(seriesId, group[0]?.timeMs ?? 0);
        if (chunk && isWithin(chunk, group[0]?.timeMs ?? 0)) {
          for (const reading of fillIn(seriesId, chunk, group)) added.push(reading);
        } else {
          extend(seriesId, chunk, readingsFrom(group));
          for (const reading of group) added.push(reading);
        }
      }
      return added;
    },
    last(seriesId: number): TimedValue | undefined {
      const found = readableAt(seriesId, Number.MAX_SAFE_INTEGER);
      return found && readingAt(found.readings, found.readings.length - 1);
    },
    /** The last reading before the time. */
    before(seriesId: number, timeMs: number): TimedValue | undefined {
      const found = readableAt(seriesId, timeMs - 1);
      return found && readingAt(found.readings, indexAt(found.readings, timeMs) - 1);
    },
    /** The first reading at or after the time. */
    after(seriesId: number, timeMs: number): TimedValue | undefined {
      for (const readings of readingsIn(seriesId, timeMs, Number.MAX_SAFE_INTEGER)) return readingAt(readings, 0);
      return undefined;
    },
    /** The time of the `count`th reading before the time, or of the first there is. */
    timeBefore(seriesId: number, timeMs: number, count: number): number | undefined {
      let time: number | undefined;
      let left = count;
      for (let found = readableAt(seriesId, timeMs - 1); found; found = readableAt(seriesId, found.chunk.startMs - 1)) {
        const before = indexAt(found.readings, timeMs);
        if (before >= left) return found.readings.times[before - left];
        left -= before;
        time = found.readings.times[0];
      }
      return time;
    },
    /** The time of the `count`th reading after the time, or of the last there is. */
    timeAfter(seriesId: number, timeMs: number, count: number): number | undefined {
      let time: number | undefined;
      let left = count;
      for (const { times, length } of readingsIn(seriesId, timeMs + 1, Number.MAX_SAFE_INTEGER)) {
        if (length >= left) return times[left - 1];
        left -= length;
        time = times[length - 1];
      }
      return time;
    },
    /** Readings from `fromMs` up to, not at, `toMs`, in order of time, a chunk at a time. */
    range: readingsIn,
    /** How hard the chunks that follow are to be compressed. */
    setEffort(next: Effort): void {
      effort = next;
    },
    /** Ends a run of writes: later ones share no more times with them. Also to be called when a transaction failed. */
    endRun(): void {
      writtenTimes.length = 0;
      decoded.clear();
    },
    /** What the series takes on the disk, from its newest chunks: bytes a chunk, bytes a day, and how many there are. */
    usage(seriesId: number): { bytes: number; bytesPerDay: number; startMs: number | null } {
      const rows = newest.all(seriesId) as NewestRow[];
      const { chunks, startMs } = extent.get(seriesId) as { chunks: number; startMs: number | null };
      const bytes = rows.reduce((sum, row) => sum + row.bytes + row.timesBytes / row.shares, 0);
      const spanMs = rows.length === 0 ? 0 : rows[0]!.endMs - rows.at(-1)!.startMs;
      return {
        bytes: rows.length === 0 ? 0 : (bytes / rows.length) * chunks,
        bytesPerDay: spanMs === 0 ? 0 : (bytes / spanMs) * dayMs,
        startMs,
      };
    },
    /** How many chunks start in the range. */
    count: (seriesId: number, fromMs: number, toMs: number) => countIn.get(seriesId, fromMs, toMs) as number,
    /** The start of the oldest chunk of all, null when there is none. */
    startMs: () => db.prepare("SELECT min(start_ms) FROM chunk").pluck().get() as number | null,
    /** Deletes the oldest chunks that end before the time, so many at most and never the newest; how many it were. */
    removeBefore(seriesId: number, beforeMs: number, most: number): number {
      const chunks = oldest.all({ seriesId, beforeMs, most }) as Chunk[];
      for (const chunk of chunks) remove(chunk);
      return chunks.length;
    },
    removeSeries: (seriesId: number) => void deleteSeries.run(seriesId),
    removeOrphans: () => void deleteOrphans.run(),
  };
}

function canGrow(chunk: Chunk, readings: Readings): boolean {
  return chunk.count < smallReadings && readings.times[0]! - chunk.startMs <= longestMs;
}

function isSame(one: Float64Array, other: Float64Array): boolean {
  if (one.length !== other.length || one[one.length - 1] !== other[other.length - 1]) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** Readings that lie within one chunk, or between the same two, together. */
function groupByChunk(readings: readonly TimedValue[], chunkAt: (timeMs: number) => Chunk | undefined): TimedValue[][] {
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

function isWithin(chunk: Chunk, timeMs: number): boolean {
  return timeMs >= chunk.startMs && timeMs <= chunk.endMs;
}

function uniqueInOrder(readings: readonly TimedValue[]): TimedValue[] {
  const byTime = new Map<number, TimedValue>();
  for (const reading of readings) if (!byTime.has(reading.timeMs)) byTime.set(reading.timeMs, reading);
  return [...byTime.values()].sort((a, b) => a.timeMs - b.timeMs);
}

function endOfChunk({ times, length }: Readings, at: number): number {
  const latestMs = times[at]! + longestMs;
  let end = Math.min(length, at + mostReadings);
  while (times[end - 1]! > latestMs) end--;
  return end;
}
