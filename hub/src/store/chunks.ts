/**
 * Raw readings in compressed chunks of one series each, in order of time and never overlapping. Series measured
 * together share one column of times. A chunk whose bytes are damaged is set aside and told, and reads as a gap.
 */

import Database from "better-sqlite3";
import { dayMs, type Span } from "../energy/calendar.ts";
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
import { decodeTimes, decodeValues, encodeTimes, encodeValues } from "./codec/columns.ts";
import type { Effort } from "./codec/integers.ts";
import { type Db, isDamage } from "./database.ts";
import { type ColumnPlace, packTable } from "./packs.ts";

export type ChunkTable = ReturnType<typeof chunkTable>;

/** A chunk is about an hour of one reading a second, so that reaching into the past stays cheap. */
export const mostReadings = 3_600;
const longestMs = dayMs;
/**
 * A chunk with fewer readings is written anew with those that follow it; larger ones gain little by growing. A rest of
 * fewer joins the chunk before it.
 */
export const smallReadings = 900;
/** Decoded chunks kept, since neighbouring look-ups ask for the same ones. */
const mostDecoded = 4;
/** Looked up at a time: often only the first is wanted. */
const chunksAtOnce = 16;

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
  packId: number;
  timesAt: number;
  timesLength: number;
  dataAt: number;
  dataLength: number;
}

export function chunkTable(db: Db, onDamaged: (chunk: DamagedChunk) => void) {
  const packs = packTable(db);
  const select = `SELECT id, start_ms AS startMs, end_ms AS endMs, count, pack_id AS packId, times_at AS timesAt,
    times_length AS timesLength, data_at AS dataAt, data_length AS dataLength FROM chunk`;
  const atOrBefore = db.prepare(`${select} WHERE series_id = ? AND start_ms <= ? ORDER BY start_ms DESC LIMIT 1`);
  const from = db.prepare(
    `${select} WHERE series_id = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms LIMIT ${chunksAtOnce}`,
  );
  const insertChunk = db.prepare(`
    INSERT INTO chunk (series_id, start_ms, end_ms, count, pack_id, times_at, times_length, data_at, data_length)
    VALUES (@seriesId, @startMs, @endMs, @count, @packId, @timesAt, @timesLength, @dataAt, @dataLength)`);
  const deleteChunk = db.prepare("DELETE FROM chunk WHERE id = ?");
  const setAside = db.prepare(`
    INSERT INTO damaged_chunk (series_id, start_ms, end_ms, count, data, times, reason)
    SELECT series_id, start_ms, end_ms, count, coalesce(substr(data, data_at + 1, data_length), x''),
      substr(data, times_at + 1, times_length), ?
    FROM chunk LEFT JOIN pack ON pack.id = pack_id WHERE chunk.id = ?`);
  const lost = db.prepare(`SELECT start_ms AS startMs, end_ms AS endMs FROM damaged_chunk
    WHERE series_id = ? AND start_ms < ? AND end_ms >= ? ORDER BY start_ms`);
  const deleteSeries = db.prepare("DELETE FROM chunk WHERE series_id = ?");
  const deleteSetAside = db.prepare("DELETE FROM damaged_chunk WHERE series_id = ?");
  // The newest chunk stays, so that the series' last reading is always known.
  const oldest = db.prepare(`${select} WHERE series_id = @seriesId AND end_ms < @beforeMs
    AND start_ms < (SELECT max(start_ms) FROM chunk WHERE series_id = @seriesId) ORDER BY start_ms LIMIT @most`);
  const removableFrom = db
    .prepare(`SELECT min(start_ms) FROM chunk WHERE series_id = @seriesId
      AND start_ms < (SELECT max(start_ms) FROM chunk WHERE series_id = @seriesId)`)
    .pluck();
  const newest = db.prepare(`${select} WHERE series_id = ? ORDER BY start_ms DESC LIMIT 4`);
  const shares = db.prepare("SELECT count(*) FROM chunk WHERE pack_id = ? AND times_at = ?").pluck();
  const countIn = db
    .prepare("SELECT count(*) FROM chunk WHERE series_id = ? AND start_ms >= ? AND start_ms < ?")
    .pluck();
  const countAll = db.prepare("SELECT count(*) FROM chunk WHERE series_id = ?").pluck();
  let effort: Effort = "thorough";
  /** Columns of times in the open pack. */
  let writtenTimes: { place: ColumnPlace; times: Float64Array }[] = [];
  const decoded = new Map<number, Readings>();
  /** Each series' newest chunk, once it was asked for: nearly all that is written goes behind it. */
  const newestChunks = new Map<number, Chunk>();

  function newestOf(seriesId: number): Chunk | undefined {
    const known = newestChunks.get(seriesId) ?? chunkAt(seriesId, Number.MAX_SAFE_INTEGER);
    if (known) newestChunks.set(seriesId, known);
    return known;
  }

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
      if (error instanceof Database.SqliteError && !isDamage(error)) throw error; // the disk fails, the bytes may be whole
      const { startMs, endMs, count } = chunk;
      const reason = (error as Error).message;
      if (!db.readonly) {
        setAside.run(reason, chunk.id);
        remove(seriesId, chunk);
      }
      onDamaged({ seriesId, startMs, endMs, count, reason });
      return null;
    }
  }

  function readColumns(chunk: Chunk): Readings {
    const { startMs, endMs, count, packId, timesAt, timesLength, dataAt, dataLength } = chunk;
    if (packs.isOpen(packId)) closePack();
    const times = decodeTimes(packs.get(packId, { at: timesAt, length: timesLength }));
    const values = decodeValues(packs.get(packId, { at: dataAt, length: dataLength }));
    const isWhole = times.length === count && values.length === count && times[0] === startMs && times.at(-1) === endMs;
    if (!isWhole) throw new RangeError("its columns do not fit each other");
    return { times, values, length: count };
  }

  function* chunksIn(seriesId: number, fromMs: number, toMs: number): Generator<Chunk> {
    const first = chunkAt(seriesId, fromMs);
    if (first && first.endMs >= fromMs) yield first;
    for (let nextMs = fromMs + 1; ; ) {
      // `all`, not `iterate`: the database takes no other statement while a cursor is open.
      const some = from.all(seriesId, nextMs, toMs) as Chunk[];
      yield* some;
      if (some.length < chunksAtOnce) return;
      nextMs = some.at(-1)!.startMs + 1;
    }
  }

  function* readingsIn(seriesId: number, fromMs: number, toMs: number): Generator<Readings> {
    for (const chunk of chunksIn(seriesId, fromMs, toMs)) {
      const readings = decode(seriesId, chunk);
      if (!readings) continue;
      const part = sliceReadings(readings, indexAt(readings, fromMs), indexAt(readings, toMs));
      if (part.length > 0) yield part;
    }
  }

  function write(seriesId: number, readings: Readings): void {
    for (let at = 0; at < readings.length; ) {
      const part = sliceReadings(readings, at, endOfChunk(readings, at));
      if (packs.isFull()) closePack();
      const packId = packs.openId();
      const times = placeOfTimes(part.times);
      const data = packs.put(encodeValues(part.values, effort));
      const chunk = {
        ...{ startMs: part.times[0]!, endMs: part.times[part.length - 1]!, count: part.length, packId },
        ...{ timesAt: times.at, timesLength: times.length, dataAt: data.at, dataLength: data.length },
      };
      const id = Number(insertChunk.run({ seriesId, ...chunk }).lastInsertRowid);
      const newest = newestChunks.get(seriesId);
      if (newest && newest.startMs < chunk.startMs) newestChunks.set(seriesId, { id, ...chunk });
      at += part.length;
    }
  }

  /** Of times that were just written when they are the same, as of one meter's quantities. */
  function placeOfTimes(times: Float64Array): ColumnPlace {
    const known = writtenTimes.find((written) => isSame(written.times, times));
    if (known) return known.place;
    const place = packs.put(encodeTimes(times));
    writtenTimes.unshift({ place, times: times.slice() });
    return place;
  }

  function closePack(): void {
    packs.close();
    writtenTimes = [];
  }

  function remove(seriesId: number, chunk: Chunk): void {
    deleteChunk.run(chunk.id);
    decoded.delete(chunk.id);
    if (newestChunks.get(seriesId)?.id === chunk.id) newestChunks.delete(seriesId);
    packs.removeIfUnused(chunk.packId);
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
    remove(seriesId, chunk);
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
    remove(seriesId, chunk);
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
      if (readings.length > 0) extend(seriesId, newestOf(seriesId), readings);
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
    /** Spans of chunks that were set aside, in order of time; both ends are times of readings that are lost. */
    lostSpans: (seriesId: number, fromMs: number, toMs: number) => lost.all(seriesId, toMs, fromMs) as Span[],
    /** How hard the chunks that follow are to be compressed. */
    setEffort(next: Effort): void {
      effort = next;
    },
    /** Writes what is gathered; to be called before the transaction ends. */
    finish: closePack,
    /** Forgets what was gathered and read: the transaction failed, or another thread may have written since. */
    forget(): void {
      packs.forget();
      writtenTimes = [];
      decoded.clear();
      newestChunks.clear();
    },
    /** What the series takes on the disk, from its newest chunks: bytes in all, and bytes a day. */
    usage(seriesId: number): { bytes: number; bytesPerDay: number } {
      const rows = newest.all(seriesId) as Chunk[];
      const chunks = countAll.get(seriesId) as number;
      const bytes = rows.reduce((sum, { packId, timesAt, timesLength, dataLength }) => {
        return sum + dataLength + timesLength / (shares.get(packId, timesAt) as number);
      }, 0);
      const spanMs = rows.length === 0 ? 0 : rows[0]!.endMs - rows.at(-1)!.startMs;
      return {
        bytes: rows.length === 0 ? 0 : (bytes / rows.length) * chunks,
        bytesPerDay: spanMs === 0 ? 0 : (bytes / spanMs) * dayMs,
      };
    },
    /** How many chunks start in the range. */
    count: (seriesId: number, fromMs: number, toMs: number) => countIn.get(seriesId, fromMs, toMs) as number,
    /** The start of the series' oldest chunk that is not its newest, null when there is none. */
    removableFromMs: (seriesId: number) => removableFrom.get({ seriesId }) as number | null,
    /** Deletes the oldest chunks that end before the time, so many at most and never the newest; how many it were. */
    removeBefore(seriesId: number, beforeMs: number, most: number): number {
      const chunks = oldest.all({ seriesId, beforeMs, most }) as Chunk[];
      for (const chunk of chunks) remove(seriesId, chunk);
      return chunks.length;
    },
    removeSeries(seriesId: number): void {
      newestChunks.delete(seriesId);
      deleteSeries.run(seriesId);
      deleteSetAside.run(seriesId);
    },
    removeOrphans: packs.removeUnused,
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
  let end = length - at < mostReadings + smallReadings ? length : at + mostReadings;
  while (times[end - 1]! > latestMs) end--;
  return end;
}
