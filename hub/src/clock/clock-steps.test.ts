import { describe, expect, test } from "vitest";
import { bootMs, dayMs, hourMs, minuteMs, secondMs, simulate, yearMs } from "./simulated-world.ts";

const epochErrorMs = -bootMs;

describe("while the clock is trusted", () => {
  interface Step {
    name: string;
    isSynchronized: boolean | null;
    stepMs: number;
    /** After which the hub follows; null for never. */
    followedAfterMs: number | null;
  }
  const steps: Step[] = [
    { name: "NTP, an hour ahead", isSynchronized: true, stepMs: hourMs, followedAfterMs: 5 * secondMs },
    { name: "NTP, an hour back", isSynchronized: true, stepMs: -hourMs, followedAfterMs: 5 * secondMs },
    { name: "NTP, ten years ahead", isSynchronized: true, stepMs: 10 * yearMs, followedAfterMs: 5 * secondMs },
    { name: "NTP, before the release", isSynchronized: true, stepMs: -10 * yearMs, followedAfterMs: null },
    { name: "unknown, an hour ahead", isSynchronized: null, stepMs: hourMs, followedAfterMs: 10 * secondMs },
    { name: "unknown, an hour back", isSynchronized: null, stepMs: -hourMs, followedAfterMs: minuteMs },
    { name: "unknown, ten years ahead", isSynchronized: null, stepMs: 10 * yearMs, followedAfterMs: 10 * minuteMs },
    { name: "unknown, before the release", isSynchronized: null, stepMs: -10 * yearMs, followedAfterMs: null },
    {
      name: "by hand without NTP, an hour ahead",
      isSynchronized: false,
      stepMs: hourMs,
      followedAfterMs: 10 * secondMs,
    },
    { name: "by hand without NTP, an hour back", isSynchronized: false, stepMs: -hourMs, followedAfterMs: minuteMs },
    { name: "by hand without NTP, ten years ahead", isSynchronized: false, stepMs: 10 * yearMs, followedAfterMs: null },
    { name: "by hand without NTP, to 1970", isSynchronized: false, stepMs: epochErrorMs, followedAfterMs: null },
  ];
  test.each(steps)("$name: followed after $followedAfterMs ms", ({ isSynchronized, stepMs, followedAfterMs }) => {
    const { clock, announcements, run, stepWall, setSynchronized, trueMs } = simulate();
    run(minuteMs);
    setSynchronized(isSynchronized);
    stepWall(stepMs);
    // The first look that sees the step begins the wait.
    run(followedAfterMs === null ? dayMs : followedAfterMs);
    expect(announcements).toHaveLength(1);
    expect(Math.abs(clock.nowMs() - trueMs())).toBeLessThanOrEqual(2);
    if (followedAfterMs === null) return;
    run(secondMs);
    expect(announcements).toHaveLength(2);
    expect(Math.abs(announcements[1]!.byMs - stepMs)).toBeLessThanOrEqual(2);
    expect(Math.abs(announcements[1]!.beforeMs - trueMs())).toBeLessThanOrEqual(2); // announced first, then stepped
    expect(Math.abs(clock.nowMs() - trueMs() - stepMs)).toBeLessThanOrEqual(2);
  });

  test("ten years ahead by hand is followed once NTP confirms it", () => {
    const { announcements, run, stepWall, setSynchronized } = simulate({ isSynchronized: false });
    run(11 * minuteMs);
    stepWall(10 * yearMs);
    run(hourMs);
    expect(announcements).toHaveLength(1);
    setSynchronized(true);
    run(secondMs);
    expect(announcements).toHaveLength(2);
  });

  test("a clock that is slewed after its step is followed all the same", () => {
    const { announcements, run, stepWall, driftWall } = simulate({ isSynchronized: null });
    stepWall(10 * yearMs);
    driftWall(10);
    run(10 * minuteMs + secondMs);
    expect(announcements).toHaveLength(2);
  });

  test("how long the clock ran apart before it agreed again does not count", () => {
    const { announcements, run, stepWall } = simulate({ isSynchronized: null });
    stepWall(hourMs);
    run(8 * secondMs);
    stepWall(-hourMs);
    run(5 * minuteMs);
    stepWall(hourMs);
    run(8 * secondMs);
    expect(announcements).toHaveLength(1);
  });

  test("a step that is not believed is told once, with what to do", () => {
    const { logged, run, stepWall } = simulate({ isSynchronized: null });
    stepWall(epochErrorMs);
    run(hourMs);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(/^warn The system's clock moved by .+ does not believe it yet\. Connect the hub/);
  });

  test("a second back, as in a leap second, is absorbed at half speed without an announcement", () => {
    const { clock, announcements, run, block, stepWall, errorMs } = simulate();
    run(minuteMs);
    stepWall(-secondMs);
    run(secondMs);
    const beforeMs = clock.nowMs();
    block(secondMs);
    expect(Math.abs(clock.nowMs() - beforeMs - secondMs / 2)).toBeLessThanOrEqual(2);
    run(2 * secondMs);
    expect(Math.abs(errorMs() + secondMs)).toBeLessThanOrEqual(2);
    expect(announcements).toHaveLength(1);
  });

  test("looks a tenth of a microsecond apart never see time run back while a second is absorbed", () => {
    const { clock, run, block, stepWall } = simulate();
    stepWall(-secondMs);
    run(secondMs);
    let lastMs = clock.nowMs();
    let furthestBackMs = 0;
    for (let i = 0; i < 200_000; i++) {
      block(0.0001);
      const nowMs = clock.nowMs();
      furthestBackMs = Math.max(furthestBackMs, lastMs - nowMs);
      lastMs = nowMs;
    }
    expect(furthestBackMs).toBe(0);
  });

  test("absorbing ends in time though the hub was busy and looked late", () => {
    const { run, block, stepWall, errorMs } = simulate();
    stepWall(-secondMs);
    run(secondMs);
    block(hourMs);
    expect(Math.abs(errorMs() + secondMs)).toBeLessThanOrEqual(2);
  });

  test("a second ahead is taken over at the next look", () => {
    const { announcements, run, stepWall, errorMs } = simulate();
    stepWall(secondMs);
    run(secondMs);
    expect(Math.abs(errorMs() - secondMs)).toBeLessThanOrEqual(2);
    expect(announcements).toHaveLength(1);
  });

  test.each([5, -5])("a clock that NTP slews by %i ms a second is followed without an announcement", (msPerSecond) => {
    const { announcements, run, driftWall, errorMs } = simulate();
    driftWall(msPerSecond);
    run(hourMs);
    expect(Math.abs(errorMs() - 3600 * msPerSecond)).toBeLessThanOrEqual(10);
    expect(announcements).toHaveLength(1);
  });

  test("a clock that jumps to and fro each few seconds is not followed", () => {
    const { announcements, run, setWall, errorMs, logged } = simulate({ isSynchronized: null });
    for (let i = 0; i < 100; i++) {
      setWall(i % 2 === 0 ? hourMs : -hourMs);
      run(3 * secondMs);
    }
    expect(announcements).toHaveLength(1);
    expect(logged).toEqual([]);
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
  });

  test("a clock that jumps to and fro each ten seconds is followed at most once a minute", () => {
    const { announcements, run, setWall } = simulate();
    for (let i = 0; i < 60; i++) {
      setWall(i % 2 === 0 ? hourMs : 0);
      run(10 * secondMs);
    }
    const stepCount = announcements.filter(({ kind }) => kind === "step").length;
    expect(stepCount).toBeGreaterThan(0);
    expect(stepCount).toBeLessThanOrEqual(10);
  });

  test("when following fails, the clock does not step and tries again", () => {
    let isFailing = true;
    const { announcements, run, stepWall, errorMs } = simulate({
      onStep() {
        if (isFailing) throw new Error("the disk is full");
      },
    });
    stepWall(-hourMs);
    expect(() => run(minuteMs)).toThrow("the disk is full");
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
    isFailing = false;
    run(secondMs);
    expect(announcements).toHaveLength(2);
    expect(Math.abs(errorMs() + hourMs)).toBeLessThanOrEqual(2);
  });
});
