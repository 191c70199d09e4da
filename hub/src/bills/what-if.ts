/** What the household's use would cost on other plans. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type * as api from "../api/bill-contract.ts";
import type { BookTariff } from "../billing/book.ts";
import { type CycleUse, cheapestFirst, comparePlans, nextPlan, type PlanCost } from "../billing/compare.ts";
import { expectQuarters } from "../billing/project.ts";
import { windowOf } from "../billing/window.ts";
import type { PlanCycle } from "./cycles.ts";
import { energiesIn } from "./energies.ts";
import type { BillMaker } from "./make.ts";
import { type NowScope, readNow } from "./now.ts";
import { checkBillable, likePlans, type PlanBook, planOf } from "./plans.ts";
import { measuredIn } from "./view.ts";

/** A cycle of which less is known says little of a plan. */
const knownShare = 0.9;

/** What is billed on each plan, and what is said of it. */
interface Basis {
  basis: api.Comparison["basis"];
  cycles: PlanCycle[];
  uses: CycleUse[];
  missingQuarters: number;
}

/**
 * Compares the last cycles that are well measured, at most so many; the present one while there are none. One plan a turn of
 * the event loop: a year of quarter hours takes a small computer tens of milliseconds each.
 */
export async function comparison(
  scope: NowScope,
  { mostCycles, planIds }: { mostCycles: number; planIds: readonly string[] | null },
): Promise<api.Comparison> {
  const { maker, book } = scope;
  const present = maker.now();
  const current = maker.tariffOf(present);
  const found = pastBasis(scope, mostCycles) ?? presentBasis(scope);
  const tariffs = planIds?.map((id) => planOf(book, id)) ?? likePlans(book, current);
  for (const tariff of tariffs) checkBillable(tariff, current.currency);
  const all = tariffs.includes(current) ? tariffs : [...tariffs, current];
  const costs: PlanCost[] = [];
  for (const tariff of all) {
    await nextTurn();
    costs.push(...comparePlans({ tariffs: [tariff], uses: found.uses }));
  }
  costs.sort(cheapestFirst);
  return {
    basis: found.basis,
    start: found.cycles[0]?.start ?? present.start,
    end: found.cycles.at(-1)?.end ?? present.end,
    cycles: found.cycles.length,
    currency: current.currency,
    importWh: importOf(costs),
    missingQuarters: found.missingQuarters,
    plans: costs.map((cost) => planCostView(cost, { book, current, costs })),
  };
}

function pastBasis({ maker, timeZone }: NowScope, mostCycles: number): Basis | null {
  const past = maker.past().slice(-mostCycles);
  const [first, last] = [past[0], past.at(-1)];
  if (!first || !last) return null;
  const window = { startMs: windowOf(first, timeZone).startMs, endMs: windowOf(last, timeZone).endMs };
  const energies = maker.read(window);
  const measured = past.map((cycle) => measuredIn(energies, windowOf(cycle, timeZone)));
  const isKnown = ({ quarters, missingQuarters }: api.Measured) =>
    quarters >= knownShare * (quarters + missingQuarters);
  const cycles = past.filter((_, index) => isKnown(measured[index] as api.Measured));
  if (cycles.length === 0) return null;
  const missingQuarters = measured.filter(isKnown).reduce((sum, one) => sum + one.missingQuarters, 0);
  const uses = cycles.map((cycle) => useOf(maker, cycle, { quarters: energies }));
  return { basis: "past", cycles, uses, missingQuarters };
}

/** The present cycle as it is expected to end; as it is so far while no whole day has been seen. */
function presentBasis(scope: NowScope): Basis {
  const { maker, timeZone, nowMs } = scope;
  const { cycle, energies } = readNow(scope);
  const expected = expectQuarters({ cycle, quarters: energies, nowMs, timeZone });
  const window = windowOf(cycle, timeZone);
  const { missingQuarters } = measuredIn(energies, { ...window, endMs: Math.min(nowMs, window.endMs) });
  const quarters = expected ?? energiesIn(energies, window);
  return {
    basis: expected ? "expected" : "to_date",
    cycles: [cycle],
    uses: [useOf(maker, cycle, { quarters })],
    missingQuarters,
  };
}

function useOf(maker: BillMaker, cycle: PlanCycle, usage: CycleUse["usage"]): CycleUse {
  return { cycle, usage, options: maker.planOptions(cycle) };
}

function importOf(costs: readonly PlanCost[]): number {
  const bills = costs.find(({ problem }) => problem === null)?.bills ?? [];
  return bills.flatMap(({ periods }) => periods).reduce((sum, { importWh }) => sum + importWh, 0);
}

function planCostView(
  cost: PlanCost,
  { book, current, costs }: { book: PlanBook; current: BookTariff; costs: readonly PlanCost[] },
): api.PlanCost {
  const tariff = planOf(book, cost.tariffId);
  const { totalSatang, perDaySatang, perMonthSatang, problem } = cost;
  const present = costs.find(({ tariffId }) => tariffId === current.id)?.perMonthSatang ?? null;
  const kwh = cost.bills.map(({ billedKwh }) => Number(billedKwh));
  return {
    plan: { id: tariff.id, name: tariff.name, about: tariff.about ?? null },
    isCurrent: tariff.id === current.id,
    ...{ totalSatang, perDaySatang, perMonthSatang, problem },
    differenceSatang: perMonthSatang === null || present === null ? null : perMonthSatang - present,
    movesTo: nextPlan(tariff, kwh),
  };
}
