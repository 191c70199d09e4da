import { expect, test } from "vitest";
import { createAttempts } from "./attempts.ts";

const minuteMs = 60_000;

function open() {
  let timeMs = 5_000;
  const attempts = createAttempts({ free: 3, longestWaitMs: 15 * minuteMs }, () => timeMs);
  const pass = (ms: number) => {
    timeMs += ms;
  };
  /** Fails as soon as it may, so many times; returns the waits before each next one. */
  const failPatiently = (times: number, key = "a") =>
    Array.from({ length: times }, () => {
      attempts.fail(key);
      const waitMs = attempts.waitMs(key);
      pass(waitMs);
      return waitMs;
    });
  return { ...attempts, pass, failPatiently };
}

test("a few failures cost nothing, and each further one doubles the wait, up to the longest", () => {
  const waits = open().failPatiently(15);
  expect(waits.slice(0, 6)).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000]);
  expect(waits.slice(-2)).toEqual([15 * minuteMs, 15 * minuteMs]);
});

test("a wait runs down, and each key waits for itself alone", () => {
  const { fail, waitMs, pass } = open();
  for (let i = 0; i < 5; i++) fail("a");
  pass(1_500);
  expect(waitMs("a")).toBe(2_500);
  expect(waitMs("b")).toBe(0);
});

test("success forgets the failures, and so does an hour without one", () => {
  const { failPatiently, succeed, pass } = open();
  failPatiently(5);
  succeed("a");
  expect(failPatiently(3)).toEqual([0, 0, 1_000]);
  pass(61 * minuteMs);
  expect(failPatiently(3)).toEqual([0, 0, 1_000]);
});

test("more keys than a home has push out the oldest, never the newest", () => {
  const { fail, waitMs } = open();
  for (let i = 0; i < 5; i++) fail("oldest");
  for (let i = 0; i < 9_999; i++) fail(`${i}`);
  expect(waitMs("oldest")).toBeGreaterThan(0);
  for (let i = 0; i < 5; i++) fail("newest");
  expect(waitMs("oldest")).toBe(0);
  expect(waitMs("newest")).toBeGreaterThan(0);
});
