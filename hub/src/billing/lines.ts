/** The lines of a bill before rounding: energy by time of use and tier, fixed and demand charges, adjustments. */
import { type Cycle, datesIn, daysIn } from "./cycle.ts";
import { BillingError } from "./errors.ts";
import { compare, decimal, divide, type Exact, fraction, multiply, smaller, subtract, sum, zero } from "./exact.ts";
import type { Part } from "./parts.ts";
import type { Demand, Fixed, Tiers } from "./tariff.ts";
import { costOf, kwhOf, type Peak } from "./usage.ts";

export type LineKind =
  | "energy"
  | "fixed"
  | "demand"
  | "adjustment"
  | "charge"
  | "discount"
  | "tax"
  | "minimum"
  | "export"
  | "rounding";

/** A line whose amount is still exact, in hundredths of the currency. */
export interface Draft {
  key: string;
  kind: LineKind;
  quantity: Exact | null;
  unit: "kWh" | "kW" | "cycle" | "day" | "month" | "year" | "%" | null;
  /** Currency per unit, or per cent. */
  rate: Exact | null;
  exact: Exact;
  /** The time of use of an energy; null for all other lines. */
  period: string | null;
  /** The tier of an energy: more than `fromKwh`, up to `toKwh`, null without an end; null without tiers. */
  tier: { fromKwh: Exact; toKwh: Exact | null } | null;
  /** The part of the cycle that it is for. */
  span: Cycle;
}

/** The energy of a part that is billed: mWh by priced time of use, and what it cost on a price series. */
export interface BilledEnergy {
  mwh: Readonly<Record<string, number>>;
  spot: Readonly<Record<string, Exact>>;
}

type DraftOf = Pick<Draft, "key" | "kind" | "exact" | "span"> & Partial<Draft>;

/** A line with what it does not say left empty. */
export function draft(line: DraftOf): Draft {
  return { quantity: null, unit: null, rate: null, period: null, tier: null, ...line };
}

/** The lines of energy of all parts, in order; tiers that continue are filled from one part to the next. */
export function energyLines(parts: readonly Part[], billed: readonly BilledEnergy[], cycle: Cycle): Draft[] {
  const filledMwh: Record<string, number> = {};
  return parts.flatMap((part, index) =>
    Object.entries(part.version.energy).flatMap(([period, price]) => {
      const mwh = billed[index]?.mwh[period] ?? 0;
      const base = { key: "energy", kind: "energy", unit: "kWh", period, span: spanOf(part) } as const;
      if (typeof price === "string") {
        const rate = decimal(price);
        return draft({ ...base, quantity: kwhOf(mwh), rate, exact: costOf(mwh, rate) });
      }
      if ("prices" in price) {
        const exact = multiply(billed[index]?.spot[period] ?? zero, fraction(1, 1_000_000));
        const rate = mwh === 0 ? null : divide(exact, multiply(kwhOf(mwh), fraction(100)));
        return draft({ ...base, quantity: kwhOf(mwh), rate, exact });
      }
      const before = price.onChange === "share" ? 0 : (filledMwh[period] ?? 0);
      filledMwh[period] = before + mwh;
      const scale = tierScale(price, part, cycle);
      return tierLines(price, { from: kwhOf(before), to: kwhOf(before + mwh), scale }).map((line) =>
        draft({ ...base, ...line }),
      );
    }),
  );
}

/** What a tier's limits are multiplied by: days for daily limits, and the part's share of the cycle when shared. */
function tierScale({ limits, onChange }: Tiers, part: Cycle, cycle: Cycle): Exact {
  const days = daysIn(onChange === "share" ? part : cycle);
  if (limits === "day") return fraction(days);
  return fraction(days, daysIn(cycle));
}

/** The tiers that the energy between two fillings, in kWh, falls into; the first, empty, when there is none. */
function tierLines(
  { tiers }: Tiers,
  { from, to, scale }: { from: Exact; to: Exact; scale: Exact },
): Pick<Draft, "quantity" | "rate" | "exact" | "tier">[] {
  const lines = [];
  let start = zero;
  for (const { upToKwh, price } of tiers) {
    const end = upToKwh === null ? null : multiply(decimal(upToKwh), scale);
    const upper = end === null ? to : smaller(to, end);
    const lower = compare(from, start) > 0 ? from : start;
    const isReached = compare(upper, lower) > 0;
    if (isReached || (start === zero && compare(from, to) === 0)) {
      const quantity = isReached ? subtract(upper, lower) : zero;
      const rate = decimal(price);
      const exact = multiply(multiply(quantity, rate), fraction(100));
      lines.push({ quantity, rate, exact, tier: { fromKwh: start, toKwh: end } });
    }
    if (end === null) break;
    start = end;
  }
  return lines;
}

/** The fixed charges of a part. */
export function fixedLines(part: Part, cycle: Cycle, contractedKw: number | undefined): Draft[] {
  return (part.version.fixed ?? []).map((charge) => {
    const quantity = fixedQuantity(charge, { part, cycle, contractedKw });
    const unit = charge.per === "contracted_kw" ? "kW" : charge.per;
    const rate = decimal(charge.amount);
    const exact = multiply(multiply(quantity, rate), fraction(100));
    return draft({ key: charge.key, kind: "fixed", quantity, unit, rate, exact, span: spanOf(part) });
  });
}

function fixedQuantity(
  { per, key }: Fixed,
  { part, cycle, contractedKw }: { part: Cycle; cycle: Cycle; contractedKw: number | undefined },
): Exact {
  if (per === "day") return fraction(daysIn(part));
  if (per === "month") return spreadOver(part, (date) => date.slice(0, 7), daysInMonth);
  if (per === "year") return spreadOver(part, (date) => date.slice(0, 4), daysInYear);
  const share = fraction(daysIn(part), daysIn(cycle));
  if (per === "cycle") return share;
  if (contractedKw === undefined) {
    throw new BillingError(`The ${key} is charged per contracted kW`, "Give contractedKw, as in the contract");
  }
  return multiply(fraction(Math.round(contractedKw * 1000), 1000), share);
}

/** How many months or years the days make, each day a part of its own one. */
function spreadOver(span: Cycle, name: (date: string) => string, days: (name: string) => number): Exact {
  const counts = new Map<string, number>();
  for (const date of datesIn(span)) counts.set(name(date), (counts.get(name(date)) ?? 0) + 1);
  return sum([...counts].map(([one, count]) => fraction(count, days(one))));
}

function daysInMonth(month: string): number {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
}

function daysInYear(year: string): number {
  return (Date.UTC(Number(year) + 1, 0) - Date.UTC(Number(year), 0)) / 86_400_000;
}

/** The demand charges of a part; `peakFor` says the peak that each is charged by. */
export function demandLines(part: Part, cycle: Cycle, peakFor: (charge: Demand) => Peak | null): Draft[] {
  return (part.version.demand ?? []).map((charge) => {
    const stepW = charge.stepW ?? 1;
    const powerW = Math.round((peakFor(charge)?.powerW ?? 0) / stepW) * stepW;
    const quantity = fraction(powerW, 1000);
    const rate = decimal(charge.pricePerKw);
    const share = fraction(daysIn(part), daysIn(cycle));
    const exact = multiply(multiply(multiply(quantity, rate), share), fraction(100));
    return draft({ key: charge.key, kind: "demand", quantity, unit: "kW", rate, exact, span: spanOf(part) });
  });
}

/** The adjustments per kWh of a part. */
export function adjustmentLines(part: Part, mwh: number): Draft[] {
  return part.adjustments.map(({ key, pricePerKwh }) =>
    draft({
      key,
      kind: "adjustment",
      quantity: kwhOf(mwh),
      unit: "kWh",
      rate: pricePerKwh,
      exact: costOf(mwh, pricePerKwh),
      span: spanOf(part),
    }),
  );
}

export function spanOf({ start, end }: Cycle): Cycle {
  return { start, end };
}

/** The energy of all times of use. */
export function totalMwh({ mwh }: BilledEnergy): number {
  return Object.values(mwh).reduce((a, b) => a + b, 0);
}
