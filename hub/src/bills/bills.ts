/** The hub's side of billing: settings, the present bill, past ones, comparisons and shares. Failures are HubErrors. */
import type * as api from "../api/bill-contract.ts";
import { BillingError } from "../billing/errors.ts";
import { windowOf } from "../billing/window.ts";
import { hourMs } from "../energy/calendar.ts";
import { HubError } from "../errors.ts";
import type { Channel } from "../model.ts";
import { createCosts, type MeanPrices } from "./costs.ts";
import type { RollupSource } from "./energies.ts";
import { createBillMaker } from "./make.ts";
import { billNow, type NowScope } from "./now.ts";
import { type BillTables, createPastBills, storedCarryOf } from "./past.ts";
import { planOf } from "./plans.ts";
import { openTariffSettings, type TariffOptions } from "./settings.ts";
import { sharesOf, sharingChannels } from "./shares.ts";
import { planView } from "./view.ts";
import { comparison } from "./what-if.ts";

export interface BillsOptions extends TariffOptions {
  source: RollupSource;
  tables: BillTables;
  /** The channels whose sum is the home's supply. */
  supplyChannels(): Channel[];
  /** All channels of the home. */
  channels(): Channel[];
  nameOf(channel: Channel): string;
  nowMs(): number;
  isTimeKnown(): boolean;
  dayStartMs(): number;
  monthStartMs(): number;
  /** A bill could not be made by itself: why. */
  onFailed(error: Error): void;
}

export type Bills = ReturnType<typeof openBills>;

/** Bills that are due are made this often, whether somebody looks or not. */
const makeEveryMs = hourMs;

export function openBills(options: BillsOptions) {
  const { source, tables, supplyChannels, timeZone, nowMs, isTimeKnown } = options;
  const tariffs = openTariffSettings(options);
  const maker = createBillMaker({
    ...{ tariffs, source, supplyChannels, timeZone, nowMs },
    storedCarry: (cycle) => storedCarryOf(tables, cycle),
    firstStored: tables.firstStart,
    isStored: (cycle) => tables.bill(cycle) !== null,
  });
  const past = createPastBills({ maker, tables, timeZone, nowMs, isTimeKnown });
  const soon = new Set<NodeJS.Immediate>();
  const costs = createCosts({
    ...{ maker, timeZone, nowMs, dayStartMs: options.dayStartMs, monthStartMs: options.monthStartMs },
    ...{ pricePerKwh: options.pricePerKwh, currency: tariffs.currency, later },
  });
  const timer = setInterval(() => later(makeDue), makeEveryMs);
  timer.unref();

  function later(work: () => void): void {
    const handle = setImmediate(() => {
      soon.delete(handle);
      try {
        work();
      } catch (error) {
        options.onFailed(error as Error);
      }
    });
    soon.add(handle);
  }

  /** One bill a turn, so that a home with years of readings holds up nobody. */
  function makeDue(): void {
    if (past.makeNext()) later(makeDue);
  }

  function scope(): NowScope {
    return { maker, book: tariffs.book(), timeZone, nowMs: nowMs() };
  }

  function tariff(): api.TariffAnswer {
    const { start, end } = maker.now();
    return { settings: tariffs.get(), isDefault: tariffs.isDefault(), cycle: { start, end } };
  }

  function split(question: SplitQuestion): api.Split {
    const cycle = question.cycle === null ? maker.now() : past.find(question.cycle);
    const { state, bill } = past.get(cycle);
    const window = windowOf(cycle, timeZone);
    const endMs = Math.min(window.endMs, nowMs());
    const { by, channels } = sharingChannels(options.channels(), question.by);
    const tariff = planOf(tariffs.book(), bill.plan.id);
    const divided = { bill, tariff, window: { ...window, endMs }, timeZone };
    return {
      ...{ cycle: bill.cycle, state, currency: bill.currency, totalSatang: bill.totalSatang, by },
      shares: sharesOf(divided, { source, channels, fixed: question.fixed }, options.nameOf),
    };
  }

  return {
    /** Starts making bills that are due, and works out prices. */
    start(): void {
      costs.prices();
      later(makeDue);
    },
    /** Every plan that there is. */
    plans: (): api.Plan[] => {
      const book = told(() => tariffs.book());
      return [...book.tariffs.values()].map((one) => planView(one, book));
    },
    tariff: (): api.TariffAnswer => told(tariff),
    setTariff(settings: api.TariffSettings): api.TariffAnswer {
      return told(() => {
        tariffs.save(settings);
        costs.forget();
        return tariff();
      });
    },
    now: (): api.BillNow => told(() => billNow(scope())),
    list: (): api.Bills => told(past.list),
    get: (start: string): api.PastBill => told(() => past.get(past.find(start))),
    recompute: (start: string): api.Recomputed => told(() => past.recompute(start)),
    notePaper: (start: string, paper: api.PaperFigure): api.PastBill => told(() => past.notePaper(start, paper)),
    compare: (question: { mostCycles: number; planIds: readonly string[] | null }): Promise<api.Comparison> =>
      Promise.try(() => comparison(scope(), question)).catch(refuse),
    split: (question: SplitQuestion): api.Split => told(() => split(question)),
    /** Mean prices of today's and this month's energy in currency per kWh; never waits. */
    prices: (): MeanPrices => costs.prices(),
    close(): void {
      clearInterval(timer);
      for (const handle of soon) clearImmediate(handle);
    },
  };
}

export interface SplitQuestion {
  /** The cycle's first date; null is the present one. */
  cycle: string | null;
  /** null: circuits when there are any. */
  by: api.Split["by"] | null;
  fixed: "by_energy" | "equally";
}

function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refuse(error);
  }
}

/** What cannot be billed is a request that cannot be answered: it says what to do. */
function refuse(error: unknown): never {
  if (!(error instanceof BillingError)) throw error;
  throw new HubError("BAD_REQUEST", error.message, `${error.hint}.`, { cause: error });
}
