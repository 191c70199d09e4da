import { expect, test } from "vitest";
import { add, addSeries, list, newFolder, open, start } from "./harness.ts";

test("a new meter has nothing of one that was removed: neither what was read of it nor what was held", () => {
  const folder = newFolder();
  const store = open(folder);
  const gone = addSeries(store, "power", "gone");
  add(store, gone.series, { timeMs: start, value: 666 });
  add(store, gone.series, { timeMs: start - 1, value: 665 });
  list(store, gone.series); // sealed by the late reading, and read
  store.hold(gone.series, start + 9, 667, true);
  store.commit();
  store.removeMeter(gone.meter);
  const fresh = addSeries(store, "power", "fresh");
  add(store, fresh.series, { timeMs: start + 5, value: 1 });
  add(store, fresh.series, { timeMs: start + 4, value: 2 });
  const expected = [
    { timeMs: start + 4, value: 2 },
    { timeMs: start + 5, value: 1 },
  ];
  expect(list(store, fresh.series)).toEqual(expected);
  store.removeMeter(fresh.meter);
  store.close();
  const reopened = open(folder);
  const last = addSeries(reopened, "power", "last");
  reopened.release(0, start + 100, () => {});
  expect(list(reopened, last.series)).toEqual([]);
  reopened.close();
});
