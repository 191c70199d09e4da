/** History: a channel's readings and energy over a range, at a step. */
import { type Calendar, hourMs, minuteMs } from "../energy/calendar.ts";
import { compose, levelOf, type RollupStep, stepEnd, stepStart } from "../energy/compose.ts";
import { downsampleRollups, type Spans, spansOf } from "../energy/downsample.ts";
import type { Readings } from "../energy/readings.ts";
import type { Level, Rollup } from "../energy/rollup.ts";
import { HubError } from "../errors.ts";
import type { Channel, Series } from "../model.ts";
import { unitOf } from "../model.ts";
import type { History, Step } from "./contract.ts";

/** What history needs of the store. */
export interface HistorySource {
  /** In order of time, in parts. */
  readings(series: Series, fromMs: number, toMs: number): Iterable<Readings>;
  /** Readings as a row a span; a long range does not hold up the hub. */
  downsample(series: Series, fromMs: number, toMs: number, spans: Spans): Promise<Row[]>;
  rollups(series: Series, level: Level, fromMs: number, toMs: number): (Rollup & { startMs: number })[];
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

type Row = Rollup & { startMs: number };

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
    step === "raw" ? await rawRows(source, sources, query) : rollupRows(source, sources, { ...query, step }, calendar);
  const isThinned = query.points !== null && all.length > query.points;
  const rows = isThinned ? downsampleRollups(all, spansOf(query.fromMs, query.toMs, query.points!)) : all;
  return {
    channelId: sources.id,
    quantity: query.quantity,
    unit: unitOf(query.quantity as Series["quantity"]),
    phase: query.phase,
    step,
    timeZone: calendar.timeZone,
    fromMs: query.fromMs,
    toMs: query.toMs,
    timeMs: rows.map((row) => row.startMs),
    ...columnsOf(rows, query.columns),
  };
}

async function rawRows(source: HistorySource, { measured }: Sources, query: HistoryQuery): Promise<Row[]> {
  const [series] = measured;
  if (!series) return [];
  if (measured.length > 1) throw new HubError("BAD_REQUEST", "A sum has no raw readings", "Ask for step=minute.");
  const { fromMs, toMs, points } = query;
  if (points === null) return plainRows(source.readings(series, fromMs, toMs));
  const rows = await source.downsample(series, fromMs, toMs, spansOf(fromMs, toMs, points));
  return isEach(rows) ? plainRows(source.readings(series, fromMs, toMs)) : rows;
}

/** Every reading as a row. */
function plainRows(parts: Iterable<Readings>): Row[] {
  const rows: Row[] = [];
  for (const { times, values, length } of parts) {
    if (rows.length + length > mostPoints) throw tooManyPoints();
    for (let at = 0; at < length; at++) {
      const value = values[at]!;
      rows.push({ ...emptyRow(times[at]!), count: 1, sum: value, min: value, max: value });
    }
  }
  return rows;
}

/** Whether each row is one reading: then their own times say more than those of the spans. */
function isEach(rows: readonly Row[]): boolean {
  return rows.every((row) => row.count === 1);
}

function rollupRows(
  source: HistorySource,
  { measured, energies }: Sources,
  query: HistoryQuery & { step: RollupStep },
  calendar: Calendar,
): Row[] {
  const most = query.points === null ? mostPoints : mostThinned;
  if (pointsIn(query.fromMs, query.toMs, query.step) > most) throw tooManyPoints();
  // Whole spans only: a month asked for from its middle is still that month.
  const fromMs = stepStart(query.step, query.fromMs, calendar);
  const toMs = query.toMs > query.fromMs ? stepEnd(query.step, query.toMs - 1, calendar) : fromMs;
  const level = levelOf(query.step);
  const isStored = query.step === "minute" || query.step === "quarter_hour" || query.step === "day";
  const composed = (series: Series): Row[] => {
    const rows = source.rollups(series, level, fromMs, toMs);
    return isStored ? rows : compose(rows, query.step, calendar);
  };
  // A power series is both measured and energy: it is read once.
  const all = new Map<Series, Row[]>();
  for (const series of new Set([...measured, ...energies])) all.set(series, composed(series));
  const rowsOf = (list: readonly Series[]) => list.map((series) => all.get(series) ?? []);
  return joinRows(rowsOf(measured), rowsOf(energies));
}

/** Values of `measured` (their spans added up) beside energies of `energies`, by span. */
function joinRows(measured: Row[][], energies: Row[][]): Row[] {
  const byStart = new Map<number, Row>();
  const rowAt = (startMs: number): Row => {
    const known = byStart.get(startMs);
    if (known) return known;
    const row = emptyRow(startMs);
    byStart.set(startMs, row);
    return row;
  };
  for (const rows of measured) for (const row of rows) if (row.count > 0) addValues(rowAt(row.startMs), row);
  for (const row of energies.flat()) {
    if (row.importWh === 0 && row.exportWh === 0 && row.count === 0) continue;
    const into = rowAt(row.startMs);
    into.importWh += row.importWh;
    into.exportWh += row.exportWh;
    into.estimatedWh += row.estimatedWh;
  }
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}

/** Adds another series' values of the same span: means, and the bounds of the sum. */
function addValues(into: Row, row: Row): void {
  const mean = row.sum / row.count;
  into.sum += into.count === 0 ? row.sum : mean * into.count;
  into.count ||= row.count;
  into.min = (into.min ?? 0) + (row.min ?? 0);
  into.max = (into.max ?? 0) + (row.max ?? 0);
}

function emptyRow(startMs: number): Row {
  return { startMs, count: 0, sum: 0, min: null, max: null, importWh: 0, exportWh: 0, estimatedWh: 0 };
}

function columnsOf(rows: readonly Row[], columns: readonly Column[]): Partial<Record<Column, number[]>> {
  const value = (row: Row, column: Column) => {
    if (column === "mean") return row.count === 0 ? null : row.sum / row.count;
    return row[column];
  };
  return Object.fromEntries(columns.map((column) => [column, rows.map((row) => value(row, column))]));
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
    day: 24 * hourMs,
    week: 7 * 24 * hourMs,
    month: 30 * 24 * hourMs,
    year: 365 * 24 * hourMs,
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
