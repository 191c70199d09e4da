import { expect, test } from "vitest";
import { switchedOn } from "./devices.ts";

test.each([
  ["appliance", true, true],
  ["circuit", false, false],
  ["ev", null, null],
  ["mains", true, null],
  ["solar", true, null],
] as const)("%s with relay %s is switched on: %s", (role, relay, expected) => {
  expect(switchedOn({ role, relay })).toBe(expected);
});
