import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDefinitions } from "../definitions.ts";
import { createMessage } from "../message.ts";
import { encodePayload, type TestMetric } from "./encoder.ts";
import { readPayload } from "./payload.ts";
import { fieldsOf } from "./protobuf.ts";
import { sparkplugB } from "./sparkplug-b.ts";

function home() {
  const definitions = createDefinitions();
  return (topic: string, metrics: readonly TestMetric[]) => {
    const message = createMessage({ topic, payload: encodePayload(metrics), known: definitions.known });
    const decoded = sparkplugB.decode(message);
    if (decoded && "defines" in decoded && decoded.defines)
      expect(definitions.learn(sparkplugB.dialect, decoded.defines)).not.toHaveProperty("refused");
    return decoded;
  };
}

const int32 = 3;
const int16 = 2;
const float = 9;

describe("a device that names its metrics by alias", () => {
  test("is understood after its birth, with the units and types that it told", () => {
    const decode = home();
    decode("spBv1.0/Home/DBIRTH/edge1/panel", [
      { name: "Main/Power", alias: 1, dataType: int32, int: 0, unit: "kW" },
      { name: "Main/Voltage L2", alias: 2, dataType: float, float: 231.5 },
      { name: "Uptime", alias: 3, dataType: 8, long: 1n },
    ]);
    const changed = [
      { alias: 1, int: -2 },
      { alias: 2, float: 230.25 },
      { alias: 3, long: 2n },
    ];
    expect(decode("spBv1.0/Home/DDATA/edge1/panel", changed)).toMatchObject({
      meters: [
        {
          meterId: "Home/edge1/panel",
          readings: [
            { quantity: "power_active", value: -2000, channel: "main" },
            { quantity: "voltage", value: 230.25, phase: "L2", channel: "main" },
          ],
        },
      ],
    });
  });

  test("is not understood before, nor by another's birth", () => {
    const decode = home();
    decode("spBv1.0/Home/DBIRTH/edge1/panel", [{ name: "Power", alias: 1, dataType: int32, int: 0 }]);
    expect(decode("spBv1.0/Home/DDATA/edge1/other", [{ alias: 1, int: 12 }])).toHaveProperty("ignored");
    expect(decode("spBv1.0/Home/NDATA/edge1", [{ alias: 1, int: 12 }])).toHaveProperty("ignored");
  });

  test("may have hundreds of metrics", () => {
    const decode = home();
    const metrics = Array.from({ length: 400 }, (_, i) => ({
      name: `Circuit ${i + 1}/Power`,
      alias: i,
      dataType: int32,
      int: i,
    }));
    decode("spBv1.0/Home/DBIRTH/edge1/panel", metrics);
    expect(decode("spBv1.0/Home/DDATA/edge1/panel", [{ alias: 399, int: 12 }])).toMatchObject({
      meters: [{ readings: [{ quantity: "power_active", value: 12 }] }],
    });
  });
});

test("an integer has the sign of its type", () => {
  const decode = home();
  const power = (dataType: number, int: number) =>
    decode("spBv1.0/Home/DDATA/edge1/panel", [{ name: "Power", dataType, int }]);
  expect(power(int32, -812)).toMatchObject({ meters: [{ readings: [{ value: -812 }] }] });
  expect(power(int16, 0xfcd4)).toMatchObject({ meters: [{ readings: [{ value: -812 }] }] });
  expect(power(7, -812)).toMatchObject({ meters: [{ readings: [{ value: 2 ** 32 - 812 }] }] });
});

test("what a node had stored, or does not know, is no reading", () => {
  const decode = home();
  const topic = "spBv1.0/Home/DDATA/edge1/panel";
  expect(decode(topic, [{ name: "Power", dataType: float, float: 12, isHistorical: true }])).toHaveProperty("ignored");
  expect(decode(topic, [{ name: "Power", dataType: float, isNull: true }])).toHaveProperty("ignored");
});

describe("the wire format", () => {
  test("is read back as it was written", () => {
    const numbers = fc.record({
      double: fc.double({ noNaN: true }),
      long: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    });
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), numbers, (name, { double, long }) => {
        const payload = readPayload(
          encodePayload(
            [
              { name, double },
              { name, long },
            ],
            12,
          ),
        );
        const text = Buffer.from(name).toString("utf8");
        expect(payload).toMatchObject({
          timestampMs: 12,
          metrics: [
            { name: text, value: double },
            { name: text, value: long },
          ],
        });
      }),
    );
  });

  test.each([
    ["a number without end", [0x08, 0x80, 0x80]],
    ["a number of more than 64 bits", [0x08, ...Array(10).fill(0xff), 0x01]],
    ["a length beyond the end", [0x12, 0x05, 0x01]],
    ["a length beyond any memory", [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["a group, which is obsolete", [0x0b, 0x0c]],
    ["the field 0", [0x00, 0x01]],
  ])("refuses %s", (_, bytes) => {
    expect(fieldsOf(Uint8Array.from(bytes))).toBeUndefined();
  });

  test("refuses more fields than any device has", () => {
    expect(fieldsOf(new Uint8Array(12_000).fill(0x08))).toBeUndefined();
  });
});
