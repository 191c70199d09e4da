/** Reads numbers from the bytes of JSON text, to the very same values as `JSON.parse`. */
import { asciiText, isDigit, letterE, minus, plus, point, zero } from "./ascii.ts";

/** So many digits are a number below 2^53: it and the power of ten are exact, and their quotient is rounded once. */
const mostExactDigits = 15;
const powersOfTen = Float64Array.from({ length: mostExactDigits + 1 }, (_, exponent) => 10 ** exponent);

/** The bit by which lower-case ASCII letters differ from capitals. */
const lowerCase = 0x20;

/** Reads the JSON number [RFC 8259, 6] at `start` into `into[index]`; returns where it ends, or -1 without one. */
export function readJsonNumber(bytes: Uint8Array, start: number, into: Float64Array, index: number): number {
  const { length } = bytes;
  const isNegative = start < length && bytes[start] === minus;
  const first = isNegative ? start + 1 : start;
  let at = first;
  let mantissa = 0;
  for (; at < length && isDigit(bytes[at]!); at++) mantissa = mantissa * 10 + (bytes[at]! - zero);
  const wholeDigits = at - first;
  if (wholeDigits === 0 || (wholeDigits > 1 && bytes[first] === zero)) return -1;

  let decimals = 0;
  if (at < length && bytes[at] === point) {
    const firstDecimal = ++at;
    for (; at < length && isDigit(bytes[at]!); at++) mantissa = mantissa * 10 + (bytes[at]! - zero);
    decimals = at - firstDecimal;
    if (decimals === 0) return -1;
  }
  const hasExponent = at < length && (bytes[at]! | lowerCase) === letterE;
  if (hasExponent || wholeDigits + decimals > mostExactDigits) return readLongNumber(bytes, start, at, into, index);

  const magnitude = mantissa / powersOfTen[decimals]!;
  into[index] = isNegative ? -magnitude : magnitude;
  return at;
}

/** Reads a number with an exponent or with many digits, whose digits before the exponent end at `digitsEnd`. */
function readLongNumber(
  bytes: Uint8Array,
  start: number,
  digitsEnd: number,
  into: Float64Array,
  index: number,
): number {
  const end = endOfExponent(bytes, digitsEnd);
  if (end !== -1) into[index] = Number(asciiText(bytes, start, end));
  return end;
}

/** Where the exponent at `start` ends: there, when none begins; -1 when it has no digits. */
function endOfExponent(bytes: Uint8Array, start: number): number {
  if (start >= bytes.length || (bytes[start]! | lowerCase) !== letterE) return start;
  const sign = bytes[start + 1];
  const first = sign === minus || sign === plus ? start + 2 : start + 1;
  let end = first;
  while (end < bytes.length && isDigit(bytes[end]!)) end++;
  return end === first ? -1 : end;
}
