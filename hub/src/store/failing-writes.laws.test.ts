import path from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createCalendar, minuteMs } from "../energy/calendar.ts";
import { readingsFrom, type TimedValue } from "../energy/readings.ts";
import { rollUp } from "../energy/rollup.ts";
import { HubError } from "../errors.ts";
import { addSeries, list, newFolder, open, start, stored } from "./harness.ts";

const act = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), series: fc.nat(1), count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("late" as const), series: fc.nat(1), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constantFrom("commit" as const, "query" as const), series: fc.nat(1), count: fc.constant(0) }),
);
const table = fc.constantFrom(null, null, "journal", "chunk", "rollup_minute", "rollup_day");

/** Tells only of what is not the disk's fault. */
function bear(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
  }
}

test("what was taken is stored once, with its rollups, whatever writes have failed meanwhile", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(act, table), { minLength: 1, maxLength: 40 }), (acts) => {
      const folder = newFolder();
      const store = open(folder);
      const all = ["a", "b"].map((id) => addSeries(store, "power", id).series);
      store.commit();
      const taken = all.map(() => new Map<number, number>());
      let nowMs = start;
      const disk = new Database(path.join(folder, "faiban.db"));
      const take = (at: number, timeMs: number, value: number) => {
        store.append(all[at]!, timeMs, value);
        if (!taken[at]!.has(timeMs)) taken[at]!.set(timeMs, value);
      };
      for (const [{ kind, series, count }, failing] of acts) {
        for (let index = 0; index < count; index++) {
          if (kind === "add") nowMs += 7_000;
          if (kind === "add") take(series, nowMs, index * 10 - 50);
          else take(series, start + ((nowMs * 7 + index * 13_001) % (20 * minuteMs)), index);
        }
        if (failing) {
          disk.exec(`CREATE TRIGGER failing BEFORE INSERT ON ${failing} BEGIN SELECT RAISE(ABORT, 'no'); END`);
        }
        if (kind === "commit") bear(store.commit);
        if (kind === "query") bear(() => void list(store, all[series]!));
        if (failing) disk.exec("DROP TRIGGER failing");
      }
      for (const [at, series] of all.entries()) {
        const readings = [...taken[at]!]
          .map(([timeMs, value]): TimedValue => ({ timeMs, value }))
          .sort((a, b) => a.timeMs - b.timeMs);
        expect(list(store, series)).toEqual(readings);
        const { quarter } = rollUp(readingsFrom(readings), series, createCalendar("Asia/Bangkok"));
        const actual = stored(store, series, "quarter");
        for (const [startMs, { count, importWh, exportWh }] of quarter) {
          expect(actual.get(startMs)?.count).toBe(count);
          expect(actual.get(startMs)?.importWh).toBeCloseTo(importWh, 4);
          expect(actual.get(startMs)?.exportWh).toBeCloseTo(exportWh, 4);
        }
      }
      disk.close();
      store.close();
    }),
    { numRuns: 40 },
  );
});
