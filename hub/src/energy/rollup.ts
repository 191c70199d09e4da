/**
 * Rollups: from one series' readings, in order of time, to sums by minute, quarter hour and local day.
 * The same code runs for each new reading and for a rebuild, so both give the same result.
 */
import { type Calendar, floorTo, hourMs, type LocalSpan, minuteMs, quarterMs } from "./calendar.ts";
import { heldPowerW } from "./power.ts";
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

export interface TimedValue {
  timeMs: number;
  value: number;
}

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
  last: TimedValue | null;
  register: RegisterState | null;
}

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
  return { last: null, register: null };
}

/** Adds the next reading of a series, later than `state.last`, to its rollups; changes `state` and `into`. */
export function addReading(
  into: Rollups,
  state: SeriesState,
  reading: TimedValue,
  rule: EnergyRule,
  calendar: Calendar,
): void {
  addValue(into, reading, calendar);
  const earlier = state.last;
  const renewedMs = renewedSince(state, reading, rule, calendar);
  const changeWh = renewedMs === null ? energyUpTo(state, reading, rule.kind) : reading.value;
  if (renewedMs !== null) state.register = startRegister(reading.timeMs, reading.value);
  state.last = reading;
  if (!earlier || changeWh === 0) return;
  const span = { startMs: renewedMs ?? earlier.timeMs, endMs: reading.timeMs };
  const isExport = rule.kind === "export_register" || changeWh < 0;
  const untilMs = isExport ? rule.cut.exportUntilMs : rule.cut.importUntilMs;
  if (untilMs !== null && span.startMs >= untilMs) return;
  spreadEnergy(into, span, untilMs, { energyWh: Math.abs(changeWh), isExport }, calendar);
}

/** All rollups of a series' readings, which must be in order of time. */
export function rollUp(readings: Iterable<TimedValue>, rule: EnergyRule, calendar: Calendar): Rollups {
  const into = emptyRollups();
  const state = emptyState();
  for (const reading of readings) addReading(into, state, reading, rule, calendar);
  return into;
}

/** Adds `more` to `rollup`, both of the same span or of parts of it. */
export function mergeRollup(rollup: Rollup, more: Rollup): void {
  rollup.count += more.count;
  rollup.sum += more.sum;
  rollup.importWh += more.importWh;
  rollup.exportWh += more.exportWh;
  rollup.estimatedWh += more.estimatedWh;
  if (more.min !== null && (rollup.min === null || more.min < rollup.min)) rollup.min = more.min;
  if (more.max !== null && (rollup.max === null || more.max > rollup.max)) rollup.max = more.max;
}

export function emptyRollup(): Rollup {
  return { count: 0, sum: 0, min: null, max: null, importWh: 0, exportWh: 0, estimatedWh: 0 };
}

/**
 * Since when a daily (monthly, yearly) register counts anew, when a silence hid its return to zero: what it shows is
 * then all of the present span, though it may be more than before. Null when it went on. In a short silence the
 * register's fall is seen itself, and one whose own midnight is another zone's is not mistaken.
 */
function renewedSince(state: SeriesState, reading: TimedValue, rule: EnergyRule, calendar: Calendar): number | null {
  if (rule.resets === null || !state.register) return null;
  if (reading.timeMs - state.register.timeMs <= minutesWithinMs) return null;
  const { startMs } = calendar.spanAt(rule.resets, reading.timeMs);
  const isNew = startMs > state.register.timeMs && isPlausible(reading.value, reading.timeMs - startMs);
  return isNew && reading.timeMs > startMs ? startMs : null;
}

/** Energy in Wh between the last reading and this one, signed: negative is export. */
function energyUpTo(state: SeriesState, reading: TimedValue, kind: EnergyKind): number {
  if (kind === "gauge") return 0;
  if (kind === "power") {
    const powerW = state.last && heldPowerW(state.last, reading.timeMs);
    return powerW && state.last ? (powerW * (reading.timeMs - state.last.timeMs)) / hourMs : 0;
  }
  if (!state.register || reading.timeMs - state.register.timeMs > longestSilenceMs) {
    state.register = startRegister(reading.timeMs, reading.value);
    return 0;
  }
  const advance = kind === "net_register" ? advanceNetRegister : advanceRegister;
  return advance(state.register, reading.timeMs, reading.value);
}

function addValue(into: Rollups, { timeMs, value }: TimedValue, calendar: Calendar): void {
  for (const rollup of [
    rollupAt(into.minute, floorTo(timeMs, minuteMs)),
    rollupAt(into.quarter, floorTo(timeMs, quarterMs)),
    rollupAt(into.day, calendar.spanAt("day", timeMs).startMs),
  ]) {
    rollup.count++;
    rollup.sum += value;
    if (rollup.min === null || value < rollup.min) rollup.min = value;
    if (rollup.max === null || value > rollup.max) rollup.max = value;
  }
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
