/**
 * A column of whole numbers as bytes. Each is predicted from those before it; the errors are small numbers, which are
 * coded by how often they come. The predictor is chosen for every column, and so is whether the size of the last
 * error tells something of the next.
 */
import type { ByteReader, ByteWriter } from "../bytes.ts";
import { choosePredictor, predictors } from "./predictors.ts";
import { decodeSymbols, decodingTable, encodeSymbols, normalize, readFrequencies, writeFrequencies } from "./rans.ts";
import { createBitReader, createBitWriter, extraBitsOf, extraOf, numberOf, tokenCount, tokenOf } from "./tokens.ts";

/** Larger columns are not written, and not believed when read. */
export const mostValues = 65_536;
/** Columns shorter than this gain nothing from frequencies. */
const shortColumn = 24;
/** Columns with larger errors are written plainly. */
const mostError = 2 ** 30;

/** How a column is written. */
const form = { constant: 0, plain: 1, coded: 2, codedInContext: 3 } as const;

/** Whether the last error was none, small or large decides the distribution of the next. */
const contextCount = 3;
const contextOf = new Uint8Array(256).map((_, token) => (token === 0 ? 0 : token < 9 ? 1 : 2));
const noContext = new Uint8Array(256);

/** How a column is coded: `small` as it is kept, `quick` for one that is soon written anew. */
export type Coding = "small" | "quick";

/** Writes the column, without its length. */
export function writeIntegers(writer: ByteWriter, values: Float64Array, coding: Coding = "small"): void {
  if (isConstant(values)) {
    writer.varint(form.constant);
    if (values.length > 0) writer.signed(values[0]!);
    return;
  }
  if (coding === "quick" || values.length < shortColumn || !writePredicted(writer, values)) writePlain(writer, values);
}

/** False, with nothing written, when the errors are too large to be coded. */
function writePredicted(writer: ByteWriter, values: Float64Array): boolean {
  const level = meanOf(values);
  const predictor = choosePredictor(values, level);
  const errors = foldedErrors(values, predictor, level);
  if (errors) writeCoded(writer, { predictor, first: values[0]!, level }, errors);
  return errors !== null;
}

/** The column of so many numbers. Throws a RangeError when it is damaged. */
export function readIntegers(reader: ByteReader, length: number): Float64Array {
  if (length > mostValues) throw new RangeError("it has too many values");
  const values = new Float64Array(length);
  const written = reader.varint();
  if (written === form.constant) return length === 0 ? values : values.fill(reader.signed());
  if (written === form.plain) readPlain(reader, values);
  else if (written === form.coded || written === form.codedInContext) {
    readCoded(reader, values, written === form.codedInContext);
  } else throw new RangeError("it is of an unknown form");
  return values;
}

function isConstant(values: Float64Array): boolean {
  for (let at = 1; at < values.length; at++) if (values[at] !== values[0]) return false;
  return true;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return Math.round(sum / values.length);
}

function writePlain(writer: ByteWriter, values: Float64Array): void {
  writer.varint(form.plain);
  for (let at = 0, earlier = 0; at < values.length; at++) {
    writer.signed(values[at]! - earlier);
    earlier = values[at]!;
  }
}

function readPlain(reader: ByteReader, values: Float64Array): void {
  for (let at = 0, earlier = 0; at < values.length; at++) {
    earlier += reader.signed();
    values[at] = earlier;
  }
}

/** Memory of the last column, used again: columns are written by the hundred when a hub seals what many meters sent. */
const scratch = {
  errors: new Float64Array(mostValues),
  folded: new Uint32Array(mostValues),
  tokens: new Uint8Array(mostValues),
};

/**
 * The errors from the second number on, both signs folded into whole numbers from 0; null when one is too large. Valid
 * until the next column is written.
 */
function foldedErrors(values: Float64Array, predictor: number, level: number): Uint32Array | null {
  const errors = scratch.errors.subarray(0, values.length);
  predictors[predictor]!.errors(values, level, errors);
  const folded = scratch.folded.subarray(0, values.length - 1);
  for (let at = 1; at < errors.length; at++) {
    const error = errors[at]!;
    if (error > mostError || error < -mostError) return null;
    folded[at - 1] = error >= 0 ? error * 2 : -error * 2 - 1;
  }
  return folded;
}

function writeCoded(
  writer: ByteWriter,
  { predictor, first, level }: { predictor: number; first: number; level: number },
  errors: Uint32Array,
): void {
  const tokens = scratch.tokens.subarray(0, errors.length);
  for (let at = 0; at < errors.length; at++) tokens[at] = tokenOf(errors[at]!);
  const inContext = countTokens(tokens);
  const plain = [inContext.reduce((sum, counts) => sum.map((count, token) => count + counts[token]!))];
  const isInContext = costOf(inContext) < costOf(plain);
  writer.varint(isInContext ? form.codedInContext : form.coded);
  writer.varint(predictor);
  writer.signed(first);
  writer.signed(level - first);
  const tables = (isInContext ? inContext : plain).map(normalize);
  for (const table of tables) writeFrequencies(writer, table);
  writer.block(encodeSymbols(tokens, tables, isInContext ? contextOf : noContext));
  const bits = createBitWriter(errors.length);
  for (let at = 0; at < errors.length; at++) {
    const count = extraBitsOf(tokens[at]!);
    if (count > 0) bits.write(extraOf(errors[at]!, count), count);
  }
  writer.block(bits.bytes());
}

/** How often each token comes, by context. */
function countTokens(tokens: Uint8Array): Uint32Array[] {
  const counts = Array.from({ length: contextCount }, () => new Uint32Array(tokenCount));
  let context = counts[0]!;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    context[token] = context[token]! + 1;
    context = counts[contextOf[token]!]!;
  }
  return counts;
}

/** Bits of the symbols at their entropy, and of their tables. */
function costOf(tables: readonly Uint32Array[]): number {
  let bits = 0;
  for (const counts of tables) {
    let total = 0;
    let used = 0;
    for (let token = 0; token < counts.length; token++) {
      const count = counts[token]!;
      if (count === 0) continue;
      total += count;
      used = token + 1;
      bits -= count * Math.log2(count);
    }
    if (total > 0) bits += total * Math.log2(total);
    bits += 8 + used * 11; // a frequency takes one byte or two
  }
  return bits;
}

function readCoded(reader: ByteReader, values: Float64Array, isInContext: boolean): void {
  const predictor = predictors[reader.varint()];
  if (!predictor) throw new RangeError("it is of an unknown predictor");
  if (values.length === 0) throw new RangeError("it is empty");
  values[0] = reader.signed();
  const level = values[0] + reader.signed();
  const tables = Array.from({ length: isInContext ? contextCount : 1 }, () => decodingTable(readFrequencies(reader)));
  const tokens = new Uint8Array(values.length - 1);
  decodeSymbols(reader.block(), tokens, tables, isInContext ? contextOf : noContext);
  const bits = createBitReader(reader.block());
  for (let at = 1; at < values.length; at++) {
    const token = tokens[at - 1]!;
    const folded = token < 16 ? token : numberOf(token, bits.read(extraBitsOf(token)));
    values[at] = (folded & 1) === 0 ? folded / 2 : -(folded + 1) / 2;
  }
  predictor.restore(values, level);
}
