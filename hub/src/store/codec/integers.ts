/** Columns of whole numbers: predicted, and what is left over coded by whichever coder is the shorter. */
import { decodeAdaptively, encodeAdaptively } from "./adaptive-coder.ts";
import { type BitReader, type BitWriter, createBitReader, createBitWriter } from "./bits.ts";
import { costBits } from "./joined-tables.ts";
import { isSmooth, type Prediction, paceSteps, residualsOf, valuesOf, ways } from "./prediction.ts";
import { predictionsWorthTrying } from "./prediction-choice.ts";
import { decodeWithTables, encodeWithTables } from "./table-coder.ts";
import { alphabetSize, countTokens, extraBitsOf, runTokens } from "./tokens.ts";

/** A column holds at most so many numbers; a damaged one cannot ask for more memory than that. */
export const mostValues = 65_536;

/** Formats of columns of whole numbers, by their first byte: nothing is left over, coded with tables, coded adaptively. */
export const integerFormats = { predicted: 3, tables: 4, adaptive: 5 };

/** Up to the first the adaptive coder is the shorter, as it has no tables; up to the second it may be. It reads more slowly. */
const [surelyAdaptive, mostAdaptive] = [48, 512];
/** More predictions than these are judged by stretches of so many numbers, as these columns move all the time. */
const fewPredictions = 2;
const [stretches, stretchLength] = [6, 200];
const [digitsBits, wayBits, jumpBitsBits] = [3, 3, 6];

/** How much is tried out to make a column short: `quick` costs a third of the time, and some per cent of bytes. */
export type Effort = "thorough" | "quick";

/**
 * A format byte, a header and the numbers, which are whole, at most 2^50 and of so many decimal digits (0-7). Throws a
 * RangeError beyond 65,536 of them.
 */
export function encodeIntegers(numbers: Float64Array, digits: number, effort: Effort = "thorough"): Uint8Array {
  if (numbers.length > mostValues) throw new RangeError(`a column of ${numbers.length} numbers is too long`);
  if (effort === "quick" && numbers.length > mostAdaptive) return encodePlainly(numbers, digits);
  // A short column is soon encoded in every way; an estimate would be rough.
  const isShort = numbers.length <= surelyAdaptive;
  const predictions = isShort ? predictionsWorthTrying(numbers) : [bestPrediction(numbers)];
  return shortest(predictions.map((prediction) => encodePredicted(numbers, digits, prediction)));
}

/** As what changes from number to number. */
function encodePlainly(numbers: Float64Array, digits: number): Uint8Array {
  const prediction = { first: numbers[0]!, divisor: 1, pace: 0, way: ways.last, jumpBits: 0 };
  const residuals = residualsOf(numbers, prediction);
  const isConstant = residuals.every((residual) => residual === 0);
  const format = isConstant ? integerFormats.predicted : integerFormats.tables;
  const writer = beginColumn(format, numbers.length, digits, prediction);
  return isConstant ? writer.end() : encodeWithTables(writer, residuals, new Float64Array(0));
}

function encodePredicted(numbers: Float64Array, digits: number, prediction: Prediction): Uint8Array {
  const residuals = residualsOf(numbers, prediction);
  const begin = (format: number) => beginColumn(format, numbers.length, digits, prediction);
  if (residuals.every((residual) => residual === 0)) return begin(integerFormats.predicted).end();
  if (numbers.length > mostAdaptive) return encodeWithTables(begin(integerFormats.tables), residuals);
  const adaptive = encodeAdaptively(begin(integerFormats.adaptive), residuals);
  if (numbers.length <= surelyAdaptive) return adaptive;
  return shortest([adaptive, encodeWithTables(begin(integerFormats.tables), residuals)]);
}

function shortest(columns: readonly Uint8Array[]): Uint8Array {
  return columns.reduce((best, column) => (column.length < best.length ? column : best));
}

/** Undoes `encodeIntegers`. Throws a RangeError when the bytes are damaged. */
export function decodeIntegers(bytes: Uint8Array): { numbers: Float64Array; digits: number } {
  const reader = createBitReader(bytes);
  const format = reader.read(8);
  const count = reader.sized();
  if (count > mostValues) throw new RangeError("a damaged column: it claims too many numbers");
  const residuals = new Float64Array(count);
  const digits = reader.read(digitsBits);
  const prediction = readPrediction(reader);
  reader.check();
  if (format === integerFormats.tables) decodeWithTables(reader, bytes, residuals);
  else if (format === integerFormats.adaptive) decodeAdaptively(reader, bytes, residuals);
  else if (format !== integerFormats.predicted) throw new RangeError(`a damaged column: no format ${format}`);
  return { numbers: valuesOf(residuals, prediction), digits };
}

/** The prediction whose residuals take the fewest bits, judged by a sample when there are several. */
function bestPrediction(numbers: Float64Array): Prediction {
  const predictions = predictionsWorthTrying(numbers);
  const sample = predictions.length > fewPredictions ? stretchesOf(numbers) : [numbers];
  let best: { prediction: Prediction; bits: number } | undefined;
  for (const prediction of predictions) {
    const bits = estimateBits(sample, prediction);
    if (!best || bits < best.bits) best = { prediction, bits };
    if (bits === 0) break;
  }
  return best?.prediction as Prediction;
}

/** Stretches at even distances; all numbers when there are few. */
function stretchesOf(numbers: Float64Array): Float64Array[] {
  const distance = Math.floor(numbers.length / stretches);
  if (distance < 2 * stretchLength) return [numbers];
  return Array.from({ length: stretches }, (_, index) =>
    numbers.subarray(index * distance, index * distance + stretchLength),
  );
}

function estimateBits(sample: readonly Float64Array[], prediction: Prediction): number {
  const counts = new Uint32Array(alphabetSize);
  for (const stretch of sample) countTokens(counts, residualsOf(stretch, { ...prediction, first: stretch[0] ?? 0 }));
  // A column of nothing but zeros needs no tokens.
  const isZero = counts.subarray(runTokens).every((count) => count === 0);
  return isZero ? 0 : costBits(counts) + extraBitsOf(counts);
}

function beginColumn(format: number, count: number, digits: number, prediction: Prediction): BitWriter {
  const writer = createBitWriter();
  writer.write(format, 8);
  writer.sized(count);
  writer.write(digits, digitsBits);
  writePrediction(writer, prediction);
  return writer;
}

function writePrediction(writer: BitWriter, { first, divisor, pace, way, jumpBits }: Prediction): void {
  writer.write(way, wayBits);
  writer.write(first < 0 ? 1 : 0, 1);
  writer.sized(Math.abs(first));
  writer.gamma(divisor);
  writer.signedGamma(isSmooth(way) ? pace * paceSteps : pace);
  if (isSmooth(way)) writer.write(jumpBits, jumpBitsBits);
}

function readPrediction(reader: BitReader): Prediction {
  const way = reader.read(wayBits);
  const sign = reader.read(1) === 1 ? -1 : 1;
  const first = sign * reader.sized() + 0;
  const divisor = reader.gamma();
  const pace = isSmooth(way) ? reader.signedGamma() / paceSteps : reader.signedGamma();
  const jumpBits = isSmooth(way) ? reader.read(jumpBitsBits) : 0;
  return { first, divisor, pace, way, jumpBits };
}
