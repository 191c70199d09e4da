import fc from "fast-check";
import { expect, test } from "vitest";
import { readingAt, readingsFrom } from "../energy/readings.ts";
import { createEntryEncoder, decodeEntries, type JournalEntry } from "./journal.ts";

const reading = fc.record({
  timeMs: fc.integer({ min: 0, max: 2 ** 42 }),
  value: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -9_999, max: 9_999 }).map((v) => v / 10),
  ),
});
const entries = fc.array(
  fc.record({ seriesId: fc.integer({ min: 1, max: 5_000 }), list: fc.array(reading, { minLength: 1, maxLength: 30 }) }),
  { minLength: 1, maxLength: 30 },
);
const plain = (list: readonly JournalEntry[]) =>
  list.map(({ seriesId, readings }) => ({
    seriesId,
    list: Array.from({ length: readings.length }, (_, at) => readingAt(readings, at)),
  }));

test("a record gives back its entries in their order, whatever their times and values", () => {
  const encode = createEntryEncoder();
  fc.assert(
    fc.property(entries, (written) => {
      const record = encode(written.map(({ seriesId, list }) => ({ seriesId, readings: readingsFrom(list) })));
      const expected = written.map(({ seriesId, list }) => ({
        seriesId,
        list: list.map(({ timeMs, value }) => ({ timeMs, value: value + 0 })), // -0 as 0
      }));
      expect(plain(decodeEntries(record))).toEqual(expected);
    }),
  );
});

test("a record with one damaged byte is refused, whichever it is", () => {
  const readings = readingsFrom(Array.from({ length: 50 }, (_, at) => ({ timeMs: 1e12 + at * 997, value: at / 10 })));
  const record = createEntryEncoder()([
    { seriesId: 7, readings },
    { seriesId: 8, readings },
  ]);
  for (let at = 0; at < record.length; at++) {
    const damaged = record.slice();
    damaged[at] = damaged[at]! ^ 16;
    expect(() => decodeEntries(damaged)).toThrow(RangeError);
  }
});

test("times that are those of the series before cost one byte", () => {
  const times = Array.from({ length: 100 }, (_, at) => ({ timeMs: 1e12 + at * at * 997, value: 1 }));
  const encode = createEntryEncoder();
  const one = encode([{ seriesId: 1, readings: readingsFrom(times) }]).length;
  const three = encode([1, 2, 3].map((seriesId) => ({ seriesId, readings: readingsFrom(times) }))).length;
  expect(three - one).toBeLessThan(60);
});
