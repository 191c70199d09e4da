import fc from "fast-check";
import { expect, test } from "vitest";
import { createCalendar, hourMs } from "../energy/calendar.ts";
import { readingsFrom, type TimedValue } from "../energy/readings.ts";
import { rollUp } from "../energy/rollup.ts";
import type { Series } from "../model.ts";
import { add, addSeries, newFolder, open, start, stored } from "./harness.ts";
import type { Store } from "./store.ts";

const calendar = createCalendar("Asia/Bangkok");

function expectSameEnergy(store: Store, series: Series, readings: TimedValue[]): void {
  const { quarter } = rollUp(readingsFrom(readings), series, calendar);
  const actual = stored(store, series, "quarter");
  for (const [startMs, { importWh }] of quarter) expect(actual.get(startMs)?.importWh).toBeCloseTo(importWh, 4);
}

function reopen(store: Store, folder: string): { store: Store; series: Series } {
  store.close();
  const reopened = open(folder);
  const [series] = [...reopened.loadMeters()[0]!.channels.get("")!.series.values()];
  return { store: reopened, series: series! };
}

test("a register that came back from a silence a little lower is not counted twice after a restart", () => {
  const folder = newFolder();
  let store = open(folder);
  let { series } = addSeries(store, "import_register");
  const held = Array.from({ length: 10 }, (_, index) => ({ timeMs: start + (2 + index / 2) * hourMs, value: 995 }));
  const readings = [{ timeMs: start, value: 999 }, { timeMs: start + 1_000, value: 1_000 }, ...held];
  for (const reading of readings) add(store, series, reading);
  ({ store, series } = reopen(store, folder));
  readings.push({ timeMs: start + 7 * hourMs, value: 1_001 });
  add(store, series, readings.at(-1)!);
  expectSameEnergy(store, series, readings);
  store.close();
});

test("registers with silences, small steps back and restarts have the same energy after restarts and late readings", () => {
  const gapH = fc.constantFrom(1 / 2, 1 / 2, 1 / 2, 1 / 2, 5);
  const stepWh = fc.constantFrom(0, 0, 0, 0, 0, -5, 7);
  const act = fc.constantFrom("go on", "go on", "go on", "go on", "restart");
  const steps = fc.array(fc.tuple(gapH, stepWh, act), { minLength: 10, maxLength: 40 });
  fc.assert(
    fc.property(steps, fc.nat(9), (list, late) => {
      const folder = newFolder();
      let store = open(folder);
      let { series } = addSeries(store, "import_register");
      const readings: TimedValue[] = [];
      let [timeMs, value] = [start, 1_000];
      for (const [index, [hours, wh, what]] of list.entries()) {
        timeMs += hours * hourMs;
        value = Math.max(0, value + wh);
        readings.push({ timeMs, value });
        if (index !== late) add(store, series, readings.at(-1)!);
        if (what === "restart") ({ store, series } = reopen(store, folder));
      }
      add(store, series, readings[late]!);
      expectSameEnergy(store, series, readings);
      store.close();
    }),
    { numRuns: 20 },
  );
});
