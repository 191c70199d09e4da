/** Streams that are at rest when their promise settles. */
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Runs a source through a transform into a sink. Unlike a pipeline that ends in the sink, it settles only once the sink has
 * let go of its file, also when it is aborted. Rejects with the signal's reason, else with what failed first.
 */
export async function through<T>(
  source: AsyncIterable<Buffer>,
  transform: Duplex,
  sink: (output: AsyncIterable<Buffer>) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const feeding = pipeline(source, transform, signal ? { signal } : {});
  const [fed, sunk] = await Promise.allSettled([feeding, sink(transform)]);
  signal?.throwIfAborted();
  if (fed.status === "fulfilled" && sunk.status === "fulfilled") return sunk.value;
  const errors = [fed, sunk].flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  // One side's failure closes the other, which then only says so.
  throw errors.find((error) => !closed.includes(error.code)) ?? errors[0];
}

const closed: unknown[] = ["ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"];
