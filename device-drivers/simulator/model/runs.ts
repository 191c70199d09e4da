/** A run is one use of an appliance, from switching on to the end, as watts on the grid of cells. */

/** All values of the model hold for one cell of ten seconds; local midnights fall on its edges. */
export const cellMs = 10_000;

export interface Run {
  /** Index of the first cell, counted from 1970. */
  cell: number;
  /** One value a cell. */
  powerW: ArrayLike<number>;
}

export function cellOf(timeMs: number): number {
  return Math.floor(timeMs / cellMs);
}

export function cellsIn(minutes: number): number {
  return Math.max(1, Math.round((minutes * 60_000) / cellMs));
}

/** A run whose watts follow from how many minutes it has been on. */
export function makeRun(startMs: number, minutes: number, powerW: (minute: number, cell: number) => number): Run {
  const cell = cellOf(startMs);
  const values = new Float64Array(cellsIn(minutes));
  for (let i = 0; i < values.length; i++) values[i] = powerW((i * cellMs) / 60_000, cell + i);
  return { cell, powerW: values };
}
