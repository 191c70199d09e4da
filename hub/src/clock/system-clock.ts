/** The clocks of the machine that the hub runs on. */
import { readFileSync } from "node:fs";
import os from "node:os";
import type { ClockWorld } from "./clock.ts";
import { smallErrorMs } from "./rules.ts";
import { createSynchronization, runTimedatectl } from "./synchronization.ts";

/** The machine's clocks; close() ends what is under way. */
export interface SystemClock extends ClockWorld {
  close(): void;
}

/** What monotonic time is made of; all in milliseconds. */
export interface MonotonicSources {
  wallMs(): number;
  /** Time since the machine started, without the time that it slept. */
  awakeMs(): number;
  /** Time since the machine started, sleep included; null when the system cannot say. */
  uptimeMs(): number | null;
}

/** Opens the machine's clocks and learns what the system says of them; takes at most 5 s. */
export async function openSystemClock(): Promise<SystemClock> {
  const synchronization = createSynchronization({ systemdFolder: "/run/systemd", timedatectl: runTimedatectl });
  const monotonicMs = createMonotonic({ wallMs: Date.now, awakeMs: createAwake(), uptimeMs: readUptimeMs });
  await synchronization.start(monotonicMs());
  return {
    wallMs: Date.now,
    monotonicMs,
    isSynchronized: () => synchronization.isSynchronized(Date.now(), monotonicMs()),
    close: synchronization.close,
  };
}

/** When the machine started, by its monotonic time: on Linux that begins then. Null elsewhere. */
export function machineStartedMs(): number | null {
  return process.platform === "linux" ? 0 : null;
}

/** The kernel's id of this boot, random(4); null where there is none. Offsets of monotonic time hold within one boot. */
export function readBootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}

/**
 * Monotonic time that goes on while the machine sleeps. Node's runs on CLOCK_MONOTONIC, which does not (clock_gettime(2)),
 * so that every sleep would look like a clock that was set. Uptime, in /proc/uptime, does (proc(5)); it is read only when
 * the wall clock moved, and believed only when the wall clock moved by as much: a container may be shown another uptime.
 */
export function createMonotonic({ wallMs, awakeMs, uptimeMs }: MonotonicSources): () => number {
  const readSleptMs = (nowAwakeMs: number) => Math.max(0, (uptimeMs() ?? nowAwakeMs) - nowAwakeMs);
  let sleptMs = readSleptMs(awakeMs());
  let wallOffsetMs = wallMs() - awakeMs();

  return () => {
    const nowAwakeMs = awakeMs();
    const movedMs = wallMs() - nowAwakeMs - wallOffsetMs;
    wallOffsetMs += movedMs;
    if (movedMs > smallErrorMs / 2) {
      const newlySleptMs = readSleptMs(nowAwakeMs) - sleptMs;
      if (newlySleptMs > 0 && Math.abs(newlySleptMs - movedMs) <= smallErrorMs / 2) sleptMs += newlySleptMs;
    }
    return nowAwakeMs + sleptMs;
  };
}

/** performance.now() from the machine's start rather than the process's: process.hrtime() has that origin on Linux. */
function createAwake(): () => number {
  const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return () => originMs + performance.now();
}

/** Elsewhere uptime is reckoned from the wall clock, which is what is in doubt. */
function readUptimeMs(): number | null {
  return process.platform === "linux" ? os.uptime() * 1000 : null;
}
