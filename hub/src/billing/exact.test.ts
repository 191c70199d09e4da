import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  apportion,
  compare,
  decimal,
  divide,
  fraction,
  multiply,
  round,
  shown,
  shownHundredths,
} from "./exact.ts";

describe("exact numbers", () => {
  test("halves go away from zero, to the even, up or down as the mode says", () => {
    const rounded = (text: string) =>
      (["half-up", "half-even", "down", "up"] as const).map((mode) => round(decimal(text), mode));
    expect(rounded("2.5")).toEqual([3, 2, 2, 3]);
    expect(rounded("-2.5")).toEqual([-3, -2, -2, -3]);
    expect(rounded("3.5")).toEqual([4, 4, 3, 4]);
    expect(rounded("2.4999999")).toEqual([2, 2, 2, 3]);
    expect(rounded("-0.4")).toEqual([0, 0, 0, -1]);
    expect(round(decimal("1249.9"), "half-up", 100)).toBe(1200);
  });

  test("texts of decimals come back", () => {
    for (const text of ["0", "3.2484", "-0.1532", "150", "-12"]) expect(shown(decimal(text))).toBe(text);
    expect(shownHundredths(-5)).toBe("-0.05");
    expect(shownHundredths(123456)).toBe("1234.56");
    expect(() => decimal("1e3")).toThrow("not a decimal");
  });

  test("sums and quotients of unlike divisors are exact", () => {
    const thirds = Array.from({ length: 300 }, (_, index) => fraction(1, index + 1));
    const sum = thirds.reduce(add);
    const back = thirds.reduce((rest, one) => add(rest, multiply(one, fraction(-1))), sum);
    expect(back.n).toBe(0n);
    expect(compare(divide(decimal("1"), decimal("-3")), decimal("-0.3333"))).toBe(-1);
  });

  test("apportioned parts add up and are within one of their share", () => {
    const weights = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), weights, (total, numbers) => {
        const parts = apportion(
          total,
          numbers.map((one) => fraction(one)),
        );
        const whole = numbers.reduce((a, b) => a + b, 0);
        expect(parts.reduce((a, b) => a + b, 0)).toBe(total);
        if (whole === 0) return;
        parts.forEach((part, index) => {
          expect(Math.abs(part - (total * (numbers[index] as number)) / whole)).toBeLessThanOrEqual(1.000001);
        });
      }),
    );
  });
});
