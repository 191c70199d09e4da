/** The data folder: there, and the hub may write in it. */
import { mkdirSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { HubError } from "../errors.ts";
import { releaseReserve } from "./disk.ts";

/** A start takes less: the database's log and its index, the broker's files. */
const startBytes = 1024 * 1024;

/**
 * Makes the folder when it is missing and writes a file in it; on a full disk the reserve makes room to start in.
 * Throws HubError DATA_UNWRITABLE when that fails.
 */
export function checkFolder(folder: string): void {
  const probe = path.join(folder, ".write-test");
  try {
    makeFolder(folder);
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < startBytes) releaseReserve(folder);
    writeFileSync(probe, "Faiban can write here.\n");
    rmSync(probe);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/** Makes the folder and its parents one by one: Node's recursive mkdir never returns below /proc. */
function makeFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  const parent = path.dirname(folder);
  if (!found && parent !== folder) makeFolder(parent);
  mkdirSync(folder);
}

/** What a failure to write in the folder means to a person. */
export function unwritable(folder: string, cause: unknown): HubError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "SQLITE_FULL") {
    const hint = "Free some space, or choose a folder on another disk with FAIBAN_DATA.";
    return new HubError("DATA_UNWRITABLE", `The disk of the data folder ${folder} is full`, hint, { cause });
  }
  if (code?.startsWith("SQLITE_IOERR") || code === "EIO") {
    const hint = "Check that the disk has free space and is in order, then start the hub again.";
    return new HubError("DATA_UNWRITABLE", `The disk of the data folder ${folder} fails: ${message}`, hint, { cause });
  }
  return new HubError(
    "DATA_UNWRITABLE",
    `The data folder ${folder} cannot be written: ${message}`,
    "Give the hub's user the right to write there, or choose another folder with FAIBAN_DATA.",
    { cause },
  );
}
