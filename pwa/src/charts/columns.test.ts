import { expect, test } from "vitest";
import type { History } from "../../../hub/src/api/contract.ts";
import { appendPoint, spanMs, toColumns, withLive } from "./columns.ts";

const MINUTE = 60_000;

function history(minutes: number[], changes: Partial<History> = {}): History {
  return {
    channelId: "a/main",
    quantity: "power_active",
    unit: "W",
    phase: null,
    step: "minute",
    timeZone: "Asia/Bangkok",
    fromMs: 0,
    toMs: 60 * MINUTE,
    timeMs: minutes.map((minute) => minute * MINUTE),
    mean: minutes.map((minute) => minute * 10),
    min: minutes.map((minute) => minute * 10 - 1),
    max: minutes.map((minute) => minute * 10 + 1),
    ...changes,
  };
}

test("spans that follow each other make one unbroken line", () => {
  expect(toColumns(history([0, 1, 2]))).toEqual({
    timeS: [0, 60, 120],
    mean: [0, 10, 20],
    min: [-1, 9, 19],
    max: [1, 11, 21],
  });
});

test("a meter that reports each five minutes makes one unbroken line", () => {
  expect(toColumns(history([0, 5, 10, 15])).mean).toEqual([0, 50, 100, 150]);
});

test("spans that have energy but no reading do not break the line", () => {
  const columns = toColumns(
    history([0, 1, 2, 3], { mean: [5, null, null, 7], min: [5, null, null, 7], max: [5, null, null, 7] }),
  );
  expect(columns).toEqual({ timeS: [0, 180], mean: [5, 7], min: [5, 7], max: [5, 7] });
});

test("a gap gets exactly one row of nulls", () => {
  const columns = toColumns(history([0, 1, 30]));
  expect(columns.mean).toEqual([0, 10, null, 300]);
  expect(columns.timeS).toEqual([0, 60, 930, 1800]);
});

test("a history without lowest and highest uses the mean", () => {
  const { min: _min, max: _max, ...rest } = history([4]);
  expect(toColumns(rest)).toMatchObject({ min: [40], max: [40] });
});

test("an empty history is empty columns", () => {
  expect(toColumns(history([]))).toEqual({ timeS: [], mean: [], min: [], max: [] });
});

test("raw readings have the usual time between them as their span", () => {
  expect(spanMs({ step: "raw", timeMs: [0, 5_000, 10_000, 900_000] })).toBe(5_000);
});

test("live readings widen the running span and then open new ones", () => {
  const columns = withLive(
    toColumns(history([0, 1])),
    [
      { timeMs: 70_000, powerW: 2 },
      { timeMs: 80_000, powerW: 40 },
      { timeMs: 130_000, powerW: 7 },
    ],
    MINUTE,
  );
  expect(columns.timeS).toEqual([0, 60, 120]);
  expect(columns.mean).toEqual([0, 21, 7]);
  expect(columns.min).toEqual([-1, 2, 7]);
  expect(columns.max).toEqual([1, 40, 7]);
});

test("a live reading long after the history leaves a gap, one before it is passed over", () => {
  const columns = withLive(toColumns(history([10])), [{ timeMs: 60_000, powerW: 1 }], MINUTE);
  expect(columns.timeS).toEqual([600]);
  expect(withLive(columns, [{ timeMs: 30 * MINUTE, powerW: 5 }], MINUTE).mean).toEqual([100, null, 5]);
});

test("appending keeps order, and starts anew with the day", () => {
  const one = appendPoint([], { timeMs: 1, powerW: 1 }, 0);
  expect(appendPoint(one, { timeMs: 1, powerW: 2 }, 0)).toBe(one);
  const two = appendPoint(one, { timeMs: 2, powerW: 2 }, 0);
  expect(two).toHaveLength(2);
  expect(appendPoint(two, { timeMs: 2, powerW: 2 }, 3)).toEqual([]);
  expect(appendPoint(two, { timeMs: 4, powerW: 3 }, 3)).toEqual([{ timeMs: 4, powerW: 3 }]);
});
