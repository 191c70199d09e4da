/**
 * Rollups: from one series' readings, in order of time, to sums by minute, quarter hour and local day.
 * The same code runs for each new reading and for a rebuild, so both give the same result.
 */
import { type Calendar, floorTo, hourMs, type LocalSpan, minuteMs, quarterMs } from "./calendar.ts";
import { powerHoldMs } from "./power.ts";
import type { Readings } from "./readings.ts";
import { advanceNetRegister, advanceRegister, isPlausible, type RegisterState, startRegister } from "./register.ts";

/** How a series' readings become energy; `gauge` ones do not. */
export type EnergyKind = "gauge" | "power" | "import_register" | "export_register" | "net_register";

/** The summary of one series over one span. Means are `sum / count`; `min` and `max` are null when `count` is 0. */
export interface Rollup {
  count: number;
  sum: number;
  min: number | null;
  max: number | null;
  importWh: number;
  exportWh: number;
  /** The part of both energies that was spread over a silence, its true course unknown. */
  estimatedWh: number;
}

export type Level = "minute" | "quarter" | "day";

/** Rollups by the start of their span. */
export type Rollups = Record<Level, Map<number, Rollup>>;

/** From when another series is the truth for an energy of the channel; null: this one is. */
export interface EnergyCut {
  importUntilMs: number | null;
  exportUntilMs: number | null;
}

/** How a series' readings become energy. */
export interface EnergyRule {
  kind: EnergyKind;
  cut: EnergyCut;
  /** The local span with which a register starts from zero again; null for one that never does. */
  resets: LocalSpan | null;
}

/** What the next reading of a series needs to know of the earlier ones. */
export interface SeriesState {
  /** The time of the last reading, `never` before the first. */
  lastMs: number;
  lastValue: number;
  register: RegisterState | null;
}

/** Before every reading. */
export const never = Number.NEGATIVE_INFINITY;

/** Energy between readings further apart than this is an estimate within its span. */
const estimatedAfterMs = quarterMs;
/** Across a longer silence single minutes would be invented: only quarter hours and days get the energy. */
const minutesWithinMs = hourMs;
/** 400 days are 38,400 quarter hours; a register silent for longer starts anew. */
export const longestSilenceMs = 400 * 24 * hourMs;

export const noCut: EnergyCut = { importUntilMs: null, exportUntilMs: null };

export function emptyRollups(): Rollups {
  return { minute: new Map(), quarter: new Map(), day: new Map() };
}

export function emptyState(): SeriesState {
  return { lastMs: never, lastValue: 0, register: null };
}

/**
 * Adds a series' next readings, from the index `from` up to, not at, `to`, all later than those before, to its rollups;
 * changes `state` and `into`.
 */
export function addReadings(
  into: Rollups,
  state: SeriesState,
  readings: Readings,
  { from, to }: { from: number; to: number },
  rule: EnergyRule,
  calendar: Calendar,
): void {
  if (from >= to) return;
  addValues(into, readings, from, to, calendar);
  if (rule.kind !== "gauge") addEnergies(into, state, readings, from, to, rule, calendar);
  state.lastMs = readings.times[to - 1]!;
  state.lastValue = readings.values[to - 1]!;
}

/** All rollups of a series' readings. */
export function rollUp(readings: Readings, rule: EnergyRule, calendar: Calendar): Rollups {
  const into = emptyRollups();
  addReadings(into, emptyState(), readings, { from: 0, to: readings.length }, rule, calendar);
  return into;
}

export function emptyRollup(): Rollup {
  return { count: 0, sum: 0, min: null, max: null, importWh: 0, exportWh: 0, estimatedWh: 0 };
}

/** Counts, sums and bounds, a minute at a time. */
function addValues(into: Rollups, { times, values }: Readings, from: number, to: number, calendar: Calendar): void {
  for (let at = from; at < to; ) {
    const startMs = floorTo(times[at]!, minuteMs);
    const endMs = startMs + minuteMs;
    const part = { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
    for (; at < to && times[at]! < endMs; at++) {
      const value = values[at]!;
      part.count++;
      part.sum += value;
      if (value < part.min) part.min = value;
      if (value > part.max) part.max = value;
    }
    mergeValues(rollupAt(into.minute, startMs), part);
    mergeValues(rollupAt(into.quarter, floorTo(startMs, quarterMs)), part);
    mergeValues(rollupAt(into.day, calendar.spanAt("day", startMs).startMs), part);
  }
}

function mergeValues(rollup: Rollup, more: Pick<Rollup, "count" | "sum" | "min" | "max">): void {
  rollup.count += more.count;
  rollup.sum += more.sum;
  if (more.min !== null && (rollup.min === null || more.min < rollup.min)) rollup.min = more.min;
  if (more.max !== null && (rollup.max === null || more.max > rollup.max)) rollup.max = more.max;
}

function addEnergies(
  into: Rollups,
  state: SeriesState,
  { times, values }: Readings,
  from: number,
  to: number,
  rule: EnergyRule,
  calendar: Calendar,
): void {
  const minute: MinuteEnergy = { startMs: Number.NaN, importWh: 0, exportWh: 0 };
  for (let at = from; at < to; at++) {
    const timeMs = times[at]!;
    const value = values[at]!;
    const earlierMs = state.lastMs;
    const renewedMs = renewedSince(state, timeMs, value, rule, calendar);
    const changeWh = renewedMs === null ? energyUpTo(state, timeMs, value, rule.kind) : value;
    if (renewedMs !== null) state.register = startRegister(timeMs, value);
    state.lastMs = timeMs;
    state.lastValue = value;
    if (earlierMs === never || changeWh === 0) continue;
    const isExport = rule.kind === "export_register" || changeWh < 0;
    const untilMs = isExport ? rule.cut.exportUntilMs : rule.cut.importUntilMs;
    const startMs = renewedMs ?? earlierMs;
    if (untilMs !== null && startMs >= untilMs) continue;
    const energyWh = Math.abs(changeWh);
    if (untilMs === null && timeMs - floorTo(startMs, minuteMs) <= minuteMs) {
      addToMinute(into, minute, startMs, energyWh, isExport, calendar);
    } else spreadEnergy(into, { startMs, endMs: timeMs }, untilMs, { energyWh, isExport }, calendar);
  }
  flushMinute(into, minute, calendar);
}

/** Energy of readings that lie within one minute, gathered before it goes to the rollups: most readings do. */
interface MinuteEnergy {
  startMs: number;
  importWh: number;
  exportWh: number;
}

function addToMinute(
  into: Rollups,
  minute: MinuteEnergy,
  timeMs: number,
  energyWh: number,
  isExport: boolean,
  calendar: Calendar,
): void {
  const startMs = floorTo(timeMs, minuteMs);
  if (startMs !== minute.startMs) {
    flushMinute(into, minute, calendar);
    minute.startMs = startMs;
  }
  if (isExport) minute.exportWh += energyWh;
  else minute.importWh += energyWh;
}

function flushMinute(into: Rollups, minute: MinuteEnergy, calendar: Calendar): void {
  const { startMs, importWh, exportWh } = minute;
  if (importWh === 0 && exportWh === 0) return;
  for (const rollup of [
    rollupAt(into.minute, startMs),
    rollupAt(into.quarter, floorTo(startMs, quarterMs)),
    rollupAt(into.day, calendar.spanAt("day", startMs).startMs),
  ]) {
    rollup.importWh += importWh;
    rollup.exportWh += exportWh;
  }
  minute.importWh = 0;
  minute.exportWh = 0;
}

/**
 * Since when a daily (monthly, yearly) register counts anew, when a silence hid its return to zero: what it shows is
 * then all of the present span, though it may be more than before. Null when it went on. In a short silence the
 * register's fall is seen itself, and one whose own midnight is another zone's is not mistaken.
 */
function renewedSince(
  state: SeriesState,
  timeMs: number,
  value: number,
  rule: EnergyRule,
  calendar: Calendar,
): number | null {
  if (rule.resets === null || !state.register) return null;
  if (timeMs - state.register.timeMs <= minutesWithinMs) return null;
  const { startMs } = calendar.spanAt(rule.resets, timeMs);
  const isNew = startMs > state.register.timeMs && isPlausible(value, timeMs - startMs);
  return isNew && timeMs > startMs ? startMs : null;
}

/** Energy in Wh between the last reading and this one, signed: negative is export. */
function energyUpTo(state: SeriesState, timeMs: number, value: number, kind: EnergyKind): number {
  if (kind === "power") {
    const heldMs = timeMs - state.lastMs;
    return heldMs <= powerHoldMs ? (state.lastValue * heldMs) / hourMs : 0;
  }
  if (!state.register || timeMs - state.register.timeMs > longestSilenceMs) {
    state.register = startRegister(timeMs, value);
    return 0;
  }
  const advance = kind === "net_register" ? advanceNetRegister : advanceRegister;
  return advance(state.register, timeMs, value);
}

/** Spreads energy evenly over a span, up to `untilMs`, by each level's spans. */
function spreadEnergy(
  into: Rollups,
  span: { startMs: number; endMs: number },
  untilMs: number | null,
  energy: { energyWh: number; isExport: boolean },
  calendar: Calendar,
): void {
  const lengthMs = span.endMs - span.startMs;
  const endMs = untilMs === null ? span.endMs : Math.min(span.endMs, untilMs);
  const isEstimated = lengthMs > estimatedAfterMs;
  const add = (rollup: Rollup, fromMs: number, toMs: number) => {
    const partWh = (energy.energyWh * (toMs - fromMs)) / lengthMs;
    if (energy.isExport) rollup.exportWh += partWh;
    else rollup.importWh += partWh;
    if (isEstimated) rollup.estimatedWh += partWh;
  };
  const minutes = lengthMs <= minutesWithinMs;
  const stepMs = minutes ? minuteMs : quarterMs;
  for (let fromMs = span.startMs; fromMs < endMs; ) {
    const toMs = Math.min(endMs, floorTo(fromMs, stepMs) + stepMs);
    if (minutes) add(rollupAt(into.minute, floorTo(fromMs, minuteMs)), fromMs, toMs);
    add(rollupAt(into.quarter, floorTo(fromMs, quarterMs)), fromMs, toMs);
    // Every zone's midnight falls on a quarter hour of UTC (since 1972), so no step crosses a day.
    add(rollupAt(into.day, calendar.spanAt("day", fromMs).startMs), fromMs, toMs);
    fromMs = toMs;
  }
}

function rollupAt(rollups: Map<number, Rollup>, startMs: number): Rollup {
  const known = rollups.get(startMs);
  if (known) return known;
  const rollup = emptyRollup();
  rollups.set(startMs, rollup);
  return rollup;
}
