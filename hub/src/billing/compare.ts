/** What the same use would cost on other plans, and to which plan a utility moves a household. */
import { type Bill, type BillOptions, type Carry, computeBill } from "./bill.ts";
import type { BookTariff } from "./book.ts";
import { type Cycle, daysIn } from "./cycle.ts";
import { BillingError } from "./errors.ts";
import { fraction, round } from "./exact.ts";
import type { Usage } from "./usage.ts";

/** One plan's cost of the use; `problem` says why it could not be billed, with a hint, and is null otherwise. */
export interface PlanCost {
  tariffId: string;
  /** All bills less what is paid apart for energy given out, in hundredths; null with a problem. */
  totalSatang: number | null;
  perDaySatang: number | null;
  /** Of a month of 365.25 / 12 days. */
  perMonthSatang: number | null;
  bills: Bill[];
  problem: { message: string; hint: string } | null;
}

/** One cycle's use; its own options go before those of all cycles. */
export interface CycleUse {
  cycle: Cycle;
  usage: Usage;
  options?: BillOptions;
}

/** Bills the same use on each plan, all of one currency, cycle by cycle; cheapest first, unbillable ones last. */
export function comparePlans({
  tariffs,
  uses,
  options = {},
}: {
  tariffs: readonly BookTariff[];
  uses: readonly CycleUse[];
  options?: BillOptions;
}): PlanCost[] {
  const costs = tariffs.map((tariff) => planCost(tariff, uses, options));
  return costs.sort(cheapestFirst);
}

/** The order of plans: by cost, those that could not be billed last. */
export function cheapestFirst(a: PlanCost, b: PlanCost): number {
  const rank = ({ totalSatang }: PlanCost) => totalSatang ?? Number.POSITIVE_INFINITY;
  return rank(a) === rank(b) ? 0 : rank(a) - rank(b);
}

function planCost(tariff: BookTariff, uses: readonly CycleUse[], options: BillOptions): PlanCost {
  const bills: Bill[] = [];
  let carry: Carry = options.carry ?? { wh: {}, satang: 0 };
  try {
    for (const { cycle, usage, options: own } of uses) {
      const bill = computeBill({ tariff, cycle, usage, options: { ...options, ...own, carry } });
      bills.push(bill);
      carry = bill.carry;
    }
  } catch (error) {
    if (!(error instanceof BillingError)) throw error;
    const { message, hint } = error;
    const none = { totalSatang: null, perDaySatang: null, perMonthSatang: null };
    return { tariffId: tariff.id, ...none, bills: [], problem: { message, hint } };
  }
  const totalSatang = bills.reduce((sum, bill) => sum + paid(bill), 0);
  const days = Math.max(
    uses.reduce((sum, { cycle }) => sum + daysIn(cycle), 0),
    1,
  );
  return {
    tariffId: tariff.id,
    totalSatang,
    perDaySatang: round(fraction(totalSatang, days), "half-up"),
    perMonthSatang: round(fraction(totalSatang * 36_525, days * 1_200), "half-up"),
    bills,
    problem: null,
  };
}

/** What a bill costs after what is paid apart for energy given out, in hundredths. */
export function paid({ totalSatang, separateLines }: Bill): number {
  return separateLines.reduce((sum, line) => sum + line.amountSatang, totalSatang);
}

/** The id of the plan that the utility moves a household to after these cycles, the newest last; null when it stays. */
export function nextPlan(tariff: BookTariff, kwhOfCycles: readonly number[]): string | null {
  const move = tariff.moves?.find(({ cycles, aboveKwh, upToKwh }) => {
    const last = kwhOfCycles.slice(-cycles);
    const isOutside = (kwh: number) =>
      kwh > Number(aboveKwh ?? -1) && kwh <= Number(upToKwh ?? Number.POSITIVE_INFINITY);
    return last.length === cycles && last.every(isOutside);
  });
  return move?.to ?? null;
}
