/**
 * Whether the operating system says that its clock is synchronized. Sources:
 * systemd-timesyncd touches /run/systemd/timesync/synchronized at each synchronization (systemd-timesyncd.service(8)); the
 * folder is its RuntimeDirectory=, so it is there only while the service runs (systemd.exec(5)). Raspberry Pi OS and
 * Debian run it unless another client is installed; it does not run in containers (its ConditionVirtualization=).
 * For other clients `timedatectl show` says NTP=yes when one runs, and NTPSynchronized=yes when the kernel's bound of
 * error is below 16 s (ntp_synced in systemd's src/timedate/timedated.c). Setting the clock puts the bound there (ntp_clear
 * in Linux's kernel/time/ntp.c), and so do 9 hours without a time server: "no" later on says nothing against a clock.
 */
import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { smallErrorMs } from "./rules.ts";

/** What is asked of the system. */
export interface SynchronizationSources {
  /** The folder in which systemd shows its state, /run/systemd on every system. */
  systemdFolder: string;
  /** Resolves with what `timedatectl show` prints; rejects when there is no such command or nobody that it can ask. */
  timedatectl(signal: AbortSignal): Promise<string>;
}

/** A watch on what the system says of its clock. */
export interface Synchronization {
  /** Asks what takes a process, so that the first look knows it; resolves within 5 s, never rejects. */
  start(monotonicMs: number): Promise<void>;
  /** The state at a look at both clocks, in milliseconds; it costs two calls of stat. null when the system cannot say. */
  isSynchronized(wallMs: number, monotonicMs: number): boolean | null;
  /** Ends a process that is under way. */
  close(): void;
}

// Short while the answer may change soon; a process each five minutes is nothing on a Pi.
const firstPauseMs = 15_000;
const longestPauseMs = 5 * 60_000;

/** Watches how the system speaks of its clock. */
export function createSynchronization({ systemdFolder, timedatectl }: SynchronizationSources): Synchronization {
  const timesyncFolder = path.join(systemdFolder, "timesync");
  const timesyncMark = path.join(timesyncFolder, "synchronized");
  const bootedFolder = path.join(systemdFolder, "system"); // sd_booted(3)
  const closing = new AbortController();
  let offsetMs: number | null = null;
  let markedMs: number | null = null;
  let isMarkCurrent = false;
  let answer: boolean | null = false; // until there is one: a wrong "cannot say" would end the wait for NTP
  let isAsking = false;
  let stepCount = 0;
  let nextAskMs = Number.NEGATIVE_INFINITY;
  let pauseMs = firstPauseMs;

  /** Any source's word is about the clock as it ran then: a clock that was set since is confirmed anew or not at all. */
  function forgetAfterStep(newOffsetMs: number): void {
    if (offsetMs !== null && Math.abs(newOffsetMs - offsetMs) > smallErrorMs) {
      isMarkCurrent = false;
      if (answer !== null) answer = false;
      stepCount++;
      pauseMs = firstPauseMs;
      nextAskMs = Number.NEGATIVE_INFINITY;
    }
    offsetMs = newOffsetMs;
  }

  function readMark(): boolean {
    const newMarkedMs = statSync(timesyncMark, { throwIfNoEntry: false })?.mtimeMs ?? null;
    if (newMarkedMs !== markedMs) isMarkCurrent = newMarkedMs !== null;
    markedMs = newMarkedMs;
    return isMarkCurrent;
  }

  async function ask(monotonicMs: number): Promise<void> {
    isAsking = true;
    nextAskMs = monotonicMs + pauseMs;
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    const stepsBefore = stepCount;
    const newAnswer = await timedatectl(closing.signal).then(readAnswer, () => null);
    if (stepCount === stepsBefore) answer = newAnswer;
    isAsking = false;
  }

  return {
    async start(monotonicMs) {
      if (!existsSync(timesyncFolder) && existsSync(bootedFolder)) await ask(monotonicMs);
    },
    isSynchronized(wallMs, monotonicMs) {
      forgetAfterStep(wallMs - monotonicMs);
      if (existsSync(timesyncFolder)) return readMark();
      if (!existsSync(bootedFolder)) return null;
      if (!isAsking && monotonicMs >= nextAskMs && !closing.signal.aborted) void ask(monotonicMs);
      return answer;
    },
    close: () => closing.abort(),
  };
}

/** Runs `timedatectl show`; rejects as SynchronizationSources says, and after 5 s. */
export async function runTimedatectl(signal: AbortSignal): Promise<string> {
  return (await promisify(execFile)("timedatectl", ["show"], { timeout: 5000, signal })).stdout;
}

function readAnswer(shown: string): boolean | null {
  if (/^NTPSynchronized=yes$/m.test(shown)) return true;
  return /^NTP=yes$/m.test(shown) ? false : null; // without a client there is nothing to wait for
}
