/** The disk under the data folder: how full it is, and a little room kept back for the day it is full. */
import { rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

export type DiskState = "ok" | "low" | "full";

export interface Disk {
  freeBytes: number;
  totalBytes: number;
  /** `low`: the oldest raw readings go before the disk is full. */
  state: DiskState;
}

const mega = 1024 * 1024;
/** Room kept back, or a share of a small disk: deleting and checkpointing need some. */
const reserve = { bytes: 8 * mega, share: 0.1 };
/** Below this the hub makes room by itself, before writes fail. */
const low = { bytes: 32 * mega, share: 0.05 };
/** With so much free, no reserve is needed yet: writing it would only wear the card. */
const plentyBytes = 1024 * mega;
const block = new Uint8Array(64 * 1024);

/** Gives the room kept back in a data folder to the disk. */
export function releaseReserve(folder: string): void {
  rmSync(reserveFile(folder), { force: true });
}

function reserveFile(folder: string): string {
  return path.join(folder, "reserve");
}

export function createDiskGuard(folder: string) {
  const file = reserveFile(folder);
  /** Writing has failed for want of room. */
  let isFull = false;

  function look(): Disk {
    const { bavail, blocks, bsize } = statfsSync(folder);
    const [freeBytes, totalBytes] = [bavail * bsize, blocks * bsize];
    const lowBytes = Math.min(low.bytes, totalBytes * low.share);
    return { freeBytes, totalBytes, state: isFull ? "full" : freeBytes < lowBytes ? "low" : "ok" };
  }

  return {
    look,
    /** Keeps the reserve on a disk that may soon be full, while there is room for it and for as much again. */
    keepReserve(): void {
      const { freeBytes, totalBytes } = look();
      if (freeBytes > plentyBytes) return;
      const wanted = Math.floor(Math.min(reserve.bytes, totalBytes * reserve.share));
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= wanted || freeBytes < 3 * wanted) return;
      try {
        writeFileSync(file, ""); // written, not just lengthened: a file of holes keeps no room
        for (let size = 0; size < wanted; size += block.length) writeFileSync(file, block, { flag: "a" });
      } catch {
        rmSync(file, { force: true });
      }
    },
    /** Gives the reserve back to the disk. */
    releaseReserve: () => releaseReserve(folder),
    setFull(full: boolean): void {
      isFull = full;
    },
  };
}
