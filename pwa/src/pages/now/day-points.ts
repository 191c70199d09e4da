import type { History } from "../../../../hub/src/api/contract.ts";
import { spanMs } from "../../charts/columns.ts";
import type { CurvePoint } from "../../components/sparkline/path.ts";

const MINUTE_MS = 60_000;

/** The mean and the highest of one minute, gathered from live readings. */
export interface LiveMinute {
  timeMs: number;
  meanW: number;
  highW: number;
  highMs: number;
  count: number;
}

/** Adds one live reading to the day's minutes; those of the day before go, and an older instant adds nothing. */
export function addLive(
  minutes: LiveMinute[],
  reading: { timeMs: number; powerW: number },
  dayStartMs: number,
): LiveMinute[] {
  const { timeMs, powerW } = reading;
  const today =
    minutes[0] && minutes[0].timeMs < dayStartMs ? minutes.filter((one) => one.timeMs >= dayStartMs) : minutes;
  const startMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
  const last = today.at(-1);
  if (startMs < (last?.timeMs ?? dayStartMs)) return today;
  if (startMs !== last?.timeMs) {
    return [...today, { timeMs: startMs, meanW: powerW, highW: powerW, highMs: timeMs, count: 1 }];
  }
  const count = last.count + 1;
  const high = powerW > last.highW ? { highW: powerW, highMs: timeMs } : { highW: last.highW, highMs: last.highMs };
  return [...today.slice(0, -1), { ...last, ...high, count, meanW: last.meanW + (powerW - last.meanW) / count }];
}

/** The day's curve: each stored span at its middle, then the minutes seen live, with a break where nothing was heard. */
export function dayPoints(history: History | undefined, minutes: LiveMinute[], nowMs: number): CurvePoint[] {
  const points: CurvePoint[] = [];
  const lengthMs = history ? spanMs(history) : MINUTE_MS;
  const add = (timeMs: number, powerW: number | null) => {
    const last = points.at(-1);
    if (last && timeMs <= last.timeMs) return;
    if (last && timeMs - last.timeMs > lengthMs * 1.8) points.push({ timeMs: last.timeMs + 1, powerW: null });
    points.push({ timeMs, powerW });
  };
  for (const [index, timeMs] of history?.timeMs.entries() ?? []) {
    add(timeMs + Math.max(0, Math.min(lengthMs, nowMs - timeMs)) / 2, history?.mean?.[index] ?? null);
  }
  for (const minute of minutes) add(minute.timeMs + MINUTE_MS / 2, minute.meanW);
  return points;
}

export interface Peak {
  powerW: number;
  timeMs: number;
}

/** The day's highest power; null before the first reading. */
export function dayPeak(history: History | undefined, minutes: LiveMinute[]): Peak | null {
  let peak: Peak | null = null;
  const consider = (powerW: number | null | undefined, timeMs: number) => {
    if (powerW !== null && powerW !== undefined && powerW > (peak?.powerW ?? 0)) peak = { powerW, timeMs };
  };
  for (const [index, timeMs] of history?.timeMs.entries() ?? []) {
    consider(history?.max?.[index] ?? history?.mean?.[index], timeMs);
  }
  for (const minute of minutes) consider(minute.highW, minute.highMs);
  return peak;
}
