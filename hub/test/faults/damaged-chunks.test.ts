import path from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Health } from "../../src/api/contract.ts";
import { openHub, type TestHub } from "../harness.ts";
import { chunkReadings, copyOf, fillHome, newHome, rawOf, readings, send, wrongRollups } from "./damaged-home.ts";

const gap = { from: chunkReadings, to: 2 * chunkReadings };
const outsideGap = [...readings.slice(0, gap.from), ...readings.slice(gap.to)];
const damageTold = /error A part of the store is damaged and was left out: /g;

const home = newHome();
beforeAll(async () => fillHome(home.folder));
afterAll(home.remove);

/** A copy of the home with its database changed. */
function changedHome(change: (db: Database.Database) => void): string {
  const copy = copyOf(home.folder);
  onTestFinished(copy.remove);
  const db = new Database(path.join(copy.folder, "faiban.db"));
  change(db);
  db.close();
  return copy.folder;
}

/** Where the columns of the second chunk of power lie. */
interface Place {
  pack_id: number;
  data_at: number;
  data_length: number;
  times_at: number;
  times_length: number;
}

function placeIn(db: Database.Database): Place {
  const second = "SELECT * FROM chunk WHERE series_id = 1 AND start_ms = ?";
  return db.prepare(second).get(readings[gap.from]!.timeMs) as Place;
}

/** A copy of the home in which one byte of a column is another. */
function homeWithDamage(column: "data" | "times"): string {
  return changedHome((db) => {
    const place = placeIn(db);
    flipByte(db, "pack", place.pack_id, place[`${column}_at`] + (place[`${column}_length`] >> 1));
  });
}

function flipByte(db: Database.Database, table: string, id: number, at?: number): void {
  const data = db.prepare(`SELECT data FROM ${table} WHERE id = ?`).pluck().get(id) as Buffer;
  const index = at ?? data.length >> 1;
  data[index] = data[index]! ^ 8;
  db.prepare(`UPDATE ${table} SET data = ? WHERE id = ?`).run(data, id);
}

function tableCount(folder: string, table: string): number {
  const db = new Database(path.join(folder, "faiban.db"), { readonly: true });
  const count = db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  db.close();
  return count;
}

/** How often damage was told in the log so far. */
function watchDamage(): () => number {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  return () =>
    written.mock.calls.map(([text]) => String(text).match(damageTold)?.length ?? 0).reduce((a, b) => a + b, 0);
}

async function damaged(hub: TestHub): Promise<number> {
  return (await hub.get<Health>("/api/health")).store.damaged;
}

const damages: Record<string, () => string> = {
  "a chunk with damaged values": () => homeWithDamage("data"),
  "a chunk with damaged times": () => homeWithDamage("times"),
  "a chunk whose bytes are cut off": () =>
    changedHome((db) => {
      const { pack_id, data_at } = placeIn(db);
      db.prepare("UPDATE pack SET data = substr(data, 1, ?) WHERE id = ?").run(data_at, pack_id);
    }),
  "a chunk whose bytes are gone": () =>
    changedHome((db) => void db.prepare("UPDATE chunk SET pack_id = 999 WHERE pack_id = ?").run(placeIn(db).pack_id)),
};

test.each(Object.keys(damages))("%s reads as a gap of its span, told once; the span's energies stay", async (name) => {
  const folder = damages[name]!();
  const told = watchDamage();
  const hub = await openHub(folder);
  const found = await rawOf(hub);
  expect(found).toEqual(readings.filter(({ timeMs }) => found.some((reading) => reading.timeMs === timeMs)));
  expect(found.length).toBeLessThanOrEqual(outsideGap.length);
  const toldOnce = told();
  expect(await rawOf(hub)).toEqual(found);
  expect(told()).toBe(toldOnce);
  expect(await damaged(hub)).toBe(toldOnce);
  expect(await wrongRollups(hub, readings)).toEqual([]);
  const next = { timeMs: readings.at(-1)!.timeMs + 1_000, value: 42 };
  await send(hub, next);
  expect(await rawOf(hub)).toEqual([...found, next]);
  expect(await wrongRollups(hub, [...readings, next])).toEqual([]);
  await hub.close();
  expect(tableCount(folder, "damaged_chunk")).toBeGreaterThanOrEqual(toldOnce);
});

test("a late reading into a damaged span is taken, and costs the span's energies nothing", async () => {
  const hub = await openHub(homeWithDamage("data"));
  expect(await rawOf(hub)).toHaveLength(outsideGap.length);
  const late = { timeMs: readings[gap.from + 1_000]!.timeMs + 500, value: 9 };
  await send(hub, late);
  expect(await rawOf(hub)).toEqual([...outsideGap, late].toSorted((a, b) => a.timeMs - b.timeMs));
  expect(await wrongRollups(hub, readings)).toEqual([]);
});

test("rollups made anew on request leave those of a damaged span", async () => {
  const hub = await openHub(homeWithDamage("data"));
  const response = await fetch(`${hub.url}/api/storage/rebuild/customer-plug`, { method: "POST" });
  expect(response.status).toBe(204);
  expect(await wrongRollups(hub, readings)).toEqual([]);
});

test.each([["rollup_minute"], ["rollup_quarter"], ["rollup_day"]])(
  "a damaged block of %s is told, and made anew from the readings",
  async (table) => {
    const folder = changedHome((db) => {
      const ids = db.prepare(`SELECT id FROM ${table} WHERE series_id = 1`).pluck().all() as number[];
      for (const id of ids) flipByte(db, table, id);
    });
    const told = watchDamage();
    const hub = await openHub(folder);
    expect(await wrongRollups(hub, readings)).toEqual([]);
    expect(told()).toBeGreaterThan(0);
    expect(await damaged(hub)).toBe(told());
    expect(await rawOf(hub)).toEqual(readings);
    await hub.close();
    const again = await openHub(folder);
    expect(await wrongRollups(again, readings)).toEqual([]);
    expect(await damaged(again)).toBe(0);
  },
);
