/**
 * Tokens with tables of their frequencies: asymmetric numeral systems (rANS; Duda, "Asymmetric numeral systems", 2013,
 * with one look-up a token after Giesen, "Interleaved entropy coders", 2014). A state is written backwards, so that it
 * is read forwards: its words are read from the column's end, everything else from its start.
 */
import type { BitReader, BitWriter } from "./bits.ts";
import { readTable, type Table, tableOf, withShares, writeTable } from "./frequencies.ts";
import { cheapestJoins, countByActivity, joinCounts, joinsBits, tableOfActivity } from "./joined-tables.ts";
import { readRecurring, recurringIn, writeRecurring } from "./recurring.ts";
import { activities, activityOf, alphabetSize, alphabetWith, runTokens, tokenise } from "./tokens.ts";

/** The state stays from here up to 2^31, so that every step fits an integer of 32 bits. */
const leastState = 2 ** 15;
/** Shares are in 1/2,048. */
const tableBits = 11;
const tableSize = 2 ** tableBits;

/** A column's look-up tables. One buffer for all columns, as clearing 32 KB would take as long as decoding a short one. */
const slots = new Int32Array(activities * tableSize);
const [shareShift, offsetShift, offsetMask, tokenMask] = [20, 8, 0xfff, 0xff];

/**
 * The writer's header and residuals as bytes; the first residual is not written, as it is always 0. Recurring ones get
 * tokens of their own.
 */
export function encodeWithTables(
  writer: BitWriter,
  residuals: Float64Array,
  recurring = recurringIn(residuals),
): Uint8Array {
  const { tokens, extras } = tokenise(residuals, recurring);
  const counts = countByActivity(tokens);
  const joins = cheapestJoins(counts);
  writer.write(joins, joinsBits);
  writeRecurring(writer, recurring);
  const tables = joinCounts(counts, joins).map((sums) => withShares(writeTable(writer, tableOf(sums)), tableBits));
  const { extraBits } = alphabetWith(recurring);
  for (let index = 0; index < tokens.length; index++) {
    const bits = extraBits[tokens[index]!]!;
    if (bits > 0) writer.write(extras[index]!, bits);
  }
  return writer.end(encodeStates(tokens, tables, tableOfActivity(joins)));
}

/** Tokens as words of a state, the last token first. */
function encodeStates(tokens: Uint8Array, tables: readonly Table[], tableAfter: readonly number[]) {
  const { shares, offsets } = sharesByToken(tables);
  const bytes = new Uint8Array(tokens.length * 2 + 4);
  let at = 0;
  let state = leastState;
  for (let index = tokens.length - 1; index >= 0; index--) {
    const activity = index === 0 ? 0 : activityOf[tokens[index - 1]!]!;
    const entry = tableAfter[activity]! * alphabetSize + tokens[index]!;
    const share = shares[entry]!;
    if (state >= share * 2 ** (31 - tableBits)) {
      bytes[at++] = state;
      bytes[at++] = state >>> 8;
      state >>>= 16;
    }
    const quotient = (state / share) | 0;
    state = (quotient << tableBits) + state - Math.imul(quotient, share) + offsets[entry]!;
  }
  for (let shift = 0; shift < 32; shift += 8) bytes[at++] = state >>> shift;
  return bytes.subarray(0, at);
}

/** Each token's share and the sum of those before it, table after table. */
function sharesByToken(tables: readonly Table[]): { shares: Uint16Array; offsets: Uint16Array } {
  const shares = new Uint16Array(tables.length * alphabetSize);
  const offsets = new Uint16Array(tables.length * alphabetSize);
  tables.forEach(({ tokens, amounts }, table) => {
    let offset = 0;
    tokens.forEach((token, index) => {
      shares[table * alphabetSize + token] = amounts[index]!;
      offsets[table * alphabetSize + token] = offset;
      offset += amounts[index]!;
    });
  });
  return { shares, offsets };
}

/** Reads what `encodeWithTables` wrote behind the header into residuals that are 0. Throws a RangeError when it is damaged. */
export function decodeWithTables(reader: BitReader, bytes: Uint8Array, residuals: Float64Array): void {
  const tableAfter = tableOfActivity(reader.read(joinsBits));
  const { bases, signs, extraBits } = alphabetWith(readRecurring(reader));
  for (let table = 0; table <= (tableAfter.at(-1) as number); table++) {
    fillSlots(withShares(readTable(reader), tableBits), table * tableSize);
  }
  const firstSlots = new Int32Array(alphabetSize);
  for (let token = 0; token < alphabetSize; token++) {
    firstSlots[token] = tableAfter[activityOf[token]!]! * tableSize;
  }

  let wordAt = bytes.length - 4;
  let state = wordBefore(bytes, wordAt + 4) * 65_536 + wordBefore(bytes, wordAt + 2);
  let firstSlot = 0;
  let index = 1;
  while (index < residuals.length) {
    const slot = slots[firstSlot + (state & (tableSize - 1))] as number;
    const token = slot & tokenMask;
    state = Math.imul(slot >>> shareShift, state >>> tableBits) + ((slot >>> offsetShift) & offsetMask);
    if (state < leastState) {
      state = (state << 16) | wordBefore(bytes, wordAt);
      wordAt -= 2;
    }
    firstSlot = firstSlots[token]!;
    const bits = extraBits[token]!;
    const extra = bits === 0 ? 0 : reader.read(bits);
    // The residuals of a run are 0 already.
    if (token < runTokens) index += bases[token]! + extra;
    else residuals[index++] = bases[token]! + signs[token]! * extra;
  }
  reader.check(wordAt);
  if (index !== residuals.length || state !== leastState) throw new RangeError("a damaged column: its end is wrong");
}

/** As many slots for each token as its share; empty ones when no token comes, as in a damaged column. */
function fillSlots({ tokens, amounts }: Table, start: number): void {
  let at = start;
  for (let index = 0; index < tokens.length; index++) {
    const share = amounts[index]!;
    const slot = (share << shareShift) | tokens[index]!;
    for (let offset = 0; offset < share; offset++) slots[at++] = slot | (offset << offsetShift);
  }
  slots.fill(0, at, start + tableSize);
}

/** The word of two bytes that ends before a byte; zeros before the start. */
function wordBefore(bytes: Uint8Array, end: number): number {
  return end < 2 ? 0 : (bytes[end - 1]! << 8) | bytes[end - 2]!;
}
