/**
 * What a number of a column is expected to be, from those before it. Each predictor gives the errors of its
 * expectations, and the numbers back from the errors; both are plain loops, which run for every reading there is.
 */

export interface Predictor {
  /** Puts the error of each number into `errors`, beginning with the second; the first is known. */
  errors(values: Float64Array, level: number, errors: Float64Array): void;
  /** Turns errors into numbers, in place; the first is a number already. */
  restore(errors: Float64Array, level: number): void;
}

/** What changes now and then is expected to stay. */
const last: Predictor = {
  errors(values, _level, errors) {
    for (let at = 1; at < values.length; at++) errors[at] = values[at]! - values[at - 1]!;
  },
  restore(errors) {
    for (let at = 1; at < errors.length; at++) errors[at] = errors[at]! + errors[at - 1]!;
  },
};

/** A register under a steady load is expected to go on as it did. */
const slope: Predictor = {
  errors(values, _level, errors) {
    if (values.length > 1) errors[1] = values[1]! - values[0]!;
    for (let at = 2; at < values.length; at++) errors[at] = values[at]! - 2 * values[at - 1]! + values[at - 2]!;
  },
  restore(errors) {
    if (errors.length > 1) errors[1] = errors[1]! + errors[0]!;
    for (let at = 2; at < errors.length; at++) errors[at] = errors[at]! + 2 * errors[at - 1]! - errors[at - 2]!;
  },
};

/** Noise around a level that moves: the mean of the last two. */
const meanOfTwo: Predictor = {
  errors(values, _level, errors) {
    if (values.length > 1) errors[1] = values[1]! - values[0]!;
    for (let at = 2; at < values.length; at++) {
      errors[at] = values[at]! - Math.floor((values[at - 1]! + values[at - 2]!) / 2);
    }
  },
  restore(errors) {
    if (errors.length > 1) errors[1] = errors[1]! + errors[0]!;
    for (let at = 2; at < errors.length; at++) {
      errors[at] = errors[at]! + Math.floor((errors[at - 1]! + errors[at - 2]!) / 2);
    }
  },
};

/** Noise around a level that moves slowly: the mean of the last four. */
const meanOfFour: Predictor = {
  errors(values, _level, errors) {
    for (let at = 1; at < Math.min(4, values.length); at++) errors[at] = values[at]! - values[at - 1]!;
    for (let at = 4; at < values.length; at++) {
      const sum = values[at - 1]! + values[at - 2]! + values[at - 3]! + values[at - 4]!;
      errors[at] = values[at]! - Math.floor(sum / 4);
    }
  },
  restore(errors) {
    for (let at = 1; at < Math.min(4, errors.length); at++) errors[at] = errors[at]! + errors[at - 1]!;
    for (let at = 4; at < errors.length; at++) {
      const sum = errors[at - 1]! + errors[at - 2]! + errors[at - 3]! + errors[at - 4]!;
      errors[at] = errors[at]! + Math.floor(sum / 4);
    }
  },
};

/** Noise around a level that stays. */
const fixed: Predictor = {
  errors(values, level, errors) {
    for (let at = 1; at < values.length; at++) errors[at] = values[at]! - level;
  },
  restore(errors, level) {
    for (let at = 1; at < errors.length; at++) errors[at] = errors[at]! + level;
  },
};

/** Their places in the list are written to the disk: add only at its end. */
export const predictors: readonly Predictor[] = [last, slope, meanOfFour, meanOfTwo, fixed];

/** A column's predictor is chosen by some windows of it. */
const windowCount = 4;
const windowLength = 256;
const windowErrors = new Float64Array(windowLength);

/** The place of the predictor whose errors take the fewest bits, judged by parts of the column. */
export function choosePredictor(values: Float64Array, level: number): number {
  const windows = windowsOf(values);
  let best = 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (let place = 0; place < predictors.length; place++) {
    let bits = 0;
    for (const window of windows) {
      const errors = windowErrors.subarray(0, window.length);
      predictors[place]!.errors(window, level, errors);
      bits += sizeOf(errors);
    }
    if (bits >= fewest) continue;
    fewest = bits;
    best = place;
  }
  return best;
}

/** Parts from all over the column; a short one is looked at whole. */
function windowsOf(values: Float64Array): Float64Array[] {
  const apart = Math.max(windowLength, Math.floor((values.length - windowLength) / (windowCount - 1)));
  const windows: Float64Array[] = [];
  for (let from = 0; from < values.length && windows.length < windowCount; from += apart) {
    windows.push(values.subarray(from, from + windowLength));
  }
  return windows;
}

/** An error that is not zero takes about so much more than its size tells (as a factor). */
const openBits = 3;

/** About the bits that the errors take: the logarithms of their sizes. */
function sizeOf(errors: Float64Array): number {
  let bits = 0;
  let product = 1;
  for (let at = 1; at < errors.length; at++) {
    const error = errors[at]!;
    if (error !== 0) product *= openBits * (1 + Math.abs(error));
    if (product < 1e200) continue;
    bits += Math.log2(product);
    product = 1;
  }
  return bits + Math.log2(product);
}
