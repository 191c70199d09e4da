/** Spans of instants, and where they lie in a column of rising times. */
import type { Cycle } from "./cycle.ts";

export interface Window {
  startMs: number;
  endMs: number;
}

/** The instants at which the dates of a span begin and end. */
export function windowOf({ start, end }: Cycle, timeZone: string): Window {
  const midnight = (date: string) => Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds;
  return { startMs: midnight(start), endMs: midnight(end) };
}

/** The index of the first time at or after the instant. */
export function firstFrom(times: ArrayLike<number>, timeMs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
