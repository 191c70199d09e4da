/**
 * How long raw readings and their minutes are kept; quarter hours and days stay for ever. Defaults suit a 32 GB card:
 * fifty meters of eight quantities each second fill about 1.5 GB of readings and as much of minutes.
 */
import type { Quantity } from "@faiban/device-drivers";
import { quantities } from "@faiban/device-drivers";
import { dayMs } from "../energy/calendar.ts";
import { HubError } from "../errors.ts";
import type { Series } from "../model.ts";
import type { Db } from "./database.ts";
import type { Tables } from "./tables.ts";

/** How long, in days; null is for ever. */
export interface Keep {
  rawDays: number | null;
  minuteDays: number | null;
}

/** What is kept of each quantity; those that are not named have the default. */
export interface Retention {
  default: Keep;
  quantities: Partial<Record<Quantity, Keep>>;
}

/** What one quantity of all meters takes on the disk, and will take. */
export interface QuantityUsage {
  quantity: Quantity;
  series: number;
  /** Now, about. */
  bytes: number;
  /** What a day adds, as of late. */
  bytesPerDay: number;
  /** In ten years under the present rule, what is deleted meanwhile taken off. */
  bytesInTenYears: number;
}

export const defaultRetention: Retention = { default: { rawDays: 90, minuteDays: 730 }, quantities: {} };

const settingKey = "retention";
const tenYearsDays = 3653;
/** Chunks deleted in one transaction: some milliseconds. */
const mostAtOnce = 100;
/** A day at least: today's readings are what charts of today are made of. */
const leastDays = 1;
const mostDays = 36_525;

export type RetentionRules = ReturnType<typeof createRetention>;

export function createRetention(db: Db, tables: Tables) {
  const saveRawFrom = db.prepare("UPDATE series SET raw_from_ms = ? WHERE id = ?");
  let rules = read();

  function read(): Retention {
    const stored = tables.settings.get(settingKey);
    return stored === null ? defaultRetention : (JSON.parse(stored) as Retention);
  }

  function keepOf(series: Series): Keep {
    return rules.quantities[series.quantity] ?? rules.default;
  }

  /** In one transaction; when it fails, memory is as it was too. */
  function deleting<T>(work: () => T): T {
    const before = [...tables.rawFrom];
    try {
      return db.transaction(work)();
    } catch (error) {
      tables.rawFrom.clear();
      for (const [id, fromMs] of before) tables.rawFrom.set(id, fromMs);
      throw error;
    }
  }

  /** Deletes some of what is older than its rule; false when nothing is left to delete. */
  function enforce(all: Iterable<Series>, nowMs: number): boolean {
    return deleting(() => {
      let left = mostAtOnce;
      for (const series of all) {
        const { rawDays, minuteDays } = keepOf(series);
        if (rawDays !== null) left -= removeRaw(series, nowMs - rawDays * dayMs, left);
        if (minuteDays !== null) left -= tables.rollups.minute.removeBefore(series.id, nowMs - minuteDays * dayMs);
        if (left <= 0) return true;
      }
      return false;
    });
  }

  function removeRaw(series: Series, beforeMs: number, most: number): number {
    const removed = tables.readings.removeBefore(series.id, beforeMs, most);
    if (removed > 0) {
      const fromMs = Math.max(tables.rawFrom.get(series.id) ?? beforeMs, beforeMs);
      tables.rawFrom.set(series.id, fromMs);
      saveRawFrom.run(fromMs, series.id);
    }
    return removed;
  }

  /** Deletes the oldest raw readings of all series, a day or so; false when there are none but the newest. */
  function removeOldest(all: Iterable<Series>): boolean {
    const list = [...all];
    const oldest = list.map((series) => tables.readings.removableFromMs(series.id)).filter((ms) => ms !== null);
    if (oldest.length === 0) return false;
    const beforeMs = oldest.reduce((least, ms) => Math.min(least, ms)) + dayMs + 1; // a chunk is at most a day long
    return deleting(() => list.reduce((sum, series) => sum + removeRaw(series, beforeMs, mostAtOnce), 0)) > 0;
  }

  return {
    rules: () => rules,
    /** Throws HubError BAD_REQUEST for a rule that keeps less than a day or more than a century. */
    setRules(next: Retention): void {
      for (const keep of [next.default, ...Object.values(next.quantities)]) check(keep);
      const unknown = Object.keys(next.quantities).find((quantity) => !Object.hasOwn(quantities, quantity));
      if (unknown !== undefined) {
        throw new HubError(
          "BAD_REQUEST",
          `There is no quantity "${unknown}"`,
          `Use some of ${Object.keys(quantities).join(", ")}.`,
        );
      }
      tables.settings.set(settingKey, JSON.stringify(next));
      rules = next;
    },
    enforce,
    removeOldest,
    usage: (all: Iterable<Series>): QuantityUsage[] =>
      [...Map.groupBy(all, (series) => series.quantity)].map(([quantity, list]) =>
        usageOf(tables, quantity, list, keepOf),
      ),
  };
}

function usageOf(
  tables: Tables,
  quantity: Quantity,
  list: readonly Series[],
  keepOf: (series: Series) => Keep,
): QuantityUsage {
  const usage: QuantityUsage = { quantity, series: list.length, bytes: 0, bytesPerDay: 0, bytesInTenYears: 0 };
  for (const series of list) {
    const { rawDays, minuteDays } = keepOf(series);
    const parts = [
      { days: rawDays, ...tables.readings.usage(series.id) },
      { days: minuteDays, ...tables.rollups.minute.usage(series.id) },
      { days: null, ...tables.rollups.quarter.usage(series.id) },
      { days: null, ...tables.rollups.day.usage(series.id) },
    ];
    for (const { days, bytes, bytesPerDay } of parts) {
      usage.bytes += bytes;
      usage.bytesPerDay += bytesPerDay;
      usage.bytesInTenYears += bytesPerDay * Math.min(days ?? tenYearsDays, tenYearsDays);
    }
  }
  return usage;
}

function check({ rawDays, minuteDays }: Keep): void {
  for (const days of [rawDays, minuteDays]) {
    if (days !== null && !(days >= leastDays && days <= mostDays)) {
      throw new HubError(
        "BAD_REQUEST",
        `${days} days cannot be kept`,
        `Give ${leastDays} to ${mostDays} days, or null for ever.`,
      );
    }
  }
}
