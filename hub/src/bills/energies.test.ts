import { describe, expect, test } from "vitest";
import { hourMs, quarterMs } from "../energy/calendar.ts";
import { add, addSeries, newFolder, open, start } from "../store/harness.ts";
import { digestOf, energiesIn, energiesOf, measuredDays } from "./energies.ts";
import { measuredIn } from "./view.ts";

const window = { startMs: start, endMs: start + 2 * hourMs };

/** A store with registers that were read at these quarter hours; each quarter hour adds the watt-hours. */
function storeWith(...meters: { wh: number; at: readonly number[] }[]) {
  const store = open(newFolder());
  const channels = meters.map(({ wh, at }, index) => {
    const { series, channel } = addSeries(store, "import_register", `meter${index}`);
    for (const quarter of at) add(store, series, { timeMs: start + quarter * quarterMs, value: 5_000 + quarter * wh });
    return channel;
  });
  store.commit();
  return { store, channels };
}

describe("energies by quarter hour", () => {
  test("are the sum of the channels", () => {
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const { store, channels } = storeWith({ wh: 100, at: all }, { wh: 7, at: all });
    const energies = energiesOf(store, channels, window);
    expect([...energies.importWh].map(Math.round)).toEqual(new Array(8).fill(107));
    expect(energies.startMs[7]).toBe(start + 7 * quarterMs);
    expect(measuredIn(energies, window)).toEqual({
      ...{ quarters: 8, missingQuarters: 0, partialQuarters: 0, estimatedWh: 0 },
    });
    expect(measuredDays(store, channels, start + hourMs)).toEqual([Date.parse("2026-01-05T00:00+07:00")]);
    store.close();
  });

  test("are left out where nothing measured, and told where a part is silent or estimated", () => {
    // The second meter's register bridges an hour: its energy is spread over it.
    const { store, channels } = storeWith({ wh: 100, at: [0, 1, 2] }, { wh: 8, at: [1, 2, 6] });
    const energies = energiesOf(store, channels, window);
    expect([...energies.startMs].map((timeMs) => (timeMs - start) / quarterMs)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...energies.importWh].map(Math.round)).toEqual([100, 108, 8, 8, 8, 8, 0]);
    expect(measuredIn(energies, window)).toMatchObject({ quarters: 7, missingQuarters: 1, estimatedWh: 32 });
    store.close();
  });

  test("say where one of several channels was silent between its readings", () => {
    const { store, channels } = storeWith({ wh: 100, at: [0, 1, 2, 3, 4, 5, 6, 7, 8] }, { wh: 0, at: [0, 1, 5, 6] });
    const energies = energiesOf(store, channels, window);
    expect([...energies.isPartial]).toEqual([0, 0, 1, 1, 1, 0, 0, 0]);
    store.close();
  });

  test("have a digest that any change of an energy changes, and no other", () => {
    const { store, channels } = storeWith({ wh: 100, at: [0, 1, 2, 3] });
    const energies = energiesOf(store, channels, window);
    const digest = digestOf(energies);
    expect(digestOf(energiesOf(store, channels, window))).toBe(digest);
    expect(digestOf(energiesIn(energies, { startMs: start, endMs: start + 2 * quarterMs }))).not.toBe(digest);
    energies.importWh[1]! += 0.001;
    expect(digestOf(energies)).not.toBe(digest);
    store.close();
  });

  test("are none in a home without meters", () => {
    const { store } = storeWith();
    expect(energiesOf(store, [], window).startMs).toHaveLength(0);
    expect(measuredDays(store, [], start)).toEqual([]);
    store.close();
  });
});
