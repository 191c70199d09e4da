/** Columns of numbers as bytes, exactly: what a chunk of readings and the journal are made of. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** How a column of values is written: integers after scaling by a power of ten, or floats when that is not exact. */
const floats = 255;
const mostDigits = 6;
/** Larger scaled values lose integer precision in their differences. */
const mostScaled = 2 ** 51;
/** Columns shorter than this gain nothing from compression. */
const compressFrom = 64;

/** Instants in order of time, in whole milliseconds: differences of differences, so a steady pace costs nearly nothing. */
export function encodeTimes(times: readonly number[]): Uint8Array {
  const writer = createWriter(times.length * 2 + 16);
  writer.varint(times.length);
  let last = 0;
  let lastStep = 0;
  for (const timeMs of times) {
    const step = timeMs - last;
    writer.signed(step - lastStep);
    last = timeMs;
    lastStep = step;
  }
  return pack(writer.bytes());
}

export function decodeTimes(bytes: Uint8Array): number[] {
  const reader = createReader(unpack(bytes));
  const times = new Array<number>(reader.varint());
  let last = 0;
  let step = 0;
  for (let index = 0; index < times.length; index++) {
    step += reader.signed();
    last += step;
    times[index] = last;
  }
  return times;
}

/** Values, given back as the very same numbers (but -0 as 0). */
export function encodeValues(values: readonly number[]): Uint8Array {
  const digits = decimalDigits(values);
  const writer = createWriter(values.length * (digits === floats ? 8 : 3) + 16);
  writer.varint(values.length);
  writer.varint(digits);
  if (digits === floats) for (const value of values) writer.float(value + 0);
  else {
    const scale = 10 ** digits;
    let last = 0;
    for (const value of values) {
      const scaled = Math.round(value * scale);
      writer.signed(scaled - last);
      last = scaled;
    }
  }
  return pack(writer.bytes());
}

export function decodeValues(bytes: Uint8Array): number[] {
  const reader = createReader(unpack(bytes));
  const values = new Array<number>(reader.varint());
  const digits = reader.varint();
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

/** The fewest decimal digits that write every value exactly; `floats` when there are too many. */
function decimalDigits(values: readonly number[]): number {
  let digits = 0;
  let scale = 1;
  for (const value of values) {
    while (Math.round(value * scale) / scale !== value || Math.abs(value * scale) > mostScaled) {
      if (++digits > mostDigits) return floats;
      scale = 10 ** digits;
    }
  }
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest * scale > mostScaled ? floats : digits;
}

/** Compresses where that makes it shorter; the first byte tells. */
export function pack(bytes: Uint8Array): Uint8Array {
  const packed = bytes.length < compressFrom ? bytes : zstdCompressSync(bytes);
  const isShorter = packed.length < bytes.length;
  const result = new Uint8Array(1 + (isShorter ? packed.length : bytes.length));
  result[0] = isShorter ? 1 : 0;
  result.set(isShorter ? packed : bytes, 1);
  return result;
}

/** Undoes `pack`. Throws when the bytes are damaged. */
export function unpack(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(1);
  return bytes[0] === 1 ? zstdDecompressSync(body) : body;
}

/** Writes numbers one after the other. */
export function createWriter(sizeBytes: number) {
  let buffer = new Uint8Array(sizeBytes);
  let view = new DataView(buffer.buffer);
  let at = 0;

  function room(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const larger = new Uint8Array(buffer.length * 2 + bytes);
    larger.set(buffer);
    buffer = larger;
    view = new DataView(buffer.buffer);
  }

  /** A whole number from 0 to 2^53, seven bits a byte. */
  function varint(value: number): void {
    room(8);
    let rest = value;
    while (rest >= 128) {
      buffer[at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    buffer[at++] = rest;
  }

  return {
    varint,
    /** A whole number of either sign, small ones in few bytes. */
    signed: (value: number) => varint(value >= 0 ? value * 2 : -value * 2 - 1),
    float(value: number): void {
      room(8);
      view.setFloat64(at, value, true);
      at += 8;
    },
    bytes: () => buffer.subarray(0, at),
  };
}

/** Reads what a writer wrote, in the same order. Throws a RangeError past the end. */
export function createReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = view.getUint8(at++);
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }

  return {
    varint,
    signed(): number {
      const value = varint();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
    float(): number {
      at += 8;
      return view.getFloat64(at - 8, true);
    },
    isAtEnd: () => at >= bytes.byteLength,
  };
}
