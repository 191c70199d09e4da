/** One local day of the home, cell by cell, with its energies summed from midnight. */

import type { Calendar } from "./calendar.ts";
import { type LoadId, loads, type Use } from "./loads.ts";
import { cellMs, cellOf, type Run } from "./runs.ts";
import type { Weather } from "./weather.ts";

/** Series of a day: each load in the order of `loads`, then these three. */
export const producedSeries = loads.length;
export const importSeries = loads.length + 1;
export const exportSeries = loads.length + 2;
export const seriesCount = loads.length + 3;

export interface DayGrid {
  firstCell: number;
  /** Watts, one array a series, one value a cell. */
  powerW: Float64Array[];
  /** Wh from midnight to the start of each cell, and to the end of the day. */
  energyWh: Float64Array[];
}

// 5 kWp of panels lose a sixth to heat, dust, wiring and inverter.
const panelsW = 5000 * 0.83;
const inverterMaxW = 5000;
// The sky is looked at every half minute; the inverter follows it evenly.
const skyCells = 3;
const whPerWattCell = cellMs / 3_600_000;

export function drawDay(day: number, calendar: Calendar, weather: Weather, uses: Record<LoadId, Use>): DayGrid {
  const firstCell = cellOf(calendar.startMs(day));
  const cells = cellOf(calendar.startMs(day + 1)) - firstCell;
  const powerW: Float64Array[] = loads.map(({ id, idleW }) => {
    const values = new Float64Array(cells).fill(idleW);
    const { always, runs } = uses[id];
    if (always) for (let i = 0; i < cells; i++) values[i] = always(firstCell + i);
    // Yesterday's runs may still be on.
    for (const run of [...(runs?.(day - 1) ?? []), ...(runs?.(day) ?? [])]) layOn(values, firstCell, run);
    return values;
  });
  powerW.push(drawSolar(firstCell, cells, weather));
  powerW.push(...splitNet(powerW, cells));
  return { firstCell, powerW, energyWh: powerW.map(sumUp) };
}

function layOn(values: Float64Array, firstCell: number, run: Run): void {
  const from = Math.max(0, firstCell - run.cell);
  const to = Math.min(run.powerW.length, firstCell + values.length - run.cell);
  for (let i = from; i < to; i++) {
    const at = run.cell + i - firstCell;
    values[at] = Math.max(values[at]!, run.powerW[i]!);
  }
}

function drawSolar(firstCell: number, cells: number, weather: Weather): Float64Array {
  const values = new Float64Array(cells);
  const powerW = (i: number) => Math.min(inverterMaxW, panelsW * weather.sunshine((firstCell + i) * cellMs));
  let nextW = powerW(0);
  for (let i = 0; i < cells; i++) {
    const share = (i % skyCells) / skyCells;
    const lastW = share === 0 ? nextW : values[i - (i % skyCells)]!;
    if (share === 0) nextW = powerW(i + skyCells);
    values[i] = lastW + (nextW - lastW) * share;
  }
  return values;
}

/** What the mains import and export: the sum of the parts, by its sign. */
function splitNet(powerW: Float64Array[], cells: number): [Float64Array, Float64Array] {
  const imported = new Float64Array(cells);
  const exported = new Float64Array(cells);
  for (let load = 0; load < loads.length; load++) {
    const values = powerW[load]!;
    for (let i = 0; i < cells; i++) imported[i]! += values[i]!;
  }
  const solarW = powerW[producedSeries]!;
  for (let i = 0; i < cells; i++) {
    const netW = imported[i]! - solarW[i]!;
    imported[i] = Math.max(0, netW);
    exported[i] = Math.max(0, -netW);
  }
  return [imported, exported];
}

function sumUp(powerW: Float64Array): Float64Array {
  const energyWh = new Float64Array(powerW.length + 1);
  let sumWh = 0;
  for (let i = 0; i < powerW.length; i++) {
    sumWh += powerW[i]! * whPerWattCell;
    energyWh[i + 1] = sumWh;
  }
  return energyWh;
}
