/** Commits: what was taken goes into the journal, what is due into chunks and rollup blocks, each in one transaction. */
import type { Calendar } from "../energy/calendar.ts";
import { readingAt } from "../energy/readings.ts";
import { HubError } from "../errors.ts";
import type { Channel, Meter, Series } from "../model.ts";
import { type Db, isDamage } from "./database.ts";
import type { JournalEntry } from "./journal.ts";
import type { Memory } from "./memory.ts";
import { redoWindow, restoreState, windowsAround } from "./redo.ts";
import { levels } from "./rollups.ts";
import { isDiskFull, type Room } from "./room.ts";
import { bringUp, joinSpans, noteCommitted, type SeriesBuffer, uncommitted } from "./series-buffer.ts";
import type { Tables } from "./tables.ts";

export interface CommitOptions {
  db: Db;
  tables: Tables;
  memory: Memory;
  room: Room;
  calendar: Calendar;
  /** Readings that nobody waits for are committed this often. */
  intervalMs: number;
  onFailed(error: HubError): void;
}

type Waiter = (error: HubError | null) => void;

/** Commit at once above so many readings that are not in the journal. */
const commitAt = 20_000;
/** In the middle of a turn above so many. */
const commitNowAt = 50_000;
/** Refuse readings above so many, when commits keep failing (about 4 MB). */
const mostUncommitted = 200_000;
/** Commits take at most a third of the time: a slow disk gets fewer and larger ones. */
const restPerCommit = 2;
/** But nobody waits longer than this for the next. */
const longestRestMs = 20;
/**
 * How long one commit may seal, so that acknowledgements do not wait; what is left comes with the next. More when memory
 * holds more than it should: then sealing must not be slower than what comes in.
 */
const sealSliceMs = 8;
const longestSealMs = 200;
/** Above this fullness of memory, sealing lags behind a flood. */
const floodedAt = 1.1;

export function createCommits({ db, tables, memory, room, calendar, intervalMs, onFailed }: CommitOptions) {
  /** With readings that are not in the journal. */
  let dirty: SeriesBuffer[] = [];
  let uncommittedReadings = 0;
  const changed = { meters: new Set<Meter>(), channels: new Set<Channel>(), series: new Set<Series>() };
  /** Held readings up to this record have been taken into their series: the next commit deletes them there. */
  let releasedId: number | null = null;
  let waiters: Waiter[] = [];
  let scheduled: { cancel(): void } | null = null;
  let nextCommitMs = 0;
  const timer = setInterval(tick, intervalMs);

  function append(series: Series, timeMs: number, value: number): boolean {
    if (uncommittedReadings >= mostUncommitted) throw backlog(uncommittedReadings);
    const buffer = memory.find(series) ?? memory.bufferOf(series);
    if (!memory.take(buffer, timeMs, value)) return false;
    if (!buffer.isDirty) {
      buffer.isDirty = true;
      dirty.push(buffer);
    }
    if (++uncommittedReadings >= commitAt) schedule();
    return true;
  }

  function whenDurable(done: Waiter): void {
    waiters.push(done);
    schedule();
  }

  /** One commit for everything that arrives in this turn of the event loop, or while the disk rests. */
  function schedule(): void {
    if (scheduled) return;
    const restMs = nextCommitMs - performance.now();
    if (restMs < 1) {
      const immediate = setImmediate(commitQuietly);
      scheduled = { cancel: () => clearImmediate(immediate) };
    } else {
      const timeout = setTimeout(commitQuietly, restMs);
      scheduled = { cancel: () => clearTimeout(timeout) };
    }
  }

  function tick(): void {
    memory.markOld(performance.now());
    room.look();
    commitQuietly();
  }

  function commitQuietly(): void {
    try {
      commit();
    } catch (error) {
      onFailed(error as HubError);
    }
  }

  function sealSlice(): number {
    return Math.min(longestSealMs, sealSliceMs * Math.max(1, memory.fullness() ** 3));
  }

  function commit(sealMs = sealSlice()): void {
    scheduled?.cancel();
    scheduled = null;
    const startedMs = performance.now();
    const waiting = waiters;
    waiters = [];
    memory.markDue(startedMs);
    try {
      if (hasWork()) writeWithRoom(startedMs + sealMs);
    } catch (cause) {
      const error = storeFailed(cause);
      for (const done of waiting) done(error);
      throw error;
    } finally {
      const endedMs = performance.now();
      nextCommitMs = endedMs + Math.min(longestRestMs, (endedMs - startedMs) * restPerCommit);
    }
    if (memory.due.size > 0) schedule();
    for (const done of waiting) done(null);
  }

  function hasWork(): boolean {
    const changes = changed.meters.size + changed.channels.size + changed.series.size;
    const seals = memory.due.size + memory.owed.size;
    return dirty.length + changes + seals > 0 || tables.held.hasFresh() || releasedId !== null;
  }

  /** Writes; on a full disk after making room. */
  function writeWithRoom(sealUntilMs: number): void {
    try {
      writeOrForget(sealUntilMs);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      room.make();
      writeOrForget(performance.now()); // without sealing what can wait, which needs more room
    }
    room.onWritten();
  }

  function writeOrForget(sealUntilMs: number): void {
    try {
      write(sealUntilMs);
    } catch (error) {
      tables.readings.forget(); // what it remembers was rolled back
      throw error;
    }
  }

  /** Writes it all in one transaction; memory changes only once that has succeeded. */
  function write(sealUntilMs: number): void {
    const sealed = new Set<SeriesBuffer>();
    // In a flood, sealing must not be slower than what comes in.
    tables.readings.setEffort(memory.fullness() > floodedAt ? "quick" : "thorough");
    let recordId: number | null = null;
    db.transaction(() => {
      for (const meter of changed.meters) tables.meters.saveMeter(meter);
      for (const channel of changed.channels) tables.meters.saveChannel(channel);
      for (const series of changed.series) tables.meters.saveSeries(series);
      if (releasedId !== null) tables.held.removeUpTo(releasedId); // what was added since is not in its series yet
      tables.held.write();
      for (const buffer of memory.owed) seal(buffer, sealed);
      for (const buffer of chosen(sealUntilMs)) if (!sealed.has(buffer)) seal(buffer, sealed);
      tables.readings.finish();
      const entries = dirty.filter((buffer) => !sealed.has(buffer)).flatMap(newEntries);
      if (entries.length > 0) recordId = tables.journal.append(entries);
      if (sealed.size > 0) tables.journal.removeBefore(firstNeededRecord(sealed, recordId));
    })();
    for (const buffer of dirty) {
      buffer.isDirty = false;
      if (sealed.has(buffer)) continue;
      buffer.firstRecordId ??= recordId;
      noteCommitted(buffer);
    }
    memory.sealed(sealed);
    tables.held.onWritten();
    releasedId = null;
    dirty = [];
    uncommittedReadings = 0;
    for (const set of Object.values(changed)) set.clear();
  }

  /** What is due, until the time is over; series measured together are sealed together, so that they share their times. */
  function* chosen(untilMs: number): Generator<SeriesBuffer> {
    let last: SeriesBuffer | null = null;
    for (const buffer of memory.due) {
      const isWithLast =
        last !== null && last.lastMs === buffer.lastMs && last.readings.length === buffer.readings.length;
      if (!isWithLast && performance.now() >= untilMs) return;
      yield buffer;
      last = buffer;
    }
  }

  function newEntries(buffer: SeriesBuffer): JournalEntry[] {
    return uncommitted(buffer).map((readings) => ({ seriesId: buffer.series.id, readings }));
  }

  /** Records before it hold only what is sealed. */
  function firstNeededRecord(sealed: ReadonlySet<SeriesBuffer>, recordId: number | null): number {
    let first = recordId ?? Number.MAX_SAFE_INTEGER;
    for (const buffer of memory.unsealed) {
      if (!sealed.has(buffer) && buffer.firstRecordId !== null) first = Math.min(first, buffer.firstRecordId);
    }
    return first;
  }

  function seal(buffer: SeriesBuffer, sealed: Set<SeriesBuffer>): void {
    const { series, late } = buffer;
    bringUp(buffer, calendar);
    tables.readings.append(series.id, buffer.readings);
    for (const level of levels) tables.rollups[level].add(series.id, buffer.rollups[level]);
    const added = tables.readings.insert(
      series.id,
      Array.from({ length: late.length }, (_, index) => readingAt(late, index)),
    );
    const windows = joinSpans([...buffer.redo, ...windowsAround(tables, series, added)]);
    for (const window of windows) redoWindow(tables, series, window, calendar);
    if (windows.length > 0) buffer.state = restoreState(tables, series, calendar);
    sealed.add(buffer);
  }

  return {
    /** Takes a reading to be stored with the next commit; false when the series has one of that time. */
    append,
    /** Calls back once everything appended so far is on the disk, or has failed to get there. */
    whenDurable,
    /**
     * Makes everything taken so far durable; tells those who wait for it. Seals what is due for as long as `sealMs`.
     * Throws HubError when the disk refuses.
     */
    commit,
    changed,
    /**
     * To be called between messages: a flood may bring more in one turn of the event loop than may wait, and then the turn
     * is interrupted by a commit. Not in the middle of a message, whose series are to be sealed together.
     */
    relieve(): void {
      if (uncommittedReadings >= commitNowAt) commitQuietly();
    },
    /** Readings that are not on the disk yet. */
    pending: () => uncommittedReadings,
    /** The last commit before a stop. */
    finish(): void {
      memory.markForStop(tables.damage.count > 0); // so that no damaged record stays in the journal
      commit(Number.POSITIVE_INFINITY);
    },
    /** Whether so much waits that a long run of readings should commit. */
    isLarge: () => uncommittedReadings >= commitAt,
    /** With the next commit, what was held up to this record is in its series. */
    noteReleased(recordId: number): void {
      releasedId = recordId;
    },
    stop(): void {
      clearInterval(timer);
      scheduled?.cancel();
    },
  };
}

function backlog(waiting: number): HubError {
  return new HubError(
    "STORE_BACKLOG",
    `${waiting} readings wait to be stored`,
    "See the log for why storing fails: most often the disk is full.",
  );
}

/** What a failure to write means to a person. */
function storeFailed(cause: unknown): HubError {
  const hint = isDamage(cause)
    ? "The database is damaged: restore a backup. Meters will send their readings again."
    : "Check that the disk is not full and that the data folder can be written. Meters will send their readings again.";
  return new HubError("STORE_FAILED", `Readings could not be stored: ${(cause as Error).message}`, hint, { cause });
}
