import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeTimes, decodeValues, encodeTimes, encodeValues } from "./codec.ts";
import { decodeEntries, encodeEntries } from "./journal.ts";

describe("the codec", () => {
  test("gives back the very same values, whatever they are", () => {
    const values = fc.array(
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => value / 10),
        fc.integer({ min: 0, max: 2 ** 31 }).map((value) => value / 1000),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(values, (list) => {
        expect(decodeValues(encodeValues(list))).toEqual(list.map((value) => value + 0));
      }),
    );
  });

  test("gives back the very same times", () => {
    const times = fc.array(fc.integer({ min: -(2 ** 41), max: 2 ** 42 }), { maxLength: 200 });
    fc.assert(
      fc.property(times, (list) => {
        const sorted = list.toSorted((a, b) => a - b);
        expect(decodeTimes(encodeTimes(sorted))).toEqual(sorted);
      }),
    );
  });

  test("gives back the journal's entries in their order", () => {
    const entry = fc.record({
      seriesId: fc.integer({ min: 1, max: 100_000 }),
      timeMs: fc.integer({ min: 0, max: 2 ** 42 }),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 100 }), (entries) => {
        expect(decodeEntries(encodeEntries(entries))).toEqual(entries);
      }),
    );
  });

  test("writes an hour of seconds at a steady pace in a few bytes, and a household's power in under half a byte each", () => {
    const times = Array.from({ length: 3_600 }, (_, index) => 1_770_000_000_000 + index * 1_000);
    expect(encodeTimes(times).length).toBeLessThan(40);
    // A fridge: cycles of twenty minutes, wavering by a few tenths of a watt.
    const power = times.map((_, index) => (index % 1_200 < 500 ? 85 : 2) + Math.round(Math.sin(index / 9) * 3) / 10);
    expect(encodeValues(power).length / power.length).toBeLessThan(0.5);
  });

  test("says that damaged bytes are damaged", () => {
    const bytes = encodeValues(Array.from({ length: 500 }, (_, index) => Math.round(Math.sin(index) * 1e4)));
    expect(bytes[0]).toBe(1);
    bytes[20] = (bytes[20] ?? 0) ^ 0xff;
    bytes[60] = (bytes[60] ?? 0) ^ 0xff;
    expect(() => decodeValues(bytes)).toThrow();
  });
});
