/** A small database as a hub's, and cheap keys, for tests. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { onTestFinished } from "vitest";

/** Too cheap for real archives. */
export const cheapKdf = { memoryKib: 64, passes: 1, lanes: 1 };

export const passphrase = "correct horse battery";

/** An empty folder, removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-backup-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens (or makes) `faiban.db` in a folder, in WAL mode; closed with the test at the latest. */
export function openSample(folder: string): Database.Database {
  const db = new Database(path.join(folder, "faiban.db"));
  onTestFinished(() => void db.close());
  db.pragma("journal_mode = WAL");
  db.pragma("user_version = 1");
  db.exec("CREATE TABLE IF NOT EXISTS meter (id TEXT PRIMARY KEY) STRICT");
  db.exec(
    "CREATE TABLE IF NOT EXISTS reading (id INTEGER PRIMARY KEY, meter TEXT REFERENCES meter (id), data BLOB) STRICT",
  );
  return db;
}

/** A data folder whose database has one meter of that name, and so many kilobytes that do not compress. */
export function sampleFolder(meter: string, kilobytes: number): string {
  const folder = newFolder();
  const db = openSample(folder);
  db.prepare("INSERT INTO meter VALUES (?)").run(meter);
  const insert = db.prepare("INSERT INTO reading (meter, data) VALUES (?, ?)");
  for (let i = 0; i < kilobytes; i++) insert.run(meter, randomBytes(1000));
  db.close();
  return folder;
}

/** The meters of a database file, which must be whole. */
export function metersIn(file: string): string[] {
  const db = new Database(file, { fileMustExist: true });
  try {
    if (db.pragma("integrity_check", { simple: true }) !== "ok") throw new Error(`${file} is damaged`);
    return db.prepare("SELECT id FROM meter ORDER BY id").pluck().all() as string[];
  } finally {
    db.close();
  }
}
