import { expect, test } from "vitest";
import { hourMs, minuteMs } from "../energy/calendar.ts";
import { add, addMany, addSeries, database, list, newFolder, open, rows, start, stored } from "./harness.ts";

/** A closed store with three chunks of a power series; its readings and how to open it with its damage told. */
function setUp() {
  const folder = newFolder();
  const store = open(folder);
  const { meter, series } = addSeries(store);
  const readings = addMany(store, series, start, 3 * 3_600, 1_000);
  store.close();
  const told: string[] = [];
  const reopen = () => {
    const reopened = open(folder, { onDamage: (what) => told.push(what), onRepaired: (what) => told.push(what) });
    const [loaded] = reopened.loadMeters();
    const [again] = loaded!.channels.get("")!.series.values();
    return { store: reopened, series: again! };
  };
  return { folder, meter, readings, told, reopen };
}

/** Changes a byte in the middle of a blob, or of the part of it that `from` and `length` name. */
function flipByte(folder: string, table: string, where: string, from = "0", length = "length(data)"): void {
  const db = database(folder);
  const found = db.prepare(`SELECT id, data, ${from} AS at, ${length} AS length FROM ${table} WHERE ${where}`).get();
  const { id, data, at, length: bytes } = found as { id: number; data: Buffer; at: number; length: number };
  data[at + (bytes >> 1)] = data[at + (bytes >> 1)]! ^ 8;
  db.prepare(`UPDATE ${table} SET data = ? WHERE id = ?`).run(data, id);
  db.close();
}

/** Changes a byte of a column of the chunk that starts `offset`th. */
function damageChunk(folder: string, column: "data" | "times", offset: number): void {
  const chunk = `(SELECT * FROM chunk ORDER BY start_ms LIMIT 1 OFFSET ${offset})`;
  const of = (name: string) => `(SELECT ${name} FROM ${chunk})`;
  flipByte(folder, "pack", `id = ${of("pack_id")}`, of(`${column}_at`), of(`${column}_length`));
}

test.each(["data", "times"] as const)("a chunk with damaged %s reads as a gap, is told and set aside", (column) => {
  const { folder, readings, told, reopen } = setUp();
  damageChunk(folder, column, 1);
  const { store, series } = reopen();
  expect(list(store, series)).toEqual([...readings.slice(0, 3_600), ...readings.slice(7_200)]);
  expect(told).toEqual([expect.stringMatching(/^3600 readings of series 1 from .*: its checksum/)]);
  expect(store.stats().damaged).toBe(1);
  expect(list(store, series)).toHaveLength(7_200); // told once
  expect(told).toHaveLength(1);
  store.close();
  const aside = database(folder).prepare("SELECT series_id, start_ms, count FROM damaged_chunk").all();
  expect(aside).toEqual([{ series_id: 1, start_ms: readings[3_600]!.timeMs, count: 3_600 }]);
});

test("readings go on behind a damaged last chunk, and into the gap of a damaged one", () => {
  const { folder, readings, told, reopen } = setUp();
  damageChunk(folder, "data", 2);
  const { store, series } = reopen();
  expect(series.latest).toEqual(readings[7_199]);
  const next = { timeMs: readings.at(-1)!.timeMs + 1_000, value: 5 };
  const into = { timeMs: readings[8_000]!.timeMs + 1, value: 7 };
  add(store, series, next);
  add(store, series, into);
  expect(list(store, series)).toEqual([...readings.slice(0, 7_200), into, next]);
  expect(told).toHaveLength(1);
  store.close();
});

test("damaged rollups are told, and made anew from the readings", () => {
  const { folder, readings, told, reopen } = setUp();
  const before = reopen();
  const minutes = stored(before.store, before.series, "minute");
  const days = stored(before.store, before.series, "day");
  before.store.close();
  flipByte(folder, "rollup_minute", "id = 1");
  flipByte(folder, "rollup_quarter", "id = 1");
  const { store, series } = reopen();
  expect(stored(store, series, "minute")).toEqual(minutes);
  expect(told[0]).toMatch(/^minute rollups of series 1 from/);
  expect([...stored(store, series, "quarter").values()].reduce((sum, { count }) => sum + count, 0)).toBe(
    readings.length,
  );
  expect(stored(store, series, "day")).toEqual(days);
  const toldBefore = told.length;
  stored(store, series, "minute");
  expect(told).toHaveLength(toldBefore);
  store.close();
});

test("a damaged record of the journal costs its own readings, and is told", () => {
  const folder = newFolder();
  const store = open(folder);
  const { series } = addSeries(store);
  for (const index of [0, 1, 2]) {
    add(store, series, { timeMs: start + index * minuteMs, value: index });
    store.commit();
  }
  const copy = newFolder();
  const db = database(folder);
  db.prepare("VACUUM INTO ?").run(`${copy}/faiban.db`); // as after a kill: nothing is sealed
  store.close();
  flipByte(copy, "journal", "id = 2");
  const told: string[] = [];
  const killed = open(copy, { onDamage: (what) => told.push(what), onRepaired: (what) => told.push(what) });
  killed.loadMeters();
  expect(list(killed, series).map(({ value }) => value)).toEqual([0, 2]);
  expect(told).toEqual([
    expect.stringMatching(/^record 2 of the journal: its checksum/),
    expect.stringMatching(/^The hub was not stopped in order: 2 readings were taken from the journal/),
  ]);
  killed.close();
});

test("rollups made anew on request are what they were, and mend what was wrong", () => {
  const { folder, readings, reopen } = setUp();
  const db = database(folder);
  for (const table of ["rollup_minute", "rollup_quarter", "rollup_day"]) db.exec(`DELETE FROM ${table}`);
  db.close();
  const { store, series } = reopen();
  expect(rows(store, series, "day")).toEqual([]);
  store.rebuild([...store.loadMeters()][0]!);
  const [day] = rows(store, series, "day");
  expect(day?.count).toBe(readings.length);
  const held = readings.slice(0, -1).reduce((sum, { value }) => sum + value, 0);
  expect(day?.importWh).toBeCloseTo((held * 1_000) / hourMs, 4);
  store.close();
});
