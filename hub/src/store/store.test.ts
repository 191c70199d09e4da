import { cpSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCalendar, minuteMs } from "../energy/calendar.ts";
import { readingsFrom, type TimedValue } from "../energy/readings.ts";
import { type Rollup, rollUp } from "../energy/rollup.ts";
import type { Series } from "../model.ts";
import { add, addSeries, list, newFolder, open, rows, start, stored } from "./harness.ts";
import type { Store } from "./store.ts";

function expectSameRollups(store: Store, series: Series, readings: TimedValue[]): void {
  const calendar = createCalendar("Asia/Bangkok");
  const expected = rollUp(readingsFrom(readings), series, calendar);
  for (const level of ["minute", "quarter", "day"] as const) {
    const actual = stored(store, series, level);
    expect([...actual.keys()]).toEqual([...expected[level].keys()].sort((a, b) => a - b));
    for (const [startMs, rollup] of expected[level]) {
      for (const [column, value] of Object.entries(rollup)) {
        const found = actual.get(startMs)?.[column as keyof Rollup];
        if (value === null) expect(found).toBeNull();
        else expect(found, `${level} ${column}`).toBeCloseTo(value, level === "minute" ? 2 : 4);
      }
    }
  }
}

/** A store as it comes up after its process was killed behind a commit: nothing was sealed. */
function crash(store: Store, folder: string): [Store, string] {
  store.commit();
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true });
  store.close();
  return [open(copy), copy];
}

const increasingTimes = fc
  .array(fc.integer({ min: 1_000, max: 8 * minuteMs }), { minLength: 2, maxLength: 60 })
  .map((gaps) => {
    let timeMs = start;
    return gaps.map((gapMs) => {
      timeMs += gapMs;
      return timeMs;
    });
  });

describe("the store", () => {
  test("gives the same rollups whatever the order, with duplicates, commits, restarts and crashes in between", () => {
    const cases = fc.record({
      times: increasingTimes,
      values: fc.infiniteStream(fc.integer({ min: -2_000, max: 9_000 })),
      order: fc.infiniteStream(fc.integer({ min: 0, max: 1_000 })),
      acts: fc.infiniteStream(fc.constantFrom("go on", "go on", "go on", "commit", "duplicate", "restart", "crash")),
    });
    fc.assert(
      fc.property(cases, ({ times, values, order, acts }) => {
        const readings = times.map((timeMs) => ({ timeMs, value: values.next().value as number }));
        const shuffled = readings
          .map((reading) => ({ reading, key: order.next().value as number }))
          .sort((a, b) => a.key - b.key);
        let folder = newFolder();
        let store = open(folder);
        const { series } = addSeries(store);
        for (const { reading } of shuffled) {
          add(store, series, reading);
          const act = acts.next().value;
          if (act === "duplicate") add(store, series, reading);
          if (act === "commit") store.commit();
          if (act === "restart") {
            store.close();
            store = open(folder);
          }
          if (act === "crash") [store, folder] = crash(store, folder);
        }
        expect(list(store, series)).toEqual(readings);
        expectSameRollups(store, series, readings);
        store.close();
      }),
      { numRuns: 40 },
    );
  });

  test("gives a rising register the same energy whatever the order", () => {
    const cases = fc.record({ times: increasingTimes, order: fc.infiniteStream(fc.integer({ min: 0, max: 99 })) });
    fc.assert(
      fc.property(cases, ({ times, order }) => {
        const readings = times.map((timeMs, index) => ({ timeMs, value: 5_000 + index * 7 }));
        const shuffled = readings
          .map((reading) => ({ reading, key: order.next().value as number }))
          .sort((a, b) => a.key - b.key);
        const store = open(newFolder());
        const { series } = addSeries(store, "import_register");
        for (const { reading } of shuffled) {
          add(store, series, reading);
          if (reading.timeMs % 3 === 0) store.commit();
        }
        expectSameRollups(store, series, readings);
        store.close();
      }),
      { numRuns: 40 },
    );
  });

  test("gives a register that steps back and restarts the same energy after restarts, whatever the order", () => {
    const steps = fc.array(fc.constantFrom(10, 25, 0, -5, -900, 400), { minLength: 4, maxLength: 30 });
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.constantFrom("go on", "restart", "crash", "late")), (list, acts) => {
        let valueWh = 1_000;
        const readings = list.map((step, index) => {
          valueWh = Math.max(0, valueWh + step);
          return { timeMs: start + index * 8 * 3600_000, value: valueWh };
        });
        let folder = newFolder();
        let store = open(folder);
        const { series } = addSeries(store, "import_register");
        const late: TimedValue[] = [];
        for (const reading of readings) {
          const act = acts.next().value;
          if (act === "late" && late.length === 0) late.push(reading);
          else add(store, series, reading);
          if (act === "restart") {
            store.close();
            store = open(folder);
          }
          if (act === "crash") [store, folder] = crash(store, folder);
        }
        for (const reading of late) add(store, series, reading);
        expectSameRollups(store, series, readings);
        store.close();
      }),
      { numRuns: 40 },
    );
  });

  test("calls back only once the readings are on the disk", async () => {
    const folder = newFolder();
    const store = open(folder);
    const { series } = addSeries(store);
    add(store, series, { timeMs: start, value: 5 });
    const inFile = () => {
      const db = new Database(path.join(folder, "faiban.db"), { readonly: true });
      const { count } = db.prepare("SELECT count(*) AS count FROM journal").get() as { count: number };
      db.close();
      return count;
    };
    expect(inFile()).toBe(0);
    await new Promise<void>((resolve, reject) => store.whenDurable((error) => (error ? reject(error) : resolve())));
    expect(inFile()).toBe(1);
    store.close();
  });

  test("knows today's energy before and after a commit, and after a late reading", () => {
    const store = open(newFolder());
    const { series } = addSeries(store);
    const dayStart = createCalendar("Asia/Bangkok").spanAt("day", start).startMs;
    const today = () => store.dayEnergy(series, dayStart).importWh;
    add(store, series, { timeMs: start, value: 600 });
    add(store, series, { timeMs: start + 2 * minuteMs, value: 0 });
    expect(today()).toBeCloseTo(20);
    store.commit();
    expect(today()).toBeCloseTo(20);
    add(store, series, { timeMs: start + minuteMs, value: 0 });
    expect(rows(store, series, "day")[0]?.importWh).toBeCloseTo(10);
    expect(today()).toBeCloseTo(10);
    store.close();
  });

  test("keeps power's energy until a register takes over, and undoes what was counted after", () => {
    const store = open(newFolder());
    const { series } = addSeries(store);
    for (const index of [0, 1, 2, 3, 4]) add(store, series, { timeMs: start + index * minuteMs, value: 60 });
    store.commit();
    store.cutEnergy(series, "import", start + 2 * minuteMs);
    const [day] = rows(store, series, "day");
    expect(day?.importWh).toBeCloseTo(2);
    expect(day?.count).toBe(5);
    store.close();
  });

  test("gives meters back after a restart as they were", () => {
    const folder = newFolder();
    const store = open(folder);
    const { meter, series } = addSeries(store);
    add(store, series, { timeMs: start + 5, value: 42 });
    store.close();
    const reopened = open(folder);
    const [loaded] = reopened.loadMeters();
    expect(loaded).toMatchObject({ id: "m", aliases: ["old"], firstSeenMs: start, lastSeenMs: start + 5 });
    const [channel] = loaded?.channels.values() ?? [];
    expect(channel).toMatchObject({ id: meter.channels.get("")?.id, role: "appliance" });
    expect([...(channel?.series.values() ?? [])][0]?.latest).toEqual({ timeMs: start + 5, value: 42 });
    expect(reopened.newSeriesId()).toBe(series.id + 1);
    reopened.close();
  });

  test("makes the days anew when the home moves to another time zone", () => {
    const folder = newFolder();
    const store = open(folder);
    const { series } = addSeries(store);
    const lateEvening = Date.UTC(2026, 0, 5, 16, 50); // 23:50 in Bangkok
    for (const index of [0, 5, 10, 15]) add(store, series, { timeMs: lateEvening + index * minuteMs, value: 600 });
    expect(rows(store, series, "day")).toHaveLength(2);
    store.close();
    const moved = open(folder, { timeZone: "UTC" });
    const days = rows(moved, series, "day");
    expect(days).toHaveLength(1);
    expect(days[0]?.importWh).toBeCloseTo(150);
    moved.close();
  });

  test("removes a meter with its readings", () => {
    const store = open(newFolder());
    const { meter, series } = addSeries(store);
    add(store, series, { timeMs: start, value: 1 });
    store.removeMeter(meter);
    expect(store.loadMeters()).toEqual([]);
    expect(list(store, series)).toEqual([]);
    store.close();
  });

  test("refuses a database of a newer hub, and says what to do", () => {
    const folder = newFolder();
    open(folder).close();
    const db = new Database(path.join(folder, "faiban.db"));
    db.pragma("user_version = 99");
    db.close();
    expect(() => open(folder)).toThrow(expect.objectContaining({ code: "DATABASE_NEWER" }));
  });
});
