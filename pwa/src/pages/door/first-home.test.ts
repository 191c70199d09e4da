import { expect, test } from "vitest";
import { firstHome } from "./first-home.ts";

const asSet = { name: "บ้านสวน", timeZone: "Asia/Bangkok", currency: "THB", tariffRegion: "TH-PEA" } as const;

test("a home in Thailand pays in baht and is offered Bangkok's tariffs first", () => {
  expect(firstHome({ home: null, fixed: [] }, "Asia/Bangkok", "Home")).toEqual({
    name: "Home",
    timeZone: "Asia/Bangkok",
    currency: "THB",
    tariffRegion: "TH-MEA",
  });
});

test("what the machine's settings decide goes before what the browser tells", () => {
  const home = firstHome({ home: asSet, fixed: ["timeZone", "tariffRegion"] }, "Europe/Berlin", "Home");
  expect(home).toEqual({ name: "Home", timeZone: "Asia/Bangkok", currency: "THB", tariffRegion: "TH-PEA" });
});

test("what the settings only propose gives way to the browser", () => {
  expect(firstHome({ home: asSet, fixed: [] }, "Europe/Berlin", "Home")).toMatchObject({
    timeZone: "Europe/Berlin",
    currency: "EUR",
    tariffRegion: "other",
  });
});
