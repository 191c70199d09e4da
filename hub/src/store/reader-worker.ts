/** A thread that reads the database for what takes long: charts of months of raw readings, exports. It never writes. */
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { downsample } from "../energy/downsample.ts";
import { chunkTable } from "./chunks.ts";
import type { ReaderAnswer, ReaderRequest } from "./reader.ts";

/** So many chunks at a time: about 180,000 readings, 3 MB. */
const chunksAPage = 50;

const db = new Database(workerData as string, { readonly: true, fileMustExist: true });
const damaged: string[] = [];
const chunks = chunkTable(db, ({ seriesId, reason }) => damaged.push(`readings of series ${seriesId}: ${reason}`));

/** In one transaction: the hub may write the chunks anew between looking them up and reading them. */
const readAtOnce = db.transaction(read);

parentPort?.on("message", ({ id, ...request }: ReaderRequest) => {
  try {
    answer({ id, ...readAtOnce(request), damaged: damaged.splice(0) });
  } catch (error) {
    answer({ id, failed: (error as Error).message });
  } finally {
    chunks.forget(); // another thread may write the chunks anew before the next request
  }
});

function read({ seriesId, fromMs, toMs, spans }: Omit<ReaderRequest, "id">) {
  const parts = chunks.range(seriesId, fromMs, toMs);
  if (spans) return { rollups: downsample(parts, spans) };
  const page = parts.take(chunksAPage).toArray();
  const lastMs = page.at(-1)?.times.at(-1);
  const isMore = page.length === chunksAPage && lastMs !== undefined;
  // Copies: the parts share memory with what the table keeps decoded.
  const copies = page.map(({ times, values, length }) => ({ times: times.slice(), values: values.slice(), length }));
  return { page: copies, nextMs: isMore ? lastMs + 1 : null };
}

function answer(message: ReaderAnswer): void {
  parentPort?.postMessage(message, memoryOf(message));
}

/** What is handed over instead of copied. */
function memoryOf(message: ReaderAnswer): ArrayBuffer[] {
  const columns = "page" in message ? message.page.flatMap(({ times, values }) => [times, values]) : [];
  if ("rollups" in message) columns.push(message.rollups.startMs); // its columns share their memory
  return columns.map(({ buffer }) => buffer as ArrayBuffer);
}
