import type { Reading } from "@faiban/device-drivers";
import { expect, test } from "vitest";
import { addSums } from "./phases.ts";

const power = (value: number, phase?: "L1" | "L2" | "L3", channel?: string): Reading => ({
  ...{ quantity: "power_active", value },
  ...(phase && { phase }),
  ...(channel && { channel }),
});

const none = () => 0;

test("phases alone get their sum", () => {
  expect(addSums([power(10, "L1"), power(-3, "L2")], none)).toContainEqual(power(7));
});

test("a sum that the meter gives itself is not added again", () => {
  expect(addSums([power(10, "L1"), power(5, "L2"), power(16)], none)).toHaveLength(3);
});

test("channels are summed apart", () => {
  const sums = addSums([power(1, "L1", "a"), power(2, "L2", "a"), power(5, "L1", "b")], none);
  expect(sums.filter((reading) => reading.phase === undefined)).toEqual([
    power(3, undefined, "a"),
    power(5, undefined, "b"),
  ]);
});

test("voltages are not summed", () => {
  expect(addSums([{ quantity: "voltage", value: 230, phase: "L1" }], none)).toHaveLength(1);
});

test("phases of which one is missing have no sum", () => {
  expect(addSums([power(10, "L1"), power(5, "L3")], () => 3)).toHaveLength(2);
});
