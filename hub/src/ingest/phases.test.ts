import type { Phase, Reading } from "@faiban/device-drivers";
import { expect, test } from "vitest";
import { addSums, hasPartsAlone, type KnownPhases } from "./phases.ts";

const power = (value: number, phase?: Phase, channel?: string): Reading => ({
  ...{ quantity: "power_active", value },
  ...(phase && { phase }),
  ...(channel && { channel }),
});

const knows =
  (...phases: [Phase, number | null][]) =>
  (): KnownPhases =>
    new Map(phases);
const none = knows();

test("phases alone get their sum", () => {
  expect(addSums([power(10, "L1"), power(-3, "L2")], none)).toContainEqual(power(7));
});

test("a sum that the meter gives itself is not added again, in this message or in others", () => {
  expect(addSums([power(10, "L1"), power(5, "L2"), power(16)], none)).toHaveLength(3);
  expect(addSums([power(10, "L1"), power(5, "L2")], () => null)).toHaveLength(2);
});

test("channels are summed apart", () => {
  const sums = addSums([power(1, "L1", "a"), power(2, "L2", "a"), power(5, "L1", "b"), power(0, "L3", "b")], none);
  expect(sums.filter((reading) => reading.phase === undefined)).toEqual([
    power(3, undefined, "a"),
    power(5, undefined, "b"),
  ]);
});

test("voltages are not summed", () => {
  const voltage: Reading = { quantity: "voltage", value: 230, phase: "L1" };
  expect(addSums([voltage], none)).toHaveLength(1);
  expect(hasPartsAlone([voltage])).toBe(false);
  expect(hasPartsAlone([power(10, "L1")])).toBe(true);
});

test("phases in messages of their own are summed with the last of them, once all are known", () => {
  expect(addSums([power(10, "L1")], none), "the first of a meter").toHaveLength(1);
  expect(addSums([power(5, "L2")], knows(["L1", 10]))).toHaveLength(1);
  expect(addSums([power(1, "L3")], knows(["L1", 10], ["L2", 5]))).toHaveLength(1);
  const all = knows(["L1", 10], ["L2", 5], ["L3", 1]);
  expect(addSums([power(11, "L1")], all)).toHaveLength(1);
  expect(addSums([power(2, "L3")], all)).toContainEqual(power(17));
  expect(addSums([power(2, "L3")], knows(["L1", 10], ["L2", null], ["L3", 1])), "one is too old").toHaveLength(1);
});

test("the only phase of a meter is its sum from the second reading on", () => {
  expect(addSums([power(10, "L1")], knows(["L1", 9]))).toContainEqual(power(10));
});
