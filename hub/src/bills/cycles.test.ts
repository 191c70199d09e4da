import { describe, expect, test } from "vitest";
import type { PlanSpan } from "../api/bill-contract.ts";
import { dayFrom } from "../billing/cycle.ts";
import { cycleOn, cyclesBetween, dateAt, givenFor } from "./cycles.ts";

const span = (more: Partial<PlanSpan>): PlanSpan => ({
  ...{ from: null, plan: "a", startDay: 15, months: 1, anchorMonth: null, entitlements: [], contractedKw: null },
  ...more,
});
const dates = (cycles: readonly { start: string; end: string }[]) => cycles.map(({ start, end }) => [start, end]);

describe("the cycles of a household", () => {
  test("begin on its day of the month, on the last day of a shorter month", () => {
    expect(dates([cycleOn([span({})], "2026-02-14")])).toEqual([["2026-01-15", "2026-02-15"]]);
    expect(dates([cycleOn([span({ startDay: 31 })], "2026-02-28")])).toEqual([["2026-02-28", "2026-03-31"]]);
  });

  test("last two months from the anchor on", () => {
    const plans = [span({ startDay: 1, months: 2, anchorMonth: "2026-02" })];
    expect(dates([cycleOn(plans, "2026-03-31"), cycleOn(plans, "2026-01-01")])).toEqual([
      ["2026-02-01", "2026-04-01"],
      ["2025-12-01", "2026-02-01"],
    ]);
  });

  test("end where the plan changes, and the new plan's begin there", () => {
    const plans = [span({}), span({ plan: "b", from: "2026-03-20", startDay: 1 })];
    const cycles = cyclesBetween(plans, "2026-02-20", "2026-05-10");
    expect(dates(cycles)).toEqual([
      ["2026-02-15", "2026-03-15"],
      ["2026-03-15", "2026-03-20"],
      ["2026-03-20", "2026-04-01"],
      ["2026-04-01", "2026-05-01"],
    ]);
    expect(cycles.map((cycle) => cycle.span.plan)).toEqual(["a", "a", "b", "b"]);
  });

  test("follow each other without a gap, whatever the plans are", () => {
    const plans = [
      span({ startDay: 31 }),
      span({ from: "2025-02-28", startDay: 29, months: 2, anchorMonth: "2025-01" }),
      span({ from: "2025-03-01", startDay: 1 }),
      span({ from: "2025-03-31", startDay: 31 }),
    ];
    const cycles = cyclesBetween(plans, "2024-01-05", "2026-01-05");
    for (const [index, { end }] of cycles.slice(0, -1).entries()) expect(cycles[index + 1]?.start).toBe(end);
    for (const cycle of cycles) {
      expect(dates([cycleOn(plans, cycle.start), cycleOn(plans, dayFrom(cycle.end, -1))])).toEqual(
        dates([cycle, cycle]),
      );
    }
  });

  test("have the adjustments that were given for their billing month", () => {
    const given = { "2026-02": { ft: "1" }, "2026-03": { ft: "2" } };
    expect(givenFor(given, { start: "2026-01-15", end: "2026-02-15" })).toEqual({ ft: "1" });
    expect(givenFor(given, { start: "2026-03-15", end: "2026-04-15" })).toEqual({});
  });

  test("lie in local time", () => {
    expect(dateAt(Date.parse("2026-01-31T17:00Z"), "Asia/Bangkok")).toBe("2026-02-01");
    expect(dateAt(Date.parse("2026-01-31T16:59Z"), "Asia/Bangkok")).toBe("2026-01-31");
  });
});
