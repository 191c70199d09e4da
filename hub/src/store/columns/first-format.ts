/** Reads the columns that the first databases hold: differences as varints, compressed by zstd when that was shorter. */
import { zstdDecompressSync } from "node:zlib";
import { createByteReader } from "../bytes.ts";
import { floats } from "./decimal.ts";
import { mostValues } from "./integers.ts";

export function decodeFirstTimes(bytes: Uint8Array): Float64Array {
  const reader = createByteReader(unpackFirst(bytes));
  const times = new Float64Array(lengthOf(reader.varint()));
  let last = 0;
  let step = 0;
  for (let at = 0; at < times.length; at++) {
    step += reader.signed();
    last += step;
    times[at] = last;
  }
  return times;
}

export function decodeFirstValues(bytes: Uint8Array): Float64Array {
  const reader = createByteReader(unpackFirst(bytes));
  const values = new Float64Array(lengthOf(reader.varint()));
  const digits = reader.varint();
  const scale = 10 ** digits;
  let last = 0;
  for (let at = 0; at < values.length; at++) {
    if (digits === floats) values[at] = reader.float();
    else {
      last += reader.signed();
      values[at] = last / scale;
    }
  }
  return values;
}

/** The bytes behind the first, which says whether they are compressed. */
export function unpackFirst(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(1);
  return bytes[0] === 1 ? zstdDecompressSync(body) : body;
}

function lengthOf(length: number): number {
  if (length > mostValues) throw new RangeError("it has too many values");
  return length;
}
