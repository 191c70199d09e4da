/** Columns as databases of version 0.1 hold them: varints of differences. They are read, no longer written. */
import { zstdDecompressSync } from "node:zlib";
import { createByteReader } from "../bytes.ts";
import { mostValues } from "./integers.ts";

/** Stands where the decimal digits are when the values are floats. */
const floats = 255;
const mostDigits = 6;
/** A float has 8 bytes, a varint at most as many; the count and the digits come before. */
const mostBytes = mostValues * 8 + 16;

const [plain, compressed] = [0, 1];

/** Whether the first byte is that of an old format. */
export function isOldFormat(bytes: Uint8Array): boolean {
  return bytes[0] === plain || bytes[0] === compressed;
}

/** Differences of differences, in milliseconds. Throws when the bytes are damaged. */
export function decodeOldTimes(bytes: Uint8Array): Float64Array {
  const reader = createByteReader(unpacked(bytes));
  const times = new Float64Array(checkedCount(reader.varint()));
  let last = 0;
  let step = 0;
  for (let index = 0; index < times.length; index++) {
    step += reader.signed();
    last += step;
    times[index] = last;
  }
  return times;
}

/** Differences of scaled decimals, or floats. Throws when the bytes are damaged. */
export function decodeOldValues(bytes: Uint8Array): Float64Array {
  const reader = createByteReader(unpacked(bytes));
  const values = new Float64Array(checkedCount(reader.varint()));
  const digits = reader.varint();
  if (digits !== floats && digits > mostDigits) throw new RangeError("a damaged column: too many digits");
  const scale = 10 ** digits;
  let last = 0;
  for (let index = 0; index < values.length; index++) {
    if (digits === floats) values[index] = reader.float();
    else {
      last += reader.signed();
      values[index] = last / scale;
    }
  }
  return values;
}

function checkedCount(count: number): number {
  if (count > mostValues) throw new RangeError("a damaged column: it claims too many numbers");
  return count;
}

/** The bytes behind the first, which says whether they are compressed. */
export function unpacked(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(1);
  return bytes[0] === compressed ? zstdDecompressSync(body, { maxOutputLength: mostBytes }) : body;
}
