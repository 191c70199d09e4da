import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeTimes, decodeValues, encodeTimes, encodeValues } from "./columns.ts";
import { integerFormats, mostValues } from "./integers.ts";

const startMs = 1_770_000_000_000;

/** Columns of 0 to 700 numbers, so that every coder has its turn. */
function column(number: fc.Arbitrary<number>): fc.Arbitrary<Float64Array> {
  return fc.array(number, { maxLength: 700, size: "max" }).map((numbers) => Float64Array.from(numbers));
}

const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const edge = fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 50, 2 ** 50 + 1, 2 ** 50 - 1, 1e300, 5e-324, 0.1 + 0.2, -0, 0);
const decimal = fc
  .tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), fc.integer({ min: 0, max: 8 }))
  .map(([whole, digits]) => whole / 10 ** digits);
const appliance = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(0, 0, 0, 82.5, 1_999.9) },
  { weight: 1, arbitrary: decimal },
);
const walk = column(fc.integer({ min: -20, max: 20 })).map((steps) => sumUp(steps, 2_300).map((value) => value / 10));
const register = column(fc.constantFrom(0, 0, 0, 10, 20, 5_000_000)).map((steps) => sumUp(steps, 2 ** 40));
const constant = fc
  .tuple(double, fc.integer({ min: 0, max: 5_000 }))
  .map(([value, count]) => new Float64Array(count).fill(value));

function sumUp(steps: Float64Array, start: number): Float64Array {
  let sum = start;
  return steps.map((step) => {
    sum += step;
    return sum;
  });
}

/** A meter that measures at a steady pace, whose messages waver and are missing now and then. */
const clock = fc
  .record({
    stepMs: fc.constantFrom(1_000, 1_000.4, 10_000, 60_000),
    jitterMs: fc.constantFrom(0, 3, 8, 400),
    gaps: column(fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2, 90)),
    wavers: column(fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(({ stepMs, jitterMs, gaps, wavers }) =>
    sumUp(gaps, 0)
      .map((place, index) => Math.round(startMs + place * stepMs + (wavers[index] ?? 0) * jitterMs))
      .sort(),
  );

/** Household-like numbers that repeat the same way each time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a column of values", () => {
  test.each([
    ["doubles", column(double)],
    ["doubles at the edges of exactness", column(fc.oneof(edge, double))],
    ["decimals", column(decimal)],
    ["an appliance's power", column(appliance)],
    ["a wavering voltage", walk],
    ["a rising register", register],
    ["whole numbers as large as they may be", column(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }))],
    ["a steep rise", column(fc.integer({ min: 0, max: 2 ** 40 })).map((steps) => sumUp(steps, -(2 ** 50)))],
    ["one value again and again", constant],
  ])("gives back the very same numbers: %s", (_, values) => {
    fc.assert(
      fc.property(values, (list) => {
        // Adding zero: -0 comes back as 0.
        expect(decodeValues(encodeValues(list))).toEqual(list.map((value) => value + 0));
      }),
    );
  });

  test("gives back infinities and what is no number", () => {
    const values = Float64Array.of(1.5, Number.POSITIVE_INFINITY, Number.NaN, Number.NEGATIVE_INFINITY);
    expect(decodeValues(encodeValues(values))).toEqual(values);
  });

  test("gives back the longest column, and refuses a longer one", () => {
    const random = noise(1);
    const values = Float64Array.from({ length: mostValues }, () => Math.floor(random() ** 4 * 1e6) / 10);
    expect(decodeValues(encodeValues(values))).toEqual(values);
    expect(() => encodeValues(new Float64Array(mostValues + 1))).toThrow(RangeError);
    expect(() => encodeValues(new Float64Array(mostValues + 1).fill(Math.PI))).toThrow(RangeError);
  });

  test("takes a few bytes when nothing changes", () => {
    expect(encodeValues(new Float64Array(3_600).fill(230.1)).length).toBeLessThan(12);
  });

  test("takes tables when it is long and none when it is short", () => {
    const random = noise(2);
    const values = Float64Array.from({ length: 3_600 }, () => Math.round(random() * 20) / 10);
    expect(encodeValues(values)[0]).toBe(integerFormats.tables);
    expect(encodeValues(values.subarray(0, 20))[0]).toBe(integerFormats.adaptive);
  });

  test("takes hardly more than the bits that its noise has", () => {
    const random = noise(3);
    // Sixteen equally likely values are four bits each.
    const values = Float64Array.from({ length: 3_600 }, () => 2_000 + Math.floor(random() * 16) / 10);
    expect((encodeValues(values).length * 8) / values.length).toBeLessThan(4 * 1.05);
  });

  test("takes less for a power that returns to the same levels than for one that does not", () => {
    const random = noise(4);
    const levels = Float64Array.from({ length: 3_600 }, () => (random() < 0.5 ? 0 : random() < 0.5 ? 823 : 1_999));
    const others = levels.map((level) => (level === 0 ? 0 : Math.floor(random() * 1_999)));
    expect(encodeValues(levels).length).toBeLessThan(encodeValues(others).length / 3);
  });
});

describe("a column of times", () => {
  test("gives back the very same times, with jitter and gaps", () => {
    fc.assert(fc.property(clock, (times) => void expect(decodeTimes(encodeTimes(times))).toEqual(times)));
  });

  test("gives back any whole milliseconds in order", () => {
    const times = column(fc.integer({ min: -(2 ** 41), max: 2 ** 42 })).map((list) => list.sort());
    fc.assert(fc.property(times, (list) => void expect(decodeTimes(encodeTimes(list))).toEqual(list)));
  });

  test("refuses what is no whole millisecond", () => {
    expect(() => encodeTimes(Float64Array.of(0.5))).toThrow(RangeError);
    expect(() => encodeTimes(Float64Array.of(Number.NaN))).toThrow(RangeError);
    expect(() => encodeTimes(Float64Array.of(2 ** 51))).toThrow(RangeError);
  });

  test("takes a few bytes at a steady pace, and at a jittered one little more than the jitter's own bits", () => {
    const random = noise(5);
    const steady = Float64Array.from({ length: 3_600 }, (_, index) => startMs + index * 1_000);
    expect(encodeTimes(steady).length).toBeLessThan(16);
    const jittered = steady.map((timeMs) => timeMs + Math.floor(random() * 17) - 8);
    expect((encodeTimes(jittered).length * 8) / jittered.length).toBeLessThan(Math.log2(17) + 0.3);
  });

  test("takes a few bytes for a gap", () => {
    const times = Float64Array.from(
      { length: 3_600 },
      (_, index) => startMs + (index + (index > 2_000 ? 35 : 0)) * 1_000,
    );
    expect(encodeTimes(times).length).toBeLessThan(40);
  });
});

describe("damaged bytes", () => {
  /** How many numbers come out; none when it throws. Most damage is noticed here, the caller's checksum notices the rest. */
  function countOf(decode: (bytes: Uint8Array) => Float64Array, bytes: Uint8Array): number {
    try {
      return decode(bytes).length;
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      return 0;
    }
  }

  test("throw or give a column of bounded length, whatever they are", () => {
    const bytes = fc
      .tuple(fc.integer({ min: 0, max: 9 }), fc.uint8Array({ maxLength: 200 }))
      .map(([format, rest]) => Uint8Array.of(format, ...rest));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array()), (damaged) => {
        expect(countOf(decodeValues, damaged)).toBeLessThanOrEqual(mostValues);
        expect(countOf(decodeTimes, damaged)).toBeLessThanOrEqual(mostValues);
      }),
      { numRuns: 2_000 },
    );
  });

  test("throw or give a column of bounded length when a true column has flipped, missing or added bytes", () => {
    const source = fc.record({
      seed: fc.nat(),
      length: fc.constantFrom(5, 40, 300, 2_000),
      scale: fc.constantFrom(10, Math.PI),
    });
    const damage = fc.record({
      at: fc.nat(),
      flip: fc.integer({ min: 1, max: 255 }),
      cut: fc.nat(20),
      add: fc.nat(20),
    });
    fc.assert(
      fc.property(source, damage, ({ seed, length, scale }, { at, flip, cut, add }) => {
        const random = noise(seed);
        const bytes = encodeValues(Float64Array.from({ length }, () => Math.floor(random() ** 3 * 500) / scale));
        const kept = bytes.subarray(0, Math.max(1, bytes.length - cut));
        const damaged = new Uint8Array(kept.length + add);
        damaged.set(kept);
        damaged[at % damaged.length]! ^= flip;
        expect(countOf(decodeValues, damaged)).toBeLessThanOrEqual(mostValues);
      }),
      { numRuns: 1_000 },
    );
  });

  test("throw when there are none, or of an unknown format", () => {
    expect(() => decodeValues(new Uint8Array(0))).toThrow(RangeError);
    expect(() => decodeTimes(new Uint8Array(0))).toThrow(RangeError);
    expect(() => decodeValues(Uint8Array.of(200, 1, 2, 3))).toThrow(RangeError);
  });

  test("throw when the tokens do not end where the column does", () => {
    const random = noise(7);
    const bytes = encodeValues(Float64Array.from({ length: 3_600 }, () => Math.floor(random() * 90)));
    expect(() => decodeValues(bytes.subarray(0, bytes.length - 2))).toThrow(RangeError);
    bytes[bytes.length - 1]! ^= 1;
    expect(() => decodeValues(bytes)).toThrow(RangeError);
  });
});

describe("the first databases' columns", () => {
  test("are read: times", () => {
    // 5, 1,005, 2,006: first step 5, then +995, then +1; doubled for their sign.
    expect(decodeTimes(Uint8Array.of(0, 3, 10, 0xc6, 0x0f, 2))).toEqual(Float64Array.of(5, 1_005, 2_006));
  });

  test("are read: decimals and floats", () => {
    // 2.5 and 2.4 with one decimal digit: 25, then -1.
    expect(decodeValues(Uint8Array.of(0, 2, 1, 50, 1))).toEqual(Float64Array.of(2.5, 2.4));
    const float = new Uint8Array(8);
    new DataView(float.buffer).setFloat64(0, Math.PI, true);
    expect(decodeValues(Uint8Array.of(0, 1, 0xff, 1, ...float))).toEqual(Float64Array.of(Math.PI));
  });

  test("are read: compressed", () => {
    const body = Uint8Array.of(3, 10, 0xc6, 0x0f, 2);
    expect(decodeTimes(Uint8Array.of(1, ...zstdCompressSync(body)))).toEqual(Float64Array.of(5, 1_005, 2_006));
  });

  test("throw when they claim more than there may be, or end too early", () => {
    expect(() => decodeTimes(Uint8Array.of(0, 0x81, 0x80, 0x04, 1))).toThrow(RangeError);
    expect(() => decodeValues(Uint8Array.of(0, 0x81, 0x80, 0x04, 1))).toThrow(RangeError);
    expect(() => decodeValues(Uint8Array.of(0, 5, 1, 50, 1))).toThrow(RangeError);
    const bomb = zstdCompressSync(new Uint8Array(2 ** 24));
    expect(() => decodeValues(Uint8Array.of(1, ...bomb))).toThrow();
  });
});
