import { expect, test } from "vitest";
import { retryDelayMs } from "./backoff.ts";

test("a broker that stays away is tried after 1 s, then ever later, and each 1 to 2 minutes at last", () => {
  const least = Array.from({ length: 9 }, (_, failures) => retryDelayMs(failures, 0) / 1_000);
  expect(least).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(retryDelayMs(0, 1)).toBe(2_000);
  expect(retryDelayMs(10_000, 1)).toBe(120_000);
});
