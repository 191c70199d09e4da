/** How long to wait before a broker is tried again. */

const shortestMs = 1_000;
const longestMs = 120_000;

/**
 * Milliseconds from 1 s to 2 min: twice as long after each failure, less up to a half by chance, so that the clients of a
 * broker that comes back do not all come at once. `failures` counts from 0, `chance` is from 0 to 1.
 */
export function retryDelayMs(failures: number, chance: number): number {
  const fullMs = Math.min(longestMs, 2 * shortestMs * 2 ** Math.min(failures, 30));
  return Math.round(fullMs / 2 + (chance * fullMs) / 2);
}
