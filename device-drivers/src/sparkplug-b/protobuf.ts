/** Reads the wire format of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/. */

/** One field of a message: a number of variable length, or the bytes of anything else. */
export interface WireField {
  number: number;
  varint?: bigint;
  bytes?: Uint8Array;
}

/** No meter's message has so many fields; one with more is made to overwhelm. */
const mostFields = 5_000;

/** The fields in the order in which they were sent; undefined when the bytes are no such message. */
export function fieldsOf(bytes: Uint8Array): readonly WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = varintAt(bytes, at);
    if (!tag || tag.value >> 3n === 0n || tag.value >> 32n !== 0n || fields.length === mostFields) return undefined;
    const number = Number(tag.value >> 3n);
    const read = valueAt(bytes, tag.end, Number(tag.value & 7n));
    if (!read) return undefined;
    fields.push({ number, ...read.value });
    at = read.end;
  }
  return fields;
}

type Read<Value> = { value: Value; end: number } | undefined;

function valueAt(bytes: Uint8Array, at: number, wireType: number): Read<Omit<WireField, "number">> {
  if (wireType === 0) {
    const read = varintAt(bytes, at);
    return read && { value: { varint: read.value }, end: read.end };
  }
  if (wireType === 1) return bytesAt(bytes, at, 8);
  if (wireType === 5) return bytesAt(bytes, at, 4);
  if (wireType !== 2) return undefined;
  const length = varintAt(bytes, at);
  return length && length.value <= BigInt(bytes.length) ? bytesAt(bytes, length.end, Number(length.value)) : undefined;
}

function bytesAt(bytes: Uint8Array, at: number, length: number): Read<{ bytes: Uint8Array }> {
  const end = at + length;
  return end <= bytes.length ? { value: { bytes: bytes.subarray(at, end) }, end } : undefined;
}

/** Seven bits a byte, the lowest first; a number of 64 bits takes ten bytes. */
const longestVarint = 10;

function varintAt(bytes: Uint8Array, at: number): Read<bigint> {
  let value = 0n;
  for (let i = 0; i < longestVarint && at + i < bytes.length; i++) {
    const byte = bytes[at + i]!;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + i + 1 };
  }
  return undefined;
}
