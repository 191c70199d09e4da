import { expect, test } from "vitest";
import { hostFor, instanceName, nextHost } from "./host-name.ts";

test("a hub's name stays the same, and another hub's is another", () => {
  expect(hostFor("hub-1")).toMatch(/^faiban-[0-9a-f]{4}$/);
  expect(hostFor("hub-1")).toBe(hostFor("hub-1"));
  expect(hostFor("hub-1")).not.toBe(hostFor("hub-2"));
});

test("a name that is taken is counted on", () => {
  expect(nextHost("faiban-3f9c")).toBe("faiban-3f9c-2");
  expect(nextHost("faiban-3f9c-2")).toBe("faiban-3f9c-3");
  expect(nextHost("faiban-3f9c-9")).toBe("faiban-3f9c-10");
  expect(nextHost("faiban-1234")).toBe("faiban-1234-2");
});

test("what people see fits into 63 bytes, and no letter is cut in two", () => {
  expect(instanceName("Home", "faiban-3f9c-2")).toBe("Home 3f9c-2");
  const thai = instanceName("บ้านที่อยู่".repeat(5), "faiban-3f9c");
  expect(Buffer.byteLength(thai)).toBeLessThanOrEqual(63);
  expect(Buffer.byteLength(thai)).toBeGreaterThan(50);
  expect(thai).toMatch(/^(บ้านที่อยู่)+.* 3f9c$/);
  const family = instanceName("👩‍👩‍👧‍👦".repeat(5), "faiban-3f9c");
  expect(family).toBe("👩‍👩‍👧‍👦👩‍👩‍👧‍👦 3f9c");
});
