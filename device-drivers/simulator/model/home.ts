/** The made-up home: what each load draws at any instant and what each register has counted by then. */

import { type Calendar, createCalendar } from "./calendar.ts";
import { type DayGrid, drawDay, exportSeries, importSeries, producedSeries, seriesCount } from "./day-grid.ts";
import { createUses, type LoadId, loads } from "./loads.ts";
import { chanceAt, hash, seedFor } from "./random.ts";
import { cellMs } from "./runs.ts";
import { type Supply, supplyAt } from "./supply.ts";
import { createWeather } from "./weather.ts";

export interface HomeOptions {
  seed: number;
  timeZone: string;
  /** When the meters were installed: the registers count from here. */
  sinceMs: number;
}

/** Watts at one instant; `mainsW` is the sum of the loads minus `solarW`, positive when imported. */
export interface Power {
  loadsW: Record<LoadId, number>;
  solarW: number;
  mainsW: number;
}

export interface Moment extends Power {
  timeMs: number;
  supply: Supply;
  outdoorC: number;
}

/** Counts in Wh since installation, plus what stood on the meters then. */
export interface Registers {
  loadsWh: Record<LoadId, number>;
  producedWh: number;
  importWh: number;
  exportWh: number;
}

export interface Home {
  calendar: Calendar;
  sinceMs: number;
  /** The mean watts of the ten seconds around `timeMs`; registers count these. */
  baseAt(timeMs: number): Power;
  /** Second by second, with the loads in `off` disconnected. */
  at(timeMs: number, off?: ReadonlySet<LoadId>): Moment;
  registersAt(timeMs: number): Registers;
}

const rememberedDays = 3;

export function createHome({ seed, timeZone, sinceMs }: HomeOptions): Home {
  const calendar = createCalendar(timeZone);
  const weather = createWeather(seedFor(seed, "weather"), calendar);
  const uses = createUses(seedFor(seed, "household"), calendar, weather);
  const supplySeed = seedFor(seed, "supply");
  const rippleSeed = seedFor(seed, "ripple");
  const grids = new Map<number, DayGrid>();
  const firstDay = calendar.dayOf(sinceMs);
  // Wh of each series at each local midnight, from the day of installation on.
  const midnights: Float64Array[] = [];

  function gridOf(day: number): DayGrid {
    const known = grids.get(day);
    if (known) return known;
    const grid = drawDay(day, calendar, weather, uses);
    const oldest = grids.keys().next().value;
    if (grids.size >= rememberedDays && oldest !== undefined) grids.delete(oldest);
    grids.set(day, grid);
    return grid;
  }

  function baseAt(timeMs: number): Power {
    const { firstCell, powerW } = gridOf(calendar.dayOf(timeMs));
    const cell = Math.floor(timeMs / cellMs) - firstCell;
    const loadsW = {} as Record<LoadId, number>;
    loads.forEach(({ id }, i) => {
      loadsW[id] = powerW[i]![cell]!;
    });
    const solarW = powerW[producedSeries]![cell]!;
    return { loadsW, solarW, mainsW: sumOf(loadsW) - solarW };
  }

  function at(timeMs: number, off?: ReadonlySet<LoadId>): Moment {
    const { loadsW, solarW } = baseAt(timeMs);
    for (const id of off ?? []) loadsW[id] = 0;
    addRipple(rippleSeed, timeMs, loadsW, sumOf(loadsW) - solarW);
    return {
      timeMs,
      loadsW,
      solarW,
      mainsW: sumOf(loadsW) - solarW,
      supply: supplyAt(supplySeed, timeMs, loadsW, solarW),
      outdoorC: weather.outdoorC(timeMs),
    };
  }

  /** Wh of each series from the first day's midnight to `timeMs`. */
  function countedAt(timeMs: number): Float64Array {
    const day = calendar.dayOf(timeMs);
    if (day < firstDay) throw new RangeError("The home has no registers before its meters were installed.");
    if (midnights.length === 0) midnights.push(new Float64Array(seriesCount));
    for (let next = firstDay + midnights.length; next <= day; next++) {
      const { energyWh } = gridOf(next - 1);
      midnights.push(midnights.at(-1)!.map((sumWh, i) => sumWh + energyWh[i]!.at(-1)!));
    }
    const { firstCell, powerW, energyWh } = gridOf(day);
    const cell = Math.floor(timeMs / cellMs);
    const hours = (timeMs - cell * cellMs) / 3_600_000;
    return midnights[day - firstDay]!.map(
      (sumWh, i) => sumWh + energyWh[i]![cell - firstCell]! + powerW[i]![cell - firstCell]! * hours,
    );
  }

  let installed: Float64Array | undefined;
  function registersAt(timeMs: number): Registers {
    installed ??= countedAt(sinceMs).map((sumWh, i) => firstCountWh(seed, i) - sumWh);
    const start = installed;
    const wh = countedAt(timeMs).map((sumWh, i) => sumWh + start[i]!);
    const loadsWh = {} as Record<LoadId, number>;
    loads.forEach(({ id }, i) => {
      loadsWh[id] = wh[i]!;
    });
    return { loadsWh, producedWh: wh[producedSeries]!, importWh: wh[importSeries]!, exportWh: wh[exportSeries]! };
  }

  return { calendar, sinceMs, baseAt, at, registersAt };
}

export function sumOf(loadsW: Readonly<Record<LoadId, number>>): number {
  let sumW = 0;
  for (const { id } of loads) sumW += loadsW[id];
  return sumW;
}

/** What stood on a meter when it was put into this home: a few hundred kWh, for the mains some thousands. */
function firstCountWh(seed: number, series: number): number {
  const share = chanceAt(seedFor(seed, "first count"), series);
  if (series === importSeries) return Math.round(9e6 + 6e6 * share);
  if (series === exportSeries || series === producedSeries) return Math.round(1e6 + 3e6 * share);
  return Math.round(2e4 + 6e5 * share);
}

/**
 * Lets the loads waver from second to second: waves that sum to zero over the ten seconds, so that registers
 * stay exact. Around zero the wavering is small enough to leave the direction of the mains as it is.
 */
function addRipple(seed: number, timeMs: number, loadsW: Record<LoadId, number>, netW: number): void {
  const cell = Math.floor(timeMs / cellMs);
  const second = Math.floor((timeMs - cell * cellMs) / 1000);
  let swingW = 0;
  for (const { id, ripple } of loads) swingW += loadsW[id] * ripple;
  const calm = swingW > 0 ? Math.min(1, Math.abs(netW) / swingW) : 0;
  loads.forEach(({ id, ripple }, i) => {
    const waves = 1 + (hash(seed, cell, i) % 4);
    const shift = chanceAt(seed, cell, i + 100) * 2 * Math.PI;
    loadsW[id] *= 1 + calm * ripple * Math.sin((second / 10) * waves * 2 * Math.PI + shift);
  });
}
