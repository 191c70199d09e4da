import { beforeEach, describe, expect, test } from "vitest";
import type { AuditRow } from "../records.ts";
import { type AuditEnds, createAudit, keepMs } from "./audit.ts";

const key = new Uint8Array(32).fill(7);
const dayMs = 24 * 3600_000;
let rows: AuditRow[];
let ends: AuditEnds | null;
let nowMs: number;
let failures: string[];
let isDiskFull: boolean;

function open(withKey = key) {
  return createAudit({
    key: withKey,
    nowMs: () => nowMs,
    onFailed: (error) => void failures.push(error.message),
    ends: {
      load: () => ends,
      save(next) {
        ends = structuredClone(next);
      },
    },
    table: {
      insert(row) {
        if (isDiskFull) throw new Error("disk full");
        rows.push({ ...row });
      },
      last: () => rows.at(-1) ?? null,
      before: (seq, limit) =>
        rows
          .filter((row) => row.seq < seq)
          .reverse()
          .slice(0, limit),
      after: (seq, limit) => rows.filter((row) => row.seq > seq).slice(0, limit),
      lastOlderThan: (timeMs) => rows.findLast((row) => row.timeMs < timeMs)?.seq ?? null,
      removeUpTo(seq) {
        rows = rows.filter((row) => row.seq > seq);
      },
    },
  });
}

let audit: ReturnType<typeof createAudit>;

beforeEach(() => {
  [rows, ends, failures, isDiskFull] = [[], null, [], false];
  nowMs = Date.UTC(2026, 5, 1);
  audit = open();
});

const add = (...actors: string[]) => {
  for (const actor of actors) audit.add({ actor, action: "test" });
};
const broken = (brokenAt: number) => expect.objectContaining({ isIntact: false, brokenAt });

describe("the log", () => {
  test("is empty and whole at first, and whole with entries, also for the next start", () => {
    expect(audit.check()).toEqual({ isIntact: true, entries: 0, brokenAt: null });
    add("a", "b", "c");
    expect(audit.check()).toEqual({ isIntact: true, entries: 3, brokenAt: null });
    audit = open();
    add("d");
    expect(audit.check()).toEqual({ isIntact: true, entries: 4, brokenAt: null });
    expect([...audit.all()].map(({ actor }) => actor).join("")).toBe("abcd");
    expect(audit.before(4, 2).map(({ actor }) => actor)).toEqual(["c", "b"]);
  });

  test.each<[string, () => void, number]>([
    ["changed", () => Object.assign(rows[1]!, { actor: "x" }), 2],
    ["removed", () => rows.splice(1, 1), 2],
    ["added at the end", () => rows.push({ ...rows[2]!, seq: 4 }), 4],
    ["cut off", () => rows.pop(), 3],
    ["all gone", () => rows.splice(0), 1],
    ["given a short hash", () => Object.assign(rows[1]!, { hash: new Uint8Array() }), 2],
  ])("tells where an entry was %s", (_what, change, brokenAt) => {
    add("a", "b", "c");
    change();
    expect(audit.check()).toEqual(broken(brokenAt));
    audit = open();
    add("d", "e");
    expect(audit.check()).toEqual(broken(brokenAt));
  });

  test("is not whole under another key: nobody without it makes a chain anew", () => {
    add("a", "b");
    audit = open(new Uint8Array(32));
    expect(audit.check()).toEqual(broken(1));
  });

  test("is not whole when what it knew of its own end is gone", () => {
    add("a", "b", "c");
    rows.pop();
    ends = null;
    audit = open();
    expect(audit.check().isIntact).toBe(false);
  });

  test("mixes up no fields: the same letters in other places are another entry", () => {
    audit.add({ actor: "a", action: "b", target: "c", address: "d" });
    Object.assign(rows[0]!, { target: "d", address: "c" });
    expect(audit.check()).toEqual(broken(1));
  });
});

describe("an entry", () => {
  test("is kept for a year, and the rest stays whole", () => {
    add("old", "old too");
    nowMs += keepMs - dayMs;
    add("new");
    expect(rows).toHaveLength(3);
    nowMs += 2 * dayMs;
    add("newer");
    expect(rows.map(({ actor, seq }) => `${seq} ${actor}`)).toEqual(["3 new", "4 newer"]);
    expect(audit.check()).toEqual({ isIntact: true, entries: 2, brokenAt: null });
    rows.shift();
    expect(audit.check(), "the oldest cut off").toEqual(broken(3));
  });

  test("is cut to what a person reads", () => {
    audit.add({ actor: "x".repeat(5_000), action: "test", detail: "y".repeat(5_000) });
    expect(rows[0]).toMatchObject({ actor: "x".repeat(300), detail: "y".repeat(300), target: null });
    expect(audit.check().isIntact).toBe(true);
  });

  test("that cannot be written is told and stops nobody; the next continues the chain", () => {
    add("a");
    isDiskFull = true;
    add("lost");
    expect(failures).toEqual(["disk full"]);
    isDiskFull = false;
    add("b");
    expect(audit.check()).toEqual({ isIntact: true, entries: 2, brokenAt: null });
  });

  test("of the same kind in a row from one stranger is summed up, others are not", () => {
    for (let i = 0; i < 100; i++) {
      audit.add({ actor: "?", action: "session.failed", address: "192.0.2.7", mayFlood: true });
      audit.add({ actor: "?", action: "session.failed", address: `192.0.2.${i + 8}`, mayFlood: true });
    }
    expect(rows.filter(({ address }) => address === "192.0.2.7").length).toBeLessThan(30);
    expect(rows.filter(({ address }) => address !== "192.0.2.7")).toHaveLength(100);
  });
});
