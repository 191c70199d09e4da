/** Which activities share a table: one for each predicts best, but every table must be written. */
import { bitsPerEntry } from "./frequencies.ts";
import { activities, activityOf, alphabetSize } from "./tokens.ts";

/** One bit between each activity and the next: set where a new table begins. */
export type Joins = number;
/** How many bits joins have. */
export const joinsBits = activities - 1;

/** The table of each activity, counted from 0. */
export function tableOfActivity(joins: Joins): number[] {
  const result = [0];
  for (let bit = 0; bit < joinsBits; bit++) result.push(result[bit]! + ((joins >> bit) & 1));
  return result;
}

/** Counts of tokens by the activity of the token before; the first follows on a run. */
export function countByActivity(tokens: Uint8Array): Uint32Array[] {
  const counts = new Uint32Array(activities * alphabetSize);
  let start = 0;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!;
    counts[start + token] = counts[start + token]! + 1;
    start = activityOf[token]! * alphabetSize;
  }
  return Array.from({ length: activities }, (_, activity) =>
    counts.subarray(activity * alphabetSize, (activity + 1) * alphabetSize),
  );
}

/** The counts of each table that the activities form. */
export function joinCounts(counts: readonly Uint32Array[], joins: Joins): Uint32Array[] {
  const tableOf = tableOfActivity(joins);
  const result = Array.from({ length: (tableOf.at(-1) as number) + 1 }, () => new Uint32Array(alphabetSize));
  counts.forEach((own, activity) => {
    const sum = result[tableOf[activity]!] as Uint32Array;
    for (let token = 0; token < alphabetSize; token++) sum[token] = sum[token]! + own[token]!;
  });
  return result;
}

/** The joins of the fewest bits, tables and tokens together. */
export function cheapestJoins(counts: readonly Uint32Array[]): Joins {
  // Many joins have tables in common, from one activity up to another.
  const costs = counts.map((own, from) => {
    const sum = own.slice();
    return counts.slice(from).map((more, index) => {
      if (index > 0) for (let token = 0; token < alphabetSize; token++) sum[token] = sum[token]! + more[token]!;
      return costBits(sum);
    });
  });
  let best = { joins: 0, bits: Number.POSITIVE_INFINITY };
  for (let joins = 0; joins < 2 ** joinsBits; joins++) {
    let bits = 0;
    let from = 0;
    for (let to = 0; to < activities; to++) {
      if (to < joinsBits && ((joins >> to) & 1) === 0) continue;
      bits += costs[from]?.[to - from] as number;
      from = to + 1;
    }
    if (bits < best.bits) best = { joins, bits };
  }
  return best.joins;
}

/** What tokens of these counts cost together with their table, without their own bits. */
export function costBits(counts: Uint32Array): number {
  let total = 0;
  let bits = 0;
  for (let token = 0; token < counts.length; token++) {
    const count = counts[token]!;
    if (count === 0) continue;
    total += count;
    bits += bitsPerEntry - count * Math.log2(count);
  }
  return total === 0 ? 0 : bits + total * Math.log2(total);
}
