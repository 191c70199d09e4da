import { cpSync } from "node:fs";
import { expect, test } from "vitest";
import { addSeries, list, newFolder, open, start } from "./harness.ts";

test("more held readings than may wait are released, each once, though the hub dies meanwhile", () => {
  const [folder, copy] = [newFolder(), newFolder()];
  const store = open(folder);
  const { series } = addSeries(store);
  const count = 210_000;
  for (let index = 0; index < count; index++) {
    store.hold(series, start + index * 1_000, index % 100, false);
    if (index % 5_000 === 0) store.commit();
  }
  store.commit();
  let released = 0;
  store.release(60_000, start + 1e9, () => {
    if (++released === 150_000) cpSync(folder, copy, { recursive: true });
  });
  expect(released).toBe(count);
  store.close();
  const again = open(copy);
  const [found] = [...again.loadMeters()[0]!.channels.get("")!.series.values()];
  again.release(60_003, start + 1e9, () => {}); // the correction is measured anew
  expect(list(again, found!)).toHaveLength(count);
  again.close();
});
