/** The hub's end of the reading thread (reader-worker.ts): started when needed, ended when idle. */
import { Worker } from "node:worker_threads";
import type { Spans } from "../energy/downsample.ts";
import type { Readings } from "../energy/readings.ts";
import { emptyColumns, type RollupColumns } from "../energy/rollup-columns.ts";

export interface ReaderRequest {
  id: number;
  seriesId: number;
  fromMs: number;
  toMs: number;
  /** What to sum them up by; null asks for the readings themselves, a page at a time. */
  spans: Spans | null;
}

export type ReaderAnswer =
  | { id: number; rollups: RollupColumns; damaged: string[] }
  | { id: number; page: Readings[]; nextMs: number | null; damaged: string[] }
  | { id: number; failed: string };

export type Reader = ReturnType<typeof createReader>;

/** An idle thread costs some 15 MB. */
const idleMs = 30_000;

/** `onDamage` is told what could not be read. */
export function createReader(file: string, onDamage: (what: string) => void) {
  const waiting = new Map<number, { resolve(answer: ReaderAnswer): void; reject(error: Error): void }>();
  let worker: Worker | null = null;
  let nextId = 1;
  let idleTimer: NodeJS.Timeout | null = null;

  function ask(request: Omit<ReaderRequest, "id">): Promise<ReaderAnswer> {
    const id = nextId++;
    const answered = new Promise<ReaderAnswer>((resolve, reject) => waiting.set(id, { resolve, reject }));
    if (idleTimer) clearTimeout(idleTimer);
    worker ??= start();
    worker.postMessage({ id, ...request } satisfies ReaderRequest);
    return answered;
  }

  function start(): Worker {
    const started = new Worker(new URL("./reader-worker.ts", import.meta.url), { workerData: file });
    started.on("message", take);
    started.on("error", (error) => end(started, error as Error));
    started.on("exit", () => end(started, new Error("The reading thread has ended")));
    return started;
  }

  function take(answer: ReaderAnswer): void {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) idleTimer = setTimeout(rest, idleMs).unref();
    if ("failed" in answer) asked?.reject(new Error(answer.failed));
    else {
      for (const what of answer.damaged) onDamage(what);
      asked?.resolve(answer);
    }
  }

  /** Ends the idle thread; the next request starts another. */
  function rest(): void {
    const idle = worker;
    worker = null;
    void idle?.terminate();
  }

  function end(ended: Worker, error: Error): void {
    if (worker !== ended) return;
    worker = null;
    for (const asked of waiting.values()) asked.reject(error);
    waiting.clear();
  }

  return {
    /** Sealed readings as a rollup a span. */
    async downsample(seriesId: number, fromMs: number, toMs: number, spans: Spans): Promise<RollupColumns> {
      const answer = await ask({ seriesId, fromMs, toMs, spans });
      return "rollups" in answer ? answer.rollups : emptyColumns();
    },
    /** Sealed readings in order of time, in parts of at most a chunk. */
    async *readings(seriesId: number, fromMs: number, toMs: number): AsyncGenerator<Readings> {
      for (let next: number | null = fromMs; next !== null; ) {
        const answer: ReaderAnswer = await ask({ seriesId, fromMs: next, toMs, spans: null });
        if (!("page" in answer)) return;
        yield* answer.page;
        next = answer.nextMs;
      }
    },
    async close(): Promise<void> {
      if (idleTimer) clearTimeout(idleTimer);
      await worker?.terminate();
    },
  };
}
