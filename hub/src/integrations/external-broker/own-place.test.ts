import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { isOwnPlace } from "./own-place.ts";

const own = { ports: () => [1883, 8883], names: () => ["faiban-3f9c.local"] };

test("the hub knows its own addresses and names, on its own ports", () => {
  const hosts = ["localhost", "127.0.0.1", "127.1.2.3", "::1", "0:0::1", "::ffff:127.0.0.1", "Faiban-3F9C.local."];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  for (const host of [...hosts, ...addresses]) expect([host, isOwnPlace(host, 8883, own)]).toEqual([host, true]);
});

test("another machine, and another broker on this one, are others", () => {
  expect(isOwnPlace("localhost", 1884, own)).toBe(false);
  expect(isOwnPlace("192.0.2.7", 1883, own)).toBe(false);
  expect(isOwnPlace("broker.local", 1883, own)).toBe(false);
});
