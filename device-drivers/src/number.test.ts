import { describe, expect, test } from "vitest";
import { factorOfBare, numberFromJson, numberFromText } from "./number.ts";

const W = { unit: "W" };

test.each([
  ["812.5", 812.5],
  ["1250.5\n", 1250.5],
  [" 12.5 W", 12.5],
  ["12.5W", 12.5],
  ["1.2 kW", 1200],
  ["0.00002 MW", 20],
  ["500 mW", 0.5],
  ["3 KW", 3000],
  ["+5", 5],
  [".5", 0.5],
  ["1.5e3", 1500],
  ["007881.115", 7881.115],
  ["-3.25", -3.25],
])("%j is %d W", (text, value) => {
  expect(numberFromText(text, W)).toBe(value);
});

test("minus zero is zero", () => {
  expect(Object.is(numberFromText("-0.0", W), 0)).toBe(true);
  expect(Object.is(numberFromJson(-0, W), 0)).toBe(true);
  expect(Object.is(numberFromJson(-0, { unit: "Wh", bareUnit: "kWh" }), 0)).toBe(true);
});

test.each([
  ["12,5", "'12,5' uses a decimal comma: send 12.5"],
  ["1,250", "'1,250' groups its digits: send them together"],
  ["1 250.5", "'1 250.5' groups its digits: send them together"],
  ["0x1F", "'0x1F' is hexadecimal: send decimal digits"],
  ["๑๒๓.๔", "'๑๒๓.๔' is not in the digits 0 to 9"],
  ["nan", "'nan' is not a number: send nothing while there is no measurement"],
  ["unavailable", "'unavailable' is not a number: send nothing while there is no measurement"],
  ["true", "'true' is not a number: send nothing while there is no measurement"],
  ["", "it is empty"],
  ["1e400", "the number is too large"],
  ["12 V", "it is in V, send W"],
  ["12 lm", "the unit 'lm' is unknown, send W"],
  ["abc", "'abc' is not a number"],
  ["1.2.3", "'1.2.3' is not a number"],
  ["--5", "'--5' is not a number"],
])("%j is refused: %s", (text, why) => {
  expect(numberFromText(text, W)).toEqual({ why });
});

test.each(["2147483647", "4294967295", "18446744073709551615", "-2147483648", "9223372036854775807"])(
  "%s is an overflow, not a measurement",
  (text) => {
    expect(numberFromText(text, W)).toHaveProperty("why");
    expect(numberFromJson(Number(text), W)).toHaveProperty("why");
  },
);

test("what is too large only once it is converted is refused too", () => {
  expect(numberFromText("1e303 kWh", { unit: "Wh" })).toEqual({ why: "the number is too large" });
  expect(numberFromJson(1e306, { unit: "Wh", bareUnit: "kWh" })).toEqual({ why: "the number is too large" });
});

test("neighbours of an overflow mark are measurements", () => {
  expect(numberFromText("2147483646", W)).toBe(2147483646);
});

describe("a number without unit", () => {
  const registerInKwh = { unit: "Wh", bareUnit: "kWh" };

  test("is in the unit that its field or topic names", () => {
    expect(numberFromText("12.34", registerInKwh)).toBe(12340);
    expect(numberFromJson(6.294, registerInKwh)).toBe(6294);
  });

  test("gives way to a unit that stands with it", () => {
    expect(numberFromText("12.34 Wh", registerInKwh)).toBe(12.34);
  });

  test("keeps large registers exact", () => {
    expect(numberFromJson(9098245.123, registerInKwh)).toBe(9098245123);
  });
});

describe("a JSON value", () => {
  test("that is null or absent is no reading and no fault", () => {
    expect(numberFromJson(null, W)).toBeUndefined();
    expect(numberFromJson(undefined, W)).toBeUndefined();
  });

  test("may be a numeric string", () => {
    expect(numberFromJson("1.067", { unit: "A" })).toBe(1.067);
  });

  test.each([[true], [[1]], [{}], [""], ["None"], [Number.POSITIVE_INFINITY]])("%j is refused", (value) => {
    expect(numberFromJson(value, W)).toHaveProperty("why");
  });
});

test("a percentage is a power factor's ratio", () => {
  expect(numberFromText("95 %", { unit: "" })).toBe(0.95);
});

test("a reason quotes little of a long text and no control characters", () => {
  const { why } = numberFromText(`x\u0000${"y".repeat(1000)}`, W) as { why: string };
  expect(why.length).toBeLessThan(100);
  expect(why).not.toContain("\u0000");
});

describe("a number of a device that counts otherwise", () => {
  test("is multiplied besides, whether its unit stands with it or not", () => {
    expect(numberFromText("1.204", { unit: "W", bareUnit: "kW", times: -1 })).toBe(-1204);
    expect(numberFromText("1.204 kW", { unit: "W", times: -1 })).toBe(-1204);
    expect(numberFromJson(4999, { unit: "Hz", times: 0.01 })).toBe(49.99);
  });

  test("is 0 and not -0 when it is none", () => {
    expect(numberFromText("0.000", { unit: "W", times: -1 })).toBe(0);
  });

  test("has its factor wherever a plan reads it", () => {
    expect(factorOfBare({ unit: "W", bareUnit: "kW", times: -1 })).toBe(-1000);
    expect(factorOfBare({ unit: "W", bareUnit: "V", times: -1 })).toBeUndefined();
  });
});
