/** The three phases at the meter: what voltage and current go with the watts. */

import { type LoadId, loads, type Phase, phases } from "./loads.ts";
import { seedFor, smooth } from "./random.ts";

export interface PhaseSupply {
  /** Positive is import. */
  powerW: number;
  reactiveVar: number;
  voltageV: number;
  currentA: number;
}

export interface Supply {
  phases: Record<Phase, PhaseSupply>;
  frequencyHz: number;
  voltageThdPercent: number;
  currentThdPercent: number;
}

const nominalV = 230;
// The way from the transformer: 20 A pull the voltage down by 3 V, feeding in lifts it.
const lineOhm = 0.15;

/** Reactive over active power of each load. */
const tangent = loads.map(({ powerFactor }) => Math.tan(Math.acos(powerFactor)));

export function supplyAt(
  seed: number,
  timeMs: number,
  loadsW: Readonly<Record<LoadId, number>>,
  solarW: number,
): Supply {
  const supply = {} as Record<Phase, PhaseSupply>;
  for (const phase of phases)
    supply[phase] = { powerW: -solarW / phases.length, reactiveVar: 0, voltageV: 0, currentA: 0 };
  loads.forEach(({ id, phase }, i) => {
    supply[phase].powerW += loadsW[id];
    supply[phase].reactiveVar += loadsW[id] * tangent[i]!;
  });
  for (const phase of phases) {
    const at = supply[phase];
    const own = seedFor(seed, phase);
    const gridV = nominalV + 2.4 * smooth(own, timeMs / 1_500_000) + 0.35 * smooth(own, timeMs / 2_700 + 0.5);
    at.voltageV = gridV - (lineOhm * at.powerW) / nominalV;
    at.currentA = Math.hypot(at.powerW, at.reactiveVar) / at.voltageV;
  }
  const frequency = seedFor(seed, "frequency");
  const distortion = seedFor(seed, "distortion");
  return {
    phases: supply,
    frequencyHz: 50 + 0.035 * smooth(frequency, timeMs / 40_000) + 0.008 * smooth(frequency, timeMs / 3_000),
    voltageThdPercent: 2.3 + 0.5 * smooth(distortion, timeMs / 3_600_000),
    currentThdPercent: 6.5 + 3 * smooth(distortion, timeMs / 600_000 + 7),
  };
}
