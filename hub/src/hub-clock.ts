/** The hub's clock at work: looked at each second, with the readings that are held while it is not trusted. */
import { type ClockWorld, createClock } from "./clock/clock.ts";
import type { Registry } from "./ingest/registry.ts";
import type { Log } from "./log.ts";
import type { Series } from "./model.ts";
import type { Store } from "./store/store.ts";
import { releasedMs } from "./version.ts";

export interface HubClockOptions {
  /** The machine's clocks. */
  world: ClockWorld;
  log: Log;
  store: Store;
  registry: Registry;
  /** Of the machine's present run; null when it is not known. */
  bootId: string | null;
  /** When the machine started, by `world.monotonicMs`; null when it is not known. */
  machineStartedMs: number | null;
}

const everyMs = 1_000;

/** Starts the clock; `stop` ends the looking. */
export function startHubClock({ world, log, store, registry, bootId, machineStartedMs }: HubClockOptions) {
  const held = heldClock(store, bootId);
  const clock = createClock({
    ...{ world, log, machineStartedMs, releaseMs: releasedMs },
    lastStoredMs: store.newestMs(),
    heldOffsetMs: held.offsetMs,
    onTrusted(correctionMs) {
      const trueMs = clock.nowMs() + correctionMs;
      store.release(correctionMs, trueMs, (series, timeMs, value) => {
        const channel = registry.channel(series.channelId);
        if (channel) registry.noteReading(channel, series, timeMs, value);
      });
    },
    onStep: () => {}, // readings of an earlier time find their place as late ones do
  });
  clock.check();
  const timer = setInterval(() => {
    try {
      clock.check();
    } catch (error) {
      log.error(`Held readings could not be stored yet: ${(error as Error).message}`); // the next look tries again
    }
  }, everyMs);
  return {
    nowMs: clock.nowMs,
    isTrusted: clock.isTrusted,
    /** Keeps a reading until the true time is known; `isOwnTime` says that its time is the meter's. */
    hold(series: Series, timeMs: number, value: number, isOwnTime: boolean): void {
      held.keep(clock.offsetMs());
      store.hold(series, timeMs, value, isOwnTime);
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * What held readings of an earlier run were stamped with: the same provisional clock serves them while the machine has
 * not been started anew, so that one correction is right for all.
 */
function heldClock(store: Store, bootId: string | null) {
  const key = "held_clock";
  const stored = JSON.parse(store.setting(key) ?? "null") as { bootId: string | null; offsetMs: number } | null;
  const isSameBoot = stored !== null && bootId !== null && stored.bootId === bootId;
  let isKept = false;
  return {
    offsetMs: isSameBoot && store.hasHeld() ? stored.offsetMs : null,
    /** Keeps the offset with the first reading that is held in this run. */
    keep(offsetMs: number): void {
      if (isKept) return;
      isKept = true;
      store.saveSetting(key, JSON.stringify({ bootId, offsetMs }));
    },
  };
}
