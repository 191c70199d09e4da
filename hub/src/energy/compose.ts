/** Longer spans from shorter ones: hours from quarter hours; weeks, months and years from days. */
import { type Calendar, floorTo, hourMs, type LocalSpan, minuteMs, quarterMs } from "./calendar.ts";
import type { Level } from "./rollup.ts";
import { mergeColumns, type RollupColumns } from "./rollup-columns.ts";

export type RollupStep = "minute" | "quarter_hour" | "hour" | LocalSpan;

/** The stored level that a step is made of. */
export function levelOf(step: RollupStep): Level {
  if (step === "minute") return "minute";
  return step === "quarter_hour" || step === "hour" ? "quarter" : "day";
}

/** The start of the step's span that holds the instant. */
export function stepStart(step: RollupStep, timeMs: number, calendar: Calendar): number {
  if (step === "minute") return floorTo(timeMs, minuteMs);
  if (step === "quarter_hour") return floorTo(timeMs, quarterMs);
  return step === "hour" ? calendar.hourStart(timeMs) : calendar.spanAt(step, timeMs).startMs;
}

/** Where the step's span ends that holds the instant. */
export function stepEnd(step: RollupStep, timeMs: number, calendar: Calendar): number {
  const startMs = stepStart(step, timeMs, calendar);
  if (step === "minute") return startMs + minuteMs;
  if (step === "quarter_hour") return startMs + quarterMs;
  return step === "hour" ? startMs + hourMs : calendar.spanAt(step, timeMs).endMs;
}

/** Sums rollups up by the step's spans. */
export function compose(rollups: RollupColumns, step: RollupStep, calendar: Calendar): RollupColumns {
  return mergeColumns(rollups, (startMs) => stepStart(step, startMs, calendar));
}
