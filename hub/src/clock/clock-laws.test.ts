import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Announcement,
  type Beginning,
  bootMs,
  hourMs,
  minuteMs,
  type Simulation,
  secondMs,
  simulate,
  yearMs,
} from "./simulated-world.ts";

type Event =
  | { kind: "step"; byMs: number }
  | { kind: "set"; errorMs: number }
  | { kind: "drift"; msPerSecond: number }
  | { kind: "run"; forMs: number }
  | { kind: "block"; forMs: number }
  | { kind: "synchronized"; value: boolean | null };

const synchronization = fc.constantFrom(true, false, null);
const wallError = fc.oneof(
  fc.integer({ min: -3 * secondMs, max: 3 * secondMs }),
  fc.integer({ min: -2 * hourMs, max: 2 * hourMs }),
  fc.constantFrom(0, hourMs, -hourMs, 10 * yearMs, -10 * yearMs, -bootMs),
);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant("step" as const), byMs: wallError }),
  fc.record({ kind: fc.constant("set" as const), errorMs: wallError }),
  fc.record({ kind: fc.constant("drift" as const), msPerSecond: fc.integer({ min: -600, max: 600 }) }),
  fc.record({ kind: fc.constant("run" as const), forMs: fc.integer({ min: 1, max: 15 * minuteMs }) }),
  fc.record({ kind: fc.constant("run" as const), forMs: fc.integer({ min: 1, max: 20 * secondMs }) }),
  fc.record({ kind: fc.constant("block" as const), forMs: fc.integer({ min: 1, max: 20 * minuteMs }) }),
  fc.record({ kind: fc.constant("synchronized" as const), value: synchronization }),
);
const events = fc.array(event, { maxLength: 40, size: "max" });
const beginning: fc.Arbitrary<Beginning> = fc.record({
  wallErrorMs: wallError,
  isSynchronized: synchronization,
  lastStoredMs: fc.option(
    fc.integer({ min: -2 * hourMs, max: 2 * hourMs }).map((byMs) => bootMs + byMs),
    { nil: null },
  ),
});

/** Between two checks: about a second, and not whole, so that times fall on every fraction of a millisecond. */
const tickMs = 999 + Math.SQRT1_2;

/** Makes an event happen; a run in pieces, so that the test sees the time before and after each check. */
function happen(simulation: Simulation, event: Event, afterEach: () => void): void {
  if (event.kind === "step") simulation.stepWall(event.byMs);
  else if (event.kind === "set") simulation.setWall(event.errorMs);
  else if (event.kind === "drift") simulation.driftWall(event.msPerSecond);
  else if (event.kind === "synchronized") simulation.setSynchronized(event.value);
  else if (event.kind === "block") simulation.block(event.forMs);
  else {
    for (let leftMs = event.forMs; leftMs > 0; leftMs -= tickMs) {
      simulation.block(Math.min(leftMs, tickMs));
      afterEach();
      simulation.clock.check();
      afterEach();
    }
  }
  afterEach();
}

test("whatever the wall clock does, the hub's time runs back only by what was announced", () => {
  const law = fc.property(beginning, events, (start, list) => {
    const simulation = simulate(start);
    let lastMs = simulation.clock.nowMs();
    let seen = simulation.announcements.length;
    let furthestBackMs = 0;
    let isAlwaysWhole = true;
    for (const one of list) {
      happen(simulation, one, () => {
        const fresh = simulation.announcements.slice(seen);
        seen += fresh.length;
        const earliestMs = Math.min(lastMs, ...fresh.map(({ beforeMs, byMs }) => beforeMs + byMs));
        const nowMs = simulation.clock.nowMs();
        furthestBackMs = Math.max(furthestBackMs, earliestMs - nowMs - (fresh.length > 0 ? 1 : 0)); // times are rounded
        isAlwaysWhole &&= Number.isInteger(nowMs);
        lastMs = nowMs;
      });
    }
    expect({ furthestBackMs, isAlwaysWhole }).toEqual({ furthestBackMs: 0, isAlwaysWhole: true });
  });
  fc.assert(law, { numRuns: 150 });
});

test("whatever the wall clock does, trust comes once, and steps after it and a minute apart", () => {
  const law = fc.property(beginning, events, (start, list) => {
    const stepTimes: number[] = [];
    const simulation = simulate({ ...start, onStep: () => void stepTimes.push(simulation.trueMs()) });
    for (const one of list) happen(simulation, one, () => {});
    const kinds = simulation.announcements.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "trusted")).toHaveLength(simulation.clock.isTrusted() ? 1 : 0);
    expect(kinds.indexOf("trusted")).toBeLessThanOrEqual(0);
    stepTimes.slice(1).forEach((timeMs, i) => void expect(timeMs - stepTimes[i]!).toBeGreaterThanOrEqual(minuteMs - 1));
    expect(simulation.announcements.every(isWhole)).toBe(true);
  });
  fc.assert(law, { numRuns: 150 });
});

const isWhole = ({ byMs }: Announcement) => Number.isInteger(byMs) && !Object.is(byMs, -0);

test("provisional time runs evenly, and with the correction it is the time that the clock goes on with", () => {
  const law = fc.property(
    beginning,
    events.map((list) => list.filter(({ kind }) => kind !== "drift")),
    (start, list) => {
      const simulation = simulate({ ...start, isSynchronized: start.isSynchronized === null ? null : false });
      const provisional: { timeMs: number; trulyMs: number }[] = [];
      const note = () => {
        if (simulation.clock.isTrusted()) return;
        provisional.push({ timeMs: simulation.clock.nowMs(), trulyMs: simulation.trueMs() });
      };
      note();
      for (const one of list) {
        if (!simulation.clock.isTrusted()) happen(simulation, one, note);
      }
      // At last NTP comes.
      simulation.setWall(0);
      simulation.driftWall(0);
      simulation.setSynchronized(true);
      const wasTrusted = simulation.clock.isTrusted();
      simulation.run(2 * minuteMs);
      for (const [i, { timeMs, trulyMs }] of provisional.entries()) {
        const first = provisional[0]!;
        expect(Math.abs(timeMs - first.timeMs - (trulyMs - first.trulyMs)), `at ${i}`).toBeLessThanOrEqual(1);
        if (wasTrusted) continue;
        // A clock less than 2 s behind is not corrected but approached.
        const errorMs = timeMs + simulation.announcements[0]!.byMs - trulyMs;
        expect(errorMs).toBeGreaterThanOrEqual(-2);
        expect(errorMs).toBeLessThanOrEqual(2 * secondMs + 2);
        if (simulation.announcements[0]!.byMs !== 0) expect(errorMs).toBeLessThanOrEqual(2);
      }
    },
  );
  fc.assert(law, { numRuns: 150 });
});

test("whatever went before, a clock that stays right and synchronized is the hub's within two minutes", () => {
  const law = fc.property(beginning, events, (start, list) => {
    const simulation = simulate(start);
    for (const one of list) happen(simulation, one, () => {});
    simulation.driftWall(0);
    simulation.setWall(0);
    simulation.setSynchronized(true);
    simulation.run(2 * minuteMs);
    expect(simulation.clock.isTrusted()).toBe(true);
    expect(Math.abs(simulation.errorMs())).toBeLessThanOrEqual(2);
  });
  fc.assert(law, { numRuns: 150 });
});

test("whatever the system says of it, a clock that stays right since the start is trusted within ten minutes", () => {
  const law = fc.property(beginning, synchronization, (start, isSynchronized) => {
    const simulation = simulate({ ...start, wallErrorMs: 0, isSynchronized });
    simulation.run(10 * minuteMs);
    expect(simulation.clock.isTrusted()).toBe(true);
  });
  fc.assert(law);
});
