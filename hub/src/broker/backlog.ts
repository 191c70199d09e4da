/** How long publishers wait for subscribers that are slower than they: a moment, so that nothing is lost in a burst. */
import type { Outbox } from "./outbox.ts";

/** A subscriber that has not caught up for so long is not waited for again: it must not hold up the meters. */
const patienceMs = 1_000;
/** A subscriber that takes nothing for so long is dropped. */
export const drainTimeoutMs = 5_000;
const checkIntervalMs = 250;

export type Backlog = ReturnType<typeof createBacklog>;

/** Watches the outboxes of all connections. `onCaughtUp` is called when nobody is behind any more. */
export function createBacklog(options: { onCaughtUp(): void }) {
  const watched = new Map<Outbox, () => void>();
  const behindSinceMs = new Map<Outbox, number>();
  const timer = setInterval(check, checkIntervalMs).unref();

  function check(): void {
    const nowMs = performance.now();
    for (const [outbox, sinceMs] of behindSinceMs) if (nowMs - sinceMs > patienceMs) outbox.giveUp();
    for (const [outbox, drop] of watched) {
      const sinceMs = outbox.writingSinceMs();
      if (sinceMs !== null && nowMs - sinceMs > drainTimeoutMs) drop();
    }
  }

  return {
    watch: (outbox: Outbox, drop: () => void) => void watched.set(outbox, drop),
    unwatch: (outbox: Outbox) => void watched.delete(outbox),
    add: (outbox: Outbox) => void behindSinceMs.set(outbox, performance.now()),
    remove(outbox: Outbox): void {
      if (behindSinceMs.delete(outbox) && behindSinceMs.size === 0) options.onCaughtUp();
    },
    /** Publishers are not read while a subscriber is behind. */
    isAnyBehind: () => behindSinceMs.size > 0,
    close: () => clearInterval(timer),
  };
}
