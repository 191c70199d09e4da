/** What is never switched on or off: watts as a function of the cell alone. */

import { chanceAt, seedFor, smooth } from "./random.ts";
import { cellMs } from "./runs.ts";

const cellsPerMinute = 60_000 / cellMs;

/** An inverter fridge: the compressor breathes slowly; about every 11 hours it defrosts. */
export function fridge(seed: number): (cell: number) => number {
  const loadSeed = seedFor(seed, "fridge load");
  const startSeed = seedFor(seed, "defrost");
  const cycleCells = 54 * cellsPerMinute;
  const defrostCells = 660 * cellsPerMinute;
  return (cell) => {
    const defrost = Math.floor(cell / defrostCells);
    const sinceDefrost = (cell % defrostCells) - Math.floor(chanceAt(startSeed, defrost) * 200 * cellsPerMinute);
    if (sinceDefrost >= 0 && sinceDefrost < 17 * cellsPerMinute) return 178;
    const cycle = Math.floor(cell / cycleCells);
    const share = 0.62 + 0.3 * (chanceAt(loadSeed, cycle) - 0.5);
    const phase = (cell % cycleCells) / cycleCells;
    if (phase > share) return 2.4;
    const start = phase * 54 < 1 ? 22 : 0;
    return 64 + start + 14 * smooth(loadSeed, cell / (20 * cellsPerMinute)) - 10 * phase;
  };
}

/** Router, cameras, aquarium, water cooler, chargers; a fan or a laptop now and then. */
export function standby(seed: number): (cell: number) => number {
  const drift = seedFor(seed, "standby drift");
  const gadget = seedFor(seed, "gadgets");
  return (cell) => {
    const extra = Math.max(0, smooth(gadget, cell / (75 * cellsPerMinute))) * 110;
    return 146 + 6 * smooth(drift, cell / (9 * cellsPerMinute)) + extra;
  };
}
