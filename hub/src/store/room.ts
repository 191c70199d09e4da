/** Room on the disk: what is too old goes, and on a full disk the oldest raw readings, never rollups. */
import type { Series } from "../model.ts";
import type { Db } from "./database.ts";
import { createDiskGuard } from "./disk.ts";
import type { RetentionRules } from "./retention.ts";

export interface RoomOptions {
  db: Db;
  folder: string;
  retention: RetentionRules;
  series(): Iterable<Series>;
  /** Epoch milliseconds, null while the true time is not known: nothing is deleted for its age then. */
  knownTimeMs(): number | null;
  /** Old readings were deleted to make room, as a sentence. */
  onMade(what: string): void;
  onFailed(error: Error): void;
}

export type Room = ReturnType<typeof createRoom>;

/** What is too old is deleted this often, a little at a time. */
const everyMs = 3600_000;
const stepMs = 50;
const firstMs = 60_000;
/** Pages of the database that stand free while the disk is low, so that it need not grow: 1 MB, or a share of a small one. */
const free = { pages: 256, share: 0.125 };
/** With fewer, a commit that seals may fail for want of them (256 KB). */
const leastPages = 64;

export function createRoom({ db, folder, retention, series, knownTimeMs, onMade, onFailed }: RoomOptions) {
  const disk = createDiskGuard(folder);
  disk.keepReserve();
  let timer = setTimeout(enforce, firstMs);

  function enforce(): void {
    const nowMs = knownTimeMs();
    let isMore = false;
    try {
      isMore = nowMs !== null && retention.enforce(series(), nowMs);
      if (!isMore) disk.keepReserve();
    } catch (error) {
      onFailed(error as Error);
    }
    timer = setTimeout(enforce, isMore ? stepMs : everyMs);
  }

  function hasFreePages(count: number): boolean {
    return (db.pragma("freelist_count", { simple: true }) as number) >= count;
  }

  /** On a disk that is nearly full the database does not grow any more. */
  function keepPagesFree(): void {
    const pages = Math.min(free.pages, (db.pragma("page_count", { simple: true }) as number) * free.share);
    if (hasFreePages(pages) || !retention.removeOldest(series())) return;
    while (!hasFreePages(pages) && retention.removeOldest(series()));
    onMade("The disk is nearly full: the oldest raw readings were deleted to make room, their energy and minutes stay");
  }

  return {
    disk: disk.look,
    /** Looks at the disk, and makes room before it is full. */
    look(): void {
      try {
        if (disk.look().state === "ok") disk.keepReserve();
        else keepPagesFree();
      } catch (error) {
        if (!isDiskFull(error)) throw error; // the next commit makes room
      }
    },
    /**
     * Makes room after a write has failed for want of it. The reserve is room on the disk, and so is the log, which is
     * begun anew in its place: what it gave back, others would take. What is deleted is pages within the database, and
     * only helps when those are short.
     */
    make(): void {
      disk.setFull(true);
      disk.releaseReserve(); // deleting needs a little room itself
      db.pragma("wal_checkpoint(RESTART)");
      if (hasFreePages(leastPages) || !retention.removeOldest(series())) return;
      db.pragma("wal_checkpoint(RESTART)");
      onMade("The disk is full: the oldest raw readings were deleted to make room, their energy and minutes stay");
    },
    onWritten: () => disk.setFull(false),
    enforceSoon(): void {
      clearTimeout(timer);
      timer = setTimeout(enforce, stepMs);
    },
    stop: () => clearTimeout(timer),
  };
}

export function isDiskFull(error: unknown): boolean {
  return (error as { code?: string }).code === "SQLITE_FULL";
}
