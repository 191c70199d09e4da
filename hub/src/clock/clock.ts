/**
 * The hub's time. It runs on monotonic time and follows the system's wall clock only where that is believable, so that a
 * clock that jumps never makes the hub's time run backwards unannounced. Every case is in README.md of this folder.
 */
import type { Log } from "../log.ts";
import {
  backwardSteadyMs,
  smallErrorMs,
  startMs,
  stepIntervalMs,
  stepPatienceMs,
  type TrustVerdict,
  trustVerdict,
} from "./rules.ts";

/** The machine's clocks, as the hub's clock needs them. */
export interface ClockWorld {
  /** The system's wall clock, epoch milliseconds. */
  wallMs(): number;
  /** Milliseconds from any origin that go on evenly while the wall clock jumps. */
  monotonicMs(): number;
  /** Whether the operating system says that its clock is synchronized; null when it cannot say. */
  isSynchronized(): boolean | null;
}

export interface ClockOptions {
  world: ClockWorld;
  /** Time of the newest reading in the store, held ones included, epoch milliseconds; null for none. */
  lastStoredMs: number | null;
  /** When this version of the hub was released, epoch milliseconds: no true time is earlier. */
  releaseMs: number;
  /**
   * The offsetMs() of an earlier run on this boot of the machine that left held readings; null for none. They then need
   * the same correction as those of this run.
   */
  heldOffsetMs: number | null;
  /** When the machine started, by monotonic time; null when that is not known. A clock has had since then to be set. */
  machineStartedMs: number | null;
  /**
   * The true time is known, and provisional times shift by `correctionMs`. Called once in a run, by check(), while
   * nowMs() is still provisional. When it throws, the clock stays provisional and the next check() tries again.
   */
  onTrusted(correctionMs: number): void;
  /**
   * A trusted hub follows its system's clock over `stepMs`; negative is back. Called by check() before nowMs() steps, at
   * most once a minute. When it throws, the clock does not step and the next check() tries again.
   */
  onStep(stepMs: number): void;
  log: Log;
}

/** The hub's clock; it looks at the world only in check(), so that nowMs() costs one reading of monotonic time. */
export interface HubClock {
  /** The hub's time, whole epoch milliseconds: it runs back only after an announcement. */
  nowMs(): number;
  /** False while the true time is not known: what nowMs() says is provisional. */
  isTrusted(): boolean;
  /** The hub's time less monotonic time, in milliseconds: constant while provisional, to be kept with held readings. */
  offsetMs(): number;
  /** Looks at the world and makes the announcements; to be called once before readings come, then each second. */
  check(): void;
}

/** How the hub's time runs on from `sinceMs`, in monotonic milliseconds. */
interface Course {
  /** The wall clock's time less monotonic time. */
  offsetMs: number;
  /** How far the hub's time was ahead of that at `sinceMs`. */
  leadMs: number;
  sinceMs: number;
}

/** A wall clock that differs from the hub's, and since when it has run evenly, in monotonic milliseconds. */
interface Deviation {
  offsetMs: number;
  sinceMs: number;
  isReported: boolean;
}

interface Look {
  monotonicMs: number;
  wallMs: number;
  hubMs: number;
  wallOffsetMs: number;
  isSynchronized: boolean | null;
}

/** Makes a clock that is provisional until its first check(). */
export function createClock(options: ClockOptions): HubClock {
  const { world, lastStoredMs, releaseMs, log } = options;
  const startedMs = options.machineStartedMs ?? world.monotonicMs();
  let course = firstCourse(options, world.monotonicMs());
  let shownMs = Number.NEGATIVE_INFINITY;
  let isTrusted = false;
  let isFirstLook = true;
  let deviation: Deviation | null = null;
  /** The course of a wall clock that was judged wrong when the hub's own time was trusted; null for none. */
  let refusedOffsetMs: number | null = null;
  let lastStepMs = Number.NEGATIVE_INFINITY;

  function look(): Look {
    const monotonicMs = world.monotonicMs();
    const wallMs = world.wallMs();
    const hubMs = timeAt(course, monotonicMs);
    return { monotonicMs, wallMs, hubMs, wallOffsetMs: wallMs - monotonicMs, isSynchronized: world.isSynchronized() };
  }

  function check(): void {
    const seen = look();
    if (isTrusted && Math.abs(seen.wallMs - seen.hubMs) <= smallErrorMs) {
      deviation = null;
      refusedOffsetMs = null;
      course = smoothly(seen);
      return;
    }
    deviation = continued(deviation, seen);
    if (isTrusted) considerStep(seen, deviation);
    else considerTrust(seen, deviation);
    isFirstLook = false;
  }

  function considerTrust(seen: Look, { sinceMs }: Deviation): void {
    const verdict = trustVerdict({
      ...seen,
      releaseMs,
      isFirstLook,
      steadyMs: seen.monotonicMs - sinceMs,
      waitedMs: seen.monotonicMs - startedMs,
      hasHistory: lastStoredMs !== null,
    });
    if (verdict !== "wait") trust(seen, verdict);
    else if (isFirstLook) log.warn(`Readings are held: ${doubtOf(seen, releaseMs)}. ${adviceOnClock}`);
  }

  function trust(seen: Look, verdict: Exclude<TrustVerdict, "wait">): void {
    const errorMs = Math.round(seen.wallMs - seen.hubMs);
    // A trifle back is absorbed: no reading should move before one that is stored.
    const isSmallLead = errorMs <= 0 && errorMs >= -smallErrorMs;
    const correctionMs = verdict === "hub" || isSmallLead ? 0 : errorMs;
    options.onTrusted(correctionMs);
    if (verdict === "hub") {
      refusedOffsetMs = seen.wallOffsetMs;
      log.warn(
        `The system's clock is ${inSeconds(-errorMs)} behind the newest reading; the hub goes on from there. ${adviceOnClock}`,
      );
    } else {
      course = stepped(seen, correctionMs);
      if (!isFirstLook) log.info(`The time is known; held readings shift by ${inSeconds(correctionMs)}`);
    }
    if (correctionMs < 0) shownMs = Number.NEGATIVE_INFINITY;
    isTrusted = true;
  }

  function considerStep(seen: Look, current: Deviation): void {
    if (isRefused(seen)) return;
    const steadyMs = seen.monotonicMs - current.sinceMs;
    const patienceMs = stepPatienceMs({ ...seen, releaseMs, steadyMs });
    const stepMs = Math.round(seen.wallMs - seen.hubMs);
    if (patienceMs > steadyMs) {
      if (!current.isReported && steadyMs >= backwardSteadyMs) {
        current.isReported = true;
        log.warn(`The system's clock moved by ${inSeconds(stepMs)}; the hub does not believe it yet. ${adviceOnClock}`);
      }
      return;
    }
    if (seen.monotonicMs - lastStepMs < stepIntervalMs) return;
    options.onStep(stepMs);
    course = stepped(seen, stepMs);
    shownMs = Number.NEGATIVE_INFINITY;
    lastStepMs = seen.monotonicMs;
    log.warn(`The system's clock was set by ${inSeconds(stepMs)}; the hub follows it`);
  }

  /** Whether the wall clock still runs on the course that was judged wrong; a course drifts, so the newest is kept. */
  function isRefused({ wallOffsetMs, isSynchronized }: Look): boolean {
    if (refusedOffsetMs === null || isSynchronized) return false;
    if (Math.abs(wallOffsetMs - refusedOffsetMs) > smallErrorMs) return false;
    refusedOffsetMs = wallOffsetMs;
    return true;
  }

  return {
    check,
    isTrusted: () => isTrusted,
    nowMs() {
      // At half speed two looks may be closer than what a number this large can tell apart, 0.0002 ms, and round back.
      shownMs = Math.max(shownMs, Math.round(timeAt(course, world.monotonicMs())));
      return shownMs;
    },
    offsetMs: () => offsetAt(course, world.monotonicMs()),
  };
}

const adviceOnClock = "Connect the hub to the internet, or set its system's clock.";

function firstCourse({ world, lastStoredMs, releaseMs, heldOffsetMs }: ClockOptions, monotonicMs: number): Course {
  const offsetMs = heldOffsetMs ?? startMs(world.wallMs(), lastStoredMs, releaseMs) - monotonicMs;
  return { offsetMs, leadMs: 0, sinceMs: monotonicMs };
}

function timeAt(course: Course, monotonicMs: number): number {
  return monotonicMs + offsetAt(course, monotonicMs);
}

/** The hub's time less monotonic time. What it is ahead shrinks at half speed, so that the time never stands still. */
function offsetAt({ offsetMs, leadMs, sinceMs }: Course, monotonicMs: number): number {
  return offsetMs + Math.max(0, leadMs - (monotonicMs - sinceMs) / 2);
}

function smoothly({ wallOffsetMs, wallMs, hubMs, monotonicMs }: Look): Course {
  return { offsetMs: wallOffsetMs, leadMs: Math.max(0, hubMs - wallMs), sinceMs: monotonicMs };
}

/** Exactly as far as was announced, so that what was stamped before and shifted fits to what is stamped from now on. */
function stepped({ hubMs, monotonicMs }: Look, byMs: number): Course {
  return { offsetMs: hubMs - monotonicMs + byMs, leadMs: 0, sinceMs: monotonicMs };
}

function continued(deviation: Deviation | null, { wallOffsetMs, monotonicMs }: Look): Deviation {
  const isSame = deviation !== null && Math.abs(wallOffsetMs - deviation.offsetMs) <= smallErrorMs;
  if (!isSame) return { offsetMs: wallOffsetMs, sinceMs: monotonicMs, isReported: false };
  deviation.offsetMs = wallOffsetMs;
  return deviation;
}

function doubtOf({ wallMs, hubMs, isSynchronized }: Look, releaseMs: number): string {
  const shown = new Date(wallMs).toISOString();
  if (wallMs < releaseMs) return `the system's clock says ${shown}, before this version was made`;
  if (wallMs < hubMs - smallErrorMs) return `the system's clock says ${shown}, before the newest reading`;
  if (isSynchronized === false) return "the system's clock is not synchronized yet";
  return `the system's clock says ${shown}, more than a year after the newest reading`;
}

function inSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
