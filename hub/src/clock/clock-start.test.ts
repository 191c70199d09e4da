import { describe, expect, test } from "vitest";
import {
  type Beginning,
  bootMs,
  dayMs,
  hourMs,
  minuteMs,
  releaseMs,
  secondMs,
  simulate,
  yearMs,
} from "./simulated-world.ts";

/** The newest reading of a home that lost power for two hours. */
const lastStoredMs = bootMs - 2 * hourMs;
/** A clock that was restored from a save made just before that. */
const savedErrorMs = -2 * hourMs - 20 * minuteMs;
const epochErrorMs = -bootMs;

describe("at the start", () => {
  const trustedAtOnce: [string, Beginning][] = [
    ["a synchronized clock", { isSynchronized: true, lastStoredMs }],
    ["a synchronized clock and an empty store", { isSynchronized: true }],
    ["a synchronized clock after two years in a drawer", { isSynchronized: true, lastStoredMs: bootMs - 2 * yearMs }],
    ["a clock that cannot say, after the newest reading", { isSynchronized: null, lastStoredMs }],
    [
      "an unsynchronized clock of a machine that has run for long",
      { isSynchronized: false, uptimeMs: hourMs, lastStoredMs },
    ],
    ["a clock that cannot say, on a new hub of an old release", { isSynchronized: null }],
  ];
  test.each(trustedAtOnce)("%s is trusted at once", (_, beginning) => {
    const { clock, announcements, errorMs, logged } = simulate(beginning);
    expect(clock.isTrusted()).toBe(true);
    expect(announcements).toMatchObject([{ kind: "trusted", byMs: 0 }]);
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(1);
    expect(logged).toEqual([]);
  });

  test("an unsynchronized clock of a machine that has just started is held for the rest of ten minutes", () => {
    const { clock, run } = simulate({ isSynchronized: false, uptimeMs: 4 * minuteMs, lastStoredMs });
    run(5 * minuteMs + 58 * secondMs);
    expect(clock.isTrusted()).toBe(false);
    run(3 * secondMs);
    expect(clock.isTrusted()).toBe(true);
  });

  test("NTP is believed against a newest reading that was stored while the clock was ahead", () => {
    const { clock, errorMs } = simulate({ isSynchronized: true, lastStoredMs: bootMs + 10 * yearMs });
    expect(clock.isTrusted()).toBe(true);
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(1);
  });

  const held: [string, Beginning][] = [
    ["in 1970", { wallErrorMs: epochErrorMs, isSynchronized: false, lastStoredMs }],
    ["in 1970, on a system that cannot say", { wallErrorMs: epochErrorMs, isSynchronized: null, lastStoredMs }],
    ["in 1970, though said to be synchronized", { wallErrorMs: epochErrorMs, isSynchronized: true, lastStoredMs }],
    [
      "restored from a save, before the newest reading",
      { wallErrorMs: savedErrorMs, isSynchronized: false, lastStoredMs },
    ],
    [
      "restored from a save, on a system that cannot say",
      { wallErrorMs: savedErrorMs, isSynchronized: null, lastStoredMs },
    ],
    ["ten years ahead, on a system that cannot say", { wallErrorMs: 10 * yearMs, isSynchronized: null, lastStoredMs }],
  ];
  test.each(held)("a clock %s is held, and time goes on from the newest reading", (_, beginning) => {
    const { clock, announcements, run, logged } = simulate(beginning);
    expect(clock.nowMs()).toBe(lastStoredMs + 1);
    run(9 * minuteMs);
    expect(clock.isTrusted()).toBe(false);
    expect(clock.nowMs()).toBe(lastStoredMs + 1 + 9 * minuteMs);
    expect(announcements).toEqual([]);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(/^warn Readings are held: .+ Connect the hub to the internet, or set/);
  });

  test("a new hub in 1970 starts at its release", () => {
    const { clock } = simulate({ wallErrorMs: epochErrorMs, isSynchronized: false });
    expect(clock.nowMs()).toBe(releaseMs);
  });

  test("a clock saved at shutdown, a little after the newest reading, is held: hours may have passed", () => {
    const { clock, run } = simulate({ wallErrorMs: -2 * hourMs + minuteMs, isSynchronized: false, lastStoredMs });
    expect(clock.nowMs()).toBe(lastStoredMs + minuteMs);
    run(9 * minuteMs);
    expect(clock.isTrusted()).toBe(false);
  });

  test("a clock a second behind the newest reading is trusted, and no reading moves back", () => {
    const { clock, announcements, run, errorMs } = simulate({
      wallErrorMs: -1500,
      isSynchronized: true,
      lastStoredMs: bootMs,
    });
    expect(announcements).toMatchObject([{ kind: "trusted", byMs: 0 }]);
    expect(clock.nowMs()).toBeGreaterThan(bootMs);
    run(5 * secondMs);
    expect(Math.abs(errorMs() + 1500)).toBeLessThanOrEqual(2);
  });
});

describe("while readings are held", () => {
  const synchronizing: [string, Beginning][] = [
    ["in 1970", { wallErrorMs: epochErrorMs, isSynchronized: false, lastStoredMs }],
    ["before the newest reading", { wallErrorMs: savedErrorMs, isSynchronized: false, lastStoredMs }],
    ["after the newest reading", { wallErrorMs: -hourMs, isSynchronized: false, lastStoredMs }],
    ["ahead", { wallErrorMs: 10 * yearMs, isSynchronized: false, lastStoredMs }],
    ["in 1970, with an empty store", { wallErrorMs: epochErrorMs, isSynchronized: false }],
  ];
  test.each(synchronizing)(
    "NTP sets a clock that started %s: held times plus the correction are true",
    (_, beginning) => {
      const { clock, announcements, run, block, setWall, setSynchronized, trueMs } = simulate(beginning);
      run(3 * minuteMs);
      const heldMs = clock.nowMs();
      const trulyMs = trueMs();
      block(700);
      setWall(0);
      setSynchronized(true);
      run(5 * secondMs);
      expect(clock.isTrusted()).toBe(false); // a client may set it twice
      run(secondMs);
      expect(clock.isTrusted()).toBe(true);
      expect(announcements).toHaveLength(1);
      expect(Math.abs(heldMs + announcements[0]!.byMs - trulyMs)).toBeLessThanOrEqual(2);
      expect(Math.abs(clock.nowMs() - trueMs())).toBeLessThanOrEqual(2);
    },
  );

  test("a system that cannot say is trusted ten seconds after its clock became plausible", () => {
    const { clock, run, setWall } = simulate({ wallErrorMs: epochErrorMs, isSynchronized: null, lastStoredMs });
    run(30 * secondMs);
    setWall(0);
    run(10 * secondMs);
    expect(clock.isTrusted()).toBe(false);
    run(secondMs);
    expect(clock.isTrusted()).toBe(true);
  });

  test("on a new hub of an old release, no plausible clock is too far ahead", () => {
    const { clock, run, setWall } = simulate({ wallErrorMs: epochErrorMs, isSynchronized: null });
    run(minuteMs);
    setWall(2 * yearMs);
    run(11 * secondMs);
    expect(clock.isTrusted()).toBe(true);
  });

  test("without internet, a clock after the newest reading is trusted after ten minutes", () => {
    const { clock, announcements, run } = simulate({ wallErrorMs: -hourMs, isSynchronized: false, lastStoredMs });
    run(10 * minuteMs - secondMs);
    expect(clock.isTrusted()).toBe(false);
    run(secondMs);
    expect(clock.isTrusted()).toBe(true);
    expect(announcements).toMatchObject([{ kind: "trusted", byMs: 0 }]);
  });

  test("without internet, a saved clock behind the newest reading is not believed: the hub's own time is", () => {
    const { clock, announcements, run } = simulate({ wallErrorMs: savedErrorMs, isSynchronized: false, lastStoredMs });
    run(3 * hourMs);
    expect(announcements).toMatchObject([{ kind: "trusted", byMs: 0 }]);
    expect(clock.nowMs()).toBe(lastStoredMs + 1 + 3 * hourMs);
  });

  test("on a system that cannot say, such a clock is believed after ten minutes: PCs have batteries", () => {
    const { clock, run, errorMs } = simulate({ wallErrorMs: savedErrorMs, isSynchronized: null, lastStoredMs });
    run(10 * minuteMs);
    expect(clock.isTrusted()).toBe(true);
    expect(Math.abs(errorMs() - savedErrorMs)).toBeLessThanOrEqual(2);
  });

  test("a saved clock that is not believed may drift from the hub's time for as long as it likes", () => {
    const { announcements, run, driftWall } = simulate({
      wallErrorMs: savedErrorMs,
      isSynchronized: false,
      lastStoredMs,
    });
    driftWall(1);
    run(3 * hourMs);
    expect(announcements).toHaveLength(1);
  });

  test("a course that was not believed is judged anew after the clock has agreed with the hub", () => {
    const { announcements, run, setWall } = simulate({
      wallErrorMs: savedErrorMs,
      isSynchronized: false,
      lastStoredMs,
    });
    run(hourMs);
    setWall(-2 * hourMs + 1);
    run(minuteMs);
    setWall(savedErrorMs);
    run(2 * minuteMs);
    expect(announcements.map(({ kind }) => kind)).toEqual(["trusted", "step"]);
  });

  test("that hub follows its clock once NTP or its user sets it", () => {
    for (const isSynchronized of [true, false]) {
      const { announcements, run, setWall, setSynchronized, errorMs } = simulate({
        wallErrorMs: savedErrorMs,
        isSynchronized: false,
        lastStoredMs,
      });
      run(hourMs);
      setWall(0);
      setSynchronized(isSynchronized);
      run(minuteMs);
      expect(announcements.map(({ kind }) => kind)).toEqual(["trusted", "step"]);
      expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
    }
  });

  test("without internet, a clock years before the newest reading is believed: that reading was stored by mistake", () => {
    const { run, errorMs } = simulate({ isSynchronized: false, lastStoredMs: bootMs + 10 * yearMs });
    run(10 * minuteMs);
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
  });

  test("a clock before the release is never trusted", () => {
    const { clock, run } = simulate({ wallErrorMs: epochErrorMs, isSynchronized: false, lastStoredMs });
    run(2 * dayMs);
    expect(clock.isTrusted()).toBe(false);
  });

  test("a hub that starts again on the same boot gives its held readings the right correction", () => {
    const first = simulate({ wallErrorMs: epochErrorMs, isSynchronized: false, lastStoredMs });
    first.run(minuteMs);
    const heldMs = first.clock.nowMs();
    const heldTrulyMs = first.trueMs();
    const second = simulate({
      wallErrorMs: epochErrorMs,
      isSynchronized: false,
      lastStoredMs: heldMs,
      heldOffsetMs: first.clock.offsetMs(),
    });
    second.setWall(0);
    second.setSynchronized(true);
    second.run(10 * secondMs);
    expect(Math.abs(heldMs + second.announcements[0]!.byMs - heldTrulyMs)).toBeLessThanOrEqual(2);
  });

  test("when the shift of held readings fails, the clock stays provisional and tries again", () => {
    let isFailing = true;
    const { clock, run, setSynchronized } = simulate({
      wallErrorMs: -hourMs,
      isSynchronized: false,
      lastStoredMs,
      onTrusted() {
        if (isFailing) throw new Error("the disk is full");
      },
    });
    run(minuteMs);
    setSynchronized(true);
    expect(() => run(secondMs)).toThrow("the disk is full");
    expect(clock.isTrusted()).toBe(false);
    isFailing = false;
    run(secondMs);
    expect(clock.isTrusted()).toBe(true);
  });
});
