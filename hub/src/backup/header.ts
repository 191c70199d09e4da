/**
 * The beginning of an archive: three lines of text, the last one the SHA-256 of the two before it. The sum is no
 * protection (every segment is bound to the header for that); it tells damage from a wrong passphrase.
 * Every version of the format, also a later one, begins with such three lines.
 */
import { createHash } from "node:crypto";
import { damagedArchive, newerArchive, notAnArchive } from "./errors.ts";
import type { KdfParameters } from "./key.ts";

/** What an archive says about itself, readable without the passphrase. */
export interface ArchiveHeader {
  /** When the copy of the database was made, epoch milliseconds. */
  createdMs: number;
  /** The hub that wrote it. */
  hubVersion: string;
  /** The database's `user_version`. */
  schemaVersion: number;
  meters: number;
  /** Size of the database within. */
  databaseBytes: number;
  kdf: KdfParameters & { name: "argon2id"; version: 19 };
  /** 32 random bytes, base64. */
  salt: string;
  /** 32 bytes made from the key, base64. */
  keyCheck: string;
}

/** The version of the format that this hub writes, and the newest that it reads. */
export const formatVersion = 1;
/** A header is never longer. */
export const mostHeaderBytes = 4096;

const magic = "faiban-backup/";

/** The header as the first bytes of an archive; they are also the associated data of each segment. */
export function encodeHeader(header: ArchiveHeader): Buffer {
  const lines = `${magic}${formatVersion}\n${JSON.stringify(header)}\n`;
  return Buffer.from(`${lines}${sumOf(Buffer.from(lines))}\n`);
}

/**
 * Reads the header from the first bytes of a file, `mostHeaderBytes` or all there are; also returns how many were its own.
 * Throws HubError: BACKUP_DAMAGED, or DATABASE_NEWER for a format of a later hub.
 */
export function decodeHeader(bytes: Buffer): { header: ArchiveHeader; length: number } {
  if (!bytes.subarray(0, magic.length).equals(Buffer.from(magic))) throw notAnArchive();
  const [versionEnd, jsonEnd, length] = lineEnds(bytes);
  const sum = bytes.toString("latin1", jsonEnd, length - 1);
  if (sum !== sumOf(bytes.subarray(0, jsonEnd))) throw damagedArchive("its header is changed");
  const version = Number(bytes.toString("latin1", magic.length, versionEnd - 1));
  if (version > formatVersion) throw newerArchive(`its format is ${version}, this hub reads up to ${formatVersion}`);
  return { header: parse(bytes.toString("utf8", versionEnd, jsonEnd)), length };
}

/** Where the first three lines end, behind their newlines. */
function lineEnds(bytes: Buffer): [number, number, number] {
  const first = bytes.indexOf("\n") + 1;
  const second = first && bytes.indexOf("\n", first) + 1;
  const third = second && bytes.indexOf("\n", second) + 1;
  if (third === 0) throw damagedArchive("its header is cut off or changed");
  return [first, second, third];
}

function sumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Anyone can make a header with a right sum: one that would take all memory, or is no header, is refused. */
function parse(json: string): ArchiveHeader {
  let header: ArchiveHeader;
  try {
    header = JSON.parse(json);
  } catch (cause) {
    throw damagedArchive("its header is no JSON", cause);
  }
  const isWhole =
    [header?.createdMs, header?.schemaVersion, header?.meters, header?.databaseBytes].every(isCount) &&
    typeof header.hubVersion === "string" &&
    isKdf(header.kdf) &&
    [header.salt, header.keyCheck].every(
      (text) => typeof text === "string" && Buffer.from(text, "base64").length === 32,
    );
  if (!isWhole) throw damagedArchive("its header has values that cannot be");
  return header;
}

function isKdf(kdf: ArchiveHeader["kdf"] | undefined): boolean {
  return (
    kdf?.name === "argon2id" &&
    kdf.version === 19 &&
    isWithin(kdf.lanes, 1, 16) &&
    isWithin(kdf.passes, 1, 16) &&
    isWithin(kdf.memoryKib, 8 * kdf.lanes, 1_048_576) // RFC 9106 section 3.1 at the least, 1 GiB at the most
  );
}

function isCount(value: unknown): boolean {
  return isWithin(value, 0, Number.MAX_SAFE_INTEGER);
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
