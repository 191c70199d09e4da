/** History: a channel's readings and energy over a range, at a step. */
import { type Calendar, dayMs, hourMs, minuteMs } from "../energy/calendar.ts";
import { compose, levelOf, type RollupStep, stepEnd, stepStart } from "../energy/compose.ts";
import { downsampleRollups, type Spans, spansOf } from "../energy/downsample.ts";
import { emptyReadings, pushReadings, type Readings } from "../energy/readings.ts";
import type { Level } from "../energy/rollup.ts";
import { addEnergies, emptyColumns, filterColumns, joinColumns, type RollupColumns } from "../energy/rollup-columns.ts";
import { HubError } from "../errors.ts";
import type { Channel, Series } from "../model.ts";
import { unitOf } from "../model.ts";
import type { History, Step } from "./contract.ts";

/** What history needs of the store. */
export interface HistorySource {
  /** In order of time, in parts. */
  readings(series: Series, fromMs: number, toMs: number): Iterable<Readings>;
  /** Readings as a rollup a span; a long range does not hold up the hub. */
  downsample(series: Series, fromMs: number, toMs: number, spans: Spans): Promise<RollupColumns>;
  /** With `meansAlone` bounds and energies may be missing. */
  rollups(series: Series, level: Level, fromMs: number, toMs: number, meansAlone: boolean): RollupColumns;
}

export interface HistoryQuery {
  quantity: string;
  phase: string | null;
  fromMs: number;
  toMs: number;
  step: Step;
  /** The answer has at most so many rows, of equal spans when there is more; null: as the step says. */
  points: number | null;
  columns: readonly Column[];
}

export const allColumns = ["mean", "min", "max", "count", "importWh", "exportWh", "estimatedWh"] as const;
export type Column = (typeof allColumns)[number];

/** No answer has more points: ten years of days, a fortnight of minutes, five hours of seconds. */
const mostPoints = 20_000;
const autoPoints = 1_500;
/** Nor are more rollups looked at for one with fewer points: four months of minutes. */
const mostThinned = 180_000;

/** A channel's history. Throws HubError TOO_MANY_POINTS. */
export function channelHistory(
  source: HistorySource,
  channel: Channel,
  query: HistoryQuery,
  calendar: Calendar,
): Promise<History> {
  const series = [...channel.series.values()];
  const measured = measuredSeries(channel, query.quantity, query.phase);
  const energies = isEnergetic(query.quantity) && query.phase === null ? series.filter(hasEnergy) : [];
  return history(source, { id: channel.id, measured: measured ? [measured] : [], energies }, query, calendar);
}

/** The series that a quantity of a channel is shown by. */
export function measuredSeries(channel: Channel, quantity: string, phase: string | null): Series | undefined {
  const isOf = (one: Series) => one.quantity === quantity && one.phase === phase && isMain(one);
  return [...channel.series.values()].find(isOf);
}

/** The history of several channels as one: their powers and energies added up. */
export function sumHistory(
  source: HistorySource,
  id: string,
  channels: readonly Channel[],
  query: HistoryQuery,
  calendar: Calendar,
): Promise<History> {
  const series = channels.flatMap((channel) => [...channel.series.values()]);
  const measured = series.filter((one) => one.quantity === query.quantity && one.phase === null && isMain(one));
  return history(source, { id, measured, energies: series.filter(hasEnergy) }, query, calendar);
}

interface Sources {
  id: string;
  /** Whose values are shown; of several the spans are added up. */
  measured: readonly Series[];
  /** Whose energies are added up. */
  energies: readonly Series[];
}

async function history(
  source: HistorySource,
  sources: Sources,
  query: HistoryQuery,
  calendar: Calendar,
): Promise<History> {
  if (query.toMs < query.fromMs)
    throw new HubError("BAD_REQUEST", "The range ends before it begins", "Swap from and to.");
  const step = query.step === "auto" ? autoStep(query, sources.measured.length === 1) : query.step;
  const all =
    step === "raw" ? await rawReadings(source, sources, query) : rollups(source, sources, { ...query, step }, calendar);
  const isThinned = query.points !== null && all.length > query.points;
  const shown = isThinned ? downsampleRollups(all, spansOf(query.fromMs, query.toMs, query.points!)) : all;
  return {
    channelId: sources.id,
    quantity: query.quantity,
    unit: unitOf(query.quantity as Series["quantity"]),
    phase: query.phase,
    step,
    timeZone: calendar.timeZone,
    fromMs: query.fromMs,
    toMs: query.toMs,
    timeMs: listOf(shown.startMs, shown.length),
    ...columnsOf(shown, query.columns),
  };
}

async function rawReadings(
  source: HistorySource,
  { measured }: Sources,
  { fromMs, toMs, points }: HistoryQuery,
): Promise<RollupColumns> {
  const [series] = measured;
  if (!series) return emptyColumns();
  if (measured.length > 1) throw new HubError("BAD_REQUEST", "A sum has no raw readings", "Ask for step=minute.");
  if (points === null) return eachAlone(source.readings(series, fromMs, toMs));
  const rollups = await source.downsample(series, fromMs, toMs, spansOf(fromMs, toMs, points));
  // Where each is one reading, their own times say more than those of the spans.
  return isEach(rollups) ? eachAlone(source.readings(series, fromMs, toMs)) : rollups;
}

/** Every reading as a rollup of its own. */
function eachAlone(parts: Iterable<Readings>): RollupColumns {
  const all = emptyReadings();
  for (const part of parts) {
    if (all.length + part.length > mostPoints) throw tooManyPoints();
    pushReadings(all, part);
  }
  const { times, values, length } = all;
  const none = new Float64Array(length);
  const count = new Float64Array(length).fill(1);
  const energies = { importWh: none, exportWh: none, estimatedWh: none };
  return { length, startMs: times, count, sum: values, min: values, max: values, ...energies };
}

function isEach({ count, length }: RollupColumns): boolean {
  return count.subarray(0, length).every((one) => one === 1);
}

function rollups(
  source: HistorySource,
  { measured, energies }: Sources,
  query: HistoryQuery & { step: RollupStep },
  calendar: Calendar,
): RollupColumns {
  const most = query.points === null ? mostPoints : mostThinned;
  if (pointsIn(query.fromMs, query.toMs, query.step) > most) throw tooManyPoints();
  // Whole spans only: a month asked for from its middle is still that month.
  const fromMs = stepStart(query.step, query.fromMs, calendar);
  const toMs = query.toMs > query.fromMs ? stepEnd(query.step, query.toMs - 1, calendar) : fromMs;
  const level = levelOf(query.step);
  const isStored = query.step === "minute" || query.step === "quarter_hour" || query.step === "day";
  const meansAlone = query.columns.every((column) => column === "mean" || column === "count");
  const composed = (series: Series): RollupColumns => {
    const stored = source.rollups(series, level, fromMs, toMs, meansAlone);
    return isStored ? stored : compose(stored, query.step, calendar);
  };
  // A power series is both measured and energy: it is read once.
  const all = new Map<Series, RollupColumns>();
  for (const series of new Set([...measured, ...energies])) all.set(series, composed(series));
  const [first] = measured;
  if (first && measured.length === 1 && energies.every((series) => series === first)) {
    return energies.length === 0 ? valuesOf(all.get(first)!) : heldOf(all.get(first)!);
  }
  const values = measured.map((series) => valuesOf(all.get(series)!)).reduce(joinValues, emptyColumns());
  return energies.map((series) => energiesOf(all.get(series)!)).reduce(joinEnergies, values);
}

/** Only what was measured, of spans in which something was. */
function valuesOf(rollups: RollupColumns): RollupColumns {
  const measured = filterColumns(rollups, (at) => rollups.count[at]! > 0);
  const none = new Float64Array(measured.length);
  return { ...measured, importWh: none, exportWh: none, estimatedWh: none };
}

/** Only spans that hold anything. */
function heldOf(rollups: RollupColumns): RollupColumns {
  const { count, importWh, exportWh } = rollups;
  return filterColumns(rollups, (at) => count[at] !== 0 || importWh[at] !== 0 || exportWh[at] !== 0);
}

/** Only the energies, of spans that hold anything. */
function energiesOf(rollups: RollupColumns): RollupColumns {
  const held = heldOf(rollups);
  const none = new Float64Array(held.length);
  const bounds = { min: none.map(() => Number.POSITIVE_INFINITY), max: none.map(() => Number.NEGATIVE_INFINITY) };
  return { ...held, count: none, sum: none, ...bounds };
}

function joinValues(one: RollupColumns, other: RollupColumns): RollupColumns {
  return joinColumns(one, other, addValues);
}

function joinEnergies(one: RollupColumns, other: RollupColumns): RollupColumns {
  return joinColumns(one, other, addEnergies);
}

/** Adds another series' values of the same span: means, and the bounds of the sum. */
function addValues(into: RollupColumns, at: number, from: RollupColumns, index: number): void {
  into.sum[at]! += (from.sum[index]! / from.count[index]!) * into.count[at]!;
  into.min[at]! += from.min[index]!;
  into.max[at]! += from.max[index]!;
}

function columnsOf(
  rollups: RollupColumns,
  columns: readonly Column[],
): Partial<Record<Column, number[]>> & Pick<History, "mean" | "min" | "max"> {
  return Object.fromEntries(columns.map((column) => [column, columnOf(rollups, column)]));
}

/** A column as a list that JSON writes; where nothing was measured, means and bounds are null. */
function columnOf({ sum, count, length, ...rest }: RollupColumns, column: Column): (number | null)[] {
  if (column === "count") return listOf(count, length);
  if (column === "mean") return listOf(sum, length).map((one, at) => (count[at] === 0 ? null : one / count[at]!));
  const list = listOf(rest[column], length);
  if (column !== "min" && column !== "max") return list;
  return list.map((one, at) => (count[at] === 0 ? null : one));
}

function listOf(column: Float64Array, length: number): number[] {
  return Array.from(column.subarray(0, length));
}

/** The values of the plain quantity, or of the total import register. */
function isMain(series: Series): boolean {
  return series.direction === null || (series.direction === "import" && series.period === "total");
}

function hasEnergy(series: Series): boolean {
  return series.kind !== "gauge";
}

function isEnergetic(quantity: string): boolean {
  return quantity === "power_active" || quantity === "energy_active";
}

const rollupSteps: readonly RollupStep[] = ["minute", "quarter_hour", "hour", "day", "week", "month"];
const mostComposed = 50_000;

function autoStep({ fromMs, toMs, points }: HistoryQuery, hasRaw: boolean): RollupStep | "raw" {
  // From a minute a point on, minutes say the same on a chart.
  if (hasRaw && points !== null && toMs - fromMs < points * minuteMs) return "raw";
  const most = points === null ? autoPoints : mostComposed;
  return rollupSteps.find((step) => pointsIn(fromMs, toMs, step) <= most) ?? "year";
}

/** No reading is older: clocks before 2002 are not believed. */
const earliestMs = Date.UTC(2002, 0, 1);

function pointsIn(fromMs: number, toMs: number, step: RollupStep): number {
  const lengths: Record<RollupStep, number> = {
    minute: minuteMs,
    quarter_hour: 15 * minuteMs,
    hour: hourMs,
    day: dayMs,
    week: 7 * dayMs,
    month: 30 * dayMs,
    year: 365 * dayMs,
  };
  return (toMs - Math.max(fromMs, earliestMs)) / lengths[step];
}

function tooManyPoints(): HubError {
  return new HubError(
    "TOO_MANY_POINTS",
    `The range has more than ${mostPoints} points at this step`,
    "Ask for a shorter range or a longer step, for step=auto, or for points=1000.",
  );
}
