/** The billing cycles of a household that may have changed its plan. */
import type { PlanSpan } from "../api/bill-contract.ts";
import { billingMonth, type Cycle, cycleAt, dayFrom } from "../billing/cycle.ts";

/** A cycle and the plan that holds in it. */
export interface PlanCycle extends Cycle {
  span: PlanSpan;
}

/** Half a century: nobody's readings go back further. */
const mostCycles = 600;

/** The cycle that holds the local date; it ends, or begins, where the plan changes. */
export function cycleOn(plans: readonly PlanSpan[], date: string): PlanCycle {
  const index = plans.findLastIndex(({ from }) => from === null || from <= date);
  const span = plans[index] as PlanSpan;
  const { startDay, months, anchorMonth } = span;
  const cycle = cycleAt(date, { startDay, months, ...(anchorMonth !== null && { anchorMonth }) });
  const next = plans[index + 1]?.from ?? null;
  return {
    start: span.from !== null && span.from > cycle.start ? span.from : cycle.start,
    end: next !== null && next < cycle.end ? next : cycle.end,
    span,
  };
}

/** The cycles from the one that holds the first date up to, not with, the one that holds the last; in order. */
export function cyclesBetween(plans: readonly PlanSpan[], first: string, last: string): PlanCycle[] {
  const cycles: PlanCycle[] = [];
  for (let { start } = cycleOn(plans, last); start > first && cycles.length < mostCycles; ) {
    const cycle = cycleOn(plans, dayFrom(start, -1));
    cycles.push(cycle);
    start = cycle.start;
  }
  return cycles.reverse();
}

/** The adjustments that the household gave for the cycle's billing month. */
export function givenFor(
  adjustments: Readonly<Record<string, Record<string, string>>>,
  cycle: Cycle,
): Record<string, string> {
  return adjustments[billingMonth(cycle).slice(0, 7)] ?? {};
}

/** The local date of an instant. */
export function dateAt(timeMs: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(timeMs))
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}
