import { expect, test } from "vitest";
import "../../i18n/devices/words.ts";
import { arrivalOf, dialectName, kindOf, kinds, presenceOf } from "./kinds.ts";

test("every kind has a name, and an unknown dialect keeps its own", () => {
  for (const { dialect } of kinds) expect(dialectName(dialect)).not.toBe(dialect === "tasmota" ? "" : dialect);
  expect(dialectName("sonoff-diy")).toBe("sonoff-diy");
  expect(kindOf("sonoff-diy").dialect).toBe("other");
  expect(kindOf(null).dialect).toBe("other");
});

test("a device that was never here is not called offline", () => {
  expect(presenceOf({ isOnline: false, lastSeenMs: null })).toBe("never");
  expect(presenceOf({ isOnline: false, lastSeenMs: 1 })).toBe("offline");
  expect(presenceOf({ isOnline: true, lastSeenMs: null })).toBe("online");
});

test("a new device is here once it measures, even when it has gone to sleep since", () => {
  expect(arrivalOf(undefined)).toBe("waiting");
  expect(arrivalOf({ isOnline: false, meters: [] })).toBe("waiting");
  expect(arrivalOf({ isOnline: true, meters: [] })).toBe("connected");
  expect(arrivalOf({ isOnline: false, meters: ["tasmota-plug"] })).toBe("here");
});
