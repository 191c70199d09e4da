import { cpSync } from "node:fs";
import { expect, test } from "vitest";
import { hourMs } from "../energy/calendar.ts";
import { add, addSeries, list, newFolder, open, start } from "./harness.ts";

test("held readings move by the correction when the time is known, a meter's own times stay", () => {
  const store = open(newFolder());
  const { series } = addSeries(store);
  add(store, series, { timeMs: start, value: 1 });
  store.hold(series, start + 1_000, 2, false);
  store.hold(series, start + 7 * hourMs, 3, true);
  store.hold(series, start + 2_000, 4, false);
  expect(list(store, series)).toHaveLength(1);
  const told: number[] = [];
  store.release(9 * hourMs, start + 10 * hourMs, (_, timeMs) => told.push(timeMs));
  expect(list(store, series)).toEqual([
    { timeMs: start, value: 1 },
    { timeMs: start + 7 * hourMs, value: 3 },
    { timeMs: start + 9 * hourMs + 1_000, value: 2 },
    { timeMs: start + 9 * hourMs + 2_000, value: 4 },
  ]);
  expect(told).toHaveLength(3);
  expect(store.hasHeld()).toBe(false);
  store.close();
});

test("held readings outlive a kill, and are released once", async () => {
  const folder = newFolder();
  const store = open(folder);
  const { series } = addSeries(store);
  store.hold(series, start, 1, false);
  await new Promise<void>((resolve, reject) => store.whenDurable((error) => (error ? reject(error) : resolve())));
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true });
  store.close();
  const killed = open(copy);
  killed.loadMeters();
  expect(killed.newestMs()).toBe(start);
  killed.release(500, start + hourMs, () => {});
  killed.close();
  const again = open(copy);
  again.loadMeters();
  expect(list(again, series)).toEqual([{ timeMs: start + 500, value: 1 }]);
  expect(again.hasHeld()).toBe(false);
  again.close();
});

test("a meter that is ahead of the true time is not believed once that is known", () => {
  const store = open(newFolder());
  const { series } = addSeries(store);
  store.hold(series, Date.UTC(2099, 0, 1), 1, true);
  store.release(0, start, () => {});
  expect(list(store, series)).toEqual([{ timeMs: start, value: 1 }]);
  store.close();
});
