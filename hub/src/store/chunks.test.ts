import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { readingAt, readingsFrom, type TimedValue } from "../energy/readings.ts";
import { type ChunkTable, chunkTable } from "./chunks.ts";
import { type Db, openDatabase } from "./database.ts";

const folder = mkdtempSync(path.join(tmpdir(), "faiban-chunks-"));
afterAll(() => rmSync(folder, { recursive: true }));

let db: Db;
let chunks: ChunkTable;
let files = 0;
beforeEach(() => {
  db?.close();
  db = openDatabase(path.join(folder, `${files++}.db`));
  chunks = chunkTable(db, ({ reason }) => {
    throw new Error(reason);
  });
});

const count = (table: string) => (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
const range = (seriesId: number, fromMs: number, toMs: number) =>
  [...chunks.range(seriesId, fromMs, toMs)].flatMap((part) => Array.from(part.times, (_, at) => readingAt(part, at)));
const all = (seriesId = 1) => range(seriesId, -1e15, 1e15);
const seconds = (from: number, length: number, stepS = 1): TimedValue[] =>
  Array.from({ length }, (_, index) => ({ timeMs: (from + index * stepS) * 1000, value: (from + index) / 10 }));

describe("chunks", () => {
  test("give back what was put in, in any order, each time once", () => {
    const batch = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 12 }), (batches) => {
        const seriesId = ++files; // a series of its own in the shared file
        const expected = new Map<number, number>();
        for (const [number, times] of batches.entries()) {
          const readings = times.map((timeS, index) => ({ timeMs: timeS * 60_000, value: number + index / 10 }));
          const added = chunks.insert(seriesId, readings);
          const fresh = readings.filter(({ timeMs }) => !expected.has(timeMs));
          expect(new Set(added.map(({ timeMs }) => timeMs))).toEqual(new Set(fresh.map(({ timeMs }) => timeMs)));
          for (const { timeMs, value } of readings) if (!expected.has(timeMs)) expected.set(timeMs, value);
        }
        const sorted = [...expected].sort(([a], [b]) => a - b).map(([timeMs, value]) => ({ timeMs, value }));
        expect(all(seriesId)).toEqual(sorted);
        expect(chunks.last(seriesId)).toEqual(sorted.at(-1));
        for (const timeMs of [0, 1, 60_000, 100 * 60_000 + 1, 1e12]) {
          expect(chunks.before(seriesId, timeMs)).toEqual(sorted.findLast((one) => one.timeMs < timeMs));
          expect(chunks.after(seriesId, timeMs)).toEqual(sorted.find((one) => one.timeMs >= timeMs));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("hold at most an hour of seconds, and small ones grow by what follows", () => {
    const all5 = [0, 400, 800, 1_200, 1_600].flatMap((from) => {
      chunks.append(1, readingsFrom(seconds(from, 400)));
      return seconds(from, 400);
    });
    chunks.append(1, readingsFrom(seconds(2_000, 8_500)));
    chunks.append(1, readingsFrom(seconds(10_500, 4_400)));
    expect(all()).toEqual([...all5, ...seconds(2_000, 12_900)]);
    const counts = db.prepare("SELECT count FROM chunk ORDER BY start_ms").pluck().all();
    expect(counts).toEqual([1_200, 3_600, 3_600, 2_100, 4_400]);
  });

  test("of slow meters end after a day", () => {
    chunks.append(1, readingsFrom(seconds(0, 1_000, 600)));
    expect(all()).toEqual(seconds(0, 1_000, 600));
    expect(count("chunk")).toBe(7);
  });

  test("of series measured together lie in one pack and share their times", () => {
    const places = () => db.prepare("SELECT DISTINCT pack_id, times_at FROM chunk").all().length;
    for (const seriesId of [1, 2, 3]) chunks.append(seriesId, readingsFrom(seconds(0, 100)));
    chunks.append(4, readingsFrom(seconds(7, 100)));
    chunks.finish();
    expect([count("chunk"), count("pack"), places()]).toEqual([4, 1, 2]);
    for (const seriesId of [1, 2, 3]) chunks.append(seriesId, readingsFrom(seconds(100, 100)));
    chunks.finish();
    expect([count("chunk"), count("pack"), places()]).toEqual([4, 2, 2]);
    for (const seriesId of [1, 2, 3, 4]) chunks.removeSeries(seriesId);
    chunks.removeOrphans();
    expect(count("pack")).toBe(0);
  });

  test("can be read while their pack is open, and are gone with a transaction that fails", () => {
    const failing = db.transaction(() => {
      chunks.append(1, readingsFrom(seconds(0, 50)));
      expect(all()).toEqual(seconds(0, 50));
      chunks.append(1, readingsFrom(seconds(50, 50)));
      throw new Error("no room");
    });
    expect(failing).toThrow("no room");
    chunks.forget();
    expect([all(), count("pack")]).toEqual([[], 0]);
    chunks.append(1, readingsFrom(seconds(0, 10)));
    chunks.finish();
    expect(all()).toEqual(seconds(0, 10));
  });

  test("give only the range that was asked for", () => {
    chunks.append(1, readingsFrom(seconds(0, 8_000)));
    expect(range(1, 3_599_000, 3_602_000)).toEqual(seconds(3_599, 3));
    expect(range(2, 0, 1e12)).toEqual([]);
  });
});
