/**
 * A disk of some megabytes for one hub: a tmpfs in a mount namespace of its own, so that nothing of it stays when the
 * test ends, however it ends (unshare(1), namespaces(7)).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import path from "node:path";

export interface SmallDisk {
  /** The mounted folder as this process sees it. */
  folder: string;
  /** What a hub is run through, and its data folder there. */
  hub: { through: string[]; folder: string };
  freeBytes(): number;
  /** Takes all room but so many bytes. */
  fill(leaveBytes: number): void;
  /** Gives the room back. */
  empty(): void;
  close(): Promise<void>;
}

const pageBytes = 4096;

/** Mounts a disk on an empty folder; a sentence that says why when this machine does not allow it. */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk | string> {
  const script = `mount -t tmpfs -o size=${megabytes}m tmpfs "$1" && echo mounted && exec cat`;
  const namespaces = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"])];
  const holder = spawn("unshare", [...namespaces, "sh", "-c", script, "sh", folder], { stdio: "pipe" });
  let complaint = "";
  holder.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  const ended = once(holder, "close").catch((error: Error) => {
    complaint += error.message;
  });
  const isMounted = await Promise.race([once(holder.stdout, "data").then(() => true), ended.then(() => false)]);
  if (!isMounted) return `A small disk cannot be mounted here: ${complaint.trim()}`;

  const seen = path.join(`/proc/${holder.pid}/root`, folder);
  const ballast = path.join(seen, "ballast");
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(seen);
    return bavail * bsize;
  };
  const enter = ["nsenter", "--target", String(holder.pid), "--mount"];
  return {
    folder: seen,
    hub: { through: namespaces.includes("--user") ? [...enter, "--user", "--preserve-credentials"] : enter, folder },
    freeBytes,
    fill(leaveBytes) {
      const file = openSync(ballast, "a");
      const page = Buffer.alloc(pageBytes, 1);
      try {
        while (freeBytes() > leaveBytes) writeSync(file, page);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      } finally {
        closeSync(file);
      }
    },
    empty() {
      rmSync(ballast, { force: true });
    },
    async close() {
      holder.stdin.end();
      await ended;
    },
  };
}
