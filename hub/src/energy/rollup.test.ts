import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCalendar, hourMs, type LocalSpan, minuteMs, quarterMs } from "./calendar.ts";
import { compose } from "./compose.ts";
import { readingsFrom, type TimedValue } from "./readings.ts";
import { type EnergyKind, type Level, noCut, type Rollups, rollUp } from "./rollup.ts";
import { columnsFrom, rowsOf } from "./rollup-columns.ts";

const calendar = createCalendar("Europe/London");
const start = Date.UTC(2026, 9, 24, 21);

function roll(readings: TimedValue[], kind: EnergyKind, cut = noCut, resets: LocalSpan | null = null): Rollups {
  return rollUp(readingsFrom(readings), { kind, cut, resets }, calendar);
}

function total(rollups: Rollups, level: Level, column: "importWh" | "exportWh" | "estimatedWh" | "count"): number {
  return [...rollups[level].values()].reduce((sum, rollup) => sum + rollup[column], 0);
}

/** Readings in order of time, some seconds to some minutes apart, over the day on which clocks go back. */
const series = (value: fc.Arbitrary<number>) =>
  fc
    .array(fc.tuple(fc.integer({ min: 1_000, max: 9 * minuteMs }), value), { minLength: 2, maxLength: 300 })
    .map((steps) => {
      let timeMs = start;
      return steps.map(([gapMs, v]) => {
        timeMs += gapMs;
        return { timeMs, value: v };
      });
    });
const powers = series(fc.double({ min: -5_000, max: 10_000, noNaN: true }));

describe("rollups of power", () => {
  test("hold each reading until the next", () => {
    const rollups = roll(
      [
        { timeMs: start, value: 1_000 },
        { timeMs: start + 90_000, value: 3_000 },
        { timeMs: start + 120_000, value: 0 },
      ],
      "power",
    );
    expect(rollups.minute.get(start)?.importWh).toBeCloseTo(1_000 / 60);
    expect(rollups.minute.get(start + minuteMs)?.importWh).toBeCloseTo(500 / 60 + 1_500 / 60);
    expect(rollups.minute.get(start)).toMatchObject({ count: 1, sum: 1_000, min: 1_000, max: 1_000 });
  });

  test("count nothing across a gap, and leave it without minutes", () => {
    const rollups = roll(
      [
        { timeMs: start, value: 2_000 },
        { timeMs: start + 20 * minuteMs, value: 2_000 },
      ],
      "power",
    );
    expect(total(rollups, "day", "importWh")).toBe(0);
    expect([...rollups.minute.keys()]).toEqual([start, start + 20 * minuteMs]);
  });

  test("keep import and export apart", () => {
    const rollups = roll(
      [
        { timeMs: start, value: 600 },
        { timeMs: start + minuteMs, value: -1_200 },
        { timeMs: start + 2 * minuteMs, value: 0 },
      ],
      "power",
    );
    expect(total(rollups, "quarter", "importWh")).toBeCloseTo(10);
    expect(total(rollups, "quarter", "exportWh")).toBeCloseTo(20);
  });

  test("end where a register takes over", () => {
    const readings = [0, 1, 2, 3].map((index) => ({ timeMs: start + index * minuteMs, value: 60 }));
    const rollups = roll(readings, "power", { importUntilMs: start + 90_000, exportUntilMs: null });
    expect(total(rollups, "day", "importWh")).toBeCloseTo(1.5);
  });

  test("have the same energy and count at every level, on the day clocks change too", () => {
    fc.assert(
      fc.property(powers, (readings) => {
        const rollups = roll(readings, "power");
        for (const column of ["importWh", "exportWh", "count"] as const) {
          expect(total(rollups, "minute", column)).toBeCloseTo(total(rollups, "quarter", column), 6);
          expect(total(rollups, "quarter", column)).toBeCloseTo(total(rollups, "day", column), 6);
        }
      }),
    );
  });

  test("equal the integral of the held power", () => {
    fc.assert(
      fc.property(powers, (readings) => {
        const expected = readings.slice(1).reduce((sum, { timeMs }, index) => {
          const earlier = readings[index] as TimedValue;
          return sum + (earlier.value * (timeMs - earlier.timeMs)) / hourMs;
        }, 0);
        const rollups = roll(readings, "power");
        expect(total(rollups, "day", "importWh") - total(rollups, "day", "exportWh")).toBeCloseTo(expected, 6);
      }),
    );
  });

  test("put each reading between its span's least and greatest", () => {
    fc.assert(
      fc.property(powers, (readings) => {
        const { quarter } = roll(readings, "power");
        for (const { timeMs, value } of readings) {
          const rollup = quarter.get(Math.floor(timeMs / quarterMs) * quarterMs);
          expect(rollup?.min).toBeLessThanOrEqual(value);
          expect(rollup?.max).toBeGreaterThanOrEqual(value);
        }
      }),
    );
  });
});

describe("rollups of a register", () => {
  test("spread a long silence over its quarter hours, marked as estimated", () => {
    const rollups = roll(
      [
        { timeMs: start, value: 1_000 },
        { timeMs: start + 4 * hourMs, value: 3_000 },
      ],
      "import_register",
    );
    expect(rollups.quarter.get(start + hourMs)).toMatchObject({ count: 0, importWh: 125, estimatedWh: 125 });
    expect(rollups.minute.get(start + hourMs)).toBeUndefined();
    expect(total(rollups, "day", "estimatedWh")).toBeCloseTo(2_000);
  });

  test("split a silence over midnight between its days", () => {
    const rollups = roll(
      [
        { timeMs: start, value: 0 }, // 22:00 in London
        { timeMs: start + 4 * hourMs, value: 400 },
      ],
      "import_register",
    );
    expect([...rollups.day.values()].map((day) => day.importWh)).toEqual([200, 200]);
  });

  test("put what an export register counts on the export side", () => {
    const readings = [10, 25].map((value, index) => ({ timeMs: start + index * minuteMs, value }));
    expect(total(roll(readings, "export_register"), "day", "exportWh")).toBe(15);
  });

  test("of each day count all of a day whose beginning a silence hid", () => {
    const evening = Date.UTC(2026, 0, 5, 20);
    const readings = [5_000, 6_000, 7_000].map((value, day) => ({ timeMs: evening + day * 24 * hourMs, value }));
    const rollups = roll(readings, "import_register", noCut, "day");
    expect([...rollups.day.values()].map((day) => day.importWh)).toEqual([0, 6_000, 7_000]);
  });

  test("of each day go on where the meter's own midnight is another zone's", () => {
    const beforeMidnight = Date.UTC(2026, 0, 5, 23, 50);
    const readings = [0, 10, 20].map((minutes) => ({
      timeMs: beforeMidnight + minutes * minuteMs,
      value: 9_000 + minutes,
    }));
    expect(total(roll(readings, "import_register", noCut, "day"), "day", "importWh")).toBe(20);
  });

  test("do not spread over a silence of years", () => {
    const rollups = roll(
      [
        { timeMs: Date.UTC(2005, 0, 1), value: 0 },
        { timeMs: start, value: 5_000 },
      ],
      "import_register",
    );
    expect(total(rollups, "day", "importWh")).toBe(0);
    expect(rollups.quarter.size).toBe(2);
  });

  test("have the same energy at quarter hours and days", () => {
    const registers = series(fc.double({ min: 0, max: 3_000, noNaN: true })).map((list) => {
      let value = 0;
      return list.map((reading) => {
        value += reading.value;
        return { ...reading, value };
      });
    });
    fc.assert(
      fc.property(registers, (readings) => {
        const rollups = roll(readings, "import_register");
        const rise = (readings.at(-1)?.value ?? 0) - (readings[0]?.value ?? 0);
        for (const level of ["minute", "quarter", "day"] as const) {
          expect(total(rollups, level, "importWh")).toBeCloseTo(rise, 4);
        }
      }),
    );
  });
});

describe("composed spans", () => {
  test("sum to what they are made of, at every step", () => {
    fc.assert(
      fc.property(powers, (readings) => {
        const rollups = roll(readings, "power");
        const quarters = columnsFrom(rollups.quarter);
        for (const step of ["hour", "day", "week", "month", "year"] as const) {
          const composed = rowsOf(compose(quarters, step, calendar));
          const sum = composed.reduce((energy, row) => energy + row.importWh, 0);
          expect(sum).toBeCloseTo(total(rollups, "day", "importWh"), 6);
          expect(composed.map((row) => row.startMs)).toEqual(
            composed.map((row) => row.startMs).toSorted((a, b) => a - b),
          );
        }
      }),
    );
  });

  test("of the day clocks go back has 25 hours", () => {
    const quarter = { count: 1, sum: 1, min: 1, max: 1, importWh: 1, exportWh: 0, estimatedWh: 0 };
    const startMs = Date.UTC(2026, 9, 24, 23);
    const quarters = columnsFrom(
      Array.from({ length: 25 * 4 }, (_, at) => [startMs + at * quarterMs, quarter] as const),
    );
    expect(compose(quarters, "hour", calendar)).toHaveLength(25);
    expect(compose(quarters, "day", calendar)).toHaveLength(1);
  });
});
