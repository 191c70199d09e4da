import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test("the wait doubles up to 30 s", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 1000].map((attempt) => backoffMs(attempt, 1))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test("chance takes off at most half", () => {
  expect(backoffMs(3, 0)).toBe(4_000);
  expect(backoffMs(3, 0.5)).toBe(6_000);
});
