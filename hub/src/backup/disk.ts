/** Files that are whole or not there: written under another name, on the disk, then named. */
import { chown, link, lstat, open, readdir, rename, stat, statfs, unlink } from "node:fs/promises";
import path from "node:path";
import { alreadyThere, diskError, tooLittleSpace } from "./errors.ts";

/** So much may wait for the disk at once: a commit of the hub waits behind it (0.4 s on a card that takes 20 MB/s). */
export const syncEveryBytes = 8_000_000;

/** Whether there is a file or folder of that name; a link to nothing counts too. */
export async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => null)) !== null;
}

/** Throws HubError DATA_UNWRITABLE when the disk of a folder has fewer free bytes than needed. */
export async function requireFree(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder).catch((cause) => {
    throw diskError(folder, cause);
  });
  if (bavail * bsize < neededBytes) throw tooLittleSpace(folder, neededBytes, bavail * bsize);
}

/**
 * Writes a new file that only its owner may read; resolves with its size once it is on the disk. Rejects with HubError
 * when the disk refuses, or with what the chunks reject with; the file is gone then.
 */
export async function writeNewFile(file: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const failed = (cause: unknown): never => {
    throw diskError(path.dirname(file), cause);
  };
  const handle = await open(file, "wx", 0o600).catch(failed);
  try {
    let bytes = 0;
    let syncedBytes = 0;
    for await (const chunk of chunks) {
      await handle.writeFile(chunk).catch(failed); // at the end of what is written; unlike write(), always all of it
      bytes += chunk.length;
      if (bytes - syncedBytes < syncEveryBytes) continue;
      await handle.datasync().catch(failed);
      syncedBytes = bytes;
    }
    await handle.sync().catch(failed);
    return bytes;
  } catch (error) {
    await unlink(file);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Names a finished file, unless something has that name: then throws HubError CONFIG_INVALID. */
export async function nameNewFile(file: string, name: string): Promise<void> {
  try {
    if (await linkNew(file, name)) await unlink(file);
    else if (await exists(name)) throw alreadyThere(name);
    else await rename(file, name);
    await syncFolder(path.dirname(name));
  } catch (cause) {
    throw diskError(path.dirname(name), cause);
  }
}

/** Gives a file a second name; false on a disk that has no hard links, such as a FAT stick. */
export async function linkNew(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw alreadyThere(name);
    if (code === "EPERM" || code === "ENOTSUP" || code === "EOPNOTSUPP" || code === "ENOSYS") return false;
    throw error;
  }
}

/** Makes the names in a folder as durable as the files. Network disks that cannot are left to their own care. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
  } finally {
    await handle.close();
  }
}

/** When root works in another user's folder, what it made there becomes that user's: the hub must be able to open it. */
export async function giveToOwnerOf(folder: string, names: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  for (const name of names) await giveAll(path.join(folder, name), uid, gid);
}

async function giveAll(file: string, uid: number, gid: number): Promise<void> {
  const found = await lstat(file).catch(() => null);
  if (!found || found.isSymbolicLink()) return;
  await chown(file, uid, gid);
  if (!found.isDirectory()) return;
  for (const name of await readdir(file)) await giveAll(path.join(file, name), uid, gid);
}
