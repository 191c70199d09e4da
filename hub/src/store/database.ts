/** Opening the database: settings that make a commit durable, and numbered migrations. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { HubError } from "../errors.ts";
import { unwritable } from "./folder.ts";
import { moveToBlocks } from "./migrations/002-blocks.ts";

export type Db = Database.Database;

const migrationsFolder = path.join(import.meta.dirname, "migrations");

/** Opens (or makes) the database file and brings it up to date. Throws HubError when it cannot be used. */
export function openDatabase(file: string): Db {
  const db = openFile(file);
  try {
    // Without FULL, power loss drops the last commits of a WAL database, and a PUBACK would have been a lie.
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    db.pragma("cache_size = -8000"); // 8 MB
    migrate(db, file, readMigrations());
    return db;
  } catch (error) {
    db.close();
    if (error instanceof HubError) throw error;
    throw isDamage(error) ? damaged(file, error) : unwritable(path.dirname(file), error);
  }
}

/** A step of the schema: its SQL, and what SQL cannot do. */
export interface Migration {
  sql: string;
  after?(db: Db): void;
}

/** Applies the migrations that `user_version` says are missing, each in a transaction of its own. */
export function migrate(db: Db, file: string, migrations: readonly Migration[]): void {
  const version = db.pragma("user_version", { simple: true }) as number;
  if (version > migrations.length) {
    throw new HubError(
      "DATABASE_NEWER",
      `${file} has version ${version}, this hub knows up to ${migrations.length}`,
      "Update the hub, or choose another data folder with FAIBAN_DATA.",
    );
  }
  migrations.slice(version).forEach(({ sql, after }, index) => {
    db.transaction(() => {
      db.exec(sql);
      after?.(db);
      db.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}

const codeSteps: Record<string, (db: Db) => void> = { "002-blocks.sql": moveToBlocks };

function readMigrations(): Migration[] {
  const files = readdirSync(migrationsFolder).filter((name) => name.endsWith(".sql"));
  return files.sort().map((name) => ({
    sql: readFileSync(path.join(migrationsFolder, name), "utf8"),
    ...(codeSteps[name] && { after: codeSteps[name] }),
  }));
}

function openFile(file: string): Db {
  try {
    return new Database(file);
  } catch (cause) {
    throw unwritable(path.dirname(file), cause);
  }
}

/** Whether SQLite found the file itself damaged. Everything else (a full disk, a read-only one) leaves it as it was. */
export function isDamage(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^SQLITE_(CORRUPT|NOTADB)/.test(code); // also SQLITE_CORRUPT_INDEX and its like
}

/** What a damaged file means to a person. */
export function damaged(file: string, cause: unknown): HubError {
  return new HubError(
    "DATABASE_DAMAGED",
    `The database ${file} cannot be read: ${(cause as Error).message}`,
    "Restore a backup, or move the file away and start the hub again to begin a new one.",
    { cause },
  );
}
