/**
 * The journal: readings on the disk that are not in chunks yet, one small record a commit. A record holds a block for
 * each series with new readings. Times that are those of the block before, as of quantities measured together, cost
 * one byte; values are differences of whole numbers where a few decimal digits write them exactly.
 */
import { emptyReadings, pushReading, type Readings } from "../energy/readings.ts";
import {
  type ByteReader,
  type ByteWriter,
  createByteReader,
  createByteWriter,
  decimalDigits,
  packed,
  unpacked,
} from "./bytes.ts";
import type { Db } from "./database.ts";

/** New readings of one series, in the order in which they came. */
export interface JournalEntry {
  seriesId: number;
  readings: Readings;
}

/** A record that cannot be read, as after damage to the disk. */
export interface DamagedRecord {
  id: number;
  reason: string;
}

export type Journal = ReturnType<typeof journalTable>;

export function journalTable(db: Db, onDamaged: (record: DamagedRecord) => void) {
  const insert = db.prepare("INSERT INTO journal (data) VALUES (?)");
  const deleteBefore = db.prepare("DELETE FROM journal WHERE id < ?");
  const ids = db.prepare("SELECT id FROM journal ORDER BY id").pluck();
  const one = db.prepare("SELECT data FROM journal WHERE id = ?").pluck();
  const encode = createEntryEncoder();
  return {
    /** The id of the new record; ids rise. */
    append: (entries: Iterable<JournalEntry>) => Number(insert.run(encode(entries)).lastInsertRowid),
    removeBefore: (id: number) => void deleteBefore.run(id),
    /** Every record in the order in which they were written; damaged ones are left out and told. */
    *read(): Generator<{ id: number; entries: JournalEntry[] }> {
      for (const id of ids.all() as number[]) {
        try {
          yield { id, entries: decodeEntries(one.get(id) as Uint8Array) };
        } catch (error) {
          onDamaged({ id, reason: (error as Error).message });
        }
      }
    },
  };
}

/** Records shorter than this gain nothing from compression. */
const compressFrom = 200;
const formats = { plain: 2, zstd: 3 };
/** Marks values that no six decimal digits write exactly. */
const floats = 255;
const mostDigits = 6;
/** Whole numbers above lose precision in their differences. */
const mostScaled = 2 ** 51;

/** An encoder of records that keeps its memory from one to the next. */
export function createEntryEncoder(): (entries: Iterable<JournalEntry>) => Uint8Array {
  const writer = createByteWriter(64 * 1024);
  return (entries) => {
    writer.start();
    let lastId = 0;
    let last: Readings | null = null;
    for (const { seriesId, readings } of entries) {
      writer.signed(seriesId - lastId);
      lastId = seriesId;
      writeTimes(writer, readings, last);
      writeValues(writer, readings);
      last = readings;
    }
    const bytes = writer.bytes();
    return packed(bytes, formats, bytes.length >= compressFrom);
  };
}

/** The entries of a record. Throws when it is damaged. */
export function decodeEntries(record: Uint8Array): JournalEntry[] {
  const reader = createByteReader(unpacked(record, formats));
  const entries: JournalEntry[] = [];
  let seriesId = 0;
  while (!reader.isAtEnd()) {
    seriesId += reader.signed();
    const times = readTimes(reader, entries.at(-1)?.readings ?? null);
    entries.push({ seriesId, readings: { times, values: readValues(reader, times.length), length: times.length } });
  }
  return entries;
}

/** A count and differences of differences; a count of zero stands for the times of the block before. */
function writeTimes(writer: ByteWriter, { times, length }: Readings, last: Readings | null): void {
  if (last && hasTimes(last, times, length)) {
    writer.varint(0);
    return;
  }
  writer.varint(length);
  let earlier = 0;
  let step = 0;
  for (let index = 0; index < length; index++) {
    const time = times[index]!;
    writer.signed(time - earlier - step);
    step = index === 0 ? 0 : time - earlier;
    earlier = time;
  }
}

function hasTimes(readings: Readings, times: Float64Array, length: number): boolean {
  if (readings.length !== length) return false;
  for (let index = 0; index < length; index++) if (readings.times[index] !== times[index]) return false;
  return true;
}

function readTimes(reader: ByteReader, last: Readings | null): Float64Array {
  const length = reader.varint();
  if (length === 0) {
    if (!last) throw new RangeError("it repeats times before there are any");
    return last.times.subarray(0, last.length);
  }
  const readings = emptyReadings();
  let time = 0;
  let step = 0;
  for (let index = 0; index < length; index++) {
    const change = reader.signed() + step;
    step = index === 0 ? 0 : change;
    time += change;
    pushReading(readings, time, 0);
  }
  return readings.times.subarray(0, length);
}

function writeValues(writer: ByteWriter, { values, length }: Readings): void {
  const digits = digitsOf(values.subarray(0, length));
  writer.varint(digits);
  if (digits === floats) {
    for (let index = 0; index < length; index++) writer.float(values[index]! + 0);
    return;
  }
  const scale = 10 ** digits;
  let earlier = 0;
  for (let index = 0; index < length; index++) {
    const scaled = Math.round(values[index]! * scale);
    writer.signed(scaled - earlier);
    earlier = scaled;
  }
}

function readValues(reader: ByteReader, length: number): Float64Array {
  const values = new Float64Array(length);
  const digits = reader.varint();
  const scale = 10 ** digits;
  let scaled = 0;
  for (let index = 0; index < length; index++) {
    if (digits === floats) values[index] = reader.float();
    else {
      scaled += reader.signed();
      values[index] = scaled / scale;
    }
  }
  return values;
}

/** The fewest decimal digits that write every value exactly; `floats` when there are too many. */
function digitsOf(values: Float64Array): number {
  const digits = decimalDigits(values, mostDigits);
  if (digits === null) return floats;
  const scale = 10 ** digits;
  return values.every((value) => Math.abs(value * scale) <= mostScaled) ? digits : floats;
}
