import { expect, test } from "vitest";
import { readTime } from "./time.ts";

const timeMs = Date.UTC(2026, 1, 6, 14, 30, 0);

test.each([
  [timeMs / 1000],
  [timeMs],
  [String(timeMs / 1000)],
  ["2026-02-06T14:30:00Z"],
  ["2026-02-06T14:30:00.000Z"],
  ["2026-02-06 14:30:00Z"],
  ["2026-02-06T21:30:00+07:00"],
  ["2026-02-06T21:30:00+0700"],
  ["2026-02-06T21:30:00+07"],
])("%j is the instant", (value) => {
  expect(readTime(value)).toEqual({ timeMs });
});

test("fractions of a Unix second are milliseconds", () => {
  expect(readTime(1698999960.13)).toEqual({ timeMs: 1698999960130 });
});

test.each(["2018-02-15T17:37:10", "2018-02-15 17:37:10"])("%j has no zone and stays a wall clock's", (value) => {
  expect(readTime(value)).toEqual({ localText: value });
});

test.each([
  [1321890],
  ["1321890"],
  [-1],
  [1e18],
  [Number.POSITIVE_INFINITY],
  [true],
  [{}],
  ["yesterday"],
  ["2026-13-45T14:30:00Z"],
  ["2026-02-06"],
])("%j is no clock time", (value) => {
  expect(readTime(value)).toHaveProperty("why");
});

test("an absent time is no fault", () => {
  expect(readTime(undefined)).toBeUndefined();
  expect(readTime(null)).toBeUndefined();
  expect(readTime("")).toBeUndefined();
});
