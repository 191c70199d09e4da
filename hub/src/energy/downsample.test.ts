import fc from "fast-check";
import { expect, test } from "vitest";
import { downsample, downsampleRollups, spansOf } from "./downsample.ts";
import { emptyReadings, pushReading, sliceReadings } from "./readings.ts";
import { columnsFrom, rowsOf } from "./rollup-columns.ts";

const readings = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: -50, max: 50 })), {
    minLength: 1,
    maxLength: 200,
  })
  .map((steps) => {
    const all = emptyReadings();
    let timeMs = 1_000_000;
    for (const [gapMs, value] of steps) {
      timeMs += gapMs;
      pushReading(all, timeMs, value);
    }
    return all;
  });

test("no reading is lost and no peak is flattened, wherever the parts are cut", () => {
  fc.assert(
    fc.property(readings, fc.nat(200), fc.integer({ min: 1, max: 40 }), (all, cut, points) => {
      const toMs = all.times[all.length - 1]! + 1;
      const spans = spansOf(1_000_000, toMs, points);
      const rows = rowsOf(downsample([sliceReadings(all, 0, cut), sliceReadings(all, cut)], spans));
      expect(rows.length).toBeLessThanOrEqual(points);
      for (const row of rows) {
        const within = [...all.values].filter((_, at) => {
          const distanceMs = (all.times[at] ?? toMs) - row.startMs;
          return at < all.length && distanceMs >= 0 && distanceMs < spans.spanMs;
        });
        const sum = within.reduce((total, value) => total + value, 0);
        expect(row).toMatchObject({ count: within.length, sum, min: Math.min(...within), max: Math.max(...within) });
      }
      expect(rows.reduce((count, row) => count + row.count, 0)).toBe(all.length);
    }),
  );
});

test("a rollup belongs to the span in which it starts", () => {
  const minute = { count: 1, sum: 2, min: 2, max: 2, importWh: 3, exportWh: 0, estimatedWh: 0 };
  const minutes = columnsFrom([0, 60_000, 120_000, 180_000].map((startMs) => [startMs, minute] as const));
  const rows = rowsOf(downsampleRollups(minutes, { fromMs: -30_000, spanMs: 100_000 }));
  expect(rows).toMatchObject([
    { startMs: -30_000, count: 2, sum: 4, importWh: 6 },
    { startMs: 70_000, count: 1, importWh: 3 },
    { startMs: 170_000, count: 1, importWh: 3 },
  ]);
});
