/** The metered energy of each part of a cycle, whichever form the use comes in. */
import { type BookTariff, periodsOf } from "./book.ts";
import { type Cycle, daysIn } from "./cycle.ts";
import { BillingError } from "./errors.ts";
import { apportion, fraction } from "./exact.ts";
import type { Part } from "./parts.ts";
import { createPriceLookup, type PriceSeries } from "./prices.ts";
import { createPeriodClock, type PeriodClock } from "./schedule.ts";
import type { Demand, Dynamic, Version } from "./tariff.ts";
import {
  emptyMetered,
  type Metered,
  meterQuarters,
  type Peak,
  peakOf,
  type Quarters,
  type Totals,
  type Usage,
  wholeMwh,
} from "./usage.ts";
import { type Window, windowOf } from "./window.ts";

export interface MeteredCycle {
  parts: Metered[];
  /** The largest quarter hour's mean import of the cycle; null when nothing is known of it. */
  peak: Peak | null;
  /** The peak that a part's demand charge looks at. */
  peakFor(part: Part, charge: Demand): Peak | null;
}

export interface MeterSettings {
  timeZone: string;
  prices: Readonly<Record<string, PriceSeries>>;
  knownToMs: number;
}

/** Meters a cycle by its parts; throws a BillingError when the use does not fit the tariff. */
export function meterCycle(
  tariff: BookTariff,
  { cycle, parts, usage }: { cycle: Cycle; parts: readonly Part[]; usage: Usage },
  settings: MeterSettings,
): MeteredCycle {
  return "totals" in usage
    ? meterTotals(tariff, parts, usage.totals)
    : meterByQuarters(tariff, { cycle, parts, quarters: usage.quarters }, settings);
}

function meterByQuarters(
  tariff: BookTariff,
  { cycle, parts, quarters }: { cycle: Cycle; parts: readonly Part[]; quarters: Quarters },
  { timeZone, prices, knownToMs }: MeterSettings,
): MeteredCycle {
  const clock = createPeriodClock(tariff, timeZone);
  const find = (span: Cycle) => windowOf(span, timeZone);
  return {
    parts: parts.map((part) => {
      const window = find(part);
      return meterQuarters(quarters, window, {
        clock,
        knownToMs,
        ...priceLookups(part.version, { clock, prices, window }),
      });
    }),
    peak: peakOf(quarters, find(cycle), { clock, minutes: 15, periods: null }),
    peakFor: (part, { minutes, periods }) => peakOf(quarters, find(part), { clock, minutes, periods: periods ?? null }),
  };
}

function priceLookups(
  { energy, export: given }: Omit<Version, "from">,
  { clock, prices, window }: { clock: PeriodClock; prices: MeterSettings["prices"]; window: Window },
) {
  const find = (price: Dynamic) => createPriceLookup(prices[price.prices], price, window);
  const importPrices = clock.periods.map((period) => {
    const price = energy.all ?? energy[period];
    return isDynamic(price) ? find(price) : null;
  });
  return { importPrices, exportPrices: isDynamic(given?.price) ? find(given.price) : null };
}

function isDynamic(price: unknown): price is Dynamic {
  return typeof price === "object" && price !== null && "prices" in price;
}

/** Totals are of the whole cycle: each of its parts gets what its days make of it. */
function meterTotals(tariff: BookTariff, parts: readonly Part[], totals: Totals): MeteredCycle {
  const periods = periodsOf(tariff);
  const isPricedByHour = parts.some(({ version }) => Object.values(version.energy).some(isDynamic));
  if (isPricedByHour) {
    throw new BillingError(`${tariff.id} has prices by the hour`, "Give the energy of each quarter hour");
  }
  const metered = parts.map(() => emptyMetered(periods.length));
  const days = parts.map((part) => fraction(daysIn(part)));
  const isNet = parts.some(({ version }) => version.export?.mode === "net");
  for (const column of ["importMwh", "exportMwh"] as const) {
    const energies = (column === "importMwh" ? totals.importWh : totals.exportWh) ?? {};
    for (const [period, wh] of Object.entries(energies)) {
      const index = periodIndex(tariff, { periods, period, isPriced: isNet || column === "importMwh" });
      const shares = apportion(wholeMwh(wh, `Total of ${period}`), days);
      for (const [at, one] of metered.entries()) {
        one[column][index] = (one[column][index] as number) + (shares[at] as number);
      }
    }
  }
  const peak = totals.peakW === undefined ? null : { powerW: totals.peakW, startMs: null };
  return { parts: metered, peak, peakFor: () => requirePeak(tariff, peak) };
}

/** Where an energy of a time of use is counted; a tariff that makes no difference takes any. */
function periodIndex(
  tariff: BookTariff,
  { periods, period, isPriced }: { periods: readonly string[]; period: string; isPriced: boolean },
): number {
  const index = periods.indexOf(period);
  const isOnePrice = tariff.versions.every((version) => version.energy.all !== undefined);
  if (index >= 0 || isOnePrice || !isPriced) return Math.max(index, 0);
  throw new BillingError(
    `${tariff.id} cannot price ${period === "all" ? "one total" : `the time of use ${period}`}`,
    `It needs the energy of ${periods.join(" and ")}`,
  );
}

function requirePeak(tariff: BookTariff, peak: Peak | null): Peak {
  if (peak) return peak;
  throw new BillingError(
    `${tariff.id} charges for the power peak`,
    "Give the peak, or the energy of each quarter hour",
  );
}
