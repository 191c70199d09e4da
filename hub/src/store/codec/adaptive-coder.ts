/** Residuals bit by bit with chances that learn on the way: there is no table to write, so short columns stay short. */
import { type BitCoder, createBitDecoder, createBitEncoder } from "./arithmetic-coder.ts";
import { type BitReader, type BitWriter, bitLength } from "./bits.ts";

/** A residual has fewer bits than this. */
const mostBits = 55;

/** Contexts: sizes after a size of 0, 1, 2, 3 or at least 4 bits; signs after none or a sign; a size's bit behind the first. */
const activities = 5;
const signsAt = activities * mostBits;
const bitsAt = signsAt + 3;
/** All further bits, which are as good as random. */
const furtherBits = bitsAt + mostBits;
const contexts = furtherBits + 1;

/** The writer's header and residuals as bytes; the first residual is not written, as it is always 0. */
export function encodeAdaptively(writer: BitWriter, residuals: Float64Array): Uint8Array {
  const encoder = createBitEncoder(contexts);
  const residual = createModel(encoder.code);
  for (let index = 1; index < residuals.length; index++) residual(residuals[index]!);
  return writer.end(encoder.bytes());
}

/** Reads what `encodeAdaptively` wrote behind the header. Damaged bytes give wrong residuals. */
export function decodeAdaptively(reader: BitReader, bytes: Uint8Array, residuals: Float64Array): void {
  const residual = createModel(createBitDecoder(contexts, bytes, reader.byteAt()));
  for (let index = 1; index < residuals.length; index++) residuals[index] = residual(0);
}

/** Codes one residual after the other; the same steps encode and decode, as each acts on the bits that the coder returns. */
function createModel(code: BitCoder): (residual: number) => number {
  let lastSize = 0;
  let lastSign = 0;

  function size(target: number): number {
    const first = Math.min(lastSize, activities - 1) * mostBits;
    let bits = 0;
    while (bits < mostBits - 1 && code(first + bits, bits < target ? 1 : 0) === 1) bits++;
    return bits;
  }

  function magnitude(bits: number, target: number): number {
    let value = 1;
    for (let left = bits - 2; left >= 0; left--) {
      const context = value === 1 ? bitsAt + bits : furtherBits;
      value = value * 2 + code(context, Math.floor(target / 2 ** left) % 2);
    }
    return value;
  }

  return (residual) => {
    const target = Math.abs(residual);
    const bits = size(bitLength(target));
    lastSize = bits;
    if (bits === 0) {
      lastSign = 0;
      return 0;
    }
    const isNegative = code(signsAt + lastSign, residual < 0 ? 1 : 0);
    lastSign = 1 + isNegative;
    return isNegative === 1 ? -magnitude(bits, target) : magnitude(bits, target);
  };
}
