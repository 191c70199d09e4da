/** Fewer points for a chart: no chart has more points than pixels, and no peak may get lost between them. */
import type { Readings } from "./readings.ts";
import { emptyColumns, mergeColumns, pushEmpty, type RollupColumns } from "./rollup-columns.ts";

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
 * Readings as a rollup a span, each with the mean, the least and the greatest of its readings, so that peaks stay (min/max
 * decimation); spans without readings have none.
 */
export function downsample(parts: Iterable<Readings>, { fromMs, spanMs }: Spans): RollupColumns {
  const rollups = emptyColumns();
  let row = -1;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const { times, values, length } of parts) {
    for (let at = 0; at < length; ) {
      if (times[at]! >= endMs) {
        const startMs = fromMs + Math.floor((times[at]! - fromMs) / spanMs) * spanMs;
        row = pushEmpty(rollups, startMs);
        endMs = startMs + spanMs;
      }
      let [sum, min, max] = [0, rollups.min[row]!, rollups.max[row]!];
      const first = at;
      for (; at < length && times[at]! < endMs; at++) {
        const value = values[at]!;
        sum += value;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      rollups.count[row]! += at - first;
      rollups.sum[row]! += sum;
      rollups.min[row] = min;
      rollups.max[row] = max;
    }
  }
  return rollups;
}

/** Rollups as one a span; a rollup belongs where it starts. */
export function downsampleRollups(rollups: RollupColumns, { fromMs, spanMs }: Spans): RollupColumns {
  return mergeColumns(rollups, (startMs) => fromMs + Math.floor((startMs - fromMs) / spanMs) * spanMs);
}
