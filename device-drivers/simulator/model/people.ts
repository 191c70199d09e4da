/** Two adults and a child: when they are at home and awake. */

import type { Calendar } from "./calendar.ts";
import { chanceAt, createRandom, seedFor } from "./random.ts";

export interface Span {
  startMs: number;
  endMs: number;
}

export interface DayPlan {
  day: number;
  weekend: boolean;
  /** One adult works from home. */
  homeOffice: boolean;
  wakeMs: number;
  childBedMs: number;
  /** Lies after midnight on some days. */
  sleepMs: number;
  /** When nobody is at home, in order. */
  away: Span[];
  /** Nobody sleeps at home in the night after this day. */
  nightAway: boolean;
}

export function planDay(seed: number, calendar: Calendar, day: number): DayPlan {
  const random = createRandom(seedFor(seed, `people ${day}`));
  const weekday = calendar.weekday(day);
  const weekend = weekday >= 6;
  const trip = weekend && goesOnTrip(seed, day - weekday);
  const homeOffice = !weekend && random.chance(0.4);
  const at = (low: number, high: number) => calendar.atMs(day, random.between(low, high));
  const plan: DayPlan = {
    day,
    weekend,
    homeOffice,
    wakeMs: weekend ? at(6.9, 8.4) : at(5.6, 6.3),
    childBedMs: at(20.3, 21.2),
    sleepMs: weekend ? at(22.7, 24.3) : at(22.1, 23.3),
    away: [],
    nightAway: trip && weekday === 6,
  };
  if (trip && weekday === 6) plan.away.push({ startMs: at(8.7, 10), endMs: calendar.atMs(day, 24) });
  else if (trip) plan.away.push({ startMs: calendar.startMs(day), endMs: at(15.5, 18) });
  else if (weekend && random.chance(0.55)) plan.away.push({ startMs: at(10, 11.5), endMs: at(14, 17) });
  else if (!weekend && !homeOffice) plan.away.push({ startMs: at(7.1, 7.9), endMs: at(16.7, 18.3) });
  return plan;
}

export function isHome(plan: DayPlan, timeMs: number): boolean {
  return !plan.away.some((span) => timeMs >= span.startMs && timeMs < span.endMs);
}

/** Both days of a weekend belong to one trip, so the draw is the week's; about one weekend in eight. */
function goesOnTrip(seed: number, sundayBefore: number): boolean {
  return chanceAt(seedFor(seed, "trip"), sundayBefore) < 0.12;
}
