/** The journal: readings on the disk that are not in chunks yet, one small record a commit. */
import { createReader, createWriter, pack, unpack } from "./codec.ts";
import type { Db } from "./database.ts";

export interface JournalEntry {
  seriesId: number;
  timeMs: number;
  value: number;
}

/** A record that cannot be read, as after damage to the disk. */
export interface DamagedRecord {
  id: number;
  reason: string;
}

export type Journal = ReturnType<typeof journalTable>;

export function journalTable(db: Db) {
  const insert = db.prepare("INSERT INTO journal (data) VALUES (?)");
  const clear = db.prepare("DELETE FROM journal");
  const all = db.prepare("SELECT id, data FROM journal ORDER BY id");
  return {
    append: (entries: readonly JournalEntry[]) => void insert.run(encodeEntries(entries)),
    clear: () => void clear.run(),
    /** Every entry in the order in which it was accepted; damaged records are left out and told. */
    read(onDamaged: (record: DamagedRecord) => void): JournalEntry[] {
      return (all.all() as { id: number; data: Uint8Array }[]).flatMap(({ id, data }) => {
        try {
          return decodeEntries(data);
        } catch (error) {
          onDamaged({ id, reason: (error as Error).message });
          return [];
        }
      });
    },
  };
}

/** Readings of one message share their time, and their series ids follow each other: both are written as differences. */
export function encodeEntries(entries: readonly JournalEntry[]): Uint8Array {
  const writer = createWriter(entries.length * 12);
  let last = { seriesId: 0, timeMs: 0 };
  for (const entry of entries) {
    writer.signed(entry.seriesId - last.seriesId);
    writer.signed(entry.timeMs - last.timeMs);
    writer.float(entry.value);
    last = entry;
  }
  return pack(writer.bytes());
}

export function decodeEntries(bytes: Uint8Array): JournalEntry[] {
  const reader = createReader(unpack(bytes));
  const entries: JournalEntry[] = [];
  let last = { seriesId: 0, timeMs: 0 };
  while (!reader.isAtEnd()) {
    const seriesId = last.seriesId + reader.signed();
    const timeMs = last.timeMs + reader.signed();
    last = { seriesId, timeMs };
    entries.push({ seriesId, timeMs, value: reader.float() });
  }
  return entries;
}
