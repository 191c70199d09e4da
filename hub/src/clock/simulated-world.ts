/** A machine for tests of the clock: a true time, and a wall clock that may say anything. */
import { type ClockOptions, type ClockWorld, createClock, type HubClock } from "./clock.ts";

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const yearMs = 365 * dayMs;

/** When every simulation begins, epoch milliseconds. */
export const bootMs = Date.UTC(2027, 4, 1, 12);

/** When the simulated hub was released, epoch milliseconds. */
export const releaseMs = Date.UTC(2026, 10, 1);

/** What a clock announced, in order, with the hub's time just before; milliseconds. */
export type Announcement = { kind: "trusted" | "step"; byMs: number; beforeMs: number };

/** Where a simulation begins; what is left out is a good, synchronized clock and an empty store. */
export interface Beginning {
  /** The wall clock less the true time, milliseconds. */
  wallErrorMs?: number;
  isSynchronized?: boolean | null;
  lastStoredMs?: number | null;
  heldOffsetMs?: number | null;
  /** How long the machine has run when the hub starts, milliseconds; left out: it is not known. */
  uptimeMs?: number;
  onTrusted?(correctionMs: number): void;
  onStep?(stepMs: number): void;
}

/** A hub's clock in a machine whose time the test moves. */
export interface Simulation {
  clock: HubClock;
  announcements: Announcement[];
  /** What was logged, as "level text". */
  logged: string[];
  /** The true time, epoch milliseconds. */
  trueMs(): number;
  /** The hub's time less the true time, milliseconds. */
  errorMs(): number;
  /** Lets true time pass, with a check each second. */
  run(durationMs: number): void;
  /** Lets true time pass without a check. */
  block(durationMs: number): void;
  /** Sets the wall clock less the true time, milliseconds. */
  setWall(errorMs: number): void;
  /** Moves the wall clock, milliseconds. */
  stepWall(stepMs: number): void;
  /** Milliseconds a second that the wall clock gains from now on. */
  driftWall(msPerSecond: number): void;
  setSynchronized(isSynchronized: boolean | null): void;
}

/** Begins a simulation; the clock has had its first check. */
export function simulate(beginning: Beginning = {}): Simulation {
  const { lastStoredMs = null, heldOffsetMs = null } = beginning;
  let monotonicMs = 12_345.678; // any origin, and not whole: performance.now is neither
  const bootMonotonicMs = monotonicMs;
  let wallErrorMs = beginning.wallErrorMs ?? 0;
  let driftMsPerSecond = 0;
  let isSynchronized = beginning.isSynchronized === undefined ? true : beginning.isSynchronized;
  const announcements: Announcement[] = [];
  const logged: string[] = [];
  const trueMs = () => bootMs + monotonicMs - bootMonotonicMs;
  const world: ClockWorld = {
    wallMs: () => Math.floor(trueMs() + wallErrorMs), // whole, as Date.now is
    monotonicMs: () => monotonicMs,
    isSynchronized: () => isSynchronized,
  };
  const announce = (kind: Announcement["kind"]) => (byMs: number) => {
    (kind === "trusted" ? beginning.onTrusted : beginning.onStep)?.(byMs);
    announcements.push({ kind, byMs, beforeMs: clock.nowMs() });
  };
  const write = (level: string) => (text: string) => void logged.push(`${level} ${text}`);
  const options: ClockOptions = {
    world,
    lastStoredMs,
    heldOffsetMs,
    releaseMs,
    machineStartedMs: beginning.uptimeMs === undefined ? null : bootMonotonicMs - beginning.uptimeMs,
    onTrusted: announce("trusted"),
    onStep: announce("step"),
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
  };
  const clock: HubClock = createClock(options);
  const block = (durationMs: number) => {
    monotonicMs += durationMs;
    wallErrorMs += (driftMsPerSecond * durationMs) / secondMs;
  };
  clock.check();
  return {
    clock,
    announcements,
    logged,
    trueMs,
    errorMs: () => clock.nowMs() - trueMs(),
    block,
    run(durationMs) {
      for (let leftMs = durationMs; leftMs > 0; leftMs -= secondMs) {
        block(Math.min(leftMs, secondMs));
        clock.check();
      }
    },
    setWall(errorMs) {
      wallErrorMs = errorMs;
    },
    stepWall(stepMs) {
      wallErrorMs += stepMs;
    },
    driftWall(msPerSecond) {
      driftMsPerSecond = msPerSecond;
    },
    setSynchronized(value) {
      isSynchronized = value;
    },
  };
}
