/** Inverter air conditioners: a room with inertia, and a compressor that ramps instead of switching. */

import type { Calendar } from "./calendar.ts";
import { type DayPlan, isHome } from "./people.ts";
import { createRandom, seedFor } from "./random.ts";
import { cellMs, cellOf, type Run } from "./runs.ts";
import type { Weather } from "./weather.ts";

export interface Room {
  id: string;
  /** The unit's full cooling; 12,000 BTU/h are 3.5 kW. */
  coolingKwMax: number;
  /** Heat that comes in per degree between outside and inside. */
  lossKwPerC: number;
  /** People, screens, sun-warmed walls. */
  gainKw: number;
  /** Heat that the air and furniture store per degree. */
  storeKwhPerC: number;
}

export const livingRoom: Room = { id: "living", coolingKwMax: 5.2, lossKwPerC: 0.24, gainKw: 1.35, storeKwhPerC: 0.5 };
export const bedroom: Room = { id: "bedroom", coolingKwMax: 3.5, lossKwPerC: 0.2, gainKw: 1.15, storeKwhPerC: 0.3 };
export const kidsRoom: Room = { id: "kids", coolingKwMax: 2.6, lossKwPerC: 0.16, gainKw: 0.85, storeKwhPerC: 0.25 };

const fanW = 24;
const hourMs = 3_600_000;
const cellHours = cellMs / hourMs;
// A compressor goes from standstill to full speed in about four minutes.
const rampPerCell = 0.04;
const slowest = 0.16;

interface Use {
  startMs: number;
  endMs: number;
  targetC: number;
}

/** The watts of one use: pulls the warm room down first, then holds it. */
export function coolRoom(room: Room, use: Use, weather: Weather): Run {
  const cell = cellOf(use.startMs);
  const powerW = new Float64Array(cellOf(use.endMs) - cell);
  // The walls follow the outdoors by some hours and keep the afternoon's heat.
  let indoorC = (weather.outdoorC(use.startMs) + weather.outdoorC(use.startMs - 4 * hourMs)) / 2 + 0.8;
  let outdoorC = 0;
  let speed = 0;
  let resting = false;
  for (let i = 0; i < powerW.length; i++) {
    const timeMs = (cell + i) * cellMs;
    if (i % 30 === 0) outdoorC = weather.outdoorC(timeMs);
    const tooWarmC = indoorC - use.targetC;
    const heatKw = room.gainKw + room.lossKwPerC * (outdoorC - indoorC);
    const wanted = heatKw / room.coolingKwMax + 0.45 * tooWarmC;
    if (resting ? tooWarmC > 0.5 : wanted < slowest * 0.6 && tooWarmC < -0.2) resting = !resting;
    const goal = resting ? 0 : Math.min(1, Math.max(slowest, wanted));
    speed += Math.max(-rampPerCell, Math.min(rampPerCell, goal - speed));
    indoorC += ((heatKw - speed * room.coolingKwMax) / room.storeKwhPerC) * cellHours;
    powerW[i] = fanW + (speed * room.coolingKwMax * 1000) / efficiency(speed, outdoorC);
  }
  return { cell, powerW };
}

/** Heat moved per electric energy: better at part speed, worse in hot air. */
function efficiency(speed: number, outdoorC: number): number {
  return Math.max(2.4, 4.3 - 1.2 * speed - 0.05 * (outdoorC - 30));
}

interface Household {
  seed: number;
  calendar: Calendar;
  weather: Weather;
  plan(day: number): DayPlan;
}

/** The uses of the living room's unit that start on `day`: evenings, weekends, and days of home office. */
export function livingRoomUses({ seed, calendar, weather, plan }: Household, day: number): Use[] {
  const random = createRandom(seedFor(seed, `living ${day}`));
  const today = plan(day);
  const targetC = random.between(25, 26);
  const uses: Use[] = [];
  const add = (startMs: number, endMs: number) => {
    // Nobody starts it on a mild evening.
    if (weather.outdoorC(startMs) > 26.2 && isHome(today, startMs)) uses.push({ startMs, endMs, targetC });
  };
  const noon = calendar.atMs(day, random.between(11.6, 13.6));
  const afternoonEnd = calendar.atMs(day, random.between(15.5, 17));
  if (today.weekend || today.homeOffice) add(noon, afternoonEnd);
  const backMs = Math.max(calendar.atMs(day, 17.4), today.away.at(-1)?.endMs ?? 0);
  const eveningMs = backMs + random.between(0.1, 1) * hourMs;
  const endMs = today.sleepMs - random.between(0.1, 0.8) * hourMs;
  if (!today.nightAway && endMs > eveningMs) add(eveningMs, endMs);
  return uses;
}

/** The night in one bedroom, from `day` into the next morning. */
export function nightUses({ seed, weather, plan }: Household, room: Room, day: number): Use[] {
  const random = createRandom(seedFor(seed, `${room.id} ${day}`));
  const today = plan(day);
  if (today.nightAway) return [];
  const bedMs = room.id === "kids" ? today.childBedMs : today.sleepMs;
  const startMs = bedMs - random.between(0.2, 0.6) * hourMs;
  const endMs = plan(day + 1).wakeMs + random.between(-0.6, 0.2) * hourMs;
  if (weather.outdoorC(startMs) < 24.5) return [];
  return [{ startMs, endMs, targetC: random.between(24.6, 26) }];
}
