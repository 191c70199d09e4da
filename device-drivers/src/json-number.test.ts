import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readJsonNumber } from "./json-number.ts";

/** The number at the beginning of a text and what follows it; undefined when there is none. */
function read(text: string): { value: number; rest: string } | undefined {
  const into = new Float64Array(2);
  const end = readJsonNumber(Buffer.from(`x${text}`), 1, into, 1);
  return end === -1 ? undefined : { value: into[1]!, rest: `x${text}`.slice(end) };
}

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength });
const whole = fc.oneof(
  fc.constant("0"),
  fc.tuple(fc.constantFrom(..."123456789"), digits(19)).map(([a, b]) => a + b),
);
const fraction = fc.oneof(
  fc.constant(""),
  digits(24).map((text) => `.${text}`),
);
const exponent = fc.oneof(
  fc.constant(""),
  fc.tuple(fc.constantFrom("e", "E", "e+", "e-"), digits(3)).map(([e, digits]) => e + digits),
);
const token = fc.tuple(fc.constantFrom("", "-"), whole, fraction, exponent).map((parts) => parts.join(""));

test("every JSON number has the very value that JSON.parse gives it", () => {
  fc.assert(
    fc.property(token, fc.constantFrom("", ",", "}", " ", "x"), (text, rest) => {
      expect(read(text + rest)).toStrictEqual({ value: JSON.parse(text), rest });
    }),
    { numRuns: 3000 },
  );
});

test("every double reads back from its shortest text", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(read(JSON.stringify(value))?.value).toBe(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 3000 },
  );
});

test.each(["", "-", "+1", ".5", "1.", "-.5", "01", "-00", "00.1", "1.e3", "1e", "1e+", "1.5E-", "nan", "x", "e5"])(
  "%j begins with no JSON number",
  (text) => {
    expect(read(text)).toBeUndefined();
    expect(read(`${text},`)).toBeUndefined();
  },
);

test.each([
  ["1.2.3", 1.2, ".3"],
  ["1-2", 1, "-2"],
  ["12e3e4", 12000, "e4"],
  ["7W", 7, "W"],
])("%j is read as far as it is a number", (text, value, rest) => {
  expect(read(text)).toEqual({ value, rest });
});

test("a number of any length takes no stack", () => {
  expect(read("9".repeat(250_000))).toEqual({ value: Number.POSITIVE_INFINITY, rest: "" });
});
