/** Sealed secrets by name. */
import type { Db } from "./database.ts";

export function secretTable(db: Db) {
  const get = db.prepare("SELECT sealed FROM secret WHERE name = ?").pluck();
  const set = db.prepare("INSERT OR REPLACE INTO secret (name, sealed) VALUES (?, ?)");
  const clear = db.prepare("DELETE FROM secret");
  return {
    get: (name: string) => (get.get(name) as Uint8Array | undefined) ?? null,
    set: (name: string, sealed: Uint8Array) => void set.run(name, sealed),
    /** Removes all; true when there were any. */
    clear: () => clear.run().changes > 0,
  };
}
