/**
 * The hub's secrets: keys of tokens, of certificate authorities, of message channels. They lie in the database sealed
 * with AES-256-GCM under a master key, so that a copy of the database tells nobody anything. The master key is a file of
 * its own beside the database, or comes from the environment.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { HubError } from "../errors.ts";
import type { CarriedKey } from "./carried-key.ts";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const keyFileName = "master.key";

/** Sealed secrets by name. */
export interface SecretTable {
  get(name: string): Uint8Array | null;
  set(name: string, sealed: Uint8Array): void;
  /** Removes all; true when there were any. */
  clear(): boolean;
}

export interface Secrets {
  /** The secret of that name, null when there is none. Throws HubError SECRETS_UNREADABLE. */
  load(name: string): Uint8Array | null;
  save(name: string, secret: Uint8Array): void;
}

/** Opens the secrets of a database with its master key. */
export function openSecrets(masterKey: Uint8Array, table: SecretTable): Secrets {
  return {
    load(name) {
      const sealed = table.get(name);
      return sealed && unseal(masterKey, name, sealed);
    },
    save: (name, secret) => table.set(name, seal(masterKey, name, secret)),
  };
}

/**
 * The master key of a data folder: `given` (base64, of the environment), else the one that a restored database carries,
 * else the folder's file, else a new one.
 */
export function masterKeyOf(
  folder: string,
  given: string | undefined,
  carried: CarriedKey,
): { key: Uint8Array; isNew: boolean } {
  const restored = carried.get();
  const isGiven = given !== undefined && given !== "";
  if (restored !== null && (!isGiven || given === restored)) {
    if (!isGiven) writeKey(folder, checkedKey(Buffer.from(restored, "base64"), "The backup's master key"));
    carried.clear();
  }
  if (isGiven) return { key: checkedKey(Buffer.from(given, "base64"), "FAIBAN_MASTER_KEY"), isNew: false };
  const file = keyFile(folder);
  const stored = readKey(file);
  if (stored) return { key: checkedKey(stored, file), isNew: false };
  const key = randomBytes(keyBytes);
  writeKey(folder, key);
  return { key, isNew: true };
}

/** Where a data folder keeps its master key. */
export function keyFile(folder: string): string {
  return path.join(folder, keyFileName);
}

/** Writes the master key so that after a power cut it is there whole, or not at all. Only the hub's user may read it. */
function writeKey(folder: string, key: Uint8Array): void {
  const part = `${keyFile(folder)}.part`;
  const fd = openSync(part, "w", 0o600);
  try {
    chmodSync(part, 0o600); // of a file that an interrupted start left behind
    writeSync(fd, Buffer.from(key).toString("base64"));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(part, keyFile(folder));
  const folderFd = openSync(folder, "r");
  fsyncSync(folderFd);
  closeSync(folderFd);
}

function readKey(file: string): Buffer | null {
  try {
    return Buffer.from(readFileSync(file, "utf8"), "base64");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function checkedKey(key: Buffer, source: string): Uint8Array {
  if (key.length === keyBytes) return key;
  throw new HubError(
    "SECRETS_UNREADABLE",
    `${source} is no master key`,
    "Put the right one back: 32 bytes as base64; a backup restores it too.",
  );
}

function seal(key: Uint8Array, name: string, secret: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Uint8Array, name: string, sealed: Uint8Array): Uint8Array {
  const end = sealed.length - tagBytes;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes))
      .setAAD(Buffer.from(name))
      .setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, end)), decipher.final()]);
  } catch (cause) {
    throw new HubError(
      "SECRETS_UNREADABLE",
      `The secret "${name}" cannot be read with this master key`,
      `Put back the ${keyFileName} that belongs to this database, or restore a backup.`,
      { cause },
    );
  }
}
