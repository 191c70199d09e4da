/** When the system's wall clock is believed. Pure rules; README.md of this folder lists the cases that they come from. */

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;

/** Less than this between wall clock and hub, in milliseconds, is absorbed unseen: a leap second is 1 s, and readings come about once a second. */
export const smallErrorMs = 2 * secondMs;

/**
 * How long an unsynchronized clock is not believed after a start, in milliseconds. After a power cut the home's router
 * needs minutes to be online, and systemd-timesyncd tries again each 30 s (ConnectionRetrySec, timesyncd.conf(5)).
 */
export const holdMs = 10 * minuteMs;

/** How long a synchronized clock must run evenly to be believed, in milliseconds: a client may set it twice in a row. */
export const confirmedSteadyMs = 5 * secondMs;

/** The same for an unconfirmed clock that went ahead, or that became plausible. */
export const forwardSteadyMs = 10 * secondMs;

/** The same for an unconfirmed clock that went back: following it lets old and new readings overlap. */
export const backwardSteadyMs = minuteMs;

/** The least time between two announced steps, in milliseconds, so that a clock that jumps to and fro makes no storm. */
export const stepIntervalMs = minuteMs;

/** A clock more than this ahead of what the hub knows, or a step larger than this, is doubtful, in milliseconds: hubs seldom rest for a year. */
export const doubtfulMs = 365 * dayMs;

/**
 * How far a saved clock may lag behind the newest reading, in milliseconds. fake-hwclock saves each hour and
 * systemd-timesyncd each minute (fake-hwclock(8), timesyncd.conf(5)); a day is generous. A clock that is further behind
 * was not restored from such a save: more likely the newest reading was stored while the clock was wrong.
 */
export const savedClockLagMs = dayMs;

/** What the hub sees of the clock at one look; times in epoch milliseconds, durations in milliseconds. */
export interface Evidence {
  wallMs: number;
  /** The hub's own time at the same instant. */
  hubMs: number;
  /** null when the system cannot say. */
  isSynchronized: boolean | null;
  /** For how long the wall clock has run evenly. */
  steadyMs: number;
  releaseMs: number;
}

/** What more is seen while the true time is not known. */
export interface StartEvidence extends Evidence {
  isFirstLook: boolean;
  /** Since the machine started, or else the hub. */
  waitedMs: number;
  /** Whether the store holds readings, so that the hub's own time says something. */
  hasHistory: boolean;
}

/** Which time to trust: the wall clock, the hub's own, or none yet. */
export type TrustVerdict = "wall" | "hub" | "wait";

/** Decides at one look whether the true time is known. */
export function trustVerdict(evidence: StartEvidence): TrustVerdict {
  const { wallMs, releaseMs, isSynchronized, isFirstLook, steadyMs, waitedMs } = evidence;
  if (wallMs < releaseMs) return "wait";
  if (isSynchronized) return isFirstLook || steadyMs >= confirmedSteadyMs ? "wall" : "wait";
  // Where nothing can be learned by waiting, only an odd clock has to wait.
  if (isSynchronized === null && isPlausible(evidence) && (isFirstLook || steadyMs >= forwardSteadyMs)) return "wall";
  // A machine that has run for long was not started with this clock: waiting for the hub's sake brings nothing more.
  if (isFirstLook && waitedMs >= holdMs && isPlausible(evidence)) return "wall";
  if (waitedMs < holdMs || steadyMs < backwardSteadyMs) return "wait";
  return isSynchronized === false && isRestoredSave(evidence) ? "hub" : "wall";
}

/**
 * For how many milliseconds the wall clock must have run evenly before a trusted hub follows it over a step; Infinity for
 * never.
 */
export function stepPatienceMs({ wallMs, hubMs, releaseMs, isSynchronized }: Evidence): number {
  if (wallMs < releaseMs) return Number.POSITIVE_INFINITY;
  if (isSynchronized) return confirmedSteadyMs;
  if (Math.abs(wallMs - hubMs) > doubtfulMs) return isSynchronized === null ? holdMs : Number.POSITIVE_INFINITY;
  return wallMs > hubMs ? forwardSteadyMs : backwardSteadyMs;
}

/**
 * The hub's time at the start, epoch milliseconds: the wall clock's where it is plausible, else just after the newest
 * reading in the store, and never before the release.
 */
export function startMs(wallMs: number, lastStoredMs: number | null, releaseMs: number): number {
  if (lastStoredMs === null) return Math.max(wallMs, releaseMs);
  const earliestMs = Math.max(lastStoredMs + 1, releaseMs);
  return wallMs > earliestMs + doubtfulMs ? earliestMs : Math.max(wallMs, earliestMs);
}

function isPlausible({ wallMs, hubMs, hasHistory }: StartEvidence): boolean {
  return wallMs >= hubMs - smallErrorMs && (!hasHistory || wallMs <= hubMs + doubtfulMs);
}

function isRestoredSave({ wallMs, hubMs, hasHistory }: StartEvidence): boolean {
  return hasHistory && wallMs < hubMs - smallErrorMs && wallMs >= hubMs - savedClockLagMs;
}
