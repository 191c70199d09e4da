/** Everything in the home that uses electricity, and the phase it is wired to. */

import * as appliances from "./appliances.ts";
import { fridge, standby } from "./background.ts";
import type { Calendar } from "./calendar.ts";
import { bedroom, coolRoom, kidsRoom, livingRoom, livingRoomUses, nightUses } from "./cooling.ts";
import { type DayPlan, planDay } from "./people.ts";
import { seedFor } from "./random.ts";
import type { Run } from "./runs.ts";
import type { Weather } from "./weather.ts";

export const phases = ["L1", "L2", "L3"] as const;

export type Phase = (typeof phases)[number];

export interface Load {
  id: LoadId;
  phase: Phase;
  powerFactor: number;
  /** Drawn while it is plugged in and not in use. */
  idleW: number;
  /** How much the watts waver within seconds, as a share. */
  ripple: number;
}

/** `standby` is what no meter of its own measures: the rest. */
export const loads = [
  { id: "ac_living", phase: "L1", powerFactor: 0.97, idleW: 1.6, ripple: 0.012 },
  { id: "ac_bedroom", phase: "L2", powerFactor: 0.97, idleW: 1.4, ripple: 0.012 },
  { id: "ac_kids", phase: "L3", powerFactor: 0.96, idleW: 1.4, ripple: 0.012 },
  { id: "fridge", phase: "L2", powerFactor: 0.86, idleW: 0, ripple: 0.015 },
  { id: "washing_machine", phase: "L3", powerFactor: 0.72, idleW: 0.6, ripple: 0.05 },
  { id: "water_pump", phase: "L3", powerFactor: 0.82, idleW: 0, ripple: 0.02 },
  { id: "shower", phase: "L2", powerFactor: 1, idleW: 0, ripple: 0.004 },
  { id: "rice_cooker", phase: "L3", powerFactor: 1, idleW: 0, ripple: 0.004 },
  { id: "tv", phase: "L1", powerFactor: 0.91, idleW: 1.1, ripple: 0.06 },
  { id: "lights", phase: "L1", powerFactor: 0.9, idleW: 8, ripple: 0.002 },
  { id: "kettle", phase: "L1", powerFactor: 1, idleW: 0, ripple: 0.004 },
  { id: "microwave", phase: "L3", powerFactor: 0.94, idleW: 1.8, ripple: 0.02 },
  { id: "ev", phase: "L3", powerFactor: 0.99, idleW: 3.6, ripple: 0.003 },
  { id: "standby", phase: "L2", powerFactor: 0.62, idleW: 0, ripple: 0.03 },
] as const satisfies readonly {
  id: string;
  phase: Phase;
  powerFactor: number;
  idleW: number;
  ripple: number;
}[];

export type LoadId = (typeof loads)[number]["id"];

export interface Use {
  /** The runs that start on the day; none lasts longer than to the end of the next. */
  runs?(day: number): Run[];
  /** Watts of a load that never stops. */
  always?(cell: number): number;
}

/** How the household of this seed uses each load. */
export function createUses(seed: number, calendar: Calendar, weather: Weather): Record<LoadId, Use> {
  const plans = new Map<number, DayPlan>();
  function plan(day: number): DayPlan {
    const known = plans.get(day);
    if (known) return known;
    if (plans.size > 8) plans.clear();
    const made = planDay(seed, calendar, day);
    plans.set(day, made);
    return made;
  }

  const household = { seed, calendar, weather, plan };
  const cool = (room: typeof bedroom) => ({
    runs: (day: number) => nightUses(household, room, day).map((use) => coolRoom(room, use, weather)),
  });
  const daily = (runsOf: (day: appliances.Day) => Run[]): Use => ({
    runs: (day) => runsOf({ seed, calendar, plan: plan(day) }),
  });
  // Lamps go on when the sun is lower than about three degrees.
  const isDark = (timeMs: number) => weather.sunHeight(timeMs) < 0.05;
  return {
    ac_living: {
      runs: (day) => livingRoomUses(household, day).map((use) => coolRoom(livingRoom, use, weather)),
    },
    ac_bedroom: cool(bedroom),
    ac_kids: cool(kidsRoom),
    fridge: { always: fridge(seedFor(seed, "fridge")) },
    washing_machine: daily(appliances.washRuns),
    water_pump: daily(appliances.pumpRuns),
    shower: daily(appliances.showerRuns),
    rice_cooker: daily(appliances.riceRuns),
    tv: daily(appliances.televisionRuns),
    lights: daily((day) => appliances.lightRuns(day, isDark)),
    kettle: daily(appliances.kettleRuns),
    microwave: daily(appliances.microwaveRuns),
    ev: daily(appliances.chargingRuns),
    standby: { always: standby(seedFor(seed, "standby")) },
  };
}
