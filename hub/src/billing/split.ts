/** A bill divided among meters or appliances, exactly. */
import { add, divide, type Exact, fraction, multiply, roundTogether, zero } from "./exact.ts";

/** What is divided of a bill; a stored one will do. */
export interface DividedBill {
  lines: readonly { kind: string; period: string | null; amountSatang: number }[];
  periods: readonly { period: string; importWh: number }[];
  totalSatang: number;
}

/** What one meter, appliance or tenant used of the bill's energy, by time of use; `all` is energy of unknown time. */
export interface Sharer {
  key: string;
  importWh: Readonly<Record<string, number>>;
  /** What it gave to the grid; credits go to those who gave. */
  exportWh?: number;
}

export interface CostShare {
  key: string;
  amountSatang: number;
}

/**
 * Divides a bill; the shares add up to its total. Everyone pays the same mean price for the energy of a time of use,
 * whichever tier it filled. Fixed charges follow energy, or are the same for each. Taxes and discounts follow the cost
 * so far. What no sharer used goes to a last share, `restKey`, when there is such energy.
 */
export function splitCost(
  bill: DividedBill,
  sharers: readonly Sharer[],
  { fixed = "by_energy", restKey = "rest" }: { fixed?: "by_energy" | "equally"; restKey?: string } = {},
): CostShare[] {
  const rest = restOf(bill, sharers);
  const all = rest ? [...sharers, { key: restKey, importWh: rest }] : sharers;
  let costs: Exact[] = all.map(() => zero);
  for (const line of bill.lines) {
    const weights = weightsOf(line, all, { costs, fixed });
    const whole = weights.reduce(add, zero);
    const shares =
      whole.n === 0n ? weights.map(() => fraction(1, all.length)) : weights.map((one) => divide(one, whole));
    costs = costs.map((cost, index) => add(cost, multiply(fraction(line.amountSatang), shares[index] as Exact)));
  }
  const amounts = roundTogether(costs, all.length === 0 ? 0 : bill.totalSatang);
  return all.map(({ key }, index) => ({ key, amountSatang: amounts[index] as number }));
}

function weightsOf(
  { kind, period }: DividedBill["lines"][number],
  sharers: readonly Sharer[],
  { costs, fixed }: { costs: readonly Exact[]; fixed: "by_energy" | "equally" },
): readonly Exact[] {
  const byEnergy = sharers.map(({ importWh }) => energy(sumOf(importWh)));
  if (kind === "energy") {
    return period === null || period === "all"
      ? byEnergy
      : sharers.map(({ importWh }) => energy(importWh[period] ?? 0));
  }
  if (kind === "fixed" || kind === "minimum") return fixed === "equally" ? sharers.map(() => fraction(1)) : byEnergy;
  if (kind === "tax" || kind === "discount" || kind === "rounding") return costs;
  if (kind !== "export") return byEnergy;
  const given = sharers.map(({ exportWh }) => energy(exportWh ?? 0));
  return given.some(({ n }) => n > 0n) ? given : byEnergy;
}

/** The energy on the bill that no sharer used, by time of use; null when there is none. */
function restOf(bill: DividedBill, sharers: readonly Sharer[]): Record<string, number> | null {
  const rest: Record<string, number> = {};
  for (const { period, importWh } of bill.periods) {
    const used = sharers.reduce((sum, sharer) => sum + (sharer.importWh[period] ?? 0), 0);
    // Registers of the home and of its circuits never agree to the last watt-hour.
    if (importWh - used >= 1) rest[period] = importWh - used;
  }
  return Object.keys(rest).length > 0 ? rest : null;
}

function energy(wh: number): Exact {
  return fraction(Math.round(Math.max(wh, 0) * 1000));
}

function sumOf(energies: Readonly<Record<string, number>>): number {
  return Object.values(energies).reduce((a, b) => a + b, 0);
}
