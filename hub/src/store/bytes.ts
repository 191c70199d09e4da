/** Bytes on the disk: whole numbers in as few bytes as they need, and a checksum that tells damage. */
import { crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";

export type ByteWriter = ReturnType<typeof createByteWriter>;

/** Writes numbers one after the other; `start` begins anew in the same memory. */
export function createByteWriter(sizeBytes = 1024) {
  let buffer = new Uint8Array(sizeBytes);
  let view = new DataView(buffer.buffer);
  let at = 0;

  function room(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const larger = new Uint8Array(buffer.length * 2 + bytes);
    larger.set(buffer.subarray(0, at));
    buffer = larger;
    view = new DataView(buffer.buffer);
  }

  /** A whole number from 0 to 2^53, seven bits a byte (LEB128). */
  function varint(value: number): void {
    room(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      buffer[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      buffer[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[at++] = rest;
  }

  return {
    start(): void {
      at = 0;
    },
    varint,
    /** A whole number of either sign, small ones in few bytes (zigzag). */
    signed: (value: number) => varint(value >= 0 ? value * 2 : -value * 2 - 1),
    float(value: number): void {
      room(8);
      view.setFloat64(at, value, true);
      at += 8;
    },
    /** Bytes behind their length. */
    block(bytes: Uint8Array): void {
      varint(bytes.length);
      room(bytes.length);
      buffer.set(bytes, at);
      at += bytes.length;
    },
    /** What was written, valid until the next write. */
    bytes: () => buffer.subarray(0, at),
  };
}

export type ByteReader = ReturnType<typeof createByteReader>;

/** Reads what a writer wrote, in the same order. Throws a RangeError past the end. */
export function createByteReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function varint(): number {
    const first = view.getUint8(at++);
    if (first < 128) return first;
    const second = view.getUint8(at++);
    if (second < 128) return (first & 127) | (second << 7);
    let value = (first & 127) | ((second & 127) << 7);
    for (let factor = 2 ** 14; ; factor *= 128) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  function signed(): number {
    const value = varint();
    if (value <= 0x7fffffff) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  return {
    varint,
    signed,
    /** Numbers written as differences from one to the next, to the places from `from` up to, not at, `to`. */
    sums(into: Float64Array, from: number, to: number): void {
      let sum = 0;
      for (let index = from; index < to; index++) {
        const byte = bytes[at]!;
        // Most differences take one byte: these are read here, without a call.
        if (byte < 128) {
          at++;
          sum += (byte >>> 1) ^ -(byte & 1);
        } else sum += signed();
        into[index] = sum;
      }
    },
    float(): number {
      at += 8;
      return view.getFloat64(at - 8, true);
    },
    block(): Uint8Array {
      const length = varint();
      if (length > bytes.length - at) throw new RangeError("the bytes end within a block");
      at += length;
      return bytes.subarray(at - length, at);
    },
    isAtEnd: () => at >= bytes.byteLength,
  };
}

const checksumBytes = 4;

/** The bytes with their checksum (CRC-32) behind them. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length + checksumBytes);
  result.set(bytes);
  new DataView(result.buffer).setUint32(bytes.length, crc32(bytes), true);
  return result;
}

/** The bytes before the checksum. Throws a RangeError when the two do not fit each other. */
export function checked(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, bytes.length - checksumBytes);
  if (bytes.length < checksumBytes) throw new RangeError("it is too short");
  const view = new DataView(bytes.buffer, bytes.byteOffset + body.length, checksumBytes);
  if (view.getUint32(0, true) !== crc32(body)) throw new RangeError("its checksum does not fit its bytes");
  return body;
}

/** The first byte of what is as it was, and of what is compressed. */
export interface Formats {
  plain: number;
  zstd: number;
}

/** The bytes behind their format and with a checksum; compressed when they may be and that is shorter. */
export function packed(bytes: Uint8Array, formats: Formats, mayCompress: boolean): Uint8Array {
  const compressed = mayCompress ? zstdCompressSync(bytes) : bytes;
  const isShorter = compressed.length < bytes.length;
  const body = isShorter ? compressed : bytes;
  const block = new Uint8Array(1 + body.length);
  block[0] = isShorter ? formats.zstd : formats.plain;
  block.set(body, 1);
  return withChecksum(block);
}

/** Undoes `packed`. Throws when the bytes are damaged. */
export function unpacked(bytes: Uint8Array, formats: Formats): Uint8Array {
  const block = checked(bytes);
  const body = block.subarray(1);
  return block[0] === formats.zstd ? zstdDecompressSync(body) : body;
}

/** The fewest decimal digits, at most `most`, that write every value exactly; null when there are more. */
export function decimalDigits(values: ArrayLike<number>, most: number): number | null {
  let digits = 0;
  let scale = 1;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    while (Math.round(value * scale) / scale !== value) {
      if (++digits > most) return null;
      scale = 10 ** digits;
    }
  }
  return digits;
}
