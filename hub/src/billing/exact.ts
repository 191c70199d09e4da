/** Exact numbers: every product and sum of a bill is a fraction of whole numbers, rounded only where the tariff says. */

/** `n / d`, with `d` above zero; not always in lowest terms. */
export interface Exact {
  readonly n: bigint;
  readonly d: bigint;
}

/** How a fraction becomes a whole number; `half-up` takes halves away from zero. */
export type RoundingMode = "half-up" | "half-even" | "down" | "up";

export const zero: Exact = { n: 0n, d: 1n };

/** The fraction of two whole numbers; the divisor is above zero. */
export function fraction(n: number | bigint, d: number | bigint = 1n): Exact {
  return { n: BigInt(n), d: BigInt(d) };
}

/** What a decimal text such as "-0.1532" says, exactly; asserts that it is one. */
export function decimal(text: string): Exact {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,12}))?$/.exec(text);
  if (!match) throw new Error(`not a decimal: ${text}`);
  const [, sign, whole = "", digits = ""] = match;
  const n = BigInt(whole + digits);
  return { n: sign ? -n : n, d: 10n ** BigInt(digits.length) };
}

export function add(a: Exact, b: Exact): Exact {
  return a.d === b.d ? { n: a.n + b.n, d: a.d } : lowest({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
}

export function subtract(a: Exact, b: Exact): Exact {
  return add(a, { n: -b.n, d: b.d });
}

export function multiply(a: Exact, b: Exact): Exact {
  return lowest({ n: a.n * b.n, d: a.d * b.d });
}

/** `b` is not zero. */
export function divide(a: Exact, b: Exact): Exact {
  return lowest(b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n });
}

export function sum(numbers: readonly Exact[]): Exact {
  return numbers.reduce(add, zero);
}

/** Below zero when `a` is the smaller, above when it is the larger. */
export function compare(a: Exact, b: Exact): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function smaller(a: Exact, b: Exact): Exact {
  return compare(a, b) <= 0 ? a : b;
}

export function larger(a: Exact, b: Exact): Exact {
  return compare(a, b) >= 0 ? a : b;
}

/** The whole multiple of `step` nearest to the number in the sense of `mode`. */
export function round(value: Exact, mode: RoundingMode, step = 1): number {
  const d = value.d * BigInt(step);
  const size = value.n < 0n ? -value.n : value.n;
  const whole = size / d;
  const rounded = whole + (roundsAway(size % d, { d, mode, isOdd: whole % 2n === 1n }) ? 1n : 0n);
  return safe(value.n < 0n ? -rounded : rounded) * step || 0; // never -0
}

function roundsAway(rest: bigint, { d, mode, isOdd }: { d: bigint; mode: RoundingMode; isOdd: boolean }): boolean {
  if (mode === "down" || rest === 0n) return false;
  if (mode === "up") return true;
  if (rest * 2n !== d) return rest * 2n > d;
  return mode === "half-up" || isOdd;
}

/** The decimal text of a number, cut after `digits`, without zeros at its end: for showing only. */
export function shown(value: Exact, digits = 6): string {
  const scaled = round(multiply(value, fraction(10n ** BigInt(digits))), "half-up");
  const text = String(Math.abs(scaled)).padStart(digits + 1, "0");
  const shown = `${text.slice(0, -digits)}.${text.slice(-digits)}`.replace(/\.?0+$/, "");
  return scaled < 0 ? `-${shown}` : shown;
}

/** A text of hundredths with two decimals, such as "-15.32". */
export function shownHundredths(amount: number): string {
  const text = String(Math.abs(amount)).padStart(3, "0");
  return `${amount < 0 ? "-" : ""}${text.slice(0, -2)}.${text.slice(-2)}`;
}

/**
 * Whole numbers that add up to `total`, each near its share by weight; leftovers go to the largest remainders, the
 * earlier first. Weights are not negative; without any weight the first gets all.
 */
export function apportion(total: number, weights: readonly Exact[]): number[] {
  const whole = sum(weights);
  if (whole.n === 0n) return weights.map((_, index) => (index === 0 ? total : 0));
  const shares = weights.map(({ n, d }) => ({ n: BigInt(total) * n * whole.d, d: d * whole.n }));
  return roundTogether(shares, total);
}

/** The numbers as whole ones that add up to `total`, which is their sum but for rounding; each within one of itself. */
export function roundTogether(numbers: readonly Exact[], total: number): number[] {
  const whole = numbers.map(floor);
  const rests = numbers.map((one, index) => subtract(one, { n: whole[index] as bigint, d: 1n }));
  const order = rests.map((_, index) => index).sort((a, b) => compare(rests[b] as Exact, rests[a] as Exact) || a - b);
  const left = total - Number(whole.reduce((a, b) => a + b, 0n));
  for (const index of order.slice(0, left)) whole[index] = (whole[index] as bigint) + 1n;
  return whole.map(safe);
}

function floor({ n, d }: Exact): bigint {
  const quotient = n / d;
  return n < 0n && quotient * d !== n ? quotient - 1n : quotient;
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`too large to bill: ${value}`);
  return number;
}

/** Keeps long sums of fractions with unlike divisors small. */
function lowest(value: Exact): Exact {
  if (value.d < 1_000_000_000_000n) return value;
  let [a, b] = [value.n < 0n ? -value.n : value.n, value.d];
  while (b !== 0n) [a, b] = [b, a % b];
  return { n: value.n / a, d: value.d / a };
}
