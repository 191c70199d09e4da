/**
 * Writes a backup of the hub's database beside a running hub: a checked copy of one moment, compressed and encrypted.
 * The broker's own database of retained and queued messages is not in it: devices say their states again when they
 * connect. What is not committed yet (readings that nobody waits for, of the last seconds) is not in it either.
 */
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { constants, createZstdCompress } from "node:zlib";
import { keyFile } from "../secrets/secrets.ts";
import { type DatabaseFacts, runDatabaseJob } from "./database-job.ts";
import { exists, nameNewFile, requireFree, writeNewFile } from "./disk.ts";
import { alreadyThere, notThere } from "./errors.ts";
import { type ArchiveHeader, encodeHeader } from "./header.ts";
import { checkNewPassphrase, defaultKdf, deriveKeys, type KdfParameters } from "./key.ts";
import { counted, type OnProgress } from "./progress.ts";
import { seal } from "./segments.ts";
import { through } from "./through.ts";
import { openWorkFolder, partSuffix } from "./work-folder.ts";

export interface BackupOptions {
  /** The hub's database file. */
  database: string;
  /** The archive to be made; nothing may have that name yet. */
  target: string;
  /** At least `shortestPassphrase` characters; without it nobody can ever read the archive. */
  passphrase: string;
  /** The hub's master key (base64) when it is not in the data folder; undefined when it is. */
  masterKey?: string | undefined;
  hubVersion: string;
  /** Epoch milliseconds. */
  createdMs: number;
  /** What a guess at the passphrase costs; `defaultKdf` when left out. */
  kdf?: KdfParameters;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

/** Archives of simulated homes took 12 to 33 % of their databases; half leaves room for homes that compress less. */
const expectedRatio = 0.5;

/**
 * Makes an archive; resolves with its header and its size in bytes once it is on the disk under its name.
 * Rejects with HubError or the signal's reason, with nothing left behind.
 */
export async function writeBackup(options: BackupOptions): Promise<{ header: ArchiveHeader; bytes: number }> {
  const { database, target, signal, onProgress } = options;
  checkNewPassphrase(options.passphrase);
  if (await exists(target)) throw alreadyThere(target);
  await checkSpace(database, target);
  const work = await openWorkFolder(path.dirname(database));
  try {
    const copy = work.file("copy.db");
    await writeNewFile(copy, Readable.from([])); // SQLite takes an empty file as it is, with its rights
    const masterKey = options.masterKey ?? (await readFile(keyFile(path.dirname(database)), "utf8").catch(() => null));
    const facts = await runDatabaseJob({ source: database, file: copy, masterKey }, { signal, onProgress });
    const part = `${target}.${randomBytes(4).toString("hex")}${partSuffix}`;
    await work.noteOutside(part);
    const written = await writeArchive(part, copy, facts, options);
    try {
      signal?.throwIfAborted();
      await nameNewFile(part, target);
      return written;
    } finally {
      await rm(part, { force: true });
    }
  } finally {
    await work.close();
  }
}

async function writeArchive(
  archive: string,
  copy: string,
  facts: DatabaseFacts,
  { passphrase, hubVersion, createdMs, kdf = defaultKdf, signal, onProgress }: BackupOptions,
): Promise<{ header: ArchiveHeader; bytes: number }> {
  const salt = randomBytes(32);
  const { payloadKey, keyCheck } = await deriveKeys(passphrase, salt, kdf);
  const header: ArchiveHeader = {
    createdMs,
    hubVersion,
    schemaVersion: facts.schemaVersion,
    meters: facts.meters,
    databaseBytes: facts.bytes,
    kdf: { name: "argon2id", version: 19, ...kdf },
    salt: salt.toString("base64"),
    keyCheck: keyCheck.toString("base64"),
  };
  const beginning = encodeHeader(header);
  const plain = counted(createReadStream(copy, { highWaterMark: 262_144 }), "write", facts.bytes, onProgress);
  const compress = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  async function* archiveOf(compressed: AsyncIterable<Buffer>) {
    yield beginning;
    yield* seal(compressed, payloadKey, beginning);
  }
  const bytes = await through(plain, compress, (output) => writeNewFile(archive, archiveOf(output)), signal);
  return { header, bytes };
}

/** The plain copy lies on the data folder's disk, the archive on the target's, which may be the same. */
async function checkSpace(database: string, target: string): Promise<void> {
  const data = path.dirname(database);
  const found = await stat(database).catch((cause) => {
    throw notThere(`database ${database}`, "Name the hub's data folder with --data.", cause);
  });
  const folder = path.dirname(target);
  const targetFolder = await stat(folder).catch((cause) => {
    throw notThere(`folder ${folder}`, "Make it first, or choose another with --to.", cause);
  });
  const archiveBytes = Math.ceil(found.size * expectedRatio);
  const isSameDisk = targetFolder.dev === found.dev;
  await requireFree(data, found.size + (isSameDisk ? archiveBytes : 0));
  if (!isSameDisk) await requireFree(folder, archiveBytes);
}
