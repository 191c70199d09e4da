/** The audit log's entries, in order; nothing is ever changed in it but for its oldest end. */
import type { AuditRow } from "../records.ts";
import type { Db } from "./database.ts";

const columns = "seq, time_ms AS timeMs, actor, actor_id AS actorId, action, target, address, detail, hash";

export function auditTable(db: Db) {
  const insert = db.prepare(
    `INSERT INTO audit (seq, time_ms, actor, actor_id, action, target, address, detail, hash)
     VALUES (@seq, @timeMs, @actor, @actorId, @action, @target, @address, @detail, @hash)`,
  );
  const last = db.prepare(`SELECT ${columns} FROM audit ORDER BY seq DESC LIMIT 1`);
  const before = db.prepare(`SELECT ${columns} FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?`);
  const after = db.prepare(`SELECT ${columns} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`);
  const removeUpTo = db.prepare("DELETE FROM audit WHERE seq <= ?");
  const newestBefore = db.prepare("SELECT max(seq) FROM audit WHERE time_ms < ?").pluck();
  return {
    insert: (entry: AuditRow) => void insert.run(entry),
    last: () => (last.get() as AuditRow | undefined) ?? null,
    /** Newest first. */
    before: (seq: number, limit: number) => before.all(seq, limit) as AuditRow[],
    /** Oldest first. */
    after: (seq: number, limit: number) => after.all(seq, limit) as AuditRow[],
    /** The last of the entries that are older than a time, null when there is none. */
    lastOlderThan: (timeMs: number) => newestBefore.get(timeMs) as number | null,
    removeUpTo: (seq: number) => void removeUpTo.run(seq),
  };
}
