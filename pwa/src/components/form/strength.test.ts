import { expect, test } from "vitest";
import { passwordStrength } from "./strength.ts";

test.each([
  ["", 0],
  ["kR7#x", 0],
  ["aaaaaaaaaaaaaaaa", 1],
  ["12345678901234", 1],
  ["Password2026!x", 1],
  ["somchai-home-22", 1],
  ["mali2581", 2],
  ["mango-river-stone", 3],
  ["บ้านเรามีแมวสามตัว", 3],
  ["kR7#xQ2!mvZ9", 3],
])("%s has strength %i", (password, strength) => {
  expect(passwordStrength(password, "Somchai")).toBe(strength);
});

test("a letter more never makes a password weaker", () => {
  let before = 0;
  for (let length = 1; length <= 20; length++) {
    const now = passwordStrength("river mango stone 42".slice(0, length));
    expect(now).toBeGreaterThanOrEqual(before);
    before = now;
  }
});
