/** Energies of channels by quarter hour, from the store's rollups. A quarter hour that nothing measured is left out. */
import { createHash } from "node:crypto";
import type { Quarters } from "../billing/usage.ts";
import { firstFrom, type Window } from "../billing/window.ts";
import { floorTo, quarterMs } from "../energy/calendar.ts";
import type { Level } from "../energy/rollup.ts";
import type { RollupColumns } from "../energy/rollup-columns.ts";
import type { Channel, Series } from "../model.ts";

/** What bills need of the store's readings. */
export interface RollupSource {
  rollups(series: Series, level: Level, fromMs: number, toMs: number): RollupColumns;
}

/** Quarter hours in columns of equal length. */
export interface Energies extends Quarters {
  startMs: Float64Array;
  importWh: Float64Array;
  exportWh: Float64Array;
  /** The part of both that was spread over a silence. */
  estimatedWh: Float64Array;
  /** 1 where one of several channels was silent that was heard before and after. */
  isPartial: Uint8Array;
}

/** The sum of the channels, of quarter hours that start from `fromMs` up to, not at, `toMs`. */
export function energiesOf(source: RollupSource, channels: readonly Channel[], window: Window): Energies {
  const fromMs = floorTo(window.startMs, quarterMs);
  const count = Math.max(Math.ceil((window.endMs - fromMs) / quarterMs), 0);
  const column = () => new Float64Array(count);
  const sums = { importWh: column(), exportWh: column(), estimatedWh: column() };
  const heard = new Uint8Array(count);
  const isPartial = new Uint8Array(count);
  for (const channel of channels) {
    const own = new Uint8Array(count);
    for (const series of energetic(channel)) {
      addSeries(sums, own, source.rollups(series, "quarter", fromMs, window.endMs), fromMs);
    }
    noteSilence(own, isPartial);
    for (let at = 0; at < count; at++) heard[at]! |= own[at]!;
  }
  const known = heard.reduce((sum, one) => sum + one, 0);
  const result = emptyEnergies(known);
  for (let at = 0, into = 0; at < count; at++) {
    if (heard[at] === 0) continue;
    result.startMs[into] = fromMs + at * quarterMs;
    result.importWh[into] = sums.importWh[at]!;
    result.exportWh[into] = sums.exportWh[at]!;
    result.estimatedWh[into] = sums.estimatedWh[at]!;
    result.isPartial[into++] = isPartial[at]!;
  }
  return result;
}

function emptyEnergies(length: number): Energies {
  const column = () => new Float64Array(length);
  const isPartial = new Uint8Array(length);
  return { startMs: column(), importWh: column(), exportWh: column(), estimatedWh: column(), isPartial };
}

function addSeries(
  sums: Pick<Energies, "importWh" | "exportWh" | "estimatedWh">,
  heard: Uint8Array,
  rollups: RollupColumns,
  fromMs: number,
): void {
  const { importWh, exportWh, estimatedWh, startMs, count, length } = rollups;
  for (let index = 0; index < length; index++) {
    const at = (startMs[index]! - fromMs) / quarterMs;
    if (count[index] === 0 && importWh[index] === 0 && exportWh[index] === 0) continue;
    heard[at] = 1;
    sums.importWh[at]! += importWh[index]!;
    sums.exportWh[at]! += exportWh[index]!;
    sums.estimatedWh[at]! += estimatedWh[index]!;
  }
}

/** Marks what a channel was silent in between. */
function noteSilence(heard: Uint8Array, isPartial: Uint8Array): void {
  const [first, last] = [heard.indexOf(1), heard.lastIndexOf(1)];
  for (let at = first; at >= 0 && at < last; at++) if (heard[at] === 0) isPartial[at] = 1;
}

/** The energies of the quarter hours in the window; they share memory with the whole. */
export function energiesIn(all: Energies, { startMs, endMs }: Window): Energies {
  const [from, to] = [firstFrom(all.startMs, startMs), firstFrom(all.startMs, endMs)];
  return {
    startMs: all.startMs.subarray(from, to),
    importWh: all.importWh.subarray(from, to),
    exportWh: all.exportWh.subarray(from, to),
    estimatedWh: all.estimatedWh.subarray(from, to),
    isPartial: all.isPartial.subarray(from, to),
  };
}

/** The local days, by their start, in which any of the channels measured; in order. */
export function measuredDays(source: RollupSource, channels: readonly Channel[], nowMs: number): number[] {
  const starts = new Set<number>();
  for (const series of channels.flatMap(energetic)) {
    const { length, startMs } = source.rollups(series, "day", 0, nowMs + 1);
    for (let at = 0; at < length; at++) starts.add(startMs[at]!);
  }
  return [...starts].sort((a, b) => a - b);
}

/** SHA-256 of what a bill is made of: times, and energies in whole mWh. */
export function digestOf({ startMs, importWh, exportWh }: Energies): string {
  const whole = new Float64Array(3 * startMs.length);
  for (let at = 0; at < startMs.length; at++) {
    whole[3 * at] = startMs[at]!;
    whole[3 * at + 1] = Math.round(importWh[at]! * 1000);
    whole[3 * at + 2] = Math.round(exportWh[at]! * 1000);
  }
  return createHash("sha256").update(whole).digest("hex");
}

function energetic(channel: Channel): Series[] {
  return [...channel.series.values()].filter(({ kind }) => kind !== "gauge");
}
