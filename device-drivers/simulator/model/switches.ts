/** Relays that people open: a layer over the home, so that the home itself stays the same whatever is switched. */

import { type Home, type Moment, type Registers, sumOf } from "./home.ts";
import { type LoadId, loads } from "./loads.ts";
import { cellMs } from "./runs.ts";

export interface SwitchedHome {
  home: Home;
  isOn(load: LoadId): boolean;
  /** Times only move forward. */
  switch(load: LoadId, on: boolean, timeMs: number): void;
  at(timeMs: number): Moment;
  /** With the energy that open relays saved left out. */
  registersAt(timeMs: number): Registers;
}

interface Saved {
  timeMs: number;
  wh: Registers;
}

const msPerHour = 3_600_000;
// Midnights of more than a month, for the counts of today, yesterday and this month.
const rememberedMidnights = 40;

export function createSwitchedHome(home: Home): SwitchedHome {
  const off = new Set<LoadId>();
  const midnights: Saved[] = [];
  let saved: Saved | undefined;

  /** Counts what the open relays saved, up to `timeMs`. */
  function advance(timeMs: number): void {
    if (!saved) return;
    while (saved.timeMs < timeMs) {
      const midnightMs = home.calendar.startMs(home.calendar.dayOf(saved.timeMs) + 1);
      const cellEndMs = (Math.floor(saved.timeMs / cellMs) + 1) * cellMs;
      const endMs = off.size > 0 ? Math.min(timeMs, cellEndMs) : Math.min(timeMs, midnightMs);
      if (off.size > 0) addSaved(saved.wh, home, off, saved.timeMs, (endMs - saved.timeMs) / msPerHour);
      saved.timeMs = endMs;
      if (endMs === midnightMs) {
        midnights.push({ timeMs: endMs, wh: copy(saved.wh) });
        if (midnights.length > rememberedMidnights) midnights.shift();
      }
    }
  }

  function registersAt(timeMs: number): Registers {
    const counted = home.registersAt(timeMs);
    advance(timeMs);
    if (!saved) return counted;
    const then = saved.timeMs <= timeMs ? saved : midnights.findLast((midnight) => midnight.timeMs <= timeMs);
    if (!then) return counted;
    for (const { id } of loads) counted.loadsWh[id] -= then.wh.loadsWh[id];
    counted.importWh -= then.wh.importWh;
    counted.exportWh -= then.wh.exportWh;
    return counted;
  }

  return {
    home,
    isOn: (load) => !off.has(load),
    switch(load, on, timeMs) {
      saved ??= { timeMs, wh: nothing() };
      advance(timeMs);
      if (on) off.delete(load);
      else off.add(load);
    },
    at: (timeMs) => home.at(timeMs, off),
    registersAt,
  };
}

function addSaved(wh: Registers, home: Home, off: ReadonlySet<LoadId>, timeMs: number, hours: number): void {
  const { loadsW, solarW, mainsW } = home.baseAt(timeMs);
  for (const id of off) {
    wh.loadsWh[id] += loadsW[id] * hours;
    loadsW[id] = 0;
  }
  const netW = sumOf(loadsW) - solarW;
  wh.importWh += (Math.max(0, mainsW) - Math.max(0, netW)) * hours;
  wh.exportWh += (Math.max(0, -mainsW) - Math.max(0, -netW)) * hours;
}

function nothing(): Registers {
  const loadsWh = Object.fromEntries(loads.map(({ id }) => [id, 0])) as Record<LoadId, number>;
  return { loadsWh, producedWh: 0, importWh: 0, exportWh: 0 };
}

function copy(wh: Registers): Registers {
  return { ...wh, loadsWh: { ...wh.loadsWh } };
}
