import fc from "fast-check";
import { expect, test } from "vitest";
import { createByteReader, createByteWriter, decimalDigits, packed, unpacked } from "./bytes.ts";

const whole = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
);
const formats = { plain: 7, zstd: 8 };

test("numbers of any size come back, one by one and as sums", () => {
  fc.assert(
    fc.property(fc.array(whole), (numbers) => {
      const writer = createByteWriter(1);
      for (const number of numbers) writer.signed(number);
      for (const number of numbers) writer.varint(Math.abs(number));
      const reader = createByteReader(writer.bytes());
      expect(numbers.map(() => reader.signed())).toEqual(numbers);
      expect(numbers.map(() => reader.varint())).toEqual(numbers.map(Math.abs));
      expect(reader.isAtEnd()).toBe(true);
      const sums = new Float64Array(numbers.length + 1);
      createByteReader(writer.bytes()).sums(sums, 1, sums.length);
      numbers.forEach((number, at) => void expect(sums[at + 1]).toBe(sums[at]! + number));
    }),
  );
});

test("bytes that end too early throw", () => {
  expect(() => createByteReader(Uint8Array.of(1, 2)).sums(new Float64Array(3), 0, 3)).toThrow(RangeError);
  expect(() => createByteReader(Uint8Array.of(255)).signed()).toThrow(RangeError);
});

test("packed bytes come back, compressed only when that is shorter, and damage is seen", () => {
  const same = new Uint8Array(500).fill(9);
  const short = packed(same, formats, true);
  expect(short.length).toBeLessThan(100);
  expect(short[0]).toBe(formats.zstd);
  expect(unpacked(short, formats)).toEqual(Buffer.from(same));
  const tiny = packed(Uint8Array.of(1, 2, 3), formats, true);
  expect([...tiny.subarray(0, 4)]).toEqual([formats.plain, 1, 2, 3]);
  expect(packed(same, formats, false)[0]).toBe(formats.plain);
  tiny[1] = 9;
  expect(() => unpacked(tiny, formats)).toThrow(RangeError);
});

test("decimal digits are as few as write every value, and null when they are too many", () => {
  expect(decimalDigits([1, 20, -3], 6)).toBe(0);
  expect(decimalDigits([1.5, 0.125], 6)).toBe(3);
  expect(decimalDigits([Math.PI], 6)).toBeNull();
  expect(decimalDigits([Number.NaN], 6)).toBeNull();
});
