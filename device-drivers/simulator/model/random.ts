/** Chance without state: the same seed and place always give the same number, so a restart continues the same home. */

const uint32 = 2 ** 32;

/** Mixes integers into 32 well-spread bits (the finaliser of MurmurHash3). */
export function hash(seed: number, x: number, y = 0): number {
  let h = (seed ^ Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A seed of its own for each use, so that adding one appliance leaves all others as they were. */
export function seedFor(seed: number, label: string): number {
  let h = seed | 0;
  for (const character of label) h = hash(h, character.codePointAt(0) ?? 0);
  return h | 0;
}

/** From 0 up to, not including, 1. */
export function chanceAt(seed: number, x: number, y = 0): number {
  return hash(seed, x, y) / uint32;
}

/** Noise from -1 to 1 that passes smoothly through one random value at each integer `x`. */
export function smooth(seed: number, x: number): number {
  const left = Math.floor(x);
  const t = x - left;
  const a = chanceAt(seed, left);
  const b = chanceAt(seed, left + 1);
  return 2 * (a + (b - a) * t * t * (3 - 2 * t)) - 1;
}

export interface Random {
  between(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
}

/** A sequence that depends on its seed alone (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / uint32;
  };
  return {
    between: (low, high) => low + (high - low) * next(),
    whole: (low, high) => low + Math.floor((high - low + 1) * next()),
    chance: (probability) => next() < probability,
  };
}
