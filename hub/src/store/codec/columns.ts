/** Columns of times and values as bytes and back, exactly. A column's first byte is its format; old formats stay readable. */
import { fromDecimals, toDecimals } from "./decimal.ts";
import { decodeFloats, encodeFloats, floatFormats } from "./floats.ts";
import { decodeIntegers, type Effort, encodeIntegers } from "./integers.ts";
import { decodeOldTimes, decodeOldValues, isOldFormat } from "./old-formats.ts";

/** Instants in order of time, in whole milliseconds, as bytes. Throws a RangeError beyond 65,536 of them or ±2^50 ms. */
export function encodeTimes(times: Float64Array): Uint8Array {
  for (const timeMs of times) {
    if (!Number.isInteger(timeMs) || Math.abs(timeMs) > 2 ** 50) throw new RangeError(`${timeMs} is no time`);
  }
  return encodeIntegers(times, 0);
}

/** The times that `encodeTimes` was given, in milliseconds. Throws an Error when the bytes are damaged. */
export function decodeTimes(bytes: Uint8Array): Float64Array {
  return isOldFormat(bytes) ? decodeOldTimes(bytes) : decodeIntegers(bytes).numbers;
}

/** Values, given back as the very same numbers (but -0 as 0), as bytes. Throws a RangeError beyond 65,536 of them. */
export function encodeValues(values: Float64Array, effort: Effort = "thorough"): Uint8Array {
  const decimals = toDecimals(values);
  return decimals ? encodeIntegers(decimals.scaled, decimals.digits, effort) : encodeFloats(values);
}

/** The values that `encodeValues` was given. Throws an Error when the bytes are damaged. */
export function decodeValues(bytes: Uint8Array): Float64Array {
  if (isOldFormat(bytes)) return decodeOldValues(bytes);
  if (floatFormats.has(bytes[0]!)) return decodeFloats(bytes);
  const { numbers, digits } = decodeIntegers(bytes);
  return fromDecimals(numbers, digits);
}
