/**
 * A binary arithmetic coder without carries (after Mahoney's lpaq, 2007): an interval of 32 bits is cut in two at each
 * bit, in proportion to the chance, and its leading bytes are done with as soon as both of its ends agree on them.
 */

/** Codes one bit with a chance that learns; a decoder ignores `bit` and returns what it reads, an encoder returns `bit`. */
export type BitCoder = (context: number, bit: number) => number;

const leastChance = 2 ** -16;
/** A chance is the mean of its context's bits, with half a 0 and half a 1 before them; in the end it forgets at this pace. */
const leastRate = 1 / 160;

/** The chance of a 1 in each context, from the bits seen there. */
function createChances(contexts: number) {
  const chances = new Float64Array(contexts).fill(0.5);
  const seen = new Uint8Array(contexts);
  return {
    of: (context: number) => Math.min(Math.max(chances[context]!, leastChance), 1 - leastChance),
    learn(context: number, bit: number): void {
      const chance = chances[context]!;
      const count = seen[context]!;
      const rate = Math.max(1 / (count + 2), leastRate);
      chances[context] = chance + (bit - chance) * rate;
      if (count < 255) seen[context] = count + 1;
    },
  };
}

/** Encodes bits of so many contexts; `bytes` ends it. */
export function createBitEncoder(contexts: number) {
  const chances = createChances(contexts);
  const bytes: number[] = [];
  let low = 0;
  let high = 2 ** 32 - 1;
  const code: BitCoder = (context, bit) => {
    const middle = low + Math.floor((high - low) * chances.of(context));
    if (bit === 1) high = middle;
    else low = middle + 1;
    chances.learn(context, bit);
    while (((low ^ high) & 0xff000000) === 0) {
      bytes.push(low >>> 24);
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
    }
    return bit;
  };
  return {
    code,
    /** As a decoder reads zeros behind the end, one byte is enough to lie within the interval, and zeros need not be kept. */
    bytes(): Uint8Array {
      bytes.push(Math.ceil(low / 2 ** 24));
      while (bytes.at(-1) === 0) bytes.pop();
      return Uint8Array.from(bytes);
    },
  };
}

/** Decodes what an encoder of as many contexts made, from a byte on. */
export function createBitDecoder(contexts: number, bytes: Uint8Array, startByte: number): BitCoder {
  const chances = createChances(contexts);
  let at = startByte;
  let low = 0;
  let high = 2 ** 32 - 1;
  let value = 0;
  const shiftIn = () => {
    value = ((value << 8) | (at < bytes.length ? bytes[at]! : 0)) >>> 0;
    at++;
  };
  for (let index = 0; index < 4; index++) shiftIn();
  return (context) => {
    const middle = low + Math.floor((high - low) * chances.of(context));
    const bit = value <= middle ? 1 : 0;
    if (bit === 1) high = middle;
    else low = middle + 1;
    chances.learn(context, bit);
    while (((low ^ high) & 0xff000000) === 0) {
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
      shiftIn();
    }
    return bit;
  };
}
