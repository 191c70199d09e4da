/** What every driver must hold to: its golden files, and never to throw whatever the bytes. */
import { Buffer } from "node:buffer";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDefinitions } from "./definitions.ts";
import type { Decoded, MeterMessage } from "./driver.ts";
import { createMessage, decode, drivers } from "./index.ts";
import { fixturesOf, messageOf } from "./samples.ts";
import { faultsOf } from "./soundness.ts";

function metersOf(decoded: Decoded | undefined): readonly MeterMessage[] {
  return decoded && "meters" in decoded ? decoded.meters : [];
}

/** Asserted once per message: an assertion on each value would take most of the time. */
function expectSound(decoded: Decoded | undefined): void {
  expect([...faultsOf(decoded)]).toEqual([]);
}

describe.each(drivers)("$dialect", (driver) => {
  const fixtures = fixturesOf(driver.dialect);
  const topics = [...new Set(fixtures.map(({ topic }) => topic))];
  const payloads = fixtures.map((fixture) => Buffer.from(messageOf(fixture).payload));

  test("has fixtures, each with its source", () => {
    expect(fixtures.length).toBeGreaterThan(5);
    for (const { source } of fixtures) expect(source).toEqual(expect.stringMatching(/\S/));
  });

  test("has a README for the person who holds the device", () => {
    const readme = readFileSync(join(import.meta.dirname, driver.dialect, "README.md"), "utf8");
    expect(readme).toMatch(/^# \S.+\n[\s\S]+^## \S/m);
  });

  test.each(fixtures.map((fixture) => [fixture.topic, fixture] as const))("decodes %s as recorded", (_, fixture) => {
    const decoded = driver.decode(messageOf(fixture));
    expect(decoded ?? null).toEqual(fixture.expect);
    expectSound(decoded);
  });

  test("gives each value of a message at most once", () => {
    for (const fixture of fixtures) {
      for (const { readings } of metersOf(driver.decode(messageOf(fixture)))) {
        const places = readings.map(({ value: _, ...place }) => JSON.stringify(place, Object.keys(place).sort()));
        expect(new Set(places).size).toBe(places.length);
      }
    }
  });

  test("is the only driver that knows its messages, but for those that take what no other knows", () => {
    for (const fixture of fixtures.filter(({ expect: golden }) => golden !== null)) {
      const knowing = drivers.filter(({ decode }) => decode(messageOf(fixture)) !== undefined);
      expect(knowing[0]?.dialect).toBe(driver.dialect);
      const others = knowing.filter((other) => other !== driver && !other.isFallback);
      expect(others.map(({ dialect }) => dialect)).toEqual([]);
    }
  });

  test("defines what can be remembered, and is told it again", () => {
    for (const fixture of fixtures) {
      const decoded = driver.decode(messageOf(fixture));
      if (!decoded || !("defines" in decoded) || !decoded.defines) continue;
      const { list } = decoded.defines;
      const definitions = createDefinitions();
      expect(definitions.learn(driver.dialect, decoded.defines)).toEqual(expect.any(Array));
      for (const { topics, data } of list)
        for (const topic of topics) expect(definitions.known(topic, driver.dialect)).toContainEqual(data);
    }
  });

  test("decodes again to the same, since it keeps nothing between messages", () => {
    const once = fixtures.map((fixture) => driver.decode(messageOf(fixture)));
    expect(fixtures.map((fixture) => driver.decode(messageOf(fixture)))).toEqual(once);
  });

  test("looks at numbers through functions that plans see through", () => {
    for (const file of globSync(join(import.meta.dirname, driver.dialect, "**/*.ts"))) {
      expect(readFileSync(file, "utf8")).not.toMatch(/typeof .* [!=]== "number"|Number\.is/);
    }
  });

  test("never throws on any bytes", () => {
    const topic = fc.constantFrom(...topics);
    fc.assert(
      fc.property(topic, fc.uint8Array({ maxLength: 200 }), (topic, payload) => {
        expectSound(driver.decode(createMessage({ topic, payload })));
      }),
      { numRuns: 300 },
    );
  });

  test("never throws on damaged messages", () => {
    const topic = fc.constantFrom(...topics);
    const damage = fc.record({ at: fc.nat(600), byte: fc.nat(255), length: fc.nat(8) });
    const payload = fc.tuple(fc.constantFrom(...payloads), fc.array(damage, { maxLength: 4 })).map(damaged);
    fc.assert(
      fc.property(topic, payload, (topic, payload) => expectSound(driver.decode(createMessage({ topic, payload })))),
      { numRuns: 600 },
    );
  });

  test("never throws on any JSON value in any field", () => {
    const parsed = fixtures.map((fixture) => messageOf(fixture).json());
    const objects = [{ value: 1 }, ...parsed.filter((json) => typeof json === "object" && json !== null)];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(2 ** 64, 1e308, -1e308, "1e999", '{"toString":1}'),
      fc.constant({ toString: 1, valueOf: null, __proto__: null }),
    );
    const payload = fc.tuple(fc.constantFrom(...objects), fc.nat(), value).map(([json, at, value]) => {
      return Buffer.from(JSON.stringify(withLeaf(json, at, value)));
    });
    fc.assert(
      fc.property(fc.constantFrom(...topics), payload, (topic, payload) => {
        expectSound(driver.decode(createMessage({ topic, payload })));
      }),
      { numRuns: 600 },
    );
  });

  test("never throws on any topic", () => {
    const knownLevels = fc.constantFrom(...topics.flatMap((topic) => topic.split("/")));
    const hostileLevels = fc.constantFrom(
      "",
      "..",
      "__proto__",
      "\u0000",
      "\u202e",
      "\ud800",
      "+",
      "x".repeat(65),
      "ครัว",
    );
    const level = fc.oneof(knownLevels, hostileLevels, fc.string());
    fc.assert(
      fc.property(fc.array(level, { maxLength: 7 }), fc.constantFrom(...payloads), (levels, payload) => {
        expectSound(driver.decode(createMessage({ topic: levels.join("/"), payload })));
      }),
      { numRuns: 600 },
    );
  });

  test.each([
    ["deep nesting", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["deep objects", `${'{"data":'.repeat(50_000)}1${"}".repeat(50_000)}`],
    ["a huge list", `[${"1,".repeat(100_000)}1]`],
    ["a huge number", "9".repeat(100_000)],
    ["a huge text", "x".repeat(250_000)],
    ["a huge list of components", componentsInPlenty(5000)],
    ["a huge list of phases", `{"ENERGY":{"Power":[${"1,".repeat(50_000)}1]}}`],
    ["nothing", ""],
    ["a NUL", "\u0000"],
  ])("stores nothing much from %s", (_, text) => {
    const payload = Buffer.from(text);
    for (const topic of topics) {
      const decoded = driver.decode(createMessage({ topic, payload }));
      expectSound(decoded);
      for (const { readings } of metersOf(decoded)) expect(readings.length).toBeLessThanOrEqual(500);
    }
  });
});

test("each dialect has one driver", () => {
  expect(new Set(drivers.map(({ dialect }) => dialect)).size).toBe(drivers.length);
});

test("drivers that take what no other knows come after all others", () => {
  const firstFallback = drivers.findIndex(({ isFallback }) => isFallback);
  expect(drivers.slice(firstFallback).filter(({ isFallback }) => !isFallback)).toEqual([]);
});

test.each([
  "home/lamp/power", // on or off
  "home/tv/volume",
  "frigate/events",
  "owntracks/user/phone",
  "bridge/clients/total",
  "homeassistant/status",
  "a/b/c",
])("%s belongs to no driver", (topic) => {
  for (const text of ["12.5", "online", "ON", '{"value":1}', '{"ENERGY":{}}', '{"voltage":3.1,"battery":90}']) {
    expect(decode(createMessage({ topic, payload: Buffer.from(text) }))).toBeUndefined();
  }
});

/** As a Shelly notification and as a Tasmota state. */
function componentsInPlenty(count: number): string {
  const names = Array.from({ length: count }, (_, i) => i);
  const outputs = names.map((i) => [`switch:${i}`, { output: true, apower: i }]);
  const relays = names.map((i) => [`POWER${i}`, "ON"]);
  const params = Object.fromEntries(outputs);
  return JSON.stringify({ src: "shelly", method: "NotifyStatus", params, ...Object.fromEntries(relays) });
}

function damaged([payload, damages]: [Buffer, { at: number; byte: number; length: number }[]]): Buffer {
  let bytes = Buffer.from(payload);
  for (const { at, byte, length } of damages) {
    const start = Math.min(at, bytes.length);
    bytes = Buffer.concat([bytes.subarray(0, start), Buffer.alloc(length, byte), bytes.subarray(start + 1)]);
  }
  return bytes;
}

/** A copy in which one value, the `at`-th modulo their number, is another. */
function withLeaf(json: unknown, at: number, value: unknown): unknown {
  const leaves: unknown[] = [];
  JSON.stringify(json, (_, item) => {
    leaves.push(item);
    return item;
  });
  let seen = 0;
  return JSON.parse(JSON.stringify(json, (_, item) => (seen++ === at % leaves.length ? value : item)));
}
