/** Counts failed attempts, and makes whoever fails wait longer each time. */

export interface AttemptRules {
  /** So many failures cost nothing: people mistype. */
  free: number;
  longestWaitMs: number;
}

/** Failures are forgotten after this long without another. */
const forgetMs = 60 * 60_000;
/** More keys than a home has addresses and names; the oldest are dropped. */
const mostKeys = 10_000;

export type Attempts = ReturnType<typeof createAttempts>;

/** Attempts by key, such as an address or a name; `nowMs` is a clock that never goes back. */
export function createAttempts({ free, longestWaitMs }: AttemptRules, nowMs: () => number = () => performance.now()) {
  const failures = new Map<string, { count: number; lastMs: number }>();

  return {
    /** How long the key must wait before its next attempt, in milliseconds; 0 when it may try now. */
    waitMs(key: string): number {
      const known = failures.get(key);
      if (!known || known.count < free) return 0;
      const waitMs = Math.min(longestWaitMs, 1_000 * 2 ** (known.count - free));
      return Math.max(0, known.lastMs + waitMs - nowMs());
    },
    fail(key: string): void {
      const known = failures.get(key);
      const isFresh = known !== undefined && nowMs() - known.lastMs < forgetMs;
      failures.delete(key); // the newest is last
      failures.set(key, { count: isFresh ? known.count + 1 : 1, lastMs: nowMs() });
      for (const oldest of failures.keys()) {
        if (failures.size <= mostKeys) break;
        failures.delete(oldest);
      }
    },
    succeed: (key: string) => void failures.delete(key),
  };
}
