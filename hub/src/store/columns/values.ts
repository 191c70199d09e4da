/** Columns of values as bytes, exactly. The first byte is the format; formats 0 and 1 are those of the first databases. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { createByteReader, createByteWriter } from "../bytes.ts";
import { decimalDigits, floats, scaled, unscale } from "./decimal.ts";
import { decodeFirstValues } from "./first-format.ts";
import { type Coding, mostValues, readIntegers, writeIntegers } from "./integers.ts";

const format = 2;

const writer = createByteWriter();

/** Values, given back as the very same numbers (but -0 as 0). */
export function encodeValues(values: Float64Array, coding: Coding = "small"): Uint8Array {
  writer.start();
  const digits = decimalDigits(values);
  writer.varint(format);
  writer.varint(values.length);
  writer.varint(digits);
  if (digits === floats) writer.block(encodeFloats(values));
  else writeIntegers(writer, scaled(values, digits), coding);
  return writer.bytes().slice();
}

/** The values of a column. Throws a RangeError, or zlib's error, when it is damaged. */
export function decodeValues(bytes: Uint8Array): Float64Array {
  if (bytes[0]! < format) return decodeFirstValues(bytes);
  const reader = createByteReader(bytes);
  if (reader.varint() !== format) throw new RangeError("it is of an unknown format");
  const length = reader.varint();
  if (length > mostValues) throw new RangeError("it has too many values");
  const digits = reader.varint();
  return digits === floats ? decodeFloats(reader.block(), length) : unscale(readIntegers(reader, length), digits);
}

/** Bytes of the same significance together, which compress better than doubles side by side. */
function encodeFloats(values: Float64Array): Uint8Array {
  const planes = new Uint8Array(values.length * 8);
  const view = new DataView(new ArrayBuffer(8));
  for (let at = 0; at < values.length; at++) {
    view.setFloat64(0, values[at]! + 0, true);
    for (let plane = 0; plane < 8; plane++) planes[plane * values.length + at] = view.getUint8(plane);
  }
  return zstdCompressSync(planes);
}

function decodeFloats(bytes: Uint8Array, length: number): Float64Array {
  const planes = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length * 8) });
  if (planes.length !== length * 8) throw new RangeError("it is not of its length");
  const values = new Float64Array(length);
  const view = new DataView(new ArrayBuffer(8));
  for (let at = 0; at < length; at++) {
    for (let plane = 0; plane < 8; plane++) view.setUint8(plane, planes[plane * length + at]!);
    values[at] = view.getFloat64(0, true);
  }
  return values;
}
