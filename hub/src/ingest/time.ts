/** When a reading was taken: by the meter's own clock where that is believable, else when its message arrived. */
import type { MeterTime } from "@faiban/device-drivers";
import type { Series } from "../model.ts";

/** Before this a clock has never been set: ESP chips start in 1970 or 2000. */
const earliestMs = Date.UTC(2002, 0, 1);
/** While the hub does not know the time, a meter's may be any up to this. */
const farthestMs = Date.UTC(2100, 0, 1);
/** A meter's clock may run ahead by so much. */
const aheadMs = 60_000;

export interface ReadingTime {
  /** Epoch milliseconds. */
  timeMs: number;
  /** It is the meter's own time, not that of the arrival. */
  isOwn: boolean;
  /** The meter sent a time that cannot be. */
  isClockWrong: boolean;
}

/**
 * Epoch milliseconds. A wall-clock time of unknown zone is not used: an unset zone would be hours off,
 * while the arrival is late by milliseconds.
 */
export function readingTime(time: MeterTime | undefined, arrivalMs: number, isArrivalKnown = true): ReadingTime {
  if (!time || !("timeMs" in time)) return { timeMs: arrivalMs, isOwn: false, isClockWrong: false };
  const timeMs = Math.round(time.timeMs);
  const latestMs = isArrivalKnown ? arrivalMs + aheadMs : farthestMs;
  const isClockWrong = timeMs < earliestMs || timeMs > latestMs;
  return { timeMs: isClockWrong ? arrivalMs : timeMs, isOwn: !isClockWrong, isClockWrong };
}

/** A burst's readings, a millisecond each, may run so far ahead of their arrival: 60,000 messages of one meter. */
const burstMs = 60_000;

/**
 * The time of a reading that is stamped on arrival, in its series. Two messages that the network delivered in one burst
 * have one arrival time, though they are two readings: the later one counts as a moment later.
 */
export function distinctTime(series: Series, arrivalMs: number): number {
  const lastMs = series.latest?.timeMs;
  return lastMs !== undefined && arrivalMs <= lastMs && lastMs - arrivalMs < burstMs ? lastMs + 1 : arrivalMs;
}
