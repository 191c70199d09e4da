/** What every simulated device has in common, whatever its dialect. */

import type { Moment, Registers } from "../model/home.ts";
import type { SwitchedHome } from "../model/switches.ts";

export interface OutMessage {
  topic: string;
  payload: string;
  qos: 0 | 1;
  retain: boolean;
}

/** The home as a device sees it at one instant. */
export interface View {
  timeMs: number;
  moment: Moment;
  registers: Registers;
  /** Registers at the last local midnight, the one before, and the first of the month. */
  midnight: Registers;
  yesterday: Registers;
  monthStart: Registers;
}

export interface Device {
  clientId: string;
  /** Published by the broker when the device vanishes, and by the device when it leaves. */
  will: OutMessage;
  /** Published after each connection; without `isLive` only what no reader takes for a measurement of now. */
  birth(view: View, isLive: boolean): OutMessage[];
  /** How often it tells its past before the last 24 hours; a multiple of a quarter of an hour. */
  coarseStepMs: number;
  /** One step of the past, dated by its payload; a brief one tells power and energy only. */
  history(view: View, isBrief: boolean): OutMessage[];
  /** What is due in this second; called once a second. */
  tick(view: View): OutMessage[];
  /** Topic filters of the commands it obeys. */
  commands: string[];
  obey(topic: string, payload: string, view: View): OutMessage[];
}

export function createViewer(switched: SwitchedHome): (timeMs: number) => View {
  const { calendar, sinceMs } = switched.home;
  let day = Number.NaN;
  let starts: Pick<View, "midnight" | "yesterday" | "monthStart">;

  return (timeMs) => {
    const today = calendar.dayOf(timeMs);
    if (today !== day) {
      const startOf = (first: number) => switched.registersAt(Math.max(sinceMs, calendar.startMs(first)));
      starts = {
        monthStart: startOf(calendar.monthStart(today)),
        yesterday: startOf(today - 1),
        midnight: startOf(today),
      };
      day = today;
    }
    return { timeMs, moment: switched.at(timeMs), registers: switched.registersAt(timeMs), ...starts };
  };
}

/** Once a minute, each device at its own second. */
export function isMinute(timeMs: number, slot: number): boolean {
  return Math.floor(timeMs / 1000) % 60 === slot % 60;
}

export function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  // Adding 0 turns -0 into 0.
  return Math.round(value * scale) / scale + 0;
}

/** As `2026-02-06T14:30:00Z`. */
export function utcText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

export function kwh(wh: number, digits = 3): number {
  return round(wh / 1000, digits);
}

/** The whole MAC address of a device: its maker's prefix, then three bytes that depend on the home. */
export function macAddress(makerPrefix: string, homeHash: number, index: number): string {
  const own = ((homeHash & 0xffff00) | (index & 0xff)) >>> 0;
  return (makerPrefix + own.toString(16).padStart(6, "0")).toUpperCase();
}
