/** Which predictions are worth trying for a column, judged by a sample of it. */
import { bitLength } from "./bits.ts";
import { type Prediction, paceSteps, ways } from "./prediction.ts";

/** So many numbers tell what is usual. */
const sampleSize = 127;
/** The part of the sample that must move before smoothing can pay: a level that mostly stands still has no noise. */
const leastMoving = 1 / 32;
/** Between these little is gained. */
const smoothWays = [1, 3, ways.smoothest];
/** Over so many numbers a slow drift is seen behind noise; and even the steepest leaves a double room for sixteenths. */
const driftLag = 16;

/** Predictions of the numbers, the plainest first. */
export function predictionsWorthTrying(numbers: Float64Array): Prediction[] {
  const first = numbers[0] ?? 0;
  const divisor = commonDivisor(numbers);
  const differences = sampledDifferences(numbers, 1).map((difference) => difference / divisor);
  const pace = Math.round(medianOf(differences));
  const plain = { first, divisor, pace, way: ways.last, jumpBits: 0 };
  const standing = { ...plain, pace: 0 };
  const found = pace === 0 ? [plain] : [plain, standing];
  const moving = differences.map((difference) => Math.abs(difference - pace)).filter((size) => size > 0);
  if (moving.length < differences.length * leastMoving) return found;
  // A wavering value rarely misses by eight times the usual; a switched appliance does.
  const jumpBits = bitLength(Math.ceil(medianOf(moving))) + 3;
  const drift = middleMean(sampledDifferences(numbers, driftLag)) / divisor / driftLag;
  const drifting = { ...plain, pace: Math.round(drift * paceSteps) / paceSteps, jumpBits };
  const smooth = smoothWays.map((way) => ({ ...drifting, way }));
  const fixed = { ...plain, pace: Math.round((medianOf(sampled(numbers)) - first) / divisor), way: ways.fixed };
  return [...found, ...smooth, fixed, { ...standing, way: ways.line }];
}

/** The largest number that divides every difference, at least 1 (Euclid's algorithm). */
function commonDivisor(numbers: Float64Array): number {
  const first = numbers[0]!;
  let divisor = 0;
  for (let index = 1; index < numbers.length && divisor !== 1; index++) {
    let rest = Math.abs(numbers[index]! - first);
    // A quotient is faster than a remainder, and whole only when the remainder is 0.
    if (divisor > 0 && Number.isInteger(rest / divisor) && rest < 2 ** 52) continue;
    while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  }
  return divisor || 1;
}

/** Differences over so many numbers, at even distances in the column. */
function sampledDifferences(numbers: Float64Array, lag: number): Float64Array {
  const later = numbers.subarray(Math.min(lag, numbers.length));
  return sampled(later, (index) => later[index]! - numbers[index]!);
}

function sampled(numbers: Float64Array, numberAt = (index: number) => numbers[index]!): Float64Array {
  const step = Math.max(1, Math.floor(numbers.length / sampleSize));
  const sample = new Float64Array(Math.ceil(numbers.length / step));
  for (let index = 0; index < sample.length; index++) sample[index] = numberAt(index * step);
  return sample;
}

/** The middle number: gaps and switched appliances do not move it; 0 of none. */
function medianOf(numbers: Float64Array): number {
  return numbers.slice().sort()[numbers.length >> 1] ?? 0;
}

/** The mean of the middle half: as steady as the median, and it tells fractions. */
function middleMean(numbers: Float64Array): number {
  const quarter = numbers.length >> 2;
  const middle = numbers
    .slice()
    .sort()
    .subarray(quarter, numbers.length - quarter);
  return middle.length === 0 ? 0 : middle.reduce((sum, number) => sum + number, 0) / middle.length;
}
