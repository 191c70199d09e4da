/** The parts of a cycle: spans of days in which all prices of a tariff stay the same. */
import { isDeepStrictEqual } from "node:util";
import type { BookTariff } from "./book.ts";
import { billingMonth, type Cycle } from "./cycle.ts";
import { BillingError } from "./errors.ts";
import { decimal, divide, type Exact, fraction } from "./exact.ts";
import type { Version } from "./tariff.ts";

/** An amount per kWh that is set anew from time to time, such as the Thai Ft. */
export interface AdjustmentRate {
  key: string;
  /** Currency per kWh. */
  pricePerKwh: Exact;
  /** false: recalled, or the last known one goes on beyond the time it was published for. */
  isConfirmed: boolean;
}

export interface Part extends Cycle {
  version: Omit<Version, "from">;
  adjustments: readonly AdjustmentRate[];
}

/**
 * The parts of a cycle, one when nothing changes in it or the prices of its billing month hold throughout.
 * `overrides` are adjustments by key, in hundredths per kWh. Throws a BillingError for a time before the first prices.
 */
export function partsOf(tariff: BookTariff, cycle: Cycle, overrides: Readonly<Record<string, string>>): Part[] {
  if (tariff.changes === "cycle") return [partAt(tariff, { cycle, date: billingMonth(cycle), overrides })];
  const froms = [...tariff.versions, ...Object.values(tariff.adjustmentSeries).flatMap((series) => series.values)];
  const inside = froms.map(({ from }) => from).filter((from) => from > cycle.start && from < cycle.end);
  const starts = [cycle.start, ...new Set(inside.toSorted())];
  const parts = starts.map((start, index) =>
    partAt(tariff, { cycle: { start, end: starts[index + 1] ?? cycle.end }, date: start, overrides }),
  );
  return merged(parts);
}

interface PartQuestion {
  cycle: Cycle;
  date: string;
  overrides: Readonly<Record<string, string>>;
}

function partAt(tariff: BookTariff, { cycle, date, overrides }: PartQuestion): Part {
  const found = inForce(tariff.versions, date);
  if (!found) {
    throw new BillingError(
      `${tariff.id} has no prices for ${date.slice(0, 7)}`,
      `Its prices begin on ${tariff.versions[0]?.from}`,
    );
  }
  const { from: _, ...version } = found;
  const adjustments = (version.adjustments ?? []).map((id) => adjustmentAt(tariff, { id, date, overrides }));
  return { ...cycle, version, adjustments };
}

function adjustmentAt(
  tariff: BookTariff,
  { id, date, overrides }: { id: string; date: string; overrides: Readonly<Record<string, string>> },
): AdjustmentRate {
  const series = tariff.adjustmentSeries[id];
  if (!series) throw new Error(`no adjustments ${id}`);
  const { key, values, until } = series;
  const perKwh = (hundredths: string) => divide(decimal(hundredths), fraction(100));
  const override = overrides[key];
  if (override !== undefined) return { key, pricePerKwh: perKwh(override), isConfirmed: true };
  const value = inForce(values, date);
  if (!value) {
    throw new BillingError(
      `No ${key} is known for ${date.slice(0, 7)}`,
      `The first is of ${values[0]?.from.slice(0, 7)}: give the ${key} of the bill`,
    );
  }
  const isConfirmed = value.confidence !== "C" && (until === undefined || date <= until);
  return { key, pricePerKwh: perKwh(value.hundredthsPerKwh), isConfirmed };
}

/** The last that began on the date or before. */
function inForce<T extends { from: string }>(dated: readonly T[], date: string): T | undefined {
  return dated.findLast(({ from }) => from <= date);
}

/** Parts whose prices are the same are one, so that a date at which nothing changes leaves no mark on the bill. */
function merged(parts: readonly Part[]): Part[] {
  const kept: Part[] = [];
  for (const part of parts) {
    const last = kept.at(-1);
    const isSame =
      last && isDeepStrictEqual(last.version, part.version) && isDeepStrictEqual(last.adjustments, part.adjustments);
    if (isSame) kept[kept.length - 1] = { ...last, end: part.end };
    else kept.push(part);
  }
  return kept;
}
