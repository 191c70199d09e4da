/** The ASCII bytes of JSON text, and how to find and read them. */
import { Buffer } from "node:buffer";

export const quoteMark = 0x22;
export const plus = 0x2b;
export const minus = 0x2d;
export const point = 0x2e;
export const zero = 0x30;
export const colon = 0x3a;
export const backslash = 0x5c;
export const letterE = 0x65;
export const letterT = 0x54;
export const letterZ = 0x5a;

/** Whether the byte is one of the digits 0 to 9. */
export function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9;
}

/** Whether a JSON number may begin with this byte. */
export function beginsNumber(byte: number): boolean {
  return byte === minus || isDigit(byte);
}

/** Whether the bytes at `start` are exactly these. */
export function startsWithAt(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  const { length } = expected;
  if (bytes.length - start < length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

/** The text of bytes, one character each: right for ASCII only. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
