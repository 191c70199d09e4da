import { Buffer } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Driver, MeterMessage, RawMessage } from "./driver.ts";
import { createMessage, createPlan, type DecodePlan, drivers } from "./index.ts";
import { collect, isJsonObject, type JsonObject } from "./readings.ts";
import { fixturesOf, messageOf } from "./samples.ts";
import { finiteNumberIn, numberIn } from "./slot.ts";
import { readTime } from "./time.ts";

interface Planned {
  driver: Driver;
  message: RawMessage;
  plan: DecodePlan;
}

const planned: Planned[] = drivers.flatMap((driver) =>
  fixturesOf(driver.dialect).flatMap((fixture) => {
    const message = messageOf(fixture);
    const plan = createPlan(driver, message);
    return plan ? [{ driver, message, plan }] : [];
  }),
);

/** The meter message that a plan makes of a payload; undefined when it leaves the payload to the driver. */
function readBy({ about }: DecodePlan, read: DecodePlan["read"], payload: Uint8Array): MeterMessage | undefined {
  const into = { values: new Float64Array(about.readings.length), timeMs: 0, signalDbm: 0, uptimeS: 0 };
  if (!read(payload, into)) return undefined;
  const { timeMs, signalDbm, uptimeS } = into;
  const { time: _, signalDbm: __, uptimeS: ___, ...fixed } = about;
  return {
    ...fixed,
    readings: about.readings.map((reading, i) => ({ ...reading, value: into.values[i]! })),
    ...(!Number.isNaN(timeMs) && { time: { timeMs } }),
    ...(!Number.isNaN(signalDbm) && { signalDbm }),
    ...(!Number.isNaN(uptimeS) && { uptimeS }),
  };
}

/** What the driver makes of the payload, without a time that is not exact; null when it is not one meter. */
function decodedBy(driver: Driver, { topic }: RawMessage, payload: Uint8Array): MeterMessage | null {
  const decoded = driver.decode(createMessage({ topic, payload }));
  if (!decoded || !("meters" in decoded) || decoded.meters.length !== 1) return null;
  const { time, ...meter } = decoded.meters[0]!;
  return time && "timeMs" in time ? { ...meter, time } : meter;
}

/** Whether the plan read the payload; fails when it read anything but what the driver makes of it. */
function agrees({ driver, message, plan }: Planned, payload: Uint8Array): boolean {
  const read = readBy(plan, plan.read, payload);
  if (read === undefined) return false;
  const decoded = decodedBy(driver, message, payload);
  if (!isDeepStrictEqual(read, decoded)) {
    expect({ text: Buffer.from(payload).toString("latin1"), decoded: read }).toStrictEqual({ text: "", decoded });
  }
  return true;
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const isTime = /^"\d{4}-\d\d-\d\dT/;

/** The payload with other numbers and times: `replace` gets each number, and each time with its quote marks. */
function withOthers({ message }: Planned, replace: (token: string) => string): Buffer {
  const text = Buffer.from(message.payload).toString("utf8");
  return Buffer.from(
    text.replace(stringOrNumber, (token) => (token.startsWith('"') && !isTime.test(token) ? token : replace(token))),
  );
}

const somePlan = fc.constantFrom(...planned);
const ordinaryNumber = fc
  .tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.nat(5))
  .map(([n, d]) => (n / 10 ** d).toFixed(d));
const ordinaryUnixTime = fc.integer({ min: 1_000_000_000_000, max: 2_000_000_000_000 });

/** A number as firmware would send it in this one's place: a clock time for a clock time. Texts stay. */
function ordinaryToken(token: string, [number, timeMs]: [string, number]): string {
  if (token.startsWith('"')) return token;
  return Number(token) >= 1e9 ? String(timeMs / 1000) : number;
}

const strangeToken = fc.oneof(
  fc.integer().map(String),
  fc.double().map(String),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.bigInt({ min: 0n, max: 10n ** 20n }))
    .map(([a, b]) => `${a}.${b}`),
  fc.tuple(fc.integer(), fc.constantFrom("e", "E", "e+", "e-"), fc.nat(330)).map((parts) => parts.join("")),
  fc.constantFrom(
    "0",
    "-0",
    "-0.0",
    "1",
    "2147483647",
    "-2147483648",
    "4294967295",
    "9223372036854775808",
    "18446744073709551616",
  ),
  fc.constantFrom(
    "1e400",
    "-1e400",
    "1e303",
    "1e-400",
    "007",
    "-01",
    "+1",
    "1.",
    ".5",
    "1e",
    "0x10",
    "nan",
    "-inf",
    "null",
    "true",
  ),
  fc.constantFrom("1707234567", "1707234567.5", "1707234567890", "1e9", "1e11", "1e14", "99999", "1e99"),
  fc.constantFrom('"1"', '""', "[1]", "{}", "1,2", '1,"x":2', " 1", "1 ", "\t1", "1\ufeff", "๑"),
  fc.constantFrom(
    '"2026-02-06T14:30:00Z"',
    '"2026-02-06T21:30:00.123+07:00"',
    '"2026-02-06T14:30:00"',
    '"2026-02-30T25:00:00Z"',
  ),
);

describe("a plan", () => {
  test("is made for what meters send over and over", () => {
    const topics = planned.map(({ message }) => message.topic);
    for (const topic of [
      "home/123/sensor/power/total", // the short form
      "home/home_abc123/sensor/power/total", // the full form
      "home/home_abc123/device/meter_main_001/telemetry",
      "tele/pow1/SENSOR", // with the time of installation, which is not the message's
      "tele/sonoff_con02/SENSOR",
      "shellypro3em/status/em:0",
      "shellyplus2pm-Einfahrt/status/switch:0",
      "shellyplus2pm-Einfahrt/events/rpc",
    ]) {
      expect(topics).toContain(topic);
    }
  });

  test("reads the message that it was made of to what the driver makes of it", () => {
    for (const one of planned) expect(agrees(one, one.message.payload)).toBe(true);
  });

  test("reads every message of its form with ordinary numbers", () => {
    fc.assert(
      fc.property(
        somePlan,
        fc.array(fc.tuple(ordinaryNumber, ordinaryUnixTime), { minLength: 40, maxLength: 40 }),
        (one, tokens) => {
          let at = 0;
          const payload = withOthers(one, (token) => ordinaryToken(token, tokens[at++ % tokens.length]!));
          expect(agrees(one, payload), payload.toString()).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("says what the driver says or nothing, whatever stands in place of a number", () => {
    fc.assert(
      fc.property(
        somePlan,
        fc.array(fc.option(strangeToken, { freq: 3 }), { minLength: 40, maxLength: 40 }),
        (one, tokens) => {
          let at = 0;
          agrees(
            one,
            withOthers(one, (token) => tokens[at++ % tokens.length] ?? token),
          );
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("says what the driver says or nothing, with one number replaced", () => {
    let readCount = 0;
    fc.assert(
      fc.property(somePlan, fc.nat(40), strangeToken, (one, which, other) => {
        let at = 0;
        if (
          agrees(
            one,
            withOthers(one, (token) => (at++ === which ? other : token)),
          )
        )
          readCount++;
      }),
      { numRuns: 5000 },
    );
    expect(readCount).toBeGreaterThan(1000);
  });

  test("says what the driver says or nothing, whatever the damage", () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\{}[]:,.-+eE0123456789 \n')));
    const damage = fc.record({
      at: fc.nat(800),
      skipped: fc.nat(3),
      inserted: fc.uint8Array({ maxLength: 2 }),
      byte,
      times: fc.nat(1),
    });
    fc.assert(
      fc.property(
        somePlan,
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        fc.option(fc.nat(800)),
        (one, damages, cut) => {
          let bytes = Buffer.from(one.message.payload);
          for (const { at, skipped, inserted, byte, times } of damages) {
            const start = at % (bytes.length + 1);
            bytes = Buffer.concat([
              bytes.subarray(0, start),
              Buffer.alloc(times, byte),
              inserted,
              bytes.subarray(start + skipped),
            ]);
          }
          agrees(one, cut === null ? bytes : bytes.subarray(0, cut));
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("reads no message with bytes before or after it, nor one that is cut off", () => {
    for (const { message, plan } of planned) {
      const { payload } = message;
      const into = { values: new Float64Array(500), timeMs: 0, signalDbm: 0, uptimeS: 0 };
      for (const other of [`\ufeff${payload}`, ` ${payload}`, `${payload} `, `${payload}}`, `${payload}${payload}`]) {
        expect(plan.read(Buffer.from(other), into)).toBe(false);
      }
      for (let end = 0; end < payload.length; end++) expect(plan.read(payload.subarray(0, end), into)).toBe(false);
    }
  });

  test("keeps nothing of the payload that it was made of", () => {
    const { driver, message } = planned[1]!;
    const payload = Buffer.from(message.payload);
    const plan = createPlan(driver, createMessage({ topic: message.topic, payload }))!;
    payload.fill(0);
    expect(readBy(plan, plan.read, payload)).toBeUndefined();
    expect(agrees({ driver, message, plan }, message.payload)).toBe(true);
  });

  test("gives each message its own values, times and extras", () => {
    const { plan, message } = planned.find(({ message }) => message.topic === "home/home_abc123/sensor/power/total")!;
    const into = { values: new Float64Array(500), timeMs: 0, signalDbm: 0, uptimeS: 0 };
    expect(plan.about.readings.length).toBe(17);
    const text = Buffer.from(message.payload).toString();
    const later = text
      .replace("1250.5", "-0.0")
      .replace("14:30:00Z", "14:30:01Z")
      .replace("-65", "-7e1")
      .replace("86400", "86401");
    expect(plan.read(Buffer.from(later), into)).toBe(true);
    expect(Object.is(into.values[0], 0)).toBe(true);
    expect(into).toMatchObject({ timeMs: Date.UTC(2026, 1, 6, 14, 30, 1), signalDbm: -70, uptimeS: 86401 });
  });
});

/** A driver of messages such as `{"w":1,"ts":1707234567}`, that also does what `also` does. */
function driverThat(also: (body: JsonObject, meter: MeterMessage, message: RawMessage) => void): Driver {
  return {
    dialect: "test",
    title: "A test's",
    decode(message) {
      const body = message.json();
      if (!isJsonObject(body)) return undefined;
      const meter: MeterMessage = { meterId: "m", readings: [] };
      collect({ readings: meter.readings, dropped: [] }, body.w, { name: "w", quantity: "power_active" }, {});
      also(body, meter, message);
      return { meters: [meter] };
    },
  };
}

const text = '{"w":2,"n":3,"ts":"2026-02-06T14:30:00Z","at":1707234567}';

function planOf(driver: Driver, payload = text): DecodePlan | null {
  return createPlan(driver, createMessage({ topic: "t", payload: Buffer.from(payload) }));
}

describe("no plan is made for a driver that", () => {
  test.each<[string, Parameters<typeof driverThat>[0]]>([
    ["decides by a number's size", ({ n }, meter) => (meter.roles = numberIn(n)! > 20 ? { "": "mains" } : {})],
    ["calculates", ({ n }, meter) => (meter.uptimeS = numberIn(n)! * 60)],
    ["rounds", ({ n }, meter) => (meter.uptimeS = Math.round(numberIn(n)!))],
    ["decides by a reading", (_, meter) => (meter.name = meter.readings[0]!.value > 20 ? "much" : "little")],
    ["turns a reading round", (_, meter) => (meter.readings[0]!.value *= -1)],
    ["makes a number a name", ({ n }, meter) => (meter.name = `channel ${n}`)],
    ["makes a number a relay's state", ({ n }, meter) => (meter.relays = { "0": n === 3 })],
    ["makes a time a name", ({ ts }, meter) => (meter.name = String(ts))],
    ["takes the text of a time for a number", ({ ts }, meter) => (meter.uptimeS = finiteNumberIn(ts) ?? 0)],
    ["uses one number twice", ({ w }, meter) => (meter.signalDbm = finiteNumberIn(w)!)],
    ["has a number of its own", (_, meter) => (meter.uptimeS = 5)],
    ["has a reading of its own", (_, meter) => meter.readings.push({ quantity: "voltage", value: 230 })],
    ["drops a value", (_, meter) => (meter.dropped = ["w: too odd"])],
    ["looks whether the message is retained", (_, meter, { retain }) => (meter.name = retain ? "old" : "new")],
    ["reads numbers from the text", (_, meter, message) => (meter.uptimeS = Number(message.text()?.slice(5, 6)))],
    ["searches the text for a number", (_, meter, message) => (meter.name = String(message.text()?.includes("3")))],
    [
      "sees a signal only in a real number",
      ({ n }, meter) => Object.assign(meter, typeof n === "number" && { signalDbm: n }),
    ],
    [
      "sees an uptime only in a real number",
      ({ n }, meter) => Object.assign(meter, typeof n === "number" && { uptimeS: n }),
    ],
    ["makes an object of a number", ({ n }, meter) => (meter.name = JSON.stringify(n))],
    ["counts a number as an object", ({ n }, meter) => (meter.name = isJsonObject(n) ? "object" : typeof n)],
  ])("%s", (_, also) => {
    expect(planOf(driverThat(() => {}))).not.toBeNull();
    expect(planOf(driverThat(also))).toBeNull();
  });

  test("finds several meters, or none", () => {
    const meter: MeterMessage = { meterId: "m", readings: [] };
    expect(planOf({ ...driverThat(() => {}), decode: () => ({ meters: [meter, meter] }) })).toBeNull();
    expect(planOf({ ...driverThat(() => {}), decode: () => ({ meters: [] }) })).toBeNull();
    expect(planOf({ ...driverThat(() => {}), decode: () => ({ ignored: "nothing" }) })).toBeNull();
    expect(planOf({ ...driverThat(() => {}), decode: () => undefined })).toBeNull();
  });
});

describe("a number or time that nothing reads", () => {
  const plan = planOf(driverThat(({ at }, meter) => (meter.time = readTime(at) as { timeMs: number })))!;
  const into = { values: new Float64Array(1), timeMs: 0, signalDbm: 0, uptimeS: 0 };

  test("may be any number", () => {
    expect(plan.read(Buffer.from(text.replace("3", "-1e400")), into)).toBe(true);
    expect(plan.read(Buffer.from(text.replace("3", "null")), into)).toBe(false);
  });

  test("is a text like any other when it is a time", () => {
    expect(plan.read(Buffer.from(text), into)).toBe(true);
    expect(plan.read(Buffer.from(text.replace("14:30:00", "14:30:01")), into)).toBe(false);
  });
});

test("a text with escapes is part of the form, with the digits in it", () => {
  const driver = driverThat(({ name }, meter) => (meter.name = String(name)));
  const payload = String.raw`{"name":"the \"7\" \\","w":2}`;
  const plan = planOf(driver, payload)!;
  const into = { values: new Float64Array(1), timeMs: 0, signalDbm: 0, uptimeS: 0 };
  expect(plan.about.name).toBe('the "7" \\');
  expect(plan.read(Buffer.from(payload.replace("2", "3.5")), into)).toBe(true);
  expect(into.values[0]).toBe(3.5);
  expect(plan.read(Buffer.from(payload.replace("7", "8")), into)).toBe(false);
});

test.each([
  ["numbers side by side", '{"w":1 2}'],
  ["numbers that run together", '{"n":1,"w":3-4}'],
  ["no JSON", '{"w":2'],
  ["a number alone", "2"],
  ["more numbers than any meter sends", `{"w":2,"n":[${"1,".repeat(2000)}1]}`],
])("no plan is made of %s", (_, payload) => {
  const anyBody: Driver = { ...driverThat(() => {}), decode: () => ({ meters: [{ meterId: "m", readings: [] }] }) };
  expect(planOf(anyBody, payload)).toBeNull();
});
