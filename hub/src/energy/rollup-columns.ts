/** Rollups as columns: thousands of them cost little memory, and loops over them little time. */
import type { Rollup } from "./rollup.ts";

/** Rollups in order of time; the first `length` entries of each column count. */
export interface RollupColumns {
  length: number;
  /** Where each span starts, in epoch milliseconds. */
  startMs: Float64Array;
  count: Float64Array;
  sum: Float64Array;
  /** Infinity where the count is 0. */
  min: Float64Array;
  /** -Infinity where the count is 0. */
  max: Float64Array;
  importWh: Float64Array;
  exportWh: Float64Array;
  estimatedWh: Float64Array;
}

/** A rollup and the start of its span. */
export type RollupRow = Rollup & { startMs: number };

const names = ["startMs", "count", "sum", "min", "max", "importWh", "exportWh", "estimatedWh"] as const;

/** No rollups, with room for so many: all columns share one piece of memory. */
export function emptyColumns(capacity = 0): RollupColumns {
  const memory = new Float64Array(names.length * capacity);
  const column = (index: number) => memory.subarray(index * capacity, (index + 1) * capacity);
  return {
    ...{ length: 0, startMs: column(0), count: column(1), sum: column(2), min: column(3), max: column(4) },
    ...{ importWh: column(5), exportWh: column(6), estimatedWh: column(7) },
  };
}

/** Makes room for so many rollups in all. */
export function reserve(columns: RollupColumns, length: number): void {
  if (length <= columns.startMs.length) return;
  const larger = emptyColumns(Math.max(16, length, columns.length * 2));
  for (const name of names) larger[name].set(columns[name].subarray(0, columns.length));
  Object.assign(columns, larger, { length: columns.length });
}

/** Adds an empty rollup at the end; gives its index. */
export function pushEmpty(into: RollupColumns, startMs: number): number {
  reserve(into, into.length + 1);
  const at = into.length++;
  into.startMs[at] = startMs;
  into.count[at] = 0;
  into.sum[at] = 0;
  into.min[at] = Number.POSITIVE_INFINITY;
  into.max[at] = Number.NEGATIVE_INFINITY;
  into.importWh[at] = 0;
  into.exportWh[at] = 0;
  into.estimatedWh[at] = 0;
  return at;
}

/** Adds a rollup of other columns at the end, as one that starts at `startMs`. */
export function pushFrom(
  into: RollupColumns,
  from: RollupColumns,
  index: number,
  startMs = from.startMs[index]!,
): void {
  reserve(into, into.length + 1);
  const at = into.length++;
  into.startMs[at] = startMs;
  into.count[at] = from.count[index]!;
  into.sum[at] = from.sum[index]!;
  into.min[at] = from.min[index]!;
  into.max[at] = from.max[index]!;
  into.importWh[at] = from.importWh[index]!;
  into.exportWh[at] = from.exportWh[index]!;
  into.estimatedWh[at] = from.estimatedWh[index]!;
}

/** Adds a rollup of other columns to the one at `at`, both of the same span or of parts of it. */
export function addFrom(into: RollupColumns, at: number, from: RollupColumns, index: number): void {
  into.count[at]! += from.count[index]!;
  into.sum[at]! += from.sum[index]!;
  if (from.min[index]! < into.min[at]!) into.min[at] = from.min[index]!;
  if (from.max[index]! > into.max[at]!) into.max[at] = from.max[index]!;
  addEnergies(into, at, from, index);
}

/** The same of the energies alone. */
export function addEnergies(into: RollupColumns, at: number, from: RollupColumns, index: number): void {
  into.importWh[at]! += from.importWh[index]!;
  into.exportWh[at]! += from.exportWh[index]!;
  into.estimatedWh[at]! += from.estimatedWh[index]!;
}

/** Rollups by the start of their span, each once and in any order, as columns. */
export function columnsFrom(rollups: Iterable<readonly [number, Rollup]>): RollupColumns {
  const entries = [...rollups].sort(([a], [b]) => a - b);
  const columns = emptyColumns(entries.length);
  for (const [startMs, rollup] of entries) {
    const at = pushEmpty(columns, startMs);
    columns.count[at] = rollup.count;
    columns.sum[at] = rollup.sum;
    if (rollup.min !== null) columns.min[at] = rollup.min;
    if (rollup.max !== null) columns.max[at] = rollup.max;
    columns.importWh[at] = rollup.importWh;
    columns.exportWh[at] = rollup.exportWh;
    columns.estimatedWh[at] = rollup.estimatedWh;
  }
  return columns;
}

/** Each rollup by itself. */
export function rowsOf(columns: RollupColumns): RollupRow[] {
  return Array.from({ length: columns.length }, (_, at) => ({
    startMs: columns.startMs[at]!,
    count: columns.count[at]!,
    sum: columns.sum[at]!,
    min: columns.count[at] === 0 ? null : columns.min[at]!,
    max: columns.count[at] === 0 ? null : columns.max[at]!,
    importWh: columns.importWh[at]!,
    exportWh: columns.exportWh[at]!,
    estimatedWh: columns.estimatedWh[at]!,
  }));
}

/** The rollups that start from `fromMs` up to, not at, `toMs`; they share memory with the whole. */
export function sliceColumns(columns: RollupColumns, fromMs: number, toMs: number): RollupColumns {
  const from = firstFrom(columns, fromMs);
  const to = Math.max(from, firstFrom(columns, toMs));
  if (from === 0 && to === columns.length) return columns;
  const part = { ...columns, length: to - from };
  for (const name of names) part[name] = columns[name].subarray(from, to);
  return part;
}

/** The rollups for which `isKept` holds; the very same columns when it does for all. */
export function filterColumns(columns: RollupColumns, isKept: (index: number) => boolean): RollupColumns {
  let at = 0;
  while (at < columns.length && isKept(at)) at++;
  if (at === columns.length) return columns;
  const kept = emptyColumns(columns.length);
  for (let index = 0; index < columns.length; index++) {
    if (index < at || isKept(index)) pushFrom(kept, columns, index);
  }
  return kept;
}

/** Changes the rollup at `at` by one of other columns. */
export type Change = (into: RollupColumns, at: number, from: RollupColumns, index: number) => void;

/** Both together; where both have a rollup of one start, that of `one` is changed by that of `other`. */
export function joinColumns(one: RollupColumns, other: RollupColumns, onBoth: Change): RollupColumns {
  if (other.length === 0) return one;
  if (one.length === 0) return other;
  const joined = emptyColumns(Math.max(one.length, other.length));
  let index = 0;
  for (let at = 0; at < one.length; at++) {
    const startMs = one.startMs[at]!;
    while (index < other.length && other.startMs[index]! < startMs) pushFrom(joined, other, index++);
    pushFrom(joined, one, at);
    if (index < other.length && other.startMs[index] === startMs) onBoth(joined, joined.length - 1, other, index++);
  }
  while (index < other.length) pushFrom(joined, other, index++);
  return joined;
}

/** Sums rollups up to those that start where `startOf` says for each: in order of time too. */
export function mergeColumns(columns: RollupColumns, startOf: (startMs: number) => number): RollupColumns {
  const merged = emptyColumns(columns.length >> 2); // hours of quarter hours need no more
  for (let index = 0; index < columns.length; index++) {
    const startMs = startOf(columns.startMs[index]!);
    const last = merged.length - 1;
    if (last >= 0 && merged.startMs[last] === startMs) addFrom(merged, last, columns, index);
    else pushFrom(merged, columns, index, startMs);
  }
  return merged;
}

/** The energies of all rollups, in Wh. */
export function totalEnergy({ length, importWh, exportWh }: RollupColumns): { importWh: number; exportWh: number } {
  const total = { importWh: 0, exportWh: 0 };
  for (let at = 0; at < length; at++) {
    total.importWh += importWh[at]!;
    total.exportWh += exportWh[at]!;
  }
  return total;
}

/** The index of the first rollup that starts at or after the time; the length when there is none. */
function firstFrom({ startMs, length }: RollupColumns, timeMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
