import type { History, Step } from "../../../hub/src/api/contract.ts";

/** Columns for a chart: times in seconds, and a null wherever the line must break. */
export interface Columns {
  timeS: number[];
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
// Months and years are as long as their longest.
const stepMs: Record<Exclude<Step, "auto" | "raw">, number> = {
  minute: MINUTE_MS,
  quarter_hour: 15 * MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 31 * DAY_MS,
  year: 366 * DAY_MS,
};

/** A reading holds for so long, as in the hub's energy: slow meters report each five minutes. */
const holdMs = 10 * MINUTE_MS;

/** How long a span of the history is; for raw readings, the usual time between two. */
export function spanMs(history: Pick<History, "step" | "timeMs">): number {
  if (history.step !== "raw" && history.step !== "auto") return stepMs[history.step];
  const gaps = history.timeMs.slice(1).map((timeMs, index) => timeMs - (history.timeMs[index] ?? timeMs));
  gaps.sort((a, b) => a - b);
  return Math.max(1_000, gaps[gaps.length >> 1] ?? MINUTE_MS);
}

/** Turns a history into columns. A silence longer than a reading holds becomes one row of nulls: a gap stays a gap. */
export function toColumns(history: History): Columns {
  const columns: Columns = { timeS: [], mean: [], min: [], max: [] };
  const gapMs = spanMs(history) + holdMs;
  let previousMs: number | null = null;
  for (const [index, timeMs] of history.timeMs.entries()) {
    const mean = history.mean?.[index] ?? null;
    if (mean === null) continue; // a span with energy that a register bridged, and no reading
    if (previousMs !== null && timeMs - previousMs > gapMs) pushGap(columns, (previousMs + timeMs) / 2);
    push(columns, timeMs, mean, history.min?.[index] ?? mean, history.max?.[index] ?? mean);
    previousMs = timeMs;
  }
  return columns;
}

/**
 * Columns with live readings added behind the stored ones. Readings are gathered into spans of the same length;
 * the span that the history already holds in part is widened, not doubled.
 */
export function withLive(columns: Columns, live: LivePoint[], lengthMs: number): Columns {
  const result: Columns = {
    timeS: [...columns.timeS],
    mean: [...columns.mean],
    min: [...columns.min],
    max: [...columns.max],
  };
  for (const span of gather(live, lengthMs)) {
    const last = result.timeS.length - 1;
    const lastMs = last < 0 ? Number.NEGATIVE_INFINITY : result.timeS[last]! * 1000;
    if (span.timeMs < lastMs) continue;
    if (span.timeMs === lastMs) {
      result.mean[last] = span.mean;
      result.min[last] = Math.min(result.min[last] ?? span.min, span.min);
      result.max[last] = Math.max(result.max[last] ?? span.max, span.max);
      continue;
    }
    if (last >= 0 && span.timeMs - lastMs > lengthMs + holdMs) pushGap(result, (lastMs + span.timeMs) / 2);
    push(result, span.timeMs, span.mean, span.min, span.max);
  }
  return result;
}

/** One live power reading. */
export interface LivePoint {
  timeMs: number;
  powerW: number;
}

/** Adds a reading to the day's; those of the day before go, and a repeated or older instant adds nothing. */
export function appendPoint(points: LivePoint[], point: LivePoint, dayStartMs: number): LivePoint[] {
  const today = points[0] && points[0].timeMs < dayStartMs ? points.filter((one) => one.timeMs >= dayStartMs) : points;
  return point.timeMs < dayStartMs || point.timeMs <= (today.at(-1)?.timeMs ?? 0) ? today : [...today, point];
}

function gather(points: LivePoint[], lengthMs: number) {
  const spans: { timeMs: number; mean: number; min: number; max: number; count: number }[] = [];
  for (const point of points) {
    const timeMs = Math.floor(point.timeMs / lengthMs) * lengthMs;
    const last = spans.at(-1);
    if (last?.timeMs !== timeMs) {
      spans.push({ timeMs, mean: point.powerW, min: point.powerW, max: point.powerW, count: 1 });
      continue;
    }
    last.count += 1;
    last.mean += (point.powerW - last.mean) / last.count;
    last.min = Math.min(last.min, point.powerW);
    last.max = Math.max(last.max, point.powerW);
  }
  return spans;
}

function push(columns: Columns, timeMs: number, mean: number | null, min: number | null, max: number | null): void {
  columns.timeS.push(timeMs / 1000);
  columns.mean.push(mean);
  columns.min.push(min);
  columns.max.push(max);
}

function pushGap(columns: Columns, timeMs: number): void {
  push(columns, timeMs, null, null, null);
}
