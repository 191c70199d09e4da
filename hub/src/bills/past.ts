/** Bills of cycles that are over: kept as they were made, and compared with the utility's own. */
import type * as api from "../api/bill-contract.ts";
import type { Carry } from "../billing/bill.ts";
import type { Cycle } from "../billing/cycle.ts";
import { BillingError } from "../billing/errors.ts";
import { windowOf } from "../billing/window.ts";
import { dayMs } from "../energy/calendar.ts";
import { HubError } from "../errors.ts";
import type { BillRow, PaperRow } from "../records.ts";
import type { PlanCycle } from "./cycles.ts";
import type { BillMaker, MadeBill } from "./make.ts";
import { cycleView } from "./view.ts";

/** What bills need of the store's tables. */
export interface BillTables {
  bill(cycle: Cycle): BillRow | null;
  /** The first date that a stored bill is of; null without any. */
  firstStart(): string | null;
  saveBill(row: BillRow): void;
  paper(cycle: Cycle): PaperRow | null;
  savePaper(cycle: Cycle, row: PaperRow): void;
  removePaper(cycle: Cycle): void;
}

/** A meter that was away sends what it has kept when it is back: a bill waits so long for it. */
const finalAfterMs = dayMs;

/** As it is stored: with what the next cycle needs of it. */
type StoredOrigin = api.MadeFrom & { carry: Carry };

/** What is left over of a cycle whose bill is stored; null when it is not. */
export function storedCarryOf(tables: BillTables, cycle: Cycle): Carry | null {
  const row = tables.bill(cycle);
  return row && (JSON.parse(row.madeFrom) as StoredOrigin).carry;
}

export interface PastBillsOptions {
  maker: BillMaker;
  tables: BillTables;
  timeZone: string;
  nowMs(): number;
  /** While the true time is not known nothing becomes final. */
  isTimeKnown(): boolean;
}

export function createPastBills({ maker, tables, timeZone, nowMs, isTimeKnown }: PastBillsOptions) {
  function isDue(cycle: Cycle): boolean {
    return isTimeKnown() && nowMs() >= windowOf(cycle, timeZone).endMs + finalAfterMs;
  }

  function save(cycle: Cycle, { bill, shown, madeFrom }: MadeBill): api.PastBill {
    const stored: StoredOrigin = { ...madeFrom, carry: bill.carry };
    const madeMs = nowMs();
    tables.saveBill({
      ...{ cycleStart: cycle.start, cycleEnd: cycle.end, madeMs, totalSatang: shown.totalSatang },
      ...{ bill: JSON.stringify(shown), madeFrom: JSON.stringify(stored) },
    });
    return { state: "final", bill: shown, madeMs, madeFrom, paper: paperOf(tables, cycle, shown) };
  }

  function stored(cycle: Cycle): api.PastBill | null {
    const row = tables.bill(cycle);
    if (!row) return null;
    const bill = JSON.parse(row.bill) as api.Bill;
    const { carry, ...madeFrom } = JSON.parse(row.madeFrom) as StoredOrigin;
    return { state: "final", bill, madeMs: row.madeMs, madeFrom, paper: paperOf(tables, cycle, bill) };
  }

  /** The bill as it was made; one that is due is made, and kept from now on. Throws a BillingError. */
  function get(cycle: PlanCycle): api.PastBill {
    const known = stored(cycle);
    if (known) return known;
    const made = maker.make(cycle);
    const state = nowMs() < windowOf(cycle, timeZone).endMs ? "running" : "provisional";
    if (isDue(cycle)) return save(cycle, made);
    return { state, bill: made.shown, madeMs: null, madeFrom: null, paper: paperOf(tables, cycle, made.shown) };
  }

  /** The cycle, over or present, that begins on the date. Throws HubError NOT_FOUND. */
  function find(start: string): PlanCycle {
    const found = [...maker.past(), maker.now()].find((cycle) => cycle.start === start);
    if (found) return found;
    throw new HubError("NOT_FOUND", `No billing cycle begins on ${start}`, "GET /api/bills lists those there are.");
  }

  function findOver(start: string): PlanCycle {
    const cycle = find(start);
    if (nowMs() >= windowOf(cycle, timeZone).endMs) return cycle;
    throw new HubError("BAD_REQUEST", `The cycle from ${start} is not over`, "Come back when it is.");
  }

  return {
    get,
    find,
    /** Every past cycle, the newest first, and those that cannot be billed. */
    list(): api.Bills {
      const answer: api.Bills = { bills: [], problems: [] };
      for (const cycle of maker.past()) {
        try {
          answer.bills.unshift(summaryOf(get(cycle)));
        } catch (error) {
          if (!(error instanceof BillingError)) throw error;
          const { message, hint } = error;
          answer.problems.push({ cycle: cycleView(cycle, timeZone), message, hint });
        }
      }
      return answer;
    },
    /** Makes the oldest bill that is due and not made yet; false when there is none. */
    makeNext(): boolean {
      for (const cycle of maker.past()) {
        if (!isDue(cycle) || tables.bill(cycle)) continue;
        try {
          get(cycle);
          return true;
        } catch (error) {
          if (!(error instanceof BillingError)) throw error; // the list tells it to whoever can set it right
        }
      }
      return false;
    },
    /** Makes a final bill anew from what is known now, and keeps that. */
    recompute(start: string): api.Recomputed {
      const cycle = findOver(start);
      const before = get(cycle);
      const made = maker.make(cycle);
      checkMeasured(made);
      const after = before.state === "final" ? save(cycle, made) : before;
      return {
        ...{ before, after, changed: before.madeFrom ? changesOf(before.madeFrom, made.madeFrom) : [] },
        differenceSatang: after.bill.totalSatang - before.bill.totalSatang,
        lines: differentLines(before.bill, after.bill),
      };
    },
    notePaper(start: string, { totalSatang, kwh }: api.PaperFigure): api.PastBill {
      const cycle = findOver(start);
      if (totalSatang === null) tables.removePaper(cycle);
      else tables.savePaper(cycle, { totalSatang, kwh: kwh ?? null, notedMs: nowMs() });
      return get(cycle);
    },
  };
}

/** A meter may be gone with its readings: a bill that was made when it was there stays. */
function checkMeasured({ shown }: MadeBill): void {
  if (shown.measured.quarters > 0) return;
  throw new BillingError(
    `The readings of the cycle from ${shown.cycle.start} are gone`,
    "Its bill stays as it was made",
  );
}

function paperOf(tables: BillTables, cycle: Cycle, bill: api.Bill): api.Paper | null {
  const paper = tables.paper(cycle);
  if (!paper) return null;
  const differenceSatang = bill.totalSatang - paper.totalSatang;
  const percent = (differenceSatang / Math.abs(paper.totalSatang)) * 100;
  return {
    ...paper,
    differenceSatang,
    differencePercent: paper.totalSatang === 0 ? null : Math.round(percent * 100) / 100,
    differenceKwh: paper.kwh === null ? null : Math.round((Number(bill.billedKwh) - Number(paper.kwh)) * 1000) / 1000,
  };
}

function summaryOf({ state, bill, paper }: api.PastBill): api.BillSummary {
  const { cycle, plan, currency, billedKwh, totalSatang, measured } = bill;
  return { state, cycle, plan, currency, billedKwh, totalSatang, missingQuarters: measured.missingQuarters, paper };
}

function changesOf(before: api.MadeFrom, after: api.MadeFrom): api.Recomputed["changed"] {
  const changed: api.Recomputed["changed"] = [];
  const text = (...values: unknown[]) => JSON.stringify(values);
  if (before.plan !== after.plan) changed.push("plan");
  else if (before.tariffDigest !== after.tariffDigest) changed.push("prices");
  if (before.quartersDigest !== after.quartersDigest) changed.push("measurements");
  const settings = ({ adjustments, entitlements, contractedKw }: api.MadeFrom) =>
    text(adjustments, entitlements, contractedKw);
  if (before.plan === after.plan && settings(before) !== settings(after)) changed.push("settings");
  return changed;
}

/** Lines that only one of two bills has, or whose amounts differ. */
function differentLines(before: api.Bill, after: api.Bill): api.Recomputed["lines"] {
  const amounts = (bill: api.Bill) => {
    const named = new Map<string, api.BillLine>();
    for (const line of bill.lines) {
      let name = `${line.label.en} ${line.span.start}`;
      while (named.has(name)) name += " again";
      named.set(name, line);
    }
    return named;
  };
  const [old, fresh] = [amounts(before), amounts(after)];
  return [...new Map([...old, ...fresh])]
    .map(([name, { label }]) => ({
      label,
      beforeSatang: old.get(name)?.amountSatang ?? null,
      afterSatang: fresh.get(name)?.amountSatang ?? null,
    }))
    .filter(({ beforeSatang, afterSatang }) => beforeSatang !== afterSatang);
}
