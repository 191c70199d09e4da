import { expect, test } from "vitest";
import { type Figure, jsonLine, quantile, ratioOf, slopeOf } from "./figures.ts";

const figure: Figure = {
  ...{ name: "latency_p50", value: 2, unit: "ms", better: "less" },
  ...{ peer: "mosquitto", peerValue: 1 },
};

test("a ratio above 1 means that the hub is better, whether more or less is", () => {
  expect(ratioOf(figure)).toBe(0.5);
  expect(ratioOf({ ...figure, better: "more" })).toBe(2);
});

test("there is no ratio to a peer that is not installed, nor to a slope that falls", () => {
  expect(ratioOf({ ...figure, peerValue: null })).toBeNull();
  expect(ratioOf({ ...figure, peerValue: -3 })).toBeNull();
  expect(ratioOf({ ...figure, value: 0 })).toBeNull();
});

test("a line of JSON has the six fields, with null for what is not known", () => {
  expect(JSON.parse(jsonLine({ ...figure, value: 1234.56, peerValue: null }))).toEqual({
    ...{ name: "latency_p50", value: 1235, unit: "ms", peer: "mosquitto", peer_value: null, ratio: null },
  });
});

test("a quantile is one of the values, by nearest rank", () => {
  const values = [5, 1, 4, 2, 3];
  expect(quantile(values, 0.5)).toBe(3);
  expect(quantile(values, 0.99)).toBe(5);
  expect(quantile(values, 0)).toBe(1);
  expect(quantile([], 0.5)).toBeNaN();
});

test("a slope is that of the straight line through the points", () => {
  expect(slopeOf([1, 2, 3].map((x) => ({ x, y: 7 - 2 * x })))).toBeCloseTo(-2);
  expect(slopeOf([{ x: 1, y: 1 }])).toBe(0);
});
