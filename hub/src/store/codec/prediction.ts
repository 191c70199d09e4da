/**
 * Whole numbers as what a prediction from those before leaves over. A column is steps of a common divisor from its first
 * value; the prediction is a level that follows the values, plus a constant pace.
 */

/** How a column is predicted; part of its header. */
export interface Prediction {
  first: number;
  /** Every value is `first` plus a multiple of this, at least 1. */
  divisor: number;
  /** What a value is expected to rise by, a multiple of 1 / `paceSteps` divisors; when fixed, the level less `first`. */
  pace: number;
  /** How the level follows: one of `ways`. */
  way: number;
  /** A residual from 2^jumpBits on is a jump: the level moves to the value at once. */
  jumpBits: number;
}

/**
 * How the level follows: `last` takes the last value; 1 to `smoothest` move the level by 1/2 to 1/32 of what was missed
 * (exponential smoothing: of a value or a clock that wavers around a true level it leaves less over than `last`);
 * `line` repeats the last difference; `fixed` stays.
 */
export const ways = { last: 0, smoothest: 5, line: 6, fixed: 7 };

/** A pace is a multiple of one divided by this. */
export const paceSteps = 16;

/** Whether the way writes `jumpBits`. */
export const isSmooth = (way: number) => way > ways.last && way <= ways.smoothest;

/** What the prediction leaves over of each value, in divisors; of the first 0. */
export function residualsOf(values: Float64Array, prediction: Prediction): Float64Array {
  const { first, divisor, way } = prediction;
  const residuals = new Float64Array(values.length);
  const { gain, jump, pace } = levelOf(prediction);
  let { level } = levelOf(prediction);
  let last = 0;
  for (let index = 1; index < values.length; index++) {
    const value = (values[index]! - first) / divisor;
    level += pace;
    const residual = value - Math.floor(level + 0.5);
    residuals[index] = residual;
    if (way === ways.line) level = value + value - last;
    else level = residual >= jump || residual <= -jump ? value : level + residual * gain;
    last = value;
  }
  return residuals;
}

/** Undoes `residualsOf` in place. */
export function valuesOf(residuals: Float64Array, prediction: Prediction): Float64Array {
  if (residuals.length === 0) return residuals;
  residuals[0] = prediction.first;
  if (prediction.way === ways.last) followLast(residuals, prediction);
  else if (prediction.way === ways.line) followLine(residuals, prediction);
  else followLevel(residuals, prediction);
  return residuals;
}

function followLast(residuals: Float64Array, { first, divisor, pace }: Prediction): void {
  let value = first;
  for (let index = 1; index < residuals.length; index++) {
    value += (residuals[index]! + pace) * divisor;
    residuals[index] = value;
  }
}

function followLine(residuals: Float64Array, { first, divisor, pace }: Prediction): void {
  let value = first;
  let difference = 0;
  for (let index = 1; index < residuals.length; index++) {
    difference += (residuals[index]! + pace) * divisor;
    value += difference;
    residuals[index] = value;
  }
}

function followLevel(residuals: Float64Array, prediction: Prediction): void {
  const { first, divisor } = prediction;
  const { gain, jump, pace } = levelOf(prediction);
  let { level } = levelOf(prediction);
  for (let index = 1; index < residuals.length; index++) {
    const residual = residuals[index]!;
    level += pace;
    const value = Math.floor(level + 0.5) + residual;
    level = residual >= jump || residual <= -jump ? value : level + residual * gain;
    residuals[index] = first + value * divisor;
  }
}

/** The level's start and how it moves. */
function levelOf({ way, pace, jumpBits }: Prediction) {
  if (way === ways.fixed) return { level: pace, pace: 0, gain: 0, jump: Number.POSITIVE_INFINITY };
  if (isSmooth(way)) return { level: 0, pace, gain: 2 ** -way, jump: 2 ** jumpBits };
  return { level: 0, pace, gain: 1, jump: Number.POSITIVE_INFINITY };
}
