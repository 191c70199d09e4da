/**
 * A copy on disk of what the broker keeps in memory (retained messages, persistent sessions), written behind: nobody
 * waits for it, and an error of the database costs the copy, never a message on its way.
 *
 * Writes are begun at once, so that what was written survives the end of the process; they are forced to the device
 * every few seconds, because each time wears an SD card.
 */
import type { Level } from "level";
import type { Log } from "../log.ts";

const syncIntervalMs = 5_000;
const retryMs = 10_000;
const mostPerBatch = 500;
/** What is stored is of this form; of another one nothing is read. */
const format = { key: "format", value: Buffer.from("2") };

export type Mirror = Awaited<ReturnType<typeof openMirror>>;
/** Makes the value when it is written; null when it is gone. */
type Value = (() => Buffer) | null;

/** Opens the copy. `level` stays its owner's, who closes it after `close`. */
export async function openMirror({ level, log }: { level: Level; log: Log }) {
  /** Of each key the newest value, which is what is written: a queue of states and not of changes. */
  const dirty = new Map<string, Value>();
  /** What may be on the disk: only that needs to be removed from there, so that a disk that fails fills no memory. */
  const stored = new Set<string>();
  let writing: Promise<void> | null = null;
  let isScheduled = false;
  let isFailing = false;
  let isClosed = false;
  let syncedMs = performance.now();
  let timer: NodeJS.Timeout | null = null;
  await checkFormat();

  async function checkFormat(): Promise<void> {
    try {
      const stored = await level.get<string, Buffer>(format.key, { valueEncoding: "buffer" });
      if (stored?.equals(format.value)) return;
      await level.clear();
      await level.put<string, Buffer>(format.key, format.value, { valueEncoding: "buffer" });
    } catch (error) {
      log.warn(`The broker's memory on disk does not work: ${messageOf(error)}`);
    }
  }

  /** All that is stored under keys with a prefix (it ends with ":"), in their order; ends early where there is damage. */
  async function* read(prefix: string): AsyncGenerator<{ key: string; value: Buffer }> {
    try {
      const range = { gte: prefix, lt: `${prefix.slice(0, -1)};` }; // ";" comes right after ":"
      for await (const [key, value] of level.iterator<string, Buffer>({ ...range, valueEncoding: "buffer" })) {
        stored.add(key);
        yield { key, value };
      }
    } catch (error) {
      log.warn(`A part of the broker's memory could not be read: ${messageOf(error)}`);
    }
  }

  function set(key: string, value: Value): void {
    dirty.set(key, value);
    if (isScheduled || writing || isFailing) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      begin();
    });
  }

  function begin(): void {
    writing ??= writeAll().finally(() => {
      writing = null;
    });
  }

  async function writeAll(): Promise<void> {
    try {
      while (dirty.size > 0) await writeSome();
      isFailing = false;
      if (!isClosed) later(syncIntervalMs, sync);
    } catch (error) {
      if (!isFailing) log.warn(`The broker's memory could not be written: ${messageOf(error)}`);
      isFailing = true;
      if (!isClosed) later(retryMs, begin);
    }
  }

  async function writeSome(): Promise<void> {
    const taken = [...dirty.entries().take(mostPerBatch)];
    for (const [key, value] of taken) {
      dirty.delete(key);
      if (value) stored.add(key);
    }
    try {
      await level.batch<string, Buffer>(
        taken.map(([key, value]) => (value ? { type: "put", key, value: value() } : { type: "del", key })),
        { valueEncoding: "buffer", sync: isSyncDue() },
      );
      for (const [key, value] of taken) if (!value && !dirty.has(key)) stored.delete(key);
    } catch (error) {
      for (const [key, value] of taken) if (!dirty.has(key)) dirty.set(key, value);
      throw error;
    }
  }

  function isSyncDue(): boolean {
    const nowMs = performance.now();
    const isDue = isClosed || nowMs - syncedMs >= syncIntervalMs;
    if (isDue) syncedMs = nowMs;
    return isDue;
  }

  /** Forces to the device what was written since it was last done; any synchronous write does. */
  function sync(): void {
    syncedMs = Number.NEGATIVE_INFINITY;
    dirty.set(format.key, () => format.value);
    writing ??= writeSome()
      .catch(() => {}) // the next write tells
      .finally(() => {
        writing = null;
        if (dirty.size > 0) begin();
      });
  }

  function later(ms: number, act: () => void): void {
    timer ??= setTimeout(() => {
      timer = null;
      act();
    }, ms).unref();
  }

  return {
    read,
    /** Keeps a value under a key; it is asked for when it is written. */
    put: (key: string, value: () => Buffer) => set(key, value),
    remove(key: string): void {
      if (stored.has(key)) set(key, null);
      else dirty.delete(key);
    },
    /** Keys whose values are still to be written. */
    pending: () => dirty.size,
    /** Writes the rest, as far as it can be written. */
    async close(): Promise<void> {
      isClosed = true;
      if (timer) clearTimeout(timer);
      await writing;
      if (dirty.size === 0) dirty.set(format.key, () => format.value);
      await writeAll();
    },
  };
}

function messageOf(error: unknown): string {
  const cause = (error as { cause?: Error }).cause;
  return cause?.message ?? (error as Error).message;
}

/** A value with bytes behind it. */
export function encodeRecord(head: object, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), payload]);
}

/** The opposite; null for what is damaged. */
export function decodeRecord<T>(value: Buffer): { head: T; payload: Buffer } | null {
  const end = value.indexOf("\n");
  try {
    return { head: JSON.parse(value.toString("utf8", 0, end)) as T, payload: Buffer.from(value.subarray(end + 1)) };
  } catch {
    return null;
  }
}
