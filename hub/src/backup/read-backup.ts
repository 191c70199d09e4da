/** Reads an archive: checks every byte of it and gives out the database. */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createZstdDecompress } from "node:zlib";
import { writeNewFile } from "./disk.ts";
import { damagedArchive, newerArchive, notThere, wrongPassphrase } from "./errors.ts";
import { type ArchiveHeader, decodeHeader, mostHeaderBytes } from "./header.ts";
import { deriveKeys, isSameCheck } from "./key.ts";
import { counted, type OnProgress } from "./progress.ts";
import { unseal } from "./segments.ts";
import { through } from "./through.ts";

export interface ReadOptions {
  archive: string;
  passphrase: string;
  /** The newest database that this hub knows, as `user_version`. */
  schemaVersion: number;
  /** The file to write the database to, which must not exist; null only checks the archive. */
  to: string | null;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

/** The header of an archive with its very bytes, and the size of the whole file. Throws HubError. */
export async function readHeader(
  archive: string,
  schemaVersion: number,
): Promise<{ header: ArchiveHeader; bytes: Buffer; archiveBytes: number }> {
  const handle = await open(archive, "r").catch((cause) => {
    throw notThere(`readable file ${archive}`, "Check the name, and that your user may read it.", cause);
  });
  try {
    const first = await firstBytes(handle, archive);
    const { header, length } = decodeHeader(first);
    if (header.schemaVersion > schemaVersion) {
      throw newerArchive(`its database has version ${header.schemaVersion}, this hub knows up to ${schemaVersion}`);
    }
    const { size } = await handle.stat();
    return { header, bytes: first.subarray(0, length), archiveBytes: size };
  } finally {
    await handle.close();
  }
}

/**
 * Reads an archive to its end; resolves with its header and its size once all of it was found whole.
 * Rejects with HubError or the signal's reason, without a file. The database is the very one that was backed up, since
 * every byte is authenticated.
 */
export async function readBackup(options: ReadOptions): Promise<{ header: ArchiveHeader; archiveBytes: number }> {
  const { archive, to, signal, onProgress } = options;
  const { header, bytes, archiveBytes } = await readHeader(archive, options.schemaVersion);
  const { payloadKey, keyCheck } = await deriveKeys(options.passphrase, Buffer.from(header.salt, "base64"), header.kdf);
  if (!isSameCheck(keyCheck, Buffer.from(header.keyCheck, "base64"))) throw wrongPassphrase();
  signal?.throwIfAborted();
  const file = createReadStream(archive, { start: bytes.length, highWaterMark: 262_144 });
  const sealed = counted(file, "read", archiveBytes - bytes.length, onProgress);
  const take = async (output: AsyncIterable<Buffer>) => {
    const plain = ofSize(output, header.databaseBytes);
    if (to === null) for await (const _ of plain);
    else await writeNewFile(to, plain);
  };
  try {
    await through(unseal(sealed, payloadKey, bytes), createZstdDecompress(), take, signal);
  } catch (error) {
    const isNoZstd = String((error as { code?: unknown }).code).startsWith("ZSTD_");
    throw isNoZstd ? damagedArchive("it does not decompress", error) : error;
  }
  return { header, archiveBytes };
}

/** Passes on what is exactly as long as the header says. */
async function* ofSize(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > size) break;
    yield chunk;
  }
  if (bytes !== size) throw damagedArchive("it holds more or less than its header says");
}

async function firstBytes(handle: FileHandle, archive: string): Promise<Buffer> {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostHeaderBytes), 0, mostHeaderBytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw notThere(`readable file ${archive}`, "Name the backup's file, not a folder.", cause);
  }
}
