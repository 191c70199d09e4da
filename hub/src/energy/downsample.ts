/** Fewer points for a chart: no chart has more points than pixels, and no peak may get lost between them. */
import type { Readings } from "./readings.ts";
import { emptyRollup, mergeRollup, type Rollup } from "./rollup.ts";

type Row = Rollup & { startMs: number };

/** Spans of equal length, the first of which begins at `fromMs`. */
export interface Spans {
  fromMs: number;
  /** Whole milliseconds. */
  spanMs: number;
}

/** Spans that divide a range into at most so many. */
export function spansOf(fromMs: number, toMs: number, points: number): Spans {
  return { fromMs, spanMs: Math.max(1, Math.ceil((toMs - fromMs) / points)) };
}

/**
 * Readings as a row a span, each with the mean, the least and the greatest of its readings, so that peaks stay (min/max
 * decimation); spans without readings have no row.
 */
export function downsample(parts: Iterable<Readings>, { fromMs, spanMs }: Spans): Row[] {
  const rows: Row[] = [];
  let row: Row | null = null;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const { times, values, length } of parts) {
    for (let at = 0; at < length; ) {
      if (!row || times[at]! >= endMs) {
        const index = Math.floor((times[at]! - fromMs) / spanMs);
        row = { startMs: fromMs + index * spanMs, ...emptyRollup() };
        endMs = row.startMs + spanMs;
        rows.push(row);
      }
      let [sum, min, max] = [0, row.min ?? Number.POSITIVE_INFINITY, row.max ?? Number.NEGATIVE_INFINITY];
      const first = at;
      for (; at < length && times[at]! < endMs; at++) {
        const value = values[at]!;
        sum += value;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      row.count += at - first;
      row.sum += sum;
      row.min = min;
      row.max = max;
    }
  }
  return rows;
}

/** Rollups as a row a span; a rollup belongs where it starts. */
export function downsampleRollups(rollups: Iterable<Row>, { fromMs, spanMs }: Spans): Row[] {
  const rows: Row[] = [];
  for (const rollup of rollups) {
    const startMs = fromMs + Math.floor((rollup.startMs - fromMs) / spanMs) * spanMs;
    const last = rows.at(-1);
    if (last?.startMs === startMs) mergeRollup(last, rollup);
    else rows.push({ ...rollup, startMs });
  }
  return rows;
}
