import path from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { add, addMany, addSeries, list, newFolder, open, start } from "./harness.ts";

test("a write that fails while a seal reads what it has just written is no damage, and loses nothing", () => {
  const folder = newFolder();
  const store = open(folder); // throws at any damage
  const { series } = addSeries(store);
  addMany(store, series, start, 100, 1_000);
  add(store, series, { timeMs: start + 1, value: 7 });
  store.commit();
  const disk = new Database(path.join(folder, "faiban.db"));
  disk.exec("CREATE TRIGGER failing BEFORE UPDATE ON pack BEGIN SELECT RAISE(ABORT, 'no'); END");
  expect(() => list(store, series)).toThrow(expect.objectContaining({ message: expect.stringMatching(/: no$/) }));
  disk.exec("DROP TRIGGER failing");
  disk.close();
  expect(list(store, series)).toHaveLength(101);
  store.close();
});
