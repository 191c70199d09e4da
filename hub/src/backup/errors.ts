/** What can go wrong with a backup, in words for a person: one place, so that codes and hints stay alike. */
import { HubError } from "../errors.ts";

/** The archive is not byte for byte what was written. */
export function damagedArchive(reason: string, cause?: unknown): HubError {
  return new HubError(
    "BACKUP_DAMAGED",
    `The backup is damaged: ${reason}`,
    "Copy it again from where it was kept, or use an earlier backup.",
    { cause },
  );
}

/** The file does not begin as a backup does. */
export function notAnArchive(): HubError {
  return new HubError(
    "BACKUP_DAMAGED",
    "The file is no backup of Faiban, or its beginning is damaged",
    "Name a file that `npm run backup` has written.",
  );
}

/** The archive has a format or a schema that this hub does not know yet. */
export function newerArchive(what: string): HubError {
  return new HubError("DATABASE_NEWER", `A newer hub wrote the backup: ${what}`, "Update the hub first.");
}

/** The beginning of the archive is whole, but the key that the passphrase gives is not the one it was written with. */
export function wrongPassphrase(): HubError {
  return new HubError(
    "BACKUP_PASSPHRASE",
    "The passphrase is not the one of this backup",
    "Try again: capital letters, spaces and the keyboard's language count.",
  );
}

/** There is no passphrase, or it cannot be used for a new archive. */
export function weakPassphrase(message: string, hint: string, cause?: unknown): HubError {
  return new HubError("CONFIG_INVALID", message, hint, { cause });
}

/** A file is where a new one would be; it is never overwritten. */
export function alreadyThere(file: string): HubError {
  return new HubError("CONFIG_INVALID", `${file} is already there`, "Choose another name; nothing is overwritten.");
}

/** A file or folder that was named does not exist. */
export function notThere(what: string, hint: string, cause?: unknown): HubError {
  return new HubError("NOT_FOUND", `There is no ${what}`, hint, { cause });
}

/** The data folder has a database, and nobody said that it may be replaced. */
export function occupied(database: string): HubError {
  return new HubError(
    "CONFIG_INVALID",
    `${database} is already there`,
    "Add --replace to set it aside under another name, or choose another folder with --data.",
  );
}

/** Another program works with the data folder; `who` begins the sentence. */
export function inUse(who: string, hint: string, cause?: unknown): HubError {
  return new HubError("DATA_IN_USE", who, hint, { cause });
}

/** The database itself, not the archive, is damaged. */
export function damagedDatabase(reason: string, cause?: unknown): HubError {
  return new HubError(
    "DATABASE_DAMAGED",
    `The database is damaged: ${reason}`,
    "Keep a copy of the data folder made while the hub is stopped, and restore an earlier backup.",
    { cause },
  );
}

/** The disk has less free space than the work needs, both in bytes. */
export function tooLittleSpace(folder: string, neededBytes: number, freeBytes: number): HubError {
  return new HubError(
    "DATA_UNWRITABLE",
    `The disk of ${folder} has ${megabytes(freeBytes)} free, and ${megabytes(neededBytes)} are needed`,
    "Free some space, or choose a folder on another disk.",
  );
}

/** What a failure of the disk under `folder` means to a person; a HubError stays what it is. */
export function diskError(folder: string, cause: unknown): Error {
  if (cause instanceof HubError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL") {
    const hint = "Free some space, or choose a folder on another disk.";
    return new HubError("DATA_UNWRITABLE", `The disk of ${folder} is full`, hint, { cause });
  }
  const hint = "Check that the folder is there, that its disk is in order, and that your user may write in it.";
  return new HubError("DATA_UNWRITABLE", `${folder} cannot be written: ${message}`, hint, { cause });
}

/** Bytes as people read them: "12.3 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
