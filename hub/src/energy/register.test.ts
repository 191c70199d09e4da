import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advanceNetRegister, advanceRegister, startRegister } from "./register.ts";

const minute = 60_000;

/** Energy counted over the values, given a minute apart. */
function count(values: number[], stepMs = minute): number {
  const [first = 0, ...rest] = values;
  const state = startRegister(0, first);
  return rest.reduce((sum, value, index) => sum + advanceRegister(state, (index + 1) * stepMs, value), 0);
}

describe("a register", () => {
  test("counts what it rises", () => {
    expect(count([1000, 1010, 1025])).toBe(25);
  });

  test("that reads zero for a moment adds nothing", () => {
    expect(count([1_943_700, 0, 1_943_700])).toBe(0);
    expect(count([1_943_700, 0, 1_943_702, 1_943_705])).toBe(5);
  });

  test("that falls by half while a part of its sum is missing adds nothing", () => {
    expect(count([930_588, 465_294, 930_590])).toBe(2);
  });

  test("that grows while a part of its sum is missing counts that growth once", () => {
    expect(count([930_588, 465_294, 465_300, 930_600])).toBe(12);
  });

  test("that steps back by rounding holds, and does not count the way back up", () => {
    expect(count([130.98, 130.97, 130.98, 131])).toBeCloseTo(0.02);
    expect(count([132, 130, 132, 133])).toBe(1);
  });

  test("restarted at a reboot counts what it shows since then", () => {
    expect(count([158_000 / 60, 0, 1200 / 60])).toBe(20);
    expect(count([2000, 15, 20])).toBe(20);
  });

  test("replaced by one that stands at a high count adds only what the new one counts", () => {
    expect(count([1_010_000, 100_000, 105_000])).toBe(5_000);
  });

  test("restarted each midnight counts each day in full", () => {
    expect(count([4_000, 5_000, 100, 600, 1_200])).toBe(2_200);
  });

  test("that climbs past its old count after a restart counts all of it", () => {
    expect(count([100, 0, 40, 80, 120, 160])).toBe(160);
  });

  test("rolls over at the end of its digits and of its 32 bits", () => {
    expect(count([9_999_990, 10, 30])).toBe(40);
    expect(count([42_949.6, 0.5, 1])).toBeCloseTo(42_949.67296 - 42_949.6 + 1);
  });

  test("that leaps up impossibly adds nothing and goes on from there", () => {
    expect(count([100, 1e9, 1e9 + 5])).toBe(5);
  });

  test("held low for a quarter of a day was corrected, and counts from there", () => {
    expect(count([1000, 950, 951, 960, 970], 3 * 3600_000)).toBe(10);
  });

  test("running both ways counts import as positive and export as negative", () => {
    const state = startRegister(0, 1000);
    expect([1010, 1005, -20].map((value, index) => advanceNetRegister(state, (index + 1) * minute, value))).toEqual([
      10, -5, -1025,
    ]);
  });

  test("running both ways that restarts at zero exports nothing", () => {
    const state = startRegister(0, 16_100);
    expect([0, 30].map((value, index) => advanceNetRegister(state, (index + 1) * minute, value))).toEqual([0, 30]);
  });

  test("never counts less than nothing, nor more than its rises and restarts together", () => {
    const values = fc.array(fc.double({ min: 0, max: 50_000, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, (list) => {
        const energy = count(list, 3600_000);
        const rises = list.slice(1).reduce((sum, value, index) => sum + Math.max(0, value - (list[index] ?? 0)), 0);
        const restarts = list.slice(1).reduce((sum, value, index) => sum + (value < (list[index] ?? 0) ? value : 0), 0);
        expect(energy).toBeGreaterThanOrEqual(0);
        expect(energy).toBeLessThanOrEqual(rises + restarts + 1e-6);
      }),
    );
  });

  test("that only rises counts exactly its rise, however it is read", () => {
    const steps = fc.array(fc.double({ min: 0, max: 1500, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(steps, (rises) => {
        let valueWh = 5_000;
        const values = [valueWh];
        for (const rise of rises) {
          valueWh += rise;
          values.push(valueWh);
        }
        expect(count(values)).toBeCloseTo((values.at(-1) ?? 0) - 5_000, 4);
      }),
    );
  });
});
