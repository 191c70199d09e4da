import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import {
  decodeLeaf,
  decodePresence,
  exportChannel,
  exportPower,
  gauge,
  leafTable,
  outcome,
  plainNumber,
  readLeaves,
  register,
  supplyRoles,
  takePhase,
  whyNoObject,
} from "./leaf-table.ts";
import { createMessage } from "./message.ts";

const about = { meterId: "p1", channelRoles: supplyRoles };

function message(payload: string | Uint8Array, topic = "p1/power") {
  return createMessage({ topic, payload: Buffer.from(payload) });
}

describe("a topic with one value", () => {
  test("gives a reading at its place, and the role of its channel alone", () => {
    expect(decodeLeaf(message("1.5"), register("import", "today"), about)).toEqual({
      meters: [
        {
          meterId: "p1",
          readings: [{ quantity: "energy_active", value: 1500, direction: "import", period: "today" }],
          roles: { "": "mains" },
        },
      ],
    });
  });

  test("gives power to the grid as negative, on a channel of its own", () => {
    expect(
      decodeLeaf(message("0.512"), exportPower({ phase: "L2" }, { unit: "W", bareUnit: "kW" }), about),
    ).toMatchObject({
      meters: [
        {
          readings: [{ quantity: "power_active", value: -512, phase: "L2", channel: exportChannel }],
          roles: { [exportChannel]: "mains" },
        },
      ],
    });
  });

  test.each([
    ["", "ignored"],
    ["null", "ignored"],
    ["nan", "rejected"],
    ["12,5", "rejected"],
    [new Uint8Array([0xff]), "rejected"],
  ])("says of %j that it is %s", (payload, outcome) => {
    expect(decodeLeaf(message(payload), gauge("voltage"), about)).toHaveProperty(outcome);
  });

  test("is rejected when the topic cannot name a meter", () => {
    expect(decodeLeaf(message("1"), gauge("voltage"), { meterId: "a\u0000b" })).toHaveProperty("rejected");
    expect(decodeLeaf(message("1"), gauge("voltage"), { meterId: "x".repeat(129) })).toHaveProperty("rejected");
  });
});

describe("the keys of an object", () => {
  const table = leafTable({ v: gauge("voltage"), p: gauge("power_active"), toString: gauge("current") });

  test("are read in the table's order, and only the object's own", () => {
    const collected = { readings: [], dropped: [] };
    readLeaves({ p: 12, other: 1, v: "231.5" }, table, collected);
    expect(collected.readings).toEqual([
      { quantity: "voltage", value: 231.5 },
      { quantity: "power_active", value: 12 },
    ]);
  });

  test("may fail one by one", () => {
    const collected = { readings: [], dropped: [] };
    readLeaves({ p: "much", v: 231.5 }, table, collected);
    expect(outcome({ meterId: "x" }, collected)).toEqual({
      meters: [
        { meterId: "x", readings: [{ quantity: "voltage", value: 231.5 }], dropped: ["p: 'much' is not a number"] },
      ],
    });
  });
});

describe("an outcome", () => {
  test("without readings is nothing, unless the message says something of the device", () => {
    const nothing = () => ({ readings: [], dropped: [] });
    expect(outcome({ meterId: "x" }, nothing())).toEqual({ ignored: "no measurement", meterId: "x" });
    expect(outcome({ meterId: "x", alias: "y" }, nothing())).toHaveProperty("ignored");
    expect(outcome({ meterId: "x", name: "Garage" }, nothing())).toHaveProperty("meters");
    expect(outcome({ meterId: "x" }, { readings: [], dropped: ["p: why"] })).toEqual({
      rejected: "p: why",
      meterId: "x",
    });
  });

  test("of one thing by two names has the first", () => {
    const readings = [{ quantity: "voltage", value: 231 } as const, { quantity: "voltage", value: 232 } as const];
    expect(outcome({ meterId: "x" }, { readings, dropped: [] })).toMatchObject({
      meters: [{ readings: [readings[0]] }],
    });
  });
});

test("a last will has one word for there and one for gone", () => {
  const words = ["connected", "not connected"] as const;
  const presence = (payload: string) => decodePresence(message(payload), { meterId: "x" }, words);
  expect(presence(" Connected\n")).toMatchObject({ meters: [{ availability: "online" }] });
  expect(presence("not connected")).toMatchObject({ meters: [{ availability: "offline" }] });
  expect(presence("")).toHaveProperty("ignored");
  expect(presence("gone")).toHaveProperty("rejected");
});

test.each([
  ["ac/l1/voltage", { key: "ac/voltage", phase: "L1" }],
  ["Ac/ActiveIn/L3/P", { key: "Ac/ActiveIn/P", phase: "L3" }],
  ["power/l4", { key: "power/l4" }],
  ["power", { key: "power" }],
])("of the path %s the phase is taken out", (path, taken) => {
  expect(takePhase(path.split("/"))).toEqual(taken);
});

test.each([
  ["-61", -61],
  [" 12.5\n", 12.5],
  ["1e999", undefined],
  ["", undefined],
  ["192.168.1.5", undefined],
])("the plain number in %j is %s", (payload, number) => {
  expect(plainNumber(message(payload))).toBe(number);
});

test("a payload that should be an object says why it is none", () => {
  expect(whyNoObject(message("{"))).toContain("not whole JSON");
  expect(whyNoObject(message("[1]"))).toContain("not a JSON object");
  expect(whyNoObject(message(new Uint8Array([0xff])))).toContain("UTF-8");
});
