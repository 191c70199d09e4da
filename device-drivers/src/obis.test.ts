import { describe, expect, test } from "vitest";
import { isTelegram, obisLeaf, readTelegram } from "./obis.ts";
import type { Collected } from "./readings.ts";

function read(text: string): Collected {
  const collected: Collected = { readings: [], dropped: [] };
  readTelegram(text, collected);
  return collected;
}

describe("a telegram", () => {
  const telegram =
    "/ELL5\\253833635_A\r\n\r\n0-0:1.0.0(211118114800W)\r\n1-0:1.8.0(00016867.262*kWh)\r\n1-0:2.7.0(0000.512*kW)\r\n";

  test("is known by its first line", () => {
    expect(isTelegram(telegram)).toBe(true);
    expect(isTelegram("hello (you)")).toBe(false);
    expect(isTelegram("/dev/null")).toBe(false);
  });

  test("is read with the units that stand in it", () => {
    expect(read(telegram).readings).toEqual([
      { quantity: "energy_active", value: 16867262, direction: "import", period: "total" },
      { quantity: "power_active", value: -512, channel: "export" },
    ]);
  });

  test("loses only the lines that are broken", () => {
    const { readings, dropped } = read(
      "1-0:1.7.0(00.2\r\n1-0:32.7.0(x*V)\r\n1-0:31.7.0(001*A)\r\n1-0:99.97.0(5)(0-0:96.7.19)\r\n",
    );
    expect(readings).toEqual([{ quantity: "current", value: 1, phase: "L1" }]);
    expect(dropped).toEqual(["32.7.0: 'x V' is not a number"]);
  });

  test("is not read without end", () => {
    expect(read("1-0:31.7.0(001*A)\n".repeat(100_000)).readings).toHaveLength(500);
  });
});

test.each([
  ["16.7.0", { quantity: "power_active" }],
  ["61.7.0", { quantity: "power_active", phase: "L3" }],
  ["52.7.0", { quantity: "voltage", phase: "L2" }],
  ["31.7.0", { quantity: "current", phase: "L1" }],
  ["2.8.2", { quantity: "energy_active", direction: "export", period: "tariff2" }],
])("the code %s is known", (code, leaf) => {
  expect(obisLeaf(code)).toEqual(leaf);
});

test("power to the grid is not read beside a power with a sign", () => {
  expect(obisLeaf("2.7.0")).toBeUndefined();
  expect(obisLeaf("62.7.0")).toBeUndefined();
});

test("codes of other things are not", () => {
  expect(obisLeaf("96.1.0")).toBeUndefined();
  expect(obisLeaf("toString")).toBeUndefined();
});
