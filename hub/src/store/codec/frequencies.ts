/** How often each token comes, said roughly in a few bits and made into shares of a power of two. */
import type { BitReader, BitWriter } from "./bits.ts";
import { alphabetSize } from "./tokens.ts";

/** The tokens that come, in rising order, and for each a number: how often it comes, or its share. */
export interface Table {
  tokens: number[];
  amounts: number[];
}

/** Two steps an octave: 1, 1.5, 2, 3, 4, 6, ... Shares that are off by a sixth cost under 1 %, exact ones more to say. */
const stepsPerOctave = 1;
/** Counts up to 65,536, a column's most, need no larger step. */
const mostStep = 16 * stepsPerOctave;

/** About what one token costs in a table, in bits. */
export const bitsPerEntry = 6;

/** The table of how often each token comes. */
export function tableOf(counts: Uint32Array): Table {
  const table: Table = { tokens: [], amounts: [] };
  for (let token = 0; token < counts.length; token++) {
    if (counts[token] === 0) continue;
    table.tokens.push(token);
    table.amounts.push(counts[token]!);
  }
  return table;
}

/** Writes a table, its amounts to the nearest step; returns it as `readTable` will. */
export function writeTable(writer: BitWriter, { tokens, amounts }: Table): Table {
  const steps = amounts.map((amount) => Math.round(Math.log2(amount) * stepsPerOctave));
  writer.gamma(tokens.length + 1);
  tokens.forEach((token, index) => {
    writer.gamma(token - (tokens[index - 1] ?? -1));
    writer.signedGamma(steps[index]! - (steps[index - 1] ?? 0));
  });
  return { tokens, amounts: steps.map(amountOf) };
}

/** Reads a table. Throws a RangeError when it is damaged. */
export function readTable(reader: BitReader): Table {
  const table: Table = { tokens: [], amounts: [] };
  let token = -1;
  let step = 0;
  for (let left = reader.gamma() - 1; left > 0; left--) {
    token += reader.gamma();
    step += reader.signedGamma();
    if (token >= alphabetSize || step < 0 || step > mostStep) throw new RangeError("a damaged column: a wrong table");
    table.tokens.push(token);
    table.amounts.push(amountOf(step));
  }
  return table;
}

function amountOf(step: number): number {
  return 2 ** Math.floor(step / stepsPerOctave) * (1 + (step % stepsPerOctave) / stepsPerOctave);
}

/** The table with shares that add up to 2^sizeBits, each at least 1. Throws a RangeError when there are too many tokens. */
export function withShares({ tokens, amounts }: Table, sizeBits: number): Table {
  const size = 2 ** sizeBits;
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const shares = amounts.map((amount) => Math.max(1, Math.floor((amount * size) / total)));
  let rest = size - shares.reduce((sum, share) => sum + share, 0);
  while (rest !== 0 && shares.length > 0) {
    // What rounding leaves over changes the largest share the least.
    const largest = shares.indexOf(Math.max(...shares));
    const share = shares[largest]!;
    const change = Math.max(rest, -(share >> 1));
    if (change === 0) throw new RangeError("a damaged column: a table of too many tokens");
    shares[largest] = share + change;
    rest -= change;
  }
  return { tokens, amounts: shares };
}
