import { describe, expect, test } from "vitest";
import { loadTariffs } from "../../tariffs/load.ts";
import type { PlanSpan } from "../api/bill-contract.ts";
import { findTariff } from "../billing/book.ts";
import { BillingError } from "../billing/errors.ts";
import { quartersOf } from "../billing/test-tariffs.ts";
import { windowOf } from "../billing/window.ts";
import { dayMs } from "../energy/calendar.ts";
import { createCosts } from "./costs.ts";
import { cycleOn } from "./cycles.ts";
import { type Energies, energiesIn } from "./energies.ts";

const timeZone = "Asia/Bangkok";
const tariff = findTariff(loadTariffs(), "TH-1.2");
const span: PlanSpan = {
  ...{ from: null, plan: "TH-1.2", startDay: 15, months: 1, anchorMonth: null, entitlements: [], contractedKw: null },
};
const spring = { start: "2025-01-15", end: "2025-04-15" };

/** Costs of a home that uses 100 Wh each quarter hour, at a time that the test sets. */
function costsAt(local: string, wh = 100) {
  const state = { nowMs: Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone).epochMilliseconds, reads: 0 };
  const { startMs, importWh } = quartersOf(spring, timeZone, () => wh) as Energies;
  const zeros = new Float64Array(startMs.length);
  const all = { startMs, importWh, exportWh: zeros, estimatedWh: zeros, isPartial: new Uint8Array(startMs.length) };
  const waiting: (() => void)[] = [];
  const costs = createCosts({
    maker: {
      plans: () => [span],
      read(window) {
        state.reads++;
        return energiesIn(all, window);
      },
      tariffOf: () => tariff,
      planOptions: () => ({ timeZone }),
      billOptions: () => ({ timeZone }),
      now: () => cycleOn([span], local.slice(0, 10)),
      past: () => [],
      make() {
        throw new BillingError("not asked for", "");
      },
    },
    timeZone,
    nowMs: () => state.nowMs,
    dayStartMs: () => windowOf({ start: local.slice(0, 10), end: local.slice(0, 10) }, timeZone).startMs,
    monthStartMs: () => windowOf({ start: `${local.slice(0, 7)}-01`, end: local.slice(0, 10) }, timeZone).startMs,
    pricePerKwh: 4.5,
    currency: () => "THB",
    later: (work) => void waiting.push(work),
  });
  /** The prices once they are worked out. */
  const settled = () => {
    costs.prices();
    for (const work of waiting.splice(0)) work();
    return costs.prices();
  };
  return { costs, state, waiting, settled };
}

/** What a kWh of a tier costs with the Ft of early 2025 and VAT. */
const withTaxes = (price: number) => (price + 0.3672) * 1.07;

describe("the mean price of energy", () => {
  test("is that of the tier that the cycle has reached", () => {
    // 9.6 kWh a day: on the 17th the first tier still holds, on the 13th of the next month the second.
    expect(costsAt("2025-02-17T12:00").settled().today).toBeCloseTo(withTaxes(3.2484), 2);
    expect(costsAt("2025-03-13T12:00").settled().today).toBeCloseTo(withTaxes(4.2218), 2);
  });

  test("of a calendar month adds up what it added to the bills of both its cycles", () => {
    const { settled } = costsAt("2025-02-20T00:00");
    // From 1 to 15 February: 163.2 kWh were used before in the cycle. Then a new cycle with 48 kWh begins.
    const spent = 134.4 * withTaxes(4.2218) + 48 * withTaxes(3.2484);
    expect(settled().month).toBeCloseTo(spent / 182.4, 2);
  });

  test("is the settings' while next to nothing was used", () => {
    expect(costsAt("2025-02-17T12:00", 0.01).settled()).toEqual({ today: 4.5, month: 4.5 });
  });

  test("is never waited for: an old one is given, and made anew later, once", () => {
    const { costs, state, waiting, settled } = costsAt("2025-02-17T12:00");
    expect(costs.prices()).toEqual({ today: 4.5, month: 4.5 });
    const first = settled();
    expect(costs.prices()).toBe(first);
    expect([state.reads, waiting.length]).toEqual([1, 0]);
    state.nowMs += dayMs / 24;
    expect(costs.prices()).toBe(first);
    expect(costs.prices()).toBe(first);
    expect([state.reads, waiting.length]).toEqual([1, 1]);
    expect(settled()).not.toBe(first);
    expect(state.reads).toBe(2);
  });

  test("is made anew after the settings have changed", () => {
    const { costs, waiting, settled } = costsAt("2025-02-17T12:00");
    settled();
    costs.forget();
    costs.prices();
    expect(waiting).toHaveLength(1);
  });
});
