/** Bytes on the disk: whole numbers in as few bytes as they need, and a checksum that tells damage. */
import { crc32 } from "node:zlib";

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
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * factor;
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
