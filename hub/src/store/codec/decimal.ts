/** Decimals as whole numbers, exactly: meters print decimals, and whole numbers compress far better than doubles. */

/** Whole numbers that divided by 10^digits are the values. */
export interface ScaledDecimals {
  digits: number;
  scaled: Float64Array;
}

const mostDigits = 7;
/** Differences of up to four such numbers are still exact in a double. */
const mostScaled = 2 ** 50;

/**
 * The values scaled by the fewest decimal digits that give every one of them back; null when seven do not.
 * One pass: a decimal of few digits is one of more digits too, so when a value needs more, the earlier ones only shift.
 */
export function toDecimals(values: Float64Array): ScaledDecimals | null {
  const scaled = new Float64Array(values.length);
  let digits = 0;
  let scale = 1;
  let largest = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    let whole = Math.round(value * scale);
    while (whole / scale !== value) {
      if (++digits > mostDigits) return null;
      scale *= 10;
      largest *= 10;
      for (let before = 0; before < index; before++) scaled[before] = scaled[before]! * 10;
      whole = Math.round(value * scale);
    }
    // Adding zero turns -0 into 0.
    scaled[index] = whole + 0;
    const size = Math.abs(whole);
    if (size > largest) largest = size;
    if (largest > mostScaled) return null;
  }
  return { digits, scaled };
}

/** Undoes the scaling in place: the nearest double to a decimal is what its division by the power of ten gives. */
export function fromDecimals(scaled: Float64Array, digits: number): Float64Array {
  if (digits === 0) return scaled;
  const scale = 10 ** digits;
  for (let index = 0; index < scaled.length; index++) scaled[index] = scaled[index]! / scale;
  return scaled;
}
