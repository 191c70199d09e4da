/** What today's and this month's energy costs, for the live view: a mean price that is worked out once a minute. */
import { type Bill, type BillOptions, computeBill } from "../billing/bill.ts";
import { dayFrom } from "../billing/cycle.ts";
import { BillingError } from "../billing/errors.ts";
import { type Window, windowOf } from "../billing/window.ts";
import { minuteMs } from "../energy/calendar.ts";
import { cycleOn, dateAt, type PlanCycle } from "./cycles.ts";
import { type Energies, energiesIn } from "./energies.ts";
import type { BillMaker } from "./make.ts";
import { importOnly } from "./now.ts";

/** Currency per kWh. */
export interface MeanPrices {
  today: number;
  month: number;
}

export interface CostOptions {
  maker: BillMaker;
  timeZone: string;
  nowMs(): number;
  dayStartMs(): number;
  monthStartMs(): number;
  /** Holds while nothing better is known. */
  pricePerKwh: number;
  /** The home's; a plan in another one says nothing here. */
  currency(): string;
  /** Runs soon, not now. */
  later(work: () => void): void;
}

const freshMs = minuteMs;
/** With less energy rounding to hundredths would show. */
const leastWh = 1_000;

export function createCosts(options: CostOptions) {
  const { maker, timeZone, nowMs, pricePerKwh } = options;
  const flat = { today: pricePerKwh, month: pricePerKwh };
  let known = { prices: flat, atMs: Number.NEGATIVE_INFINITY, dayMs: Number.NaN };
  let isAsked = false;

  function work(): void {
    isAsked = false;
    const dayMs = options.dayStartMs();
    known = { prices: meanPrices(dayMs), atMs: nowMs(), dayMs };
  }

  function meanPrices(dayMs: number): MeanPrices {
    try {
      const month = options.monthStartMs();
      const end = nowMs();
      const cycles = cyclesIn({ startMs: month, endMs: end });
      if (cycles.some((cycle) => maker.tariffOf(cycle).currency !== options.currency())) return flat;
      const startMs = Math.min(month, ...cycles.map((cycle) => windowOf(cycle, timeZone).startMs));
      const energies = importOnly(maker.read({ startMs, endMs: end }));
      const monthPrice = meanPrice(cycles, energies, { startMs: month, endMs: end });
      const today = meanPrice(cycles, energies, { startMs: dayMs, endMs: end });
      return { today: today ?? monthPrice ?? pricePerKwh, month: monthPrice ?? today ?? pricePerKwh };
    } catch (error) {
      if (error instanceof BillingError) return flat; // the bill's page tells it
      throw error;
    }
  }

  function cyclesIn({ startMs, endMs }: Window): PlanCycle[] {
    const cycles: PlanCycle[] = [];
    const first = dateAt(startMs, timeZone);
    for (let cycle = cycleOn(maker.plans(), dateAt(endMs, timeZone)); ; ) {
      cycles.push(cycle);
      if (cycle.start <= first) return cycles;
      cycle = cycleOn(maker.plans(), dayFrom(cycle.start, -1));
    }
  }

  /** What the window's energy added to the bills of its cycles, by kWh; null with next to none. */
  function meanPrice(cycles: readonly PlanCycle[], energies: Energies, window: Window): number | null {
    const importWh = energiesIn(energies, window).importWh.reduce((sum, wh) => sum + wh, 0);
    if (importWh < leastWh) return null;
    const satang = cycles.reduce((sum, cycle) => sum + addedSatang(cycle, energies, window), 0);
    return satang / 100 / (importWh / 1000);
  }

  /** The bill up to the window's end less the bill up to its start, so that fixed charges fall away. */
  function addedSatang(cycle: PlanCycle, energies: Energies, window: Window): number {
    const { startMs, endMs } = windowOf(cycle, timeZone);
    const [from, to] = [Math.max(startMs, window.startMs), Math.min(endMs, window.endMs)];
    if (to <= from) return 0;
    const tariff = maker.tariffOf(cycle);
    // Digits of the meter would make the cost of a day jump by whole units.
    const billOptions: BillOptions = { ...maker.planOptions(cycle), exactUnits: true };
    const total = (untilMs: number): Bill =>
      computeBill({
        ...{ tariff, cycle, usage: { quarters: energiesIn(energies, { startMs, endMs: untilMs }) } },
        options: billOptions,
      });
    return total(to).totalSatang - total(from).totalSatang;
  }

  return {
    /** Never waits: up to a minute old, and made anew soon when it is older. */
    prices(): MeanPrices {
      const { prices, atMs, dayMs } = known;
      const isOld = Math.abs(nowMs() - atMs) >= freshMs || dayMs !== options.dayStartMs();
      if (isOld && !isAsked) {
        isAsked = true;
        options.later(work);
      }
      return prices;
    },
    /** After the settings have changed: they are made anew soon. */
    forget(): void {
      known = { ...known, atMs: Number.NEGATIVE_INFINITY };
    },
  };
}
