const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the n-th try (from 0): doubling to 30 s, and between half and all of it by chance,
 * so that a household's phones do not all knock in the same instant when the hub is back.
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(full * (0.5 + random / 2));
}
