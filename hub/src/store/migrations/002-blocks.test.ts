import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { database, list, newFolder, open, rows, start } from "../harness.ts";

test("a database of the first schema, killed with readings in its journal, is brought over whole", () => {
  const folder = newFolder();
  const fixture = path.join(import.meta.dirname, "fixtures/version-1.db.gz");
  writeFileSync(path.join(folder, "faiban.db"), gunzipSync(readFileSync(fixture)));
  const store = open(folder);
  const [meter] = store.loadMeters();
  const [power, voltage, register] = meter!.channels.get("")!.series.values();
  // What the fixture was made of: a reading about each minute, 300 of them sealed and 60 in the journal.
  const times = Array.from({ length: 360 }, (_, at) => start + at * 60_000 + (at % 7));
  const values = (value: (at: number) => number) => times.map((timeMs, at) => ({ timeMs, value: value(at) }));
  expect(list(store, power!)).toEqual(values((at) => 600 + (at % 60) * 10));
  expect(list(store, voltage!)).toEqual(values((at) => 2300 / 10 + (at % 5) / 10));
  expect(list(store, register!)).toEqual(values((at) => 5_000 + at * 10));
  // As the hub of the first schema had them.
  const [day] = rows(store, power!, "day");
  expect(day).toMatchObject({ startMs: 1_767_546_000_000, count: 360, sum: 322_200, min: 600, max: 1_190 });
  expect(day!.importWh).toBeCloseTo(5_350.167344, 5);
  expect(rows(store, register!, "day")[0]?.importWh).toBeCloseTo(3_590, 5);
  expect(rows(store, power!, "quarter")).toHaveLength(24);
  expect(rows(store, power!, "minute")).toHaveLength(360);
  store.close();
  const tables = database(folder).prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%_rows'").all();
  expect(tables).toEqual([]);
});
