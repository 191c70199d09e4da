import { expect, test } from "vitest";
import { createEchoes } from "./echoes.ts";

const payload = Buffer.from("500");

test("a message is an echo when another broker has just brought it, whichever was first", () => {
  const { isEcho } = createEchoes();
  expect(isEcho("own", "a", payload, 0)).toBe(false);
  expect(isEcho("cellar", "a", payload, 1_500)).toBe(true);
  expect(isEcho("garage", "a", payload, 1_600)).toBe(true);
  expect(isEcho("cellar", "b", payload, 1_700)).toBe(false);
  expect(isEcho("own", "b", payload, 1_800)).toBe(true);
});

test("the same from one broker is measured anew each time, and each has its own echo", () => {
  const { isEcho } = createEchoes();
  const told = ["own", "own", "cellar", "cellar", "cellar", "own"].map((source, i) => isEcho(source, "a", payload, i));
  expect(told).toEqual([false, false, true, true, false, true]);
});

test("another topic, another payload or another time is another message", () => {
  const { isEcho } = createEchoes();
  isEcho("own", "a", payload, 0);
  expect(isEcho("cellar", "a/b", payload, 1)).toBe(false);
  expect(isEcho("cellar", "a", Buffer.from("501"), 1)).toBe(false);
  expect(isEcho("cellar", "a", payload, 2_000)).toBe(false);
});

test("a flood is remembered in part only, and forgotten after two seconds", () => {
  const { isEcho, size } = createEchoes();
  for (let i = 0; i < 50_000; i++) isEcho("own", `t${i}`, payload, i / 100);
  expect(size()).toBeLessThanOrEqual(20_001);
  expect(isEcho("cellar", "t49999", payload, 501)).toBe(true);
  expect(isEcho("cellar", "t0", payload, 501)).toBe(false);
  for (let i = 0; i < 1_000; i++) isEcho("own", "alike", payload, 600);
  expect(size()).toBeLessThanOrEqual(20_001);
  isEcho("own", "later", payload, 9_000);
  expect(size()).toBe(1);
});
