import { expect, test } from "vitest";
import { fillTimes } from "./fill.ts";

const minuteMs = 60_000;
const toMs = Date.parse("2026-02-06T14:31:20Z");

test("30 days are quarter-hour steps, the last day's are five minutes, always forward", () => {
  const fill = [...fillTimes({ fromMs: toMs - 30 * 1440 * minuteMs, toMs })];
  const times = fill.map(({ timeMs }) => timeMs);
  const steps = times.slice(1).map((timeMs, i) => (timeMs - times[i]!) / minuteMs);
  expect(new Set(steps)).toEqual(new Set([15, 5]));
  expect(steps.lastIndexOf(15)).toBeLessThan(steps.indexOf(5));
  expect(times.length).toBeGreaterThan(29 * 96 + 280);
  expect(times.at(-1)).toBe(Date.parse("2026-02-06T14:30:00Z"));
  expect(fill.filter(({ isCoarse }) => isCoarse)).toHaveLength(steps.lastIndexOf(15) + 1);
});

test("less than a day is filled in with five-minute steps", () => {
  const times = [...fillTimes({ fromMs: toMs - 60 * minuteMs, toMs })];
  expect(times[0]?.timeMs).toBe(Date.parse("2026-02-06T13:45:00Z"));
  expect(times.length).toBe(10);
});
