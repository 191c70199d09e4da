import fc from "fast-check";
import { expect, test } from "vitest";
import type { Rollup } from "./rollup.ts";
import {
  addFrom,
  columnsFrom,
  filterColumns,
  joinColumns,
  mergeColumns,
  type RollupRow,
  rowsOf,
  sliceColumns,
  totalEnergy,
} from "./rollup-columns.ts";

const stepMs = 1_000;

/** Quarters of whole numbers, so that sums are the same in any order. */
const rollup: fc.Arbitrary<Rollup> = fc
  .record({
    values: fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 3 }),
    ...{ importWh: fc.nat(9), exportWh: fc.nat(9), estimatedWh: fc.nat(9) },
  })
  .map(({ values, ...energies }) => ({
    ...{ count: values.length, sum: values.reduce((sum, value) => sum + value, 0) },
    ...{ min: values.length === 0 ? null : Math.min(...values), max: values.length === 0 ? null : Math.max(...values) },
    ...energies,
  }));
const rollups = fc
  .array(fc.tuple(fc.nat(60), rollup), { maxLength: 50 })
  .map((list) => new Map(list.map(([step, one]) => [step * stepMs, one] as const)));

/** What the columns should be, summed up plainly. */
function summed(list: readonly RollupRow[], startOf: (startMs: number) => number): RollupRow[] {
  const groups = Map.groupBy(list, ({ startMs }) => startOf(startMs));
  return [...groups]
    .map(([startMs, group]) => {
      const sum = (name: "count" | "sum" | "importWh" | "exportWh" | "estimatedWh") =>
        group.reduce((total, row) => total + row[name], 0);
      const bounds = (name: "min" | "max") => group.map((row) => row[name]).filter((bound) => bound !== null);
      return {
        ...{ startMs, count: sum("count"), sum: sum("sum") },
        ...{ min: bounds("min").length === 0 ? null : Math.min(...bounds("min")) },
        ...{ max: bounds("max").length === 0 ? null : Math.max(...bounds("max")) },
        ...{ importWh: sum("importWh"), exportWh: sum("exportWh"), estimatedWh: sum("estimatedWh") },
      };
    })
    .sort((a, b) => a.startMs - b.startMs);
}

test("columns give back the rollups they were made of, in order of time", () => {
  fc.assert(
    fc.property(rollups, (map) => {
      const rows = [...map].map(([startMs, one]) => ({ startMs, ...one })).sort((a, b) => a.startMs - b.startMs);
      expect(rowsOf(columnsFrom(map))).toEqual(rows);
    }),
  );
});

test("joined columns hold the rollups of both, those of one start added up, and change neither", () => {
  fc.assert(
    fc.property(rollups, rollups, (one, other) => {
      const [first, second] = [columnsFrom(one), columnsFrom(other)];
      const joined = rowsOf(joinColumns(first, second, addFrom));
      expect(joined).toEqual(summed([...rowsOf(first), ...rowsOf(second)], (startMs) => startMs));
      expect([rowsOf(first), rowsOf(second)]).toEqual([rowsOf(columnsFrom(one)), rowsOf(columnsFrom(other))]);
    }),
  );
});

test("rollups merged into longer spans are their sums, and their bounds", () => {
  fc.assert(
    fc.property(rollups, fc.integer({ min: 1, max: 7 }), (map, steps) => {
      const startOf = (startMs: number) => Math.floor(startMs / (steps * stepMs)) * steps * stepMs;
      const columns = columnsFrom(map);
      expect(rowsOf(mergeColumns(columns, startOf))).toEqual(summed(rowsOf(columns), startOf));
    }),
  );
});

test("slices and filters leave out what they are told to, and nothing else", () => {
  fc.assert(
    fc.property(rollups, fc.nat(70_000), fc.nat(70_000), (map, fromMs, toMs) => {
      const columns = columnsFrom(map);
      const within = rowsOf(columns).filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
      expect(rowsOf(sliceColumns(columns, fromMs, toMs))).toEqual(within);
      const kept = filterColumns(columns, (at) => columns.startMs[at]! >= fromMs && columns.startMs[at]! < toMs);
      expect(rowsOf(kept)).toEqual(within);
      expect(totalEnergy(kept).importWh).toBe(within.reduce((sum, { importWh }) => sum + importWh, 0));
    }),
  );
});
