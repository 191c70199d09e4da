/** How long publishers wait for subscribers that are slower than they: a moment, so that nothing is lost in a burst. */

/** A subscriber that has not caught up for so long is not waited for again: it must not hold up the meters. */
const patienceMs = 1_000;
const checkIntervalMs = 250;

/** A queue of a subscriber: of its messages of QoS 0, or of the others. */
export interface Waiting {
  /** Nobody waits for it any more. */
  giveUp(): void;
}

/** A connection that is looked after. */
export interface Watched {
  /** True when it is to be dropped. */
  isStuck(nowMs: number): boolean;
  drop(): void;
}

export type Backlog = ReturnType<typeof createBacklog>;

/** Watches the queues of all subscribers. `onCaughtUp` is called when nobody is behind any more. */
export function createBacklog(options: { onCaughtUp(): void }) {
  const watched = new Set<Watched>();
  const behindSinceMs = new Map<Waiting, number>();
  const timer = setInterval(check, checkIntervalMs).unref();

  function check(): void {
    const nowMs = performance.now();
    for (const [queue, sinceMs] of behindSinceMs) if (nowMs - sinceMs > patienceMs) queue.giveUp();
    for (const one of watched) if (one.isStuck(nowMs)) one.drop();
  }

  return {
    watch: (one: Watched) => void watched.add(one),
    unwatch: (one: Watched) => void watched.delete(one),
    add: (queue: Waiting) => void behindSinceMs.set(queue, performance.now()),
    remove(queue: Waiting): void {
      if (behindSinceMs.delete(queue) && behindSinceMs.size === 0) options.onCaughtUp();
    },
    /** Publishers are not read while a subscriber is behind. */
    isAnyBehind: () => behindSinceMs.size > 0,
    close: () => clearInterval(timer),
  };
}
