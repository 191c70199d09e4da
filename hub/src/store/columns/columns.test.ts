import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createByteReader, createByteWriter } from "../bytes.ts";
import { readIntegers, writeIntegers } from "./integers.ts";
import { decodeTimes, encodeTimes } from "./times.ts";
import { createBitReader, createBitWriter, extraBitsOf, extraOf, numberOf, tokenOf } from "./tokens.ts";
import { decodeValues, encodeValues } from "./values.ts";

const decimals = (digits: number) => fc.integer({ min: -1e7, max: 1e7 }).map((value) => value / 10 ** digits);
const walk = fc
  .array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 3_000 })
  .map((steps) => steps.map((step, at) => steps.slice(Math.max(0, at - 5), at).reduce((sum, one) => sum + one, step)));
const columns = fc.oneof(
  fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 100 }),
  fc.array(decimals(0), { maxLength: 500 }),
  fc.array(decimals(3), { maxLength: 500 }),
  fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 2_000, -5), { maxLength: 1_000 }),
  fc.array(fc.constantFrom(2 ** 53, -(2 ** 53), 1e15 + 0.5, 5e-324, 1.7e308, 0.1, -0), { maxLength: 60 }),
  walk,
);
/** A meter's clock: a steady pace with jitter, and now and then a gap. */
const clocks = fc
  .record({
    stepMs: fc.integer({ min: 1, max: 600_000 }),
    jitters: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 2_000 }),
    gaps: fc.array(fc.nat(5_000), { maxLength: 4 }),
  })
  .map(({ stepMs, jitters, gaps }) => {
    let placeMs = 1_795_000_000_000;
    return jitters.map((jitter, at) => {
      placeMs += stepMs + (gaps.includes(at) ? 3600_000 + at : 0);
      return placeMs + Math.min(jitter, stepMs - 1);
    });
  });

describe("columns", () => {
  test("give back the very same values, whatever they are", () => {
    fc.assert(
      fc.property(columns, (list) => {
        expect([...decodeValues(encodeValues(Float64Array.from(list)))]).toEqual(list.map((value) => value + 0));
      }),
      { numRuns: 300 },
    );
  });

  test("give back the very same times, with jitter and gaps", () => {
    const any = fc.uniqueArray(fc.integer({ min: -(2 ** 41), max: 2 ** 42 }), { maxLength: 200 });
    const rising = any.map((list) => list.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(fc.oneof(rising, clocks), (list) => {
        expect([...decodeTimes(encodeTimes(Float64Array.from(list)))]).toEqual(list);
      }),
      { numRuns: 300 },
    );
  });

  test("of whole numbers of any size are the same when read", () => {
    const large = fc.array(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.oneof(large, walk), (list) => {
        const writer = createByteWriter();
        writeIntegers(writer, Float64Array.from(list));
        expect([...readIntegers(createByteReader(writer.bytes()), list.length)]).toEqual(list);
      }),
    );
  });

  test("that are damaged throw or read as something, at once and in little memory", () => {
    const damage = fc.record({ list: columns, at: fc.nat(), byte: fc.nat(255), cut: fc.nat() });
    fc.assert(
      fc.property(damage, fc.boolean(), ({ list, at, byte, cut }, isCut) => {
        const bytes = encodeValues(Float64Array.from(list));
        bytes[at % bytes.length] = byte;
        const damaged = isCut ? bytes.subarray(0, cut % bytes.length) : bytes;
        for (const decode of [decodeValues, decodeTimes]) {
          try {
            expect(decode(damaged).length).toBeLessThanOrEqual(65_536);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("of a perfect pace cost a few bytes, and of a jittery one little more than its spread", () => {
    const steady = Float64Array.from({ length: 3_600 }, (_, at) => 1_795_000_000_000 + at * 1_000);
    expect(encodeTimes(steady).length).toBeLessThan(20);
    const jittery = steady.map((timeMs, at) => timeMs + ((at * 7_919) % 17));
    expect(encodeTimes(jittery).length * 8).toBeLessThan(3_600 * Math.log2(17) + 800);
  });

  test("of a value that stays cost a few bytes, and of one that rarely changes hardly more", () => {
    expect(encodeValues(new Float64Array(3_600).fill(230.1)).length).toBeLessThan(12);
    const rare = Float64Array.from({ length: 3_600 }, (_, at) => (at % 900 < 450 ? 0 : 2_000.5));
    expect(encodeValues(rare).length).toBeLessThan(90);
  });
});

describe("the first format", () => {
  test("is still read: plain and compressed, decimals and floats", () => {
    expect([...decodeValues(Uint8Array.of(0, 3, 1, 20, 1, 4))]).toEqual([1, 0.9, 1.1]);
    expect([...decodeTimes(Uint8Array.of(0, 3, 20, 19, 2))]).toEqual([10, 10, 11]);
    const float = new Uint8Array(8);
    new DataView(float.buffer).setFloat64(0, Math.PI, true);
    expect([...decodeValues(Uint8Array.of(0, 1, 255, 1, ...float))]).toEqual([Math.PI]);
  });
});

describe("tokens", () => {
  test("and their open bits are the number again", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 })), (list) => {
        const writer = createBitWriter(4);
        for (const value of list) {
          const bits = extraBitsOf(tokenOf(value));
          writer.write(extraOf(value, bits), bits);
        }
        const reader = createBitReader(writer.bytes());
        const read = list.map((value) => numberOf(tokenOf(value), reader.read(extraBitsOf(tokenOf(value)))));
        expect(read).toEqual(list);
      }),
    );
  });
});
