/** What the household switches on and off by itself: the runs that start on one day. */

import type { Calendar } from "./calendar.ts";
import { type DayPlan, isHome } from "./people.ts";
import { chanceAt, createRandom, type Random, seedFor, smooth } from "./random.ts";
import { cellsIn, makeRun, type Run } from "./runs.ts";

export interface Day {
  seed: number;
  calendar: Calendar;
  plan: DayPlan;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

function randomOf({ seed, plan }: Day, label: string): Random {
  return createRandom(seedFor(seed, `${label} ${plan.day}`));
}

interface Shower {
  startMs: number;
  minutes: number;
  heaterW: number;
}

/** Two in the morning, three in the evening, one after the other. */
function showers(day: Day): Shower[] {
  const random = randomOf(day, "shower");
  const { plan, calendar } = day;
  const taken: Shower[] = [];
  let freeMs = 0;
  const add = (startMs: number) => {
    const shower = {
      startMs: Math.max(startMs, freeMs),
      minutes: random.between(4, 8.5),
      heaterW: random.whole(35, 45) * 100,
    };
    if (!isHome(plan, shower.startMs)) return;
    freeMs = shower.startMs + (shower.minutes + random.between(3, 9)) * minuteMs;
    taken.push(shower);
  };
  for (let i = 0; i < 2; i++) add(plan.wakeMs + random.between(0.1, 0.7) * hourMs);
  add(plan.childBedMs - random.between(0.5, 1) * hourMs);
  for (let i = 0; i < 2; i++)
    add(Math.max(calendar.atMs(plan.day, 20.5), plan.sleepMs - random.between(0.5, 2) * hourMs));
  return taken;
}

export function showerRuns(day: Day): Run[] {
  return showers(day).map(({ startMs, minutes, heaterW }) => {
    // The water stops for a minute to soap.
    const soap = minutes * 0.45;
    const water = seedFor(day.seed, "water");
    return makeRun(startMs, minutes, (minute, cell) =>
      minute > soap && minute < soap + 0.9 ? 3 : heaterW * (1 + 0.012 * smooth(water, cell / 9)),
    );
  });
}

/** The pump runs with each shower and wash, and for taps and flushes through the waking day. */
export function pumpRuns(day: Day): Run[] {
  const random = randomOf(day, "pump");
  const { plan } = day;
  const runs = showers(day).map((shower) => pump(shower.startMs + 10_000, shower.minutes));
  const times = plan.weekend ? 26 : 20;
  for (let i = 0; i < times; i++) {
    const startMs = random.between(plan.wakeMs, plan.sleepMs);
    if (isHome(plan, startMs)) runs.push(pump(startMs, random.between(0.4, 3)));
  }
  return runs;
}

function pump(startMs: number, minutes: number): Run {
  // The motor draws more while it comes up to pressure.
  return makeRun(startMs, minutes, (minute) => (minute < 0.2 ? 390 : 262));
}

export function riceRuns(day: Day): Run[] {
  const random = randomOf(day, "rice");
  const { plan, calendar } = day;
  const runs: Run[] = [];
  const cook = (startMs: number, warmHours: number) => {
    if (!isHome(plan, startMs)) return;
    const minutes = random.between(24, 34);
    runs.push(makeRun(startMs, minutes + warmHours * 60, (minute, cell) => riceW(minute, minutes, cell)));
  };
  if (random.chance(0.5)) cook(plan.wakeMs + random.between(2, 15) * minuteMs, random.between(0.3, 0.8));
  cook(calendar.atMs(plan.day, random.between(17.7, 18.7)), random.between(1, 2.6));
  return runs;
}

function riceW(minute: number, cookMinutes: number, cell: number): number {
  if (minute < cookMinutes * 0.75) return 640;
  // It simmers on and off, then keeps warm with short pulses.
  if (minute < cookMinutes) return cell % 3 === 0 ? 45 : 640;
  return cell % 18 < 2 ? 240 : 9;
}

export function washRuns(day: Day): Run[] {
  const random = randomOf(day, "wash");
  const { plan, calendar } = day;
  if (!random.chance(plan.weekend ? 0.8 : 0.35)) return [];
  const startMs = calendar.atMs(plan.day, plan.weekend ? random.between(8.8, 10) : random.between(18.8, 19.8));
  if (!isHome(plan, startMs)) return [];
  return [makeRun(startMs, 52, washW)];
}

/** A cold wash: the drum turns to and fro, water drains, the drum spins up. */
function washW(minute: number, cell: number): number {
  const turning = cell % 4 < 3;
  if (minute < 3) return 8;
  if (minute < 24) return turning ? 235 : 18;
  if (minute < 26) return 42;
  if (minute < 29) return 160 + 90 * (minute - 26);
  if (minute < 31) return 8;
  if (minute < 40) return turning ? 205 : 18;
  if (minute < 42) return 42;
  if (minute < 50) return minute < 44 ? 180 + 160 * (minute - 42) : 420;
  return 24;
}

export function televisionRuns(day: Day): Run[] {
  const random = randomOf(day, "television");
  const { plan, calendar } = day;
  const scene = seedFor(day.seed, "scene");
  const runs: Run[] = [];
  const watch = (startMs: number, endMs: number) => {
    if (!isHome(plan, startMs) || endMs <= startMs) return;
    const games = random.chance(0.25) ? 85 : 0;
    runs.push(
      makeRun(startMs, (endMs - startMs) / minuteMs, (_, cell) => 118 + games + 16 * smooth(scene, cell / 2.3)),
    );
  };
  if (plan.weekend)
    watch(plan.wakeMs + random.between(0.6, 1.5) * hourMs, calendar.atMs(plan.day, random.between(9.9, 12)));
  if (!plan.nightAway) {
    watch(calendar.atMs(plan.day, random.between(18.6, 19.8)), plan.sleepMs - random.between(0.1, 0.7) * hourMs);
  }
  return runs;
}

export function kettleRuns(day: Day): Run[] {
  const random = randomOf(day, "kettle");
  const { plan, calendar } = day;
  const times = [plan.wakeMs + random.between(8, 30) * minuteMs];
  if (plan.weekend || plan.homeOffice) times.push(calendar.atMs(plan.day, random.between(13.5, 16)));
  if (random.chance(0.5)) times.push(calendar.atMs(plan.day, random.between(19.5, 21.5)));
  return times
    .filter((timeMs) => isHome(plan, timeMs))
    .map((timeMs) => makeRun(timeMs, random.between(2, 4), () => 1780));
}

export function microwaveRuns(day: Day): Run[] {
  const random = randomOf(day, "microwave");
  const { plan, calendar } = day;
  const times = [plan.wakeMs + random.between(15, 50) * minuteMs, calendar.atMs(plan.day, random.between(18, 19.6))];
  if (plan.weekend || plan.homeOffice) times.push(calendar.atMs(plan.day, random.between(11.8, 13)));
  return times
    .filter((timeMs) => isHome(plan, timeMs) && random.chance(0.75))
    .map((timeMs) => makeRun(timeMs, random.between(1, 4), (minute) => (minute < 0.17 ? 980 : 1180)));
}

/** Charging waits for the cheap hours; the car sets the end. */
export function chargingRuns(day: Day): Run[] {
  const random = randomOf(day, "car");
  const { plan, calendar } = day;
  if (plan.nightAway || !random.chance(0.38)) return [];
  const minutes = random.between(80, 260);
  const drift = seedFor(day.seed, "charger");
  const startMs = calendar.atMs(plan.day, 22.5) + random.between(0, 90) * 1000;
  const fullW = random.between(7000, 7250);
  const total = (cellsIn(minutes) * 10) / 60;
  return [
    makeRun(startMs, minutes, (minute, cell) => {
      const start = Math.min(1, 0.2 + minute * 1.2);
      const full = Math.min(1, 0.3 + (total - minute) / 14);
      return fullW * Math.min(start, full) * (1 + 0.006 * smooth(drift, cell / 40));
    }),
  ];
}

/** Lamps of the rooms in use, from dusk to bedtime and on dark mornings; a night light otherwise. */
export function lightRuns(day: Day, isDark: (timeMs: number) => boolean): Run[] {
  const { plan, seed } = day;
  const lamp = seedFor(seed, "lamps");
  const quarterMs = 15 * minuteMs;
  const runs: Run[] = [];
  for (let startMs = plan.wakeMs; startMs < plan.sleepMs; startMs += quarterMs) {
    if (!isHome(plan, startMs) || !isDark(startMs)) continue;
    const minutes = Math.min(quarterMs, plan.sleepMs - startMs) / minuteMs;
    const lamps = 3 + Math.floor(7 * chanceAt(lamp, Math.floor(startMs / quarterMs)));
    runs.push(makeRun(startMs, minutes, () => 8 + lamps * 22));
  }
  return runs;
}
