/** Puts the database of an archive into a data folder. Whenever it is interrupted, the old database or the new one is there. */
import { createReadStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import Database from "better-sqlite3";
import { checkFolder } from "../store/folder.ts";
import { runDatabaseJob } from "./database-job.ts";
import { exists, giveToOwnerOf, linkNew, requireFree, syncFolder, writeNewFile } from "./disk.ts";
import { diskError, inUse, occupied } from "./errors.ts";
import type { ArchiveHeader } from "./header.ts";
import { type ReadOptions, readBackup, readHeader } from "./read-backup.ts";
import { openWorkFolder } from "./work-folder.ts";

export interface RestoreOptions extends Omit<ReadOptions, "to"> {
  /** The data folder; made when missing. */
  folder: string;
  /** Set aside a database that is there; without it, one that is there stops the restore. */
  replace: boolean;
  /** Part of the name that the old database gets: `faiban.db.before-restore-<asideStamp>`. */
  asideStamp: string;
  /** Keeps hubs out of the data folder until what it resolves with is called. Rejects with HubError DATA_IN_USE. */
  lockFolder(folder: string): Promise<() => Promise<void>>;
}

export interface Restored {
  header: ArchiveHeader;
  /** Where the old database is, null when there was none. */
  setAside: string | null;
}

/**
 * Restores an archive; resolves once the database is in place and on the disk. The broker's own database is not in an
 * archive, and stays what it is: devices say their states again when they connect.
 * Rejects with HubError or the signal's reason, with the data folder as it was.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { archive, folder, replace, signal } = options;
  const database = path.join(folder, "faiban.db");
  const { header } = await readHeader(archive, options.schemaVersion);
  checkFolder(folder);
  const unlock = await options.lockFolder(folder);
  try {
    if (!replace && (await exists(database))) throw occupied(database);
    await requireFree(folder, header.databaseBytes);
    const work = await openWorkFolder(folder);
    try {
      const restored = work.file("restored.db");
      await readBackup({ ...options, to: restored });
      await runDatabaseJob({ source: null, file: restored }, { signal });
      const setAside = await putInPlace(restored, database, options.asideStamp);
      return { header, setAside };
    } finally {
      await work.close();
    }
  } finally {
    await unlock();
    await giveToOwnerOf(folder, ["faiban.db", "mqtt"]);
  }
}

/** SQLite reads these together with a database of the same name: an old one would be written into the new database. */
const companions = ["-wal", "-journal"];

async function putInPlace(restored: string, database: string, asideStamp: string): Promise<string | null> {
  const folder = path.dirname(database);
  try {
    const aside = await freeName(`${database}.before-restore-${asideStamp}`);
    const hadDatabase = await exists(database);
    if (hadDatabase) {
      foldIn(database);
      await keep(database, aside);
    }
    for (const companion of companions) {
      if (await exists(database + companion)) await rename(database + companion, aside + companion);
    }
    await rm(`${database}-shm`, { force: true });
    await syncFolder(folder); // no power cut may undo the lines above, yet keep the one below
    await rename(restored, database);
    await syncFolder(folder);
    return hadDatabase ? aside : null;
  } catch (cause) {
    throw diskError(folder, cause);
  }
}

/**
 * Brings what is in the write-ahead log into the database's own file, so that one rename exchanges all of it. A database
 * that cannot be read is left alone, and set aside with its log.
 */
function foldIn(database: string): void {
  if (!isReadable(database)) return;
  let db: Database.Database | undefined;
  try {
    db = new Database(database, { timeout: 0, fileMustExist: true });
    db.pragma("synchronous = FULL");
    db.prepare("SELECT count(*) FROM sqlite_schema").get(); // rolls back what a crash left half done
    db.pragma("journal_mode = DELETE"); // fails while any other program has the database open
  } catch (cause) {
    if (!/^SQLITE_(BUSY|LOCKED)/.test((cause as { code?: string }).code ?? "")) throw cause;
    throw inUse(`Another program has ${database} open`, "End it, then restore again.", cause);
  } finally {
    db?.close();
  }
}

/** Looks without touching: a connection that may write would, when closed, write the log into what is no database. */
function isReadable(database: string): boolean {
  let db: Database.Database | undefined;
  try {
    db = new Database(database, { timeout: 0, readonly: true });
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return true;
  } catch (error) {
    return !/^SQLITE_(CORRUPT|NOTADB)/.test((error as { code?: string }).code ?? "");
  } finally {
    db?.close();
  }
}

/** The name, or one with a number behind it, that neither a database nor its log has: nothing is overwritten. */
async function freeName(name: string): Promise<string> {
  for (let number = 1; ; number++) {
    const numbered = number === 1 ? name : `${name}-${number}`;
    const taken = await Promise.all(["", ...companions].map((companion) => exists(numbered + companion)));
    if (!taken.includes(true)) return numbered;
  }
}

/** Gives the old database a second name, so that the first one is never without a database. */
async function keep(database: string, aside: string): Promise<void> {
  if (await linkNew(database, aside)) return;
  await writeNewFile(aside, createReadStream(database));
  await giveToOwnerOf(path.dirname(aside), [path.basename(aside)]);
}
