/** A thread for what SQLite does in one go: copying a database that a hub writes, and checking every page of a copy. */
import { closeSync, fdatasyncSync, openSync, statSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { carriedKeySetting } from "../secrets/carried-key.ts";
import type { DatabaseFacts, DatabaseJob, DatabaseMessage } from "./database-job.ts";
import { syncEveryBytes } from "./disk.ts";

/** 1 MB of usual pages: between steps the thread looks whether it should stop. */
const pagesPerStep = 256;

const { source, file, masterKey = null } = workerData as DatabaseJob;
let isStopped = false;

/** Copies a moment of the source. A readonly connection never checkpoints, so the hub's own files stay the hub's. */
async function copy(from: string): Promise<void> {
  const db = new Database(from, { readonly: true, fileMustExist: true });
  const fd = openSync(file, "r+");
  try {
    // SQLite starts a backup over whenever another connection commits; beside a busy hub it would never end.
    // A read transaction that is held keeps one moment of the database in view, and in WAL mode it stops no writer.
    db.exec("BEGIN");
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    const pageBytes = db.pragma("page_size", { simple: true }) as number;
    let syncedPages = 0;
    const report = (donePages: number, totalPages: number) =>
      post({ progress: { done: donePages * pageBytes, total: totalPages * pageBytes } });
    const { totalPages } = await db.backup(file, {
      progress({ totalPages, remainingPages }) {
        stopWhenAsked();
        const donePages = totalPages - remainingPages;
        // SQLite syncs the copy only at its end: all of it at once would hold up the hub's next commit for long.
        if ((donePages - syncedPages) * pageBytes >= syncEveryBytes) {
          fdatasyncSync(fd);
          syncedPages = donePages;
        }
        report(donePages, totalPages);
        return pagesPerStep;
      },
    });
    report(totalPages, totalPages);
  } finally {
    db.close();
    closeSync(fd);
  }
}

/** Puts the master key where the hub looks for it at its next start: without it the copy's secrets are lost. */
function addMasterKey(key: string): void {
  const db = new Database(file, { fileMustExist: true });
  try {
    db.prepare("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)").run(carriedKeySetting, key);
  } finally {
    db.close();
  }
}

/** Looks at everything in the database; throws DatabaseProblem at the first thing that is not in order. */
function check(): DatabaseFacts {
  const db = new Database(file, { fileMustExist: true });
  try {
    const found = db.pragma("integrity_check(1)", { simple: true });
    if (found !== "ok") throw new DatabaseProblem(String(found));
    stopWhenAsked();
    const [orphan] = db.pragma("foreign_key_check") as { table: string; parent: string }[];
    if (orphan) throw new DatabaseProblem(`a row of ${orphan.table} belongs to a row of ${orphan.parent} that is gone`);
    return {
      schemaVersion: db.pragma("user_version", { simple: true }) as number,
      meters: db.prepare("SELECT count(*) FROM meter").pluck().get() as number,
      bytes: statSync(file).size,
    };
  } finally {
    db.close();
  }
}

class DatabaseProblem extends Error {
  readonly code = "SQLITE_CORRUPT";
}

function stopWhenAsked(): void {
  if (isStopped) throw new Error("The work on the database was stopped");
}

function post(message: DatabaseMessage): void {
  parentPort?.postMessage(message);
}

parentPort?.on("message", () => {
  isStopped = true;
});
try {
  if (source !== null) await copy(source);
  if (masterKey !== null) addMasterKey(masterKey);
  stopWhenAsked();
  post({ facts: check() });
} catch (error) {
  const { code = "", message } = error as { code?: string; message: string };
  post({ failed: { code, message } });
} finally {
  parentPort?.close();
}
