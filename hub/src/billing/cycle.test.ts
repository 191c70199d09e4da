import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { billingMonth, checkCycle, cycleAt, dayAfter, daysIn, monthCycle } from "./cycle.ts";

describe("billing cycles", () => {
  test("begin on the last day of months that are too short", () => {
    expect(cycleAt("2026-02-10", { startDay: 31 })).toEqual({ start: "2026-01-31", end: "2026-02-28" });
    expect(cycleAt("2026-02-28", { startDay: 31 })).toEqual({ start: "2026-02-28", end: "2026-03-31" });
    expect(cycleAt("2028-02-29", { startDay: 30 })).toEqual({ start: "2028-02-29", end: "2028-03-30" });
    expect(cycleAt("2028-02-28", { startDay: 29 })).toEqual({ start: "2028-01-29", end: "2028-02-29" });
  });

  test("of two months follow their anchor over the turn of the year", () => {
    const rule = { startDay: 15, months: 2, anchorMonth: "2026-02" };
    expect(cycleAt("2026-01-20", rule)).toEqual({ start: "2025-12-15", end: "2026-02-15" });
    expect(cycleAt("2026-02-15", rule)).toEqual({ start: "2026-02-15", end: "2026-04-15" });
    expect(cycleAt("2023-11-01", rule)).toEqual({ start: "2023-10-15", end: "2023-12-15" });
  });

  test("cover every day once, whatever day they begin on", () => {
    const starts = fc.record({ startDay: fc.integer({ min: 1, max: 31 }), months: fc.constantFrom(1, 2, 3, 6, 12) });
    fc.assert(
      fc.property(starts, fc.integer({ min: 0, max: 3_000 }), (rule, offset) => {
        const date = new Date(Date.UTC(2022, 0, 1 + offset)).toISOString().slice(0, 10);
        const cycle = cycleAt(date, rule);
        expect(cycle.start <= date && date < cycle.end).toBe(true);
        expect(cycleAt(cycle.start, rule)).toEqual(cycle);
        expect(cycleAt(cycle.end, rule).start).toBe(cycle.end);
      }),
    );
  });

  test("belong to the month in which their last day lies", () => {
    expect(billingMonth({ start: "2026-01-15", end: "2026-02-15" })).toBe("2026-02-01");
    expect(billingMonth(monthCycle("2025-12"))).toBe("2025-12-01");
    expect(daysIn(monthCycle("2028-02"))).toBe(29);
    expect(dayAfter("2026-12-31")).toBe("2027-01-01");
  });

  test("are refused with a hint when they cannot be", () => {
    expect(() => cycleAt("2026-02-30", { startDay: 1 })).toThrow("no date");
    expect(() => cycleAt("2026-02-10", { startDay: 32 })).toThrow("begins a cycle");
    expect(() => cycleAt("2026-02-10", { startDay: 1, months: 5 })).toThrow("no known month");
    expect(() => monthCycle("2026-13")).toThrow("no month");
    expect(() => checkCycle({ start: "2026-02-10", end: "2026-02-10" })).toThrow("0 days");
    expect(() => checkCycle({ start: "2020-01-01", end: "2026-01-01" })).toThrow("days");
  });
});
