/** Decimal numbers as whole ones: meters send few digits, and whole numbers have small exact differences. */

/** Marks values that no six decimal digits write exactly. */
export const floats = 255;
const mostDigits = 6;
/** Larger whole numbers lose precision in the arithmetic of prediction. */
const mostScaled = 2 ** 50;

/** The fewest decimal digits that write every value exactly; `floats` when there are too many. */
export function decimalDigits(values: Float64Array, length = values.length): number {
  let digits = 0;
  let scale = 1;
  for (let at = 0; at < length; at++) {
    const value = values[at]!;
    while (Math.round(value * scale) / scale !== value) {
      if (++digits > mostDigits) return floats;
      scale = 10 ** digits;
    }
  }
  for (let at = 0; at < length; at++) if (Math.abs(values[at]!) * scale > mostScaled) return floats;
  return digits;
}

let scratch = new Float64Array(4_096);

/** The values times ten to the digits, as whole numbers; valid until the next call. */
export function scaled(values: Float64Array, digits: number): Float64Array {
  const scale = 10 ** digits;
  if (scratch.length < values.length) scratch = new Float64Array(values.length);
  const whole = scratch.subarray(0, values.length);
  for (let at = 0; at < values.length; at++) whole[at] = Math.round(values[at]! * scale);
  return whole;
}

/** Undoes `scaled`, in place. */
export function unscale(whole: Float64Array, digits: number): Float64Array {
  if (digits === 0) return whole;
  const scale = 10 ** digits;
  for (let at = 0; at < whole.length; at++) whole[at] = whole[at]! / scale;
  return whole;
}
