/** When a reading was taken: by the meter's own clock where that is believable, else when its message arrived. */
import type { MeterTime } from "@faiban/device-drivers";
import type { Series } from "../model.ts";

/** Before this a clock has never been set: ESP chips start in 1970 or 2000. */
const earliestMs = Date.UTC(2002, 0, 1);
/** A meter's clock may run ahead by so much. */
const aheadMs = 60_000;

/**
 * Epoch milliseconds. A wall-clock time of unknown zone is not used: an unset zone would be hours off,
 * while the arrival is late by milliseconds.
 */
export function readingTime(time: MeterTime | undefined, arrivalMs: number): { timeMs: number; isClockWrong: boolean } {
  if (!time || !("timeMs" in time)) return { timeMs: arrivalMs, isClockWrong: false };
  const timeMs = Math.round(time.timeMs);
  if (timeMs < earliestMs || timeMs > arrivalMs + aheadMs) return { timeMs: arrivalMs, isClockWrong: true };
  return { timeMs, isClockWrong: false };
}

/** Messages that arrive so close together came in one burst. */
const burstMs = 1_000;

/**
 * The time of a reading in its series. Two messages that the network delivered in one burst have one arrival time,
 * though they are two readings: the later one counts as a moment later. A meter's own time stays as it is.
 */
export function distinctTime(series: Series, timeMs: number, arrivalMs: number): number {
  const lastMs = series.latest?.timeMs;
  if (timeMs !== arrivalMs || lastMs === undefined) return timeMs;
  return timeMs <= lastMs && lastMs - timeMs < burstMs ? lastMs + 1 : timeMs;
}
