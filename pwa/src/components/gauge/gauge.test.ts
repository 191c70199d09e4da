import { expect, test } from "vitest";
import { stepSpring } from "../spring.ts";
import { createOutline, house } from "./outline.ts";
import { gaugeScale, scaleMarks, shareOfScale } from "./scale.ts";

test("the outline starts and ends at the feet, and its middle is the gable", () => {
  const outline = createOutline(house);
  expect(outline.at(0)).toMatchObject({ x: 48, y: 300, outX: -1 });
  expect(outline.at(1).x).toBeCloseTo(352);
  expect(outline.at(1).y).toBeCloseTo(300);
  const gable = outline.at(0.5);
  expect(gable.x).toBeCloseTo(200);
  expect(gable.outX).toBeCloseTo(0);
  expect(gable.outY).toBeCloseTo(-1);
});

test("an outline moved outwards stays at the same distance everywhere", () => {
  const inner = createOutline(house);
  const outer = createOutline(house, 20);
  for (const share of [0, 0.1, 0.25, 0.4, 0.5, 0.62, 0.9, 1]) {
    const point = outer.at(share);
    const distances = Array.from({ length: 2001 }, (_, index) => {
      const other = inner.at(index / 2000);
      return Math.hypot(other.x - point.x, other.y - point.y);
    });
    expect(Math.min(...distances)).toBeCloseTo(20, 1);
  }
});

test("neighbouring points are as far apart as their share of the length", () => {
  const outline = createOutline(house);
  for (let index = 0; index < 500; index++) {
    const a = outline.at(index / 500);
    const b = outline.at((index + 1) / 500);
    expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeCloseTo(outline.length / 500, 1);
  }
});

test("the scale leaves room above the highest and does not shrink", () => {
  expect(gaugeScale(0)).toBe(2_000);
  expect(gaugeScale(900)).toBe(2_000);
  expect(gaugeScale(2_900)).toBe(5_000);
  expect(gaugeScale(120, 5_000)).toBe(5_000);
  expect(gaugeScale(130_000)).toBe(150_000);
});

test("low powers get more of the outline than their share, and the ends stay ends", () => {
  expect(shareOfScale(0, 12_000)).toBe(0);
  expect(shareOfScale(-5, 12_000)).toBe(0);
  expect(shareOfScale(12_000, 12_000)).toBe(1);
  expect(shareOfScale(20_000, 12_000)).toBe(1);
  expect(shareOfScale(345, 12_000)).toBeGreaterThan(0.1);
  expect(shareOfScale(6_000, 12_000)).toBeLessThan(0.7);
});

test("a few round powers are marked, none too close to an end", () => {
  expect(scaleMarks(2_000)).toEqual([500, 1_000]);
  expect(scaleMarks(12_000)).toEqual([1_000, 2_000, 5_000]);
});

test("the spring reaches its target without passing it, in any step", () => {
  for (const deltaS of [0.004, 0.016, 0.064]) {
    let motion = { value: 0, velocity: 0 };
    let highest = 0;
    for (let timeS = 0; timeS < 3; timeS += deltaS) {
      motion = stepSpring(motion, 100, 9, deltaS);
      highest = Math.max(highest, motion.value);
    }
    expect(motion.value).toBeCloseTo(100, 3);
    expect(highest).toBeLessThanOrEqual(100 + 1e-9);
  }
});
