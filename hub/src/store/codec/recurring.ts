/** Residuals that come again and again, as when an appliance is switched: a token of their own takes less than their size. */
import { type BitReader, type BitWriter, bitLength } from "./bits.ts";
import { mostRecurring, ownSizes, recurringFrom, sizeToken } from "./tokens.ts";

/** One that comes less often saves fewer bits than its entry takes. */
const leastRecurring = 3;
/** What an entry takes besides the residual's own bits: its length, and its places in the tables. */
const entryBits = 16;
const hashBits = 12;

/** Larger residuals that recur so often that a token of their own pays, in rising order. */
export function recurringIn(residuals: Float64Array): Float64Array {
  const inClass = new Uint32Array(recurringFrom);
  const byHash = new Uint32Array(2 ** hashBits);
  const large = residuals.slice();
  let count = 0;
  for (let index = 0; index < residuals.length; index++) {
    const residual = residuals[index]!;
    if (residual <= ownSizes && residual >= -ownSizes) continue;
    large[count++] = residual;
    inClass[sizeToken(residual)]!++;
    byHash[hashOf(residual)]!++;
  }
  const found: { residual: number; savedBits: number }[] = [];
  const suspects = large.subarray(0, keepFrequent(large.subarray(0, count), byHash)).sort();
  for (let index = 0; index < suspects.length; ) {
    const start = index++;
    const residual = suspects[start]!;
    while (suspects[index] === residual) index++;
    const savedBits = savedByToken(residual, index - start, inClass[sizeToken(residual)] as number);
    if (savedBits > 0) found.push({ residual, savedBits });
  }
  found.sort((a, b) => b.savedBits - a.savedBits);
  return Float64Array.from(found.slice(0, mostRecurring), ({ residual }) => residual).sort();
}

/** Moves those to the start whose hash is frequent and returns how many; they are few, and so soon sorted. */
function keepFrequent(residuals: Float64Array, byHash: Uint32Array): number {
  let kept = 0;
  for (let index = 0; index < residuals.length; index++) {
    const residual = residuals[index]!;
    if ((byHash[hashOf(residual)] as number) >= leastRecurring) residuals[kept++] = residual;
  }
  return kept;
}

/** Multiplicative hashing (Knuth): neighbours lie apart. */
function hashOf(residual: number): number {
  return Math.imul(residual, 0x9e3779b1) >>> (32 - hashBits);
}

/** Writes recurring residuals: the first, then how far each lies above the one before. */
export function writeRecurring(writer: BitWriter, recurring: Float64Array): void {
  writer.gamma(recurring.length + 1);
  recurring.forEach((residual, index) => {
    if (index === 0) writer.signedGamma(residual);
    else writer.gamma(residual - recurring[index - 1]!);
  });
}

/** Reads what `writeRecurring` wrote. Throws a RangeError when it is damaged. */
export function readRecurring(reader: BitReader): Float64Array {
  const count = reader.gamma() - 1;
  if (count > mostRecurring) throw new RangeError("a damaged column: too many recurring residuals");
  const recurring = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    recurring[index] = index === 0 ? reader.signedGamma() : recurring[index - 1]! + reader.gamma();
  }
  return recurring;
}

/** Its own bits go; telling it from the rest of its class costs the logarithm of its share; then the alphabet grows. */
function savedByToken(residual: number, count: number, inClass: number): number {
  const extraBits = bitLength(Math.abs(residual) - 1) - 1;
  return count * (extraBits - Math.log2(inClass / count)) - extraBits - entryBits;
}
