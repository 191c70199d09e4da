/** Where plain copies live while a backup or a restore is at work: in the data folder, where the plain data is anyway. */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import Database from "better-sqlite3";
import { giveToOwnerOf, writeNewFile } from "./disk.ts";
import { diskError, inUse } from "./errors.ts";

/** A folder for temporary files that nobody else uses. */
export interface WorkFolder {
  /** The path of a temporary file of that name. */
  file(name: string): string;
  /** Writes down a temporary file elsewhere, before it is made, so that a killed backup leaves it to the next one. */
  noteOutside(file: string): Promise<void>;
  /** Removes every temporary file, and lets others in. */
  close(): Promise<void>;
}

const folderName = "backup-work";
const lockName = "lock";
const outsideName = "outside";

/** Names of temporary files outside the data folder end so. */
export const partSuffix = ".part";

/**
 * Opens the work folder of a data folder, and removes what a killed backup or restore left there.
 * Throws HubError: DATA_IN_USE while another one is at work, DATA_UNWRITABLE.
 */
export async function openWorkFolder(data: string): Promise<WorkFolder> {
  const folder = path.join(data, folderName);
  const outside = path.join(folder, outsideName);
  await mkdir(folder, { mode: 0o700 }).catch((cause) => {
    if (cause.code !== "EEXIST") throw diskError(data, cause);
  });
  const unlock = lock(data, path.join(folder, lockName));
  const clean = async () => {
    const part = await readFile(outside, "utf8").catch(() => "");
    // Its disk may be gone or fail: no reason to refuse the next backup.
    if (part.endsWith(partSuffix)) await rm(part, { force: true }).catch(() => {});
    // The note goes last: until then it says what is still to be removed.
    for (const name of (await readdir(folder)).sort(byNoteLast)) {
      if (!name.startsWith(lockName)) await rm(path.join(folder, name), { force: true, recursive: true });
    }
  };
  try {
    await clean();
    await giveToOwnerOf(data, [folderName]);
  } catch (cause) {
    unlock();
    throw diskError(folder, cause);
  }
  return {
    file: (name) => path.join(folder, name),
    async noteOutside(file) {
      await writeNewFile(
        outside,
        (async function* () {
          yield Buffer.from(file);
        })(),
      );
    },
    async close() {
      try {
        await clean();
      } finally {
        unlock();
      }
    },
  };
}

function byNoteLast(a: string, b: string): number {
  return Number(a === outsideName) - Number(b === outsideName);
}

/** SQLite's lock on an empty database: the system frees it with the process, however that ends. */
function lock(data: string, file: string): () => void {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    db?.close();
    if (!(cause as { code?: string }).code?.startsWith("SQLITE_BUSY")) throw diskError(path.dirname(file), cause);
    throw inUse(`Another backup or restore is at work in ${data}`, "Try again when it is done.", cause);
  }
  const held = db;
  return () => void held.close();
}
