/** What is billed: energy by time of use, power peaks and spot cost, from quarter hours or from totals. */
import { floorTo, hourMs, minuteMs, quarterMs } from "../energy/calendar.ts";
import { BillingError } from "./errors.ts";
import { type Exact, fraction, multiply, zero } from "./exact.ts";
import { type PriceLookup, priceScale } from "./prices.ts";
import type { PeriodClock } from "./schedule.ts";
import { firstFrom, type Window } from "./window.ts";

/** Quarter hours in columns, by UTC epoch ms of their start, rising; energies are not negative. */
export interface Quarters {
  startMs: ArrayLike<number>;
  importWh: ArrayLike<number>;
  /** null: nothing is given out. */
  exportWh: ArrayLike<number> | null;
}

/** Energies of a whole cycle by time of use, `all` for tariffs without any. */
export interface Totals {
  importWh: Readonly<Record<string, number>>;
  exportWh?: Readonly<Record<string, number>>;
  /** The largest mean power of the demand charge's window. */
  peakW?: number;
}

export type Usage = { quarters: Quarters } | { totals: Totals };

/** The energy of a span by time of use; whole mWh, so that sums are exact. */
export interface Metered {
  importMwh: number[];
  exportMwh: number[];
  /** Energy times price by time of use, in mWh × hundredths per kWh; zero without a price series. */
  importSpot: Exact[];
  exportSpot: Exact[];
  /** Quarter hours of the span that have no energy. */
  missingQuarters: number;
  /** Quarter hours whose price was not known: the mean of the others stands in. */
  unpricedQuarters: number;
}

/** A mean power and when its window began; null start when only a total is known. */
export interface Peak {
  powerW: number;
  startMs: number | null;
}

export function emptyMetered(periods: number): Metered {
  const zeros = () => new Array<number>(periods).fill(0);
  const exact = () => new Array<Exact>(periods).fill(zero);
  return {
    importMwh: zeros(),
    exportMwh: zeros(),
    importSpot: exact(),
    exportSpot: exact(),
    missingQuarters: 0,
    unpricedQuarters: 0,
  };
}

/** What meters a span: the clock of the times of use, and price series of each of them and of what is given out. */
export interface Meter {
  clock: PeriodClock;
  importPrices: readonly (PriceLookup | null)[];
  exportPrices: PriceLookup | null;
  /** Energy after this instant is not missing. */
  knownToMs: number;
}

/** Sums the quarter hours within the window; throws a BillingError for energies that cannot be. */
export function meterQuarters(quarters: Quarters, window: Window, meter: Meter): Metered {
  const { clock, importPrices, exportPrices } = meter;
  const metered = emptyMetered(clock.periods.length);
  const spot = { import: clock.periods.map(createSpotSum), export: clock.periods.map(createSpotSum) };
  const [from, to] = rangeOf(quarters, window);
  let last = Number.NEGATIVE_INFINITY;
  for (let index = from; index < to; index++) {
    const timeMs = quarters.startMs[index] as number;
    if (timeMs < last + quarterMs) throw wrongEnergy(timeMs, "quarter hours overlap or do not rise");
    last = timeMs;
    const period = clock.at(timeMs);
    const importMwh = wholeMwh(quarters.importWh[index], timeMs);
    const exportMwh = quarters.exportWh ? wholeMwh(quarters.exportWh[index], timeMs) : 0;
    metered.importMwh[period] = (metered.importMwh[period] as number) + importMwh;
    metered.exportMwh[period] = (metered.exportMwh[period] as number) + exportMwh;
    const bought = importPrices[period] ?? null;
    if (bought) spot.import[period]?.add(importMwh, priceAt(bought, timeMs));
    if (exportPrices) spot.export[period]?.add(exportMwh, priceAt(exportPrices, timeMs));
    if (isUnpriced(bought, timeMs) || isUnpriced(exportPrices, timeMs)) metered.unpricedQuarters++;
  }
  metered.importSpot = spot.import.map((one) => one.total());
  metered.exportSpot = spot.export.map((one) => one.total());
  const knownMs = Math.max(Math.min(window.endMs, meter.knownToMs) - window.startMs, 0);
  metered.missingQuarters = Math.max(Math.round(knownMs / quarterMs) - (to - from), 0);
  return metered;
}

function priceAt(prices: PriceLookup, timeMs: number): number {
  const price = prices.at(timeMs);
  return Number.isNaN(price) ? prices.mean : price;
}

function isUnpriced(prices: PriceLookup | null, timeMs: number): boolean {
  return prices !== null && Number.isNaN(prices.at(timeMs));
}

/** A sum of energies times prices, exact: whole doubles while they are, then in big integers. */
function createSpotSum() {
  let whole = 0n;
  let recent = 0;
  return {
    add(mwh: number, scaledPrice: number) {
      const product = mwh * scaledPrice;
      if (Number.isSafeInteger(product) && Number.isSafeInteger(recent + product)) recent += product;
      else {
        whole += BigInt(recent) + BigInt(mwh) * BigInt(scaledPrice);
        recent = 0;
      }
    },
    total: (): Exact => fraction(whole + BigInt(recent), priceScale),
  };
}

/** The largest mean import over windows of the local clock, within the named times of use; null without any energy. */
export function peakOf(
  quarters: Quarters,
  window: Window,
  { clock, minutes, periods }: { clock: PeriodClock; minutes: number; periods: readonly string[] | null },
): Peak | null {
  const [from, to] = rangeOf(quarters, window);
  const lengthMs = minutes * minuteMs;
  let peak: Peak | null = null;
  let current = { startMs: Number.NaN, wh: 0 };
  for (let index = from; index < to; index++) {
    const timeMs = quarters.startMs[index] as number;
    if (periods && !periods.includes(clock.periods[clock.at(timeMs)] as string)) continue;
    // Counted from the span's midnight, so that half hours fit the clock in Nepal (+05:45) too.
    const startMs = window.startMs + floorTo(timeMs - window.startMs, lengthMs);
    const wh = (quarters.importWh[index] as number) + (startMs === current.startMs ? current.wh : 0);
    current = { startMs, wh };
    const powerW = wh * (hourMs / lengthMs);
    if (!peak || powerW > peak.powerW) peak = { powerW, startMs };
  }
  return peak;
}

/** The energy in kWh, exactly. */
export function kwhOf(mwh: number): Exact {
  return fraction(mwh, 1_000_000);
}

/** What energy at a price costs, in hundredths of the currency. */
export function costOf(mwh: number, pricePerKwh: Exact): Exact {
  return multiply(fraction(mwh, 10_000), pricePerKwh);
}

/** The whole mWh of an energy; throws a BillingError for one that is negative or no number. */
export function wholeMwh(wh: number | undefined, place: number | string): number {
  const mwh = Math.round((wh as number) * 1000);
  if (mwh >= 0 && mwh <= Number.MAX_SAFE_INTEGER) return mwh;
  throw wrongEnergy(place, `${wh} Wh is no energy`);
}

function wrongEnergy(place: number | string, what: string): BillingError {
  const where = typeof place === "number" ? `At ${new Date(place).toISOString()}` : place;
  return new BillingError(`${where}: ${what}`, "Energies are numbers from zero up, in rising quarter hours");
}

/** The indexes from the first quarter at or after the start up to, not at, the first at or after the end. */
function rangeOf({ startMs }: Quarters, window: Window): [number, number] {
  return [firstFrom(startMs, window.startMs), firstFrom(startMs, window.endMs)];
}
