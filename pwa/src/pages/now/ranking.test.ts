import { expect, test } from "vitest";
import { rerank } from "./ranking.ts";

const rank = (order: string[], powers: Record<string, number>) =>
  rerank(order, (id) => powers[id] ?? 0, Object.keys(powers));

test("newcomers are ranked by power", () => {
  expect(rank([], { a: 10, b: 900, c: 50 })).toEqual(["b", "c", "a"]);
  expect(rank(["b", "a"], { a: 10, b: 900, c: 50 })).toEqual(["b", "c", "a"]);
});

test("two that draw about the same keep their places", () => {
  expect(rank(["a", "b"], { a: 100, b: 110 })).toEqual(["a", "b"]);
  expect(rank(["b", "a"], { a: 100, b: 110 })).toEqual(["b", "a"]);
});

test("one that clearly draws more passes all that it exceeds", () => {
  expect(rank(["a", "b", "c"], { a: 500, b: 300, c: 2000 })).toEqual(["c", "a", "b"]);
});

test("one that is gone drops out", () => {
  expect(rank(["a", "b", "c"], { a: 5, c: 1 })).toEqual(["a", "c"]);
});
