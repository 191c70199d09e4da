/**
 * SQLite's write-ahead log, read from outside (https://www.sqlite.org/fileformat2.html#walformat): where its
 * transactions end, so that a test can tell what a torn log still holds.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import path from "node:path";

const headerBytes = 32;
const frameHeaderBytes = 24;

/** What stands in a log, or in the part of it that was read. */
export interface Wal {
  /** Frames of each whole transaction, in order. */
  transactions: { endBytes: number; frames: number }[];
  /** Frames behind the last transaction: one that is under way, or was cut short. */
  openFrames: number;
  /** Changes when the log begins anew at its start. */
  salts: string;
}

/**
 * Reads the log of a data folder's database, from a transaction's end or from its start. Frames of an earlier use of
 * the file, with other salts, do not count.
 */
export function readWal(folder: string, fromBytes = headerBytes): Wal {
  const file = openSync(path.join(folder, "faiban.db-wal"), "r");
  try {
    const header = Buffer.alloc(headerBytes);
    readSync(file, header, 0, headerBytes, 0);
    const frames = Buffer.alloc(Math.max(0, fstatSync(file).size - fromBytes));
    readSync(file, frames, 0, frames.length, fromBytes);
    return framesIn(header, frames, fromBytes);
  } finally {
    closeSync(file);
  }
}

function framesIn(header: Buffer, frames: Buffer, fromBytes: number): Wal {
  const frameBytes = frameHeaderBytes + header.readUInt32BE(8);
  const salts = header.toString("hex", 16, 24);
  const wal: Wal = { transactions: [], openFrames: 0, salts };
  for (let at = 0; at + frameBytes <= frames.length; at += frameBytes) {
    if (frames.toString("hex", at + 8, at + 16) !== salts) break;
    wal.openFrames++;
    // The database's size in pages stands in a transaction's last frame only.
    if (frames.readUInt32BE(at + 4) === 0) continue;
    wal.transactions.push({ endBytes: fromBytes + at + frameBytes, frames: wal.openFrames });
    wal.openFrames = 0;
  }
  return wal;
}
