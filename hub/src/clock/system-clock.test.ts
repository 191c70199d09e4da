import { expect, test } from "vitest";
import { createMonotonic, openSystemClock, readBootId } from "./system-clock.ts";

/** A machine that has been awake for a minute after sleeping for an hour. */
function createMachine({ uptimeMs = 3_660_000 as number | null } = {}) {
  const machine = { wallMs: Date.UTC(2027, 4, 1), awakeMs: 60_000, uptimeMs, uptimeReads: 0 };
  const monotonicMs = createMonotonic({
    wallMs: () => machine.wallMs,
    awakeMs: () => machine.awakeMs,
    uptimeMs() {
      machine.uptimeReads++;
      return machine.uptimeMs;
    },
  });
  return {
    monotonicMs,
    uptimeReads: () => machine.uptimeReads,
    setWall(byMs: number) {
      machine.wallMs += byMs;
    },
    wake(durationMs: number) {
      machine.wallMs += durationMs;
      machine.awakeMs += durationMs;
      if (machine.uptimeMs !== null) machine.uptimeMs += durationMs;
    },
    sleep(durationMs: number) {
      machine.wallMs += durationMs;
      if (machine.uptimeMs !== null) machine.uptimeMs += durationMs;
    },
    setUptime(uptimeMs: number | null) {
      machine.uptimeMs = uptimeMs;
    },
  };
}

test("monotonic time goes on while the machine sleeps", () => {
  const { monotonicMs, wake, sleep } = createMachine();
  const startMs = monotonicMs();
  wake(1000);
  sleep(8 * 3_600_000);
  wake(1000);
  expect(monotonicMs() - startMs).toBe(8 * 3_600_000 + 2000);
});

test("monotonic time counts from the machine's start, sleep included, so that it holds across restarts of the hub", () => {
  expect(createMachine().monotonicMs()).toBe(3_660_000);
});

test.each([3_600_000, -3_600_000])("a wall clock that is set by %i ms does not move monotonic time", (byMs) => {
  const { monotonicMs, wake, setWall } = createMachine();
  const startMs = monotonicMs();
  setWall(byMs);
  wake(1000);
  expect(monotonicMs() - startMs).toBe(1000);
});

test("a container that is shown its own uptime counts from the machine's start all the same", () => {
  expect(createMachine({ uptimeMs: 10_000 }).monotonicMs()).toBe(60_000);
});

test("uptime, which costs a file, is read only when the wall clock moved", () => {
  const { monotonicMs, wake, sleep, uptimeReads } = createMachine();
  for (let i = 0; i < 1000; i++) {
    wake(1000);
    monotonicMs();
  }
  expect(uptimeReads()).toBe(1);
  sleep(60_000);
  monotonicMs();
  expect(uptimeReads()).toBe(2);
});

test("an uptime that jumps though the wall clock did not is not believed", () => {
  const { monotonicMs, wake, setUptime } = createMachine();
  const startMs = monotonicMs();
  setUptime(90 * 86_400_000);
  wake(1000);
  expect(monotonicMs() - startMs).toBe(1000);
});

test("an uptime that jumps otherwise than the wall clock is not believed", () => {
  const { monotonicMs, wake, setUptime, setWall } = createMachine();
  const startMs = monotonicMs();
  setUptime(90 * 86_400_000);
  setWall(3_600_000);
  wake(1000);
  expect(monotonicMs() - startMs).toBe(1000);
});

test("a machine that does not tell its uptime has monotonic time all the same", () => {
  const { monotonicMs, wake, sleep } = createMachine({ uptimeMs: null });
  const startMs = monotonicMs();
  sleep(3_600_000);
  wake(1000);
  expect(monotonicMs() - startMs).toBe(1000);
});

test("the real clocks run, and agree on how time passes", async () => {
  const clock = await openSystemClock();
  try {
    expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(60_000);
    const startMs = clock.monotonicMs();
    const startedMs = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const passedMs = performance.now() - startedMs;
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(passedMs);
    expect([true, false, null]).toContain(clock.isSynchronized());
  } finally {
    clock.close();
  }
});

test.runIf(process.platform === "linux")("Linux names its boot", () => {
  expect(readBootId()).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  expect(readBootId()).toBe(readBootId());
});
