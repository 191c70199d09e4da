/** Prices that change by the hour: what one quarter hour costs, and what stands in for an hour without a price. */
import { quarterMs } from "../energy/calendar.ts";
import { BillingError } from "./errors.ts";
import { decimal, fraction, multiply, round } from "./exact.ts";
import type { Dynamic } from "./tariff.ts";
import { firstFrom, type Window } from "./window.ts";

/** A series of prices per kWh in rising order, each from its time for `stepMs` on; decimals are texts or numbers. */
export interface PriceSeries {
  startMs: ArrayLike<number>;
  pricePerKwh: ArrayLike<string | number>;
  /** 3,600,000 for hours, 900,000 for quarter hours. */
  stepMs: number;
}

/** Prices as whole numbers of hundredths of the currency per kWh, times `priceScale`. */
export interface PriceLookup {
  /** The price of the quarter hour; NaN when it is not known. */
  at(timeMs: number): number;
  /** The mean of the window's prices, which stands in for one that is not known. */
  readonly mean: number;
}

/** Six decimals of a hundredth: finer than any exchange quotes. */
export const priceScale = 1_000_000;
/** A price of 1 as such a whole number. */
const wholePrice = 100 * priceScale;

/** Looks up a tariff's price of each quarter hour of a window; throws a BillingError when it has none there. */
export function createPriceLookup(
  series: PriceSeries | undefined,
  { prices: name, factor = "1", add: extra = "0" }: Dynamic,
  { startMs, endMs }: Window,
): PriceLookup {
  const { startMs: times, pricePerKwh, stepMs } = series ?? { startMs: [], pricePerKwh: [], stepMs: 1 };
  const [from, to] = [firstFrom(times, startMs - stepMs + 1), firstFrom(times, endMs)];
  if (from === to) {
    throw new BillingError(`There are no prices ${JSON.stringify(name)} for the time`, "Give prices with the use");
  }
  if (stepMs % quarterMs !== 0 || stepMs <= 0) {
    throw new BillingError(`The prices ${name} hold for ${stepMs} ms`, "They hold for whole quarter hours");
  }
  const firstMs = times[from] as number;
  const slot = (timeMs: number) => Math.floor((timeMs - firstMs) / stepMs);
  const scaled = new Float64Array(slot(times[to - 1] as number) + 1).fill(Number.NaN);
  const scaleUp = factor === "1" ? null : decimal(factor);
  const added = round(multiply(decimal(extra), fraction(wholePrice)), "half-up");
  let sum = 0;
  for (let index = from; index < to; index++) {
    const price = wholeOf(pricePerKwh[index] as string | number, name);
    const value = added + (scaleUp ? round(multiply(fraction(price), scaleUp), "half-up") : price);
    scaled[slot(times[index] as number)] = value;
    sum += value;
  }
  return { at: (timeMs) => scaled[slot(timeMs)] ?? Number.NaN, mean: Math.round(sum / (to - from)) };
}

/** A price in whole numbers: the double of a decimal is near enough that rounding gives its every digit. */
function wholeOf(price: string | number, name: string): number {
  const number = typeof price === "string" && price.trim() === "" ? Number.NaN : Number(price);
  if (Math.abs(number) < 1e6) return Math.round(number * wholePrice);
  throw new BillingError(
    `${JSON.stringify(price)} is no price of ${name}`,
    "Prices are decimals per kWh, below a million",
  );
}
