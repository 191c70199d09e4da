/** All tables of the store, and what becomes of damage in them: it is counted, told, and read as a gap. */
import { chunkTable } from "./chunks.ts";
import type { Db } from "./database.ts";
import { heldTable } from "./held.ts";
import { journalTable } from "./journal.ts";
import { meterTables } from "./meters.ts";
import { rollupTables } from "./rollups.ts";

export type Tables = ReturnType<typeof openTables>;

/** Rollups that could not be read; they can be made anew from the readings. */
export interface DamagedSpan {
  seriesId: number;
  startMs: number;
  endMs: number;
}

/** `onDamage` is told what could not be read, and why. */
export function openTables(db: Db, onDamage: (what: string) => void) {
  const damage = { count: 0, spans: [] as DamagedSpan[] };

  function note(what: string): void {
    damage.count++;
    onDamage(what);
  }

  const settings = settingTable(db);
  const meters = meterTables(db, settings);
  return {
    settings,
    meters,
    journal: journalTable(db, ({ id, reason }) => note(`record ${id} of the journal: ${reason}`)),
    held: heldTable(db, ({ id, reason }) => note(`record ${id} of held readings: ${reason}`)),
    readings: chunkTable(db, ({ seriesId, startMs, endMs, count, reason }) =>
      note(`${count} readings of series ${seriesId} ${spanText(startMs, endMs)}: ${reason}`),
    ),
    rollups: rollupTables(db, ({ reason, level, ...span }) => {
      note(`${level} rollups of series ${span.seriesId} ${spanText(span.startMs, span.endMs)}: ${reason}`);
      damage.spans.push(span);
    }),
    /** By series id, from when on its readings are there. */
    rawFrom: meters.rawFrom(),
    /** What was found damaged since the start, and the spans of rollups that are to be made anew. */
    damage,
  };
}

export type Settings = ReturnType<typeof settingTable>;

function settingTable(db: Db) {
  const set = db.prepare("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)");
  const get = db.prepare("SELECT value FROM setting WHERE key = ?").pluck();
  const remove = db.prepare("DELETE FROM setting WHERE key = ?");
  return {
    /** Null when it was never set. */
    get: (key: string) => (get.get(key) as string | undefined) ?? null,
    set: (key: string, value: string) => void set.run(key, value),
    remove: (key: string) => void remove.run(key),
  };
}

function spanText(startMs: number, endMs: number): string {
  return `from ${new Date(startMs).toISOString()} to ${new Date(endMs).toISOString()}`;
}
