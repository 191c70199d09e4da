/** From metered energy to billed energy: whole units as on the meter, and what is given out netted against it. */
import { apportion, type Exact, fraction, multiply, sum, zero } from "./exact.ts";
import type { BilledEnergy } from "./lines.ts";
import type { Part } from "./parts.ts";
import type { Metered } from "./usage.ts";

export interface Billing {
  /** One for each part. */
  parts: BilledEnergy[];
  /** What each part gives out; whole units, before netting. */
  exportMwh: number[];
  /** What is given out beyond the import and earlier carries; only when netting. */
  surplusMwh: Record<string, number>;
}

export interface BillingRule {
  periods: readonly string[];
  /** The meter's step in mWh; 1 bills the exact energy. */
  unitMwh: number;
  isNet: boolean;
  /** Energy carried from earlier cycles, by priced time of use. */
  carryMwh: Readonly<Record<string, number>>;
}

/** Bills the energy that each part of a cycle has metered. */
export function billEnergy(parts: readonly Part[], metered: readonly Metered[], rule: BillingRule): Billing {
  const pooled = metered.map((one, index) => pool(one, parts[index] as Part, rule.periods));
  const mwh = pooled.map((): Record<string, number> => ({}));
  const exportMwh = pooled.map(() => 0);
  const surplusMwh: Record<string, number> = {};
  for (const period of new Set(pooled.flatMap((one) => Object.keys(one.importMwh)))) {
    const imports = pooled.map((one) => one.importMwh[period] ?? 0);
    const exports = pooled.map((one) => one.exportMwh[period] ?? 0);
    const givenMwh = toUnits(total(exports), rule.unitMwh);
    const takenMwh = toUnits(total(imports), rule.unitMwh);
    const creditMwh = rule.isNet ? givenMwh + (rule.carryMwh[period] ?? 0) : 0;
    if (rule.isNet) surplusMwh[period] = Math.max(creditMwh - takenMwh, 0);
    const billed = spread(Math.max(takenMwh - creditMwh, 0), imports, rule.unitMwh);
    const given = spread(givenMwh, exports, rule.unitMwh);
    for (const [index, one] of mwh.entries()) {
      one[period] = billed[index] as number;
      exportMwh[index] = (exportMwh[index] as number) + (given[index] as number);
    }
  }
  const parted = mwh.map((one, index) => ({ mwh: one, spot: scaleSpot(pooled[index] as Pooled, one) }));
  return { parts: parted, exportMwh, surplusMwh };
}

/** An energy divided among the parts as it was metered, in whole units. */
function spread(mwh: number, meteredMwh: readonly number[], unitMwh: number): number[] {
  // Netting may leave a part of a unit, when what was carried came from a meter with another step.
  const rest = mwh % unitMwh;
  const weights = meteredMwh.map((one) => fraction(one));
  return apportion((mwh - rest) / unitMwh, weights).map((units, index) => units * unitMwh + (index === 0 ? rest : 0));
}

interface Pooled {
  importMwh: Record<string, number>;
  exportMwh: Record<string, number>;
  importSpot: Record<string, Exact>;
}

/** The metered energy by the times of use that the part has prices for; `all` holds every one. */
function pool(metered: Metered, part: Part, periods: readonly string[]): Pooled {
  const pooled: Pooled = { importMwh: {}, exportMwh: {}, importSpot: {} };
  for (const name of Object.keys(part.version.energy)) {
    const within = periods.map((_, index) => index).filter((index) => name === "all" || periods[index] === name);
    pooled.importMwh[name] = total(within.map((index) => metered.importMwh[index] as number));
    pooled.exportMwh[name] = total(within.map((index) => metered.exportMwh[index] as number));
    pooled.importSpot[name] = sum(within.map((index) => metered.importSpot[index] as Exact));
  }
  return pooled;
}

/** What energy on a price series cost, in proportion to how much of the metered energy is billed. */
function scaleSpot(pooled: Pooled, billedMwh: Readonly<Record<string, number>>): Record<string, Exact> {
  return Object.fromEntries(
    Object.entries(pooled.importSpot).map(([period, spot]) => {
      const [billed, imported] = [billedMwh[period] ?? 0, pooled.importMwh[period] ?? 0];
      if (billed === imported) return [period, spot];
      return [period, imported === 0 ? zero : multiply(spot, fraction(billed, imported))];
    }),
  );
}

/** The nearest whole number of meter steps: the expected difference of two readings that are each cut to a step. */
function toUnits(mwh: number, unitMwh: number): number {
  return Math.floor((2 * mwh + unitMwh) / (2 * unitMwh)) * unitMwh;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
