import { expect, test } from "vitest";
import { curvePaths, type Frame, xOf, yOf } from "./path.ts";

const frame: Frame = { fromMs: 0, toMs: 100, lowW: 0, highW: 10, width: 1000, height: 100 };

test("time goes right and power goes up", () => {
  expect(xOf(25, frame)).toBe(250);
  expect(yOf(10, frame)).toBe(0);
  expect(yOf(0, frame)).toBe(100);
});

test("a null breaks the line in two", () => {
  const { line, area } = curvePaths(
    [
      { timeMs: 0, powerW: 1 },
      { timeMs: 10, powerW: 2 },
      { timeMs: 20, powerW: null },
      { timeMs: 30, powerW: 3 },
    ],
    frame,
  );
  expect(line.match(/M/g)).toHaveLength(2);
  expect(area.match(/Z/g)).toHaveLength(2);
});

test("the curve does not swing past its points", () => {
  const { line } = curvePaths(
    [0, 0, 10, 10, 0].map((powerW, index) => ({ timeMs: index * 10, powerW })),
    frame,
  );
  const heights = (line.match(/-?[\d.]+/g) ?? []).map(Number).filter((_, index) => index % 2 === 1);
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...heights)).toBeLessThanOrEqual(100);
});

test("nothing measured is nothing drawn", () => {
  expect(curvePaths([], frame)).toEqual({ line: "", area: "" });
});
