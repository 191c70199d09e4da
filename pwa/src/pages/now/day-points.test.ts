import { expect, test } from "vitest";
import type { History } from "../../../../hub/src/api/contract.ts";
import { ofDay } from "../../state/history.ts";
import { addLive, dayPeak, dayPoints, type LiveMinute } from "./day-points.ts";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

function quarters(indices: number[], powerW = 100): History {
  return {
    channelId: "home",
    quantity: "power_active",
    unit: "W",
    phase: null,
    step: "quarter_hour",
    timeZone: "Asia/Bangkok",
    fromMs: 0,
    toMs: 96 * QUARTER,
    timeMs: indices.map((index) => index * QUARTER),
    mean: indices.map(() => powerW),
    max: indices.map((index) => powerW + index),
  };
}

test("live readings gather into minutes", () => {
  let minutes: LiveMinute[] = [];
  minutes = addLive(minutes, { timeMs: 1_000, powerW: 10 }, 0);
  minutes = addLive(minutes, { timeMs: 31_000, powerW: 30 }, 0);
  minutes = addLive(minutes, { timeMs: 61_000, powerW: 5 }, 0);
  expect(minutes).toEqual([
    { timeMs: 0, meanW: 20, highW: 30, highMs: 31_000, count: 2 },
    { timeMs: MINUTE, meanW: 5, highW: 5, highMs: 61_000, count: 1 },
  ]);
  expect(addLive(minutes, { timeMs: 2_000, powerW: 99 }, 0)).toBe(minutes);
});

test("at midnight the curve and the peak start anew", () => {
  const midnight = 96 * QUARTER;
  const late = addLive([], { timeMs: midnight - 1_000, powerW: 900 }, 0);
  expect(addLive(late, { timeMs: midnight - 1_000, powerW: 900 }, midnight)).toEqual([]);
  const early = addLive(late, { timeMs: midnight + 1_000, powerW: 70 }, midnight);
  expect(early.map((minute) => minute.highW)).toEqual([70]);

  const yesterday = ofDay(quarters([0, 95]), midnight);
  expect(dayPoints(yesterday, early, midnight + 1_000)).toEqual([{ timeMs: midnight + MINUTE / 2, powerW: 70 }]);
  expect(dayPeak(yesterday, early)).toEqual({ powerW: 70, timeMs: midnight + 1_000 });
  const today = { ...quarters([]), fromMs: midnight };
  expect(ofDay(today, midnight)).toBe(today);
});

test("the running quarter stands at the middle of what has passed of it", () => {
  const points = dayPoints(quarters([0, 1]), [], QUARTER + 4 * MINUTE);
  expect(points.map((point) => point.timeMs)).toEqual([QUARTER / 2, QUARTER + 2 * MINUTE]);
});

test("a stretch without readings breaks the curve", () => {
  const points = dayPoints(quarters([0, 8]), [], 96 * QUARTER);
  expect(points.map((point) => point.powerW)).toEqual([100, null, 100]);
});

test("live minutes follow the history and do not go back behind it", () => {
  const minutes = [QUARTER, 2 * QUARTER].map((timeMs) => ({ timeMs, meanW: 7, highW: 9, highMs: timeMs, count: 1 }));
  const points = dayPoints(quarters([0, 1]), minutes, 2 * QUARTER);
  expect(points.map((point) => point.powerW)).toEqual([100, 100, 7]);
});

test("the peak is the highest of stored and live", () => {
  expect(dayPeak(undefined, [])).toBeNull();
  expect(dayPeak(quarters([0, 3]), [])).toEqual({ powerW: 103, timeMs: 3 * QUARTER });
  const live = [{ timeMs: 0, meanW: 1, highW: 900, highMs: 5, count: 1 }];
  expect(dayPeak(quarters([0, 3]), live)).toEqual({ powerW: 900, timeMs: 5 });
});
