/** Columns of doubles that are no decimals: their bytes by significance, then compressed. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { mostValues } from "./integers.ts";

const floatBytes = 8;
const [plain, packed] = [6, 7];

/** Formats of columns of doubles, by their first byte. */
export const floatFormats: ReadonlySet<number> = new Set([plain, packed]);

/** A format byte and the doubles (-0 as 0), compressed when that is shorter. Throws a RangeError when there are too many. */
export function encodeFloats(values: Float64Array): Uint8Array {
  if (values.length > mostValues) throw new RangeError(`a column of ${values.length} numbers is too long`);
  const planes = toPlanes(values);
  const shorter = zstdCompressSync(planes);
  const isShorter = shorter.length < planes.length;
  const body = isShorter ? shorter : planes;
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = isShorter ? packed : plain;
  bytes.set(body, 1);
  return bytes;
}

/** Undoes `encodeFloats`. Throws when the bytes are damaged. */
export function decodeFloats(bytes: Uint8Array): Float64Array {
  const body = bytes.subarray(1);
  const planes = bytes[0] === packed ? zstdDecompressSync(body, { maxOutputLength: mostValues * floatBytes }) : body;
  if (planes.length % floatBytes !== 0 || planes.length > mostValues * floatBytes)
    throw new RangeError("a damaged column: its length is wrong");
  return fromPlanes(planes);
}

/** All first bytes, then all second ones and so on (a byte shuffle, as in Blosc): signs and exponents resemble each other. */
function toPlanes(values: Float64Array): Uint8Array {
  const planes = new Uint8Array(values.length * floatBytes);
  const view = new DataView(new ArrayBuffer(floatBytes));
  for (let index = 0; index < values.length; index++) {
    // Adding zero turns -0 into 0.
    view.setFloat64(0, values[index]! + 0);
    for (let byte = 0; byte < floatBytes; byte++) planes[byte * values.length + index] = view.getUint8(byte);
  }
  return planes;
}

function fromPlanes(planes: Uint8Array): Float64Array {
  const values = new Float64Array(planes.length / floatBytes);
  const view = new DataView(new ArrayBuffer(floatBytes));
  for (let index = 0; index < values.length; index++) {
    for (let byte = 0; byte < floatBytes; byte++) view.setUint8(byte, planes[byte * values.length + index]!);
    values[index] = view.getFloat64(0);
  }
  return values;
}
