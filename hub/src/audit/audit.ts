/**
 * The audit log: who did what, when, from where. Each entry's hash covers the one before it and is made with a key that
 * is not in the database, so that nobody who can only write to the database can change, add or remove an entry unseen.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { AuditRow } from "../records.ts";

export interface AuditTable {
  insert(entry: AuditRow): void;
  last(): AuditRow | null;
  before(seq: number, limit: number): AuditRow[];
  after(seq: number, limit: number): AuditRow[];
  lastOlderThan(timeMs: number): number | null;
  removeUpTo(seq: number): void;
}

export interface NewEntry {
  actor: string;
  actorId?: string | null;
  action: string;
  target?: string | undefined;
  address?: string | undefined;
  detail?: string | undefined;
  /** Strangers and broken devices can cause it over and over: it is kept a few times a minute. */
  mayFlood?: true;
}

export interface AuditOptions {
  table: AuditTable;
  /** 32 bytes. */
  key: Uint8Array;
  nowMs(): number;
  /** Where the log begins and ends, kept beside it and sealed: cutting off either end is seen too. */
  ends: { load(): AuditEnds | null; save(ends: AuditEnds): void };
  onFailed(error: Error): void;
}

export interface AuditEnds {
  /** Entries up to this one were removed for their age. */
  removedSeq: number;
  /** Hash of that entry, hexadecimal; empty when none was removed. */
  removedHash: string;
  lastSeq: number;
  /** They were gone once, though there were entries: whatever was cut off then was not noticed. */
  wereLost?: boolean;
}

export type Audit = ReturnType<typeof createAudit>;

export const keepMs = 366 * 24 * 3600_000;
const longestText = 300;
const pageRows = 500;
/** A failing sign-in that is repeated over and over must not fill the disk. */
const mostEntries = 500_000;
/** Of entries of one kind in a row from one address, so many are kept a minute. */
const mostAlikeAMinute = 20;

export function createAudit({ table, key, nowMs, ends, onFailed }: AuditOptions) {
  let last = table.last();
  let stored: AuditEnds = ends.load() ?? {
    ...{ removedSeq: 0, removedHash: "", lastSeq: last?.seq ?? 0 },
    ...(last && { wereLost: true }),
  };
  const alike = new Map<string, number>();
  let minute = 0;

  /** Adds an entry; what fails to be written is told, and stops nobody. */
  function add(entry: NewEntry): void {
    if (entry.mayFlood && isTooOften(entry)) return;
    try {
      const row = {
        seq: Math.max(last?.seq ?? 0, stored.lastSeq) + 1,
        timeMs: Math.round(nowMs()),
        actor: short(entry.actor) ?? "",
        actorId: entry.actorId ?? null,
        action: entry.action,
        target: short(entry.target),
        address: short(entry.address),
        detail: short(entry.detail),
      };
      const full = { ...row, hash: hashOf(row, last?.hash ?? Buffer.from(stored.removedHash, "hex")) };
      table.insert(full);
      last = full;
      stored = { ...stored, lastSeq: full.seq };
      ends.save(stored);
      forgetOld();
    } catch (error) {
      onFailed(error as Error);
    }
  }

  function isTooOften({ action, address = "", actor }: NewEntry): boolean {
    const now = Math.floor(performance.now() / 60_000);
    if (now !== minute) alike.clear();
    minute = now;
    const kind = `${action} ${address} ${actor}`;
    const count = (alike.get(kind) ?? 0) + 1;
    alike.set(kind, count);
    return count > mostAlikeAMinute;
  }

  function forgetOld(): void {
    const tooOld = table.lastOlderThan(nowMs() - keepMs) ?? 0;
    const tooMany = (last?.seq ?? 0) - mostEntries;
    const upTo = Math.max(tooOld, tooMany);
    if (upTo <= stored.removedSeq) return;
    const [newestRemoved] = table.before(upTo + 1, 1);
    if (!newestRemoved) return;
    stored = { ...stored, removedSeq: newestRemoved.seq, removedHash: Buffer.from(newestRemoved.hash).toString("hex") };
    ends.save(stored);
    table.removeUpTo(newestRemoved.seq);
  }

  function hashOf(entry: Omit<AuditRow, "hash">, before: Uint8Array): Buffer {
    const { seq, timeMs, actor, actorId, action, target, address, detail } = entry;
    const content = JSON.stringify([seq, timeMs, actor, actorId, action, target, address, detail]);
    return createHmac("sha256", key).update(before).update(content).digest();
  }

  /** Goes over the whole chain; `brokenAt` is the first entry that is not as it was written. */
  function check(): { isIntact: boolean; entries: number; brokenAt: number | null } {
    let before: Uint8Array = Buffer.from(stored.removedHash, "hex");
    let seq = stored.removedSeq;
    let entries = 0;
    for (let page = table.after(seq, pageRows); page.length > 0; page = table.after(seq, pageRows)) {
      for (const row of page) {
        const isNext = row.seq === seq + 1;
        const hash = hashOf(row, before);
        if (!isNext || row.hash.length !== hash.length || !timingSafeEqual(row.hash, hash)) {
          return { isIntact: false, entries, brokenAt: isNext ? row.seq : seq + 1 };
        }
        before = row.hash;
        seq = row.seq;
        entries++;
      }
    }
    const isWhole = seq === stored.lastSeq && !stored.wereLost;
    return { isIntact: isWhole, entries, brokenAt: isWhole ? null : stored.wereLost ? 1 : seq + 1 };
  }

  return {
    add,
    check,
    /** Entries before one, newest first. */
    before: (seq: number, limit: number): AuditRow[] => table.before(seq, limit),
    /** All entries, oldest first. */
    *all(): Generator<AuditRow> {
      for (let page = table.after(0, pageRows); page.length > 0; page = table.after(page.at(-1)!.seq, pageRows)) {
        yield* page;
      }
    },
  };
}

function short(text: string | undefined): string | null {
  return text === undefined ? null : text.slice(0, longestText);
}
