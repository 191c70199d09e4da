/** Hands a database to a thread of its own, so that neither copying nor checking it stops the event loop. */
import path from "node:path";
import { Worker } from "node:worker_threads";
import { damagedDatabase, diskError } from "./errors.ts";
import type { OnProgress } from "./progress.ts";

/** What the thread does: copies `source` (when not null) over the empty `file`, then checks `file`. */
export interface DatabaseJob {
  source: string | null;
  file: string;
  /** The master key that the database's secrets are sealed with, to be put into the copy; null when it has none. */
  masterKey?: string | null;
}

/** What a database that was found whole says about itself. */
export interface DatabaseFacts {
  schemaVersion: number;
  meters: number;
  bytes: number;
}

export type DatabaseMessage =
  | { progress: { done: number; total: number } }
  | { facts: DatabaseFacts }
  | { failed: { code: string; message: string } };

/**
 * Runs the job. Rejects with HubError (DATABASE_DAMAGED, DATA_UNWRITABLE), or with the signal's reason once the thread
 * has let go of its files: between two steps of copying, but only at the end of a check.
 */
export async function runDatabaseJob(
  job: DatabaseJob,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined },
): Promise<DatabaseFacts> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./database-worker.ts", import.meta.url), { workerData: job });
  const stop = () => worker.postMessage("stop");
  signal?.addEventListener("abort", stop);
  try {
    const facts = await finished(worker, job, onProgress);
    signal?.throwIfAborted();
    return facts;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function finished(worker: Worker, job: DatabaseJob, onProgress: OnProgress | undefined): Promise<DatabaseFacts> {
  return new Promise((resolve, reject) => {
    let result: (() => void) | undefined;
    worker.on("message", (message: DatabaseMessage) => {
      if ("progress" in message) onProgress?.({ phase: "copy", ...message.progress });
      else if ("facts" in message) result = () => resolve(message.facts);
      else result = () => reject(failure(job, message.failed));
    });
    worker.on("error", reject);
    worker.on("exit", (code) => (result ? result() : reject(new Error(`The thread ended with ${code}`))));
  });
}

function failure(job: DatabaseJob, { code, message }: { code: string; message: string }): Error {
  const cause = Object.assign(new Error(message), { code });
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damagedDatabase(message, cause);
  return diskError(path.dirname(job.file), cause);
}
