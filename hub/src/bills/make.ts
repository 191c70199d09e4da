/** Makes the bills of a household's cycles from its settings and the store's quarter hours. */

import { createHash } from "node:crypto";
import type * as api from "../api/bill-contract.ts";
import { type Bill, type BillOptions, type Carry, computeBill } from "../billing/bill.ts";
import type { BookTariff } from "../billing/book.ts";
import { billingMonth, dayFrom } from "../billing/cycle.ts";
import { firstFrom, type Window, windowOf } from "../billing/window.ts";
import type { Channel } from "../model.ts";
import { cycleOn, cyclesBetween, dateAt, givenFor, type PlanCycle } from "./cycles.ts";
import { digestOf, type Energies, energiesOf, measuredDays, type RollupSource } from "./energies.ts";
import { planOf } from "./plans.ts";
import type { TariffStore } from "./settings.ts";
import { billView } from "./view.ts";

export interface BillMakerOptions {
  tariffs: TariffStore;
  source: RollupSource;
  /** The channels whose sum is the home's supply. */
  supplyChannels(): Channel[];
  timeZone: string;
  nowMs(): number;
  /** The first date that a stored bill is of: its meter may be gone by now. Null without any. */
  firstStored(): string | null;
  isStored(cycle: PlanCycle): boolean;
  /** What the cycle before hands on; null when it is not stored. */
  storedCarry(cycle: PlanCycle): Carry | null;
}

export type BillMaker = ReturnType<typeof createBillMaker>;

/** A bill, as billing has it and as it is shown. */
export interface MadeBill {
  bill: Bill;
  shown: api.Bill;
  madeFrom: api.MadeFrom;
}

export function createBillMaker(options: BillMakerOptions) {
  const { tariffs, source, supplyChannels, timeZone, nowMs, storedCarry } = options;
  const plans = () => tariffs.get().plans;

  function read(window: Window): Energies {
    return energiesOf(source, supplyChannels(), window);
  }

  function tariffOf({ span }: PlanCycle): BookTariff {
    return planOf(tariffs.book(), span.plan);
  }

  /** Options of the cycle's plan, without what is carried into it. */
  function planOptions(cycle: PlanCycle): BillOptions {
    const { entitlements, contractedKw } = cycle.span;
    return {
      timeZone,
      adjustments: givenFor(tariffs.get().adjustments, cycle),
      entitlements,
      ...(contractedKw !== null && { contractedKw }),
    };
  }

  /** With what the cycle before has left over; only some plans carry anything. */
  function billOptions(cycle: PlanCycle): BillOptions {
    const carry = carryInto(cycle);
    return { ...planOptions(cycle), ...(carry && { carry }) };
  }

  function carryInto(cycle: PlanCycle): Carry | null {
    if (!carries(tariffOf(cycle))) return null;
    const before = cycleOn(plans(), dayFrom(cycle.start, -1));
    if (before.span.plan !== cycle.span.plan || !hasDay(measured(), windowOf(before, timeZone))) return null;
    return storedCarry(before) ?? make(before).bill.carry;
  }

  function measured(): number[] {
    return measuredDays(source, supplyChannels(), nowMs());
  }

  /** Throws a BillingError when the plan cannot bill the cycle. */
  function make(cycle: PlanCycle): MadeBill {
    const tariff = tariffOf(cycle);
    const window = windowOf(cycle, timeZone);
    const knownToMs = Math.min(nowMs(), window.endMs);
    const energies = read({ startMs: window.startMs, endMs: knownToMs });
    const bill = computeBill({
      ...{ tariff, cycle, usage: { quarters: energies } },
      options: { ...billOptions(cycle), knownToMs },
    });
    const scope = { tariff, labels: tariffs.book().labels, timeZone, energies, knownToMs };
    return { bill, shown: billView(bill, scope), madeFrom: originOf(bill, { cycle, tariff, energies }) };
  }

  return {
    ...{ plans, read, tariffOf, planOptions, billOptions, make },
    now: (): PlanCycle => cycleOn(plans(), dateAt(nowMs(), timeZone)),
    /** The cycles that are over and have readings, or a bill that was made when they had; in order. */
    past(): PlanCycle[] {
      const days = measured();
      const firsts = [days[0] === undefined ? null : dateAt(days[0], timeZone), options.firstStored()];
      const [first] = firsts.filter((date) => date !== null).toSorted();
      if (first === undefined) return [];
      const cycles = cyclesBetween(plans(), first, dateAt(nowMs(), timeZone));
      return cycles.filter((cycle) => hasDay(days, windowOf(cycle, timeZone)) || options.isStored(cycle));
    },
  };
}

function hasDay(days: readonly number[], { startMs, endMs }: Window): boolean {
  const first = days[firstFrom(days, startMs)];
  return first !== undefined && first < endMs;
}

/** Whether a bill of the tariff may depend on the one before. */
function carries({ versions }: BookTariff): boolean {
  return versions.some(({ export: rule }) => rule?.mode === "net" || rule?.surplus === "carry");
}

function originOf(
  bill: Bill,
  { cycle, tariff, energies }: { cycle: PlanCycle; tariff: BookTariff; energies: Energies },
): api.MadeFrom {
  const date = tariff.changes === "cycle" ? billingMonth(cycle) : cycle.start;
  return {
    plan: tariff.id,
    pricesFrom: tariff.versions.findLast(({ from }) => from <= date)?.from ?? "",
    tariffDigest: createHash("sha256").update(JSON.stringify(tariff)).digest("hex"),
    quartersDigest: digestOf(energies),
    adjustments: bill.lines
      .filter(({ kind }) => kind === "adjustment")
      .map(({ key, rate }) => ({ key, rate: rate ?? "0" })),
    entitlements: cycle.span.entitlements,
    contractedKw: cycle.span.contractedKw,
  };
}
