import { expect, test } from "vitest";
import { minutesLeft, proposedName, shareLeft } from "./pairing.ts";

test.each([
  [300_000, "5:00"],
  [249_000, "4:09"],
  [59_001, "1:00"],
  [1, "0:01"],
  [0, "0:00"],
  [-5, "0:00"],
])("%i ms are %s", (leftMs, text) => {
  expect(minutesLeft(leftMs)).toBe(text);
});

test("the ring is full at five minutes and never more than full", () => {
  expect(shareLeft(300_000)).toBe(1);
  expect(shareLeft(400_000)).toBe(1);
  expect(shareLeft(75_000)).toBe(0.25);
  expect(shareLeft(-1)).toBe(0);
});

test("a waiting device goes by its name, else its model, else its client id", () => {
  expect(proposedName({ name: "Fridge", model: "Nous A1T", clientId: "DVES_1" })).toBe("Fridge");
  expect(proposedName({ name: " ", model: "Nous A1T", clientId: "DVES_1" })).toBe("Nous A1T");
  expect(proposedName({ name: null, model: null, clientId: "DVES_1" })).toBe("DVES_1");
});
