/** Plays a recording to a broker, as fast as it takes it or at a multiple of real time. */

import type { Step } from "./recording.ts";
import type { Sender } from "./sender.ts";

export interface Played {
  rows: number;
  messages: number;
  firstMs?: number;
  lastMs?: number;
}

interface PlayOptions {
  steps: AsyncIterable<Step>;
  sender: Pick<Sender, "send" | "flush">;
  /** Times real time; 0 is as fast as possible. */
  speed: number;
  limit: number;
  /** Ends the playing after the row in hand. */
  stop: AbortSignal;
  onProgress(played: Played): void;
}

/** Resolves when everything is acknowledged. */
export async function play({ steps, sender, speed, limit, stop, onProgress }: PlayOptions): Promise<Played> {
  const played: Played = { rows: 0, messages: 0 };
  const untilDue = createPace(speed, stop);
  for await (const { timeMs, messages } of steps) {
    if (played.rows >= limit) break;
    if (timeMs !== undefined) await untilDue(timeMs);
    if (stop.aborted) break;
    for (const message of messages) await sender.send(message);
    played.rows += 1;
    played.messages += messages.length;
    if (timeMs !== undefined) {
      played.firstMs = Math.min(played.firstMs ?? timeMs, timeMs);
      played.lastMs = Math.max(played.lastMs ?? timeMs, timeMs);
    }
    onProgress(played);
  }
  await sender.flush();
  return played;
}

function createPace(speed: number, stop: AbortSignal): (timeMs: number) => Promise<void> {
  let origin: { timeMs: number; clockMs: number } | undefined;
  return async (timeMs) => {
    if (speed === 0) return;
    origin ??= { timeMs, clockMs: performance.now() };
    const dueMs = origin.clockMs + (timeMs - origin.timeMs) / speed;
    // A timer holds 24 days at most; longer gaps are waited for in parts.
    for (let leftMs = dueMs - performance.now(); leftMs > 0 && !stop.aborted; leftMs = dueMs - performance.now()) {
      await sleep(Math.min(leftMs, 60_000), stop);
    }
  };
}

async function sleep(ms: number, stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const timer = setTimeout(wake, ms);
  stop.addEventListener("abort", wake, { once: true });
  await promise;
  clearTimeout(timer);
  stop.removeEventListener("abort", wake);
}
