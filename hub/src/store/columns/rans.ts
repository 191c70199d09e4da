/**
 * Range asymmetric numeral systems (J. Duda, "Asymmetric numeral systems", arXiv:1311.2540): codes symbols of a known
 * distribution in hardly more bits than their entropy, fractions of a bit included, and decodes with one table look-up.
 * The state is 32 bits wide and moves 16 bits at a time.
 */
import type { ByteReader, ByteWriter } from "../bytes.ts";

/** Frequencies add up to 2^12: fine enough for what is rare among some thousand symbols. */
const scaleBits = 12;
const scale = 1 << scaleBits;
const lowest = 1 << 16;

/** How often each symbol comes, of 4096; a symbol that never comes has 0. */
export type Frequencies = Uint16Array;

/** Frequencies in the proportions of the counts; every symbol that comes keeps at least 1. */
export function normalize(counts: Uint32Array): Frequencies {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const frequencies = new Uint16Array(counts.length);
  if (total === 0) return frequencies.fill(scale, 0, 1); // never used
  let left = scale;
  let most = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    if (counts[symbol] === 0) continue;
    const frequency = Math.max(1, Math.round((counts[symbol]! * scale) / total));
    frequencies[symbol] = frequency;
    left -= frequency;
    if (frequency > frequencies[most]!) most = symbol;
  }
  // What rounding left over goes to, or comes from, the most frequent ones.
  while (left !== 0) {
    const step = left > 0 ? left : -Math.min(-left, frequencies[most]! - 1);
    frequencies[most] = frequencies[most]! + step;
    left -= step;
    if (left !== 0) most = frequencies.indexOf(Math.max(...frequencies));
  }
  return frequencies;
}

export function writeFrequencies(writer: ByteWriter, frequencies: Frequencies): void {
  let length = frequencies.length;
  while (length > 0 && frequencies[length - 1] === 0) length--;
  writer.varint(length);
  for (let symbol = 0; symbol < length; symbol++) writer.varint(frequencies[symbol]!);
}

/** Throws a RangeError when they do not add up. */
export function readFrequencies(reader: ByteReader): Frequencies {
  const length = reader.varint();
  if (length > 256) throw new RangeError("it has too many symbols");
  const frequencies = new Uint16Array(length);
  let sum = 0;
  for (let symbol = 0; symbol < length; symbol++) {
    const frequency = reader.varint();
    frequencies[symbol] = frequency;
    sum += frequency;
  }
  if (sum !== scale) throw new RangeError("its frequencies do not add up");
  return frequencies;
}

/** Where each symbol's share of the 4096 begins. */
function startsOf(frequencies: Frequencies): Uint16Array {
  const starts = new Uint16Array(frequencies.length);
  for (let symbol = 1; symbol < starts.length; symbol++)
    starts[symbol] = starts[symbol - 1]! + frequencies[symbol - 1]!;
  return starts;
}

/** Memory of the last symbols, used again. */
let words = new Uint16Array(4_096);

/**
 * Codes symbols, the first with the first of `tables`; `next[symbol]` is the table of the symbol behind it. Gives 16-bit
 * words, little-endian.
 */
export function encodeSymbols(symbols: Uint8Array, tables: readonly Frequencies[], next: Uint8Array): Uint8Array {
  const starts = tables.map(startsOf);
  if (words.length < symbols.length + 2) words = new Uint16Array(symbols.length + 2);
  let at = words.length;
  let state = lowest;
  // Backwards, because decoding takes the last first.
  for (let index = symbols.length - 1; index >= 0; index--) {
    const context = index === 0 ? 0 : next[symbols[index - 1]!]!;
    const symbol = symbols[index]!;
    const frequency = tables[context]![symbol]!;
    if (state >= frequency * 2 ** (32 - scaleBits)) {
      words[--at] = state & 0xffff;
      state = state >>> 16;
    }
    const quotient = Math.floor(state / frequency);
    state = quotient * scale + (state - quotient * frequency) + starts[context]![symbol]!;
  }
  words[--at] = state & 0xffff;
  words[--at] = state >>> 16;
  const bytes = new Uint8Array((words.length - at) * 2);
  for (let index = at, to = 0; index < words.length; index++) {
    bytes[to++] = words[index]! & 255;
    bytes[to++] = words[index]! >>> 8;
  }
  return bytes;
}

/** What a decoder looks up by the low bits of its state. */
export interface DecodingTable {
  symbols: Uint8Array;
  frequencies: Uint16Array;
  /** How far the bits lie behind the symbol's start. */
  offsets: Uint16Array;
}

export function decodingTable(frequencies: Frequencies): DecodingTable {
  const table = {
    symbols: new Uint8Array(scale),
    frequencies: new Uint16Array(scale),
    offsets: new Uint16Array(scale),
  };
  let slot = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    const frequency = frequencies[symbol]!;
    table.symbols.fill(symbol, slot, slot + frequency);
    table.frequencies.fill(frequency, slot, slot + frequency);
    for (let offset = 0; offset < frequency; offset++) table.offsets[slot + offset] = offset;
    slot += frequency;
  }
  return table;
}

/** Decodes symbols one after the other; `next` is the context of the symbol after one. */
export function decodeSymbols(
  bytes: Uint8Array,
  into: Uint8Array,
  tables: readonly DecodingTable[],
  next: Uint8Array,
): void {
  let at = 4;
  let state = ((bytes[1]! << 24) | (bytes[0]! << 16) | (bytes[3]! << 8) | bytes[2]!) >>> 0;
  let table = tables[0]!;
  for (let index = 0; index < into.length; index++) {
    const slot = state & (scale - 1);
    const symbol = table.symbols[slot]!;
    into[index] = symbol;
    state = (Math.imul(table.frequencies[slot]!, state >>> scaleBits) + table.offsets[slot]!) >>> 0;
    if (state < lowest) {
      state = ((state << 16) | (bytes[at + 1]! << 8) | bytes[at]!) >>> 0;
      at += 2;
    }
    table = tables[next[symbol]!]!;
  }
  if (at !== bytes.length) throw new RangeError("it ends too early or too late");
}
