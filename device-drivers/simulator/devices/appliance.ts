/** One appliance behind one meter: the figures that each dialect then words in its own way. */

import { type LoadId, loads } from "../model/loads.ts";
import type { SwitchedHome } from "../model/switches.ts";
import type { OutMessage, View } from "./device.ts";

export interface ApplianceMeter {
  load: LoadId;
  /** What the household calls it. */
  name: string;
  mac: string;
  /** Its second in the minute, so that devices do not all speak at once. */
  slot: number;
  home: SwitchedHome;
}

export interface Measured {
  powerW: number;
  apparentVa: number;
  reactiveVar: number;
  powerFactor: number;
  voltageV: number;
  currentA: number;
}

export function measure(load: LoadId, { moment }: View): Measured {
  const { phase, powerFactor } = loads.find(({ id }) => id === load)!;
  const powerW = moment.loadsW[load];
  const apparentVa = powerW / powerFactor;
  const { voltageV } = moment.supply.phases[phase];
  return {
    powerW,
    apparentVa,
    reactiveVar: Math.sqrt(Math.max(0, apparentVa ** 2 - powerW ** 2)),
    powerFactor: powerW > 0 ? powerFactor : 0,
    voltageV,
    currentA: apparentVa / voltageV,
  };
}

/** True for a step that people would see: a change of at least `share`, and of more than `leastW`. */
export function changedMuch(beforeW: number, afterW: number, { share, leastW }: { share: number; leastW: number }) {
  const change = Math.abs(afterW - beforeW);
  return change > leastW && change > share * Math.max(beforeW, afterW);
}

/** The state a command asks for: `on`, `off`, `toggle` and their short forms; undefined when it is no state. */
export function wantedState(word: string, isOn: boolean): boolean | undefined {
  const wanted = word.trim().toLowerCase();
  if (["on", "1", "true"].includes(wanted)) return true;
  if (["off", "0", "false"].includes(wanted)) return false;
  return wanted === "toggle" || wanted === "2" ? !isOn : undefined;
}

export function json(topic: string, payload: unknown, delivery?: Partial<OutMessage>): OutMessage {
  return { topic, payload: JSON.stringify(payload), qos: 0, retain: false, ...delivery };
}
