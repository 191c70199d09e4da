/** Stores in temporary folders with made-up meters, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { onTestFinished } from "vitest";
import { createCalendar } from "../energy/calendar.ts";
import { readingAt, type TimedValue } from "../energy/readings.ts";
import type { EnergyKind, Level, Rollup } from "../energy/rollup.ts";
import { type RollupRow, rowsOf } from "../energy/rollup-columns.ts";
import type { Channel, Meter, Series } from "../model.ts";
import { openStore, type Store, type StoreOptions } from "./store.ts";

export const start = Date.UTC(2026, 0, 5, 10);
export const forever = [0, 4e12] as const;

/** An empty folder, removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that commits when it is told to, and throws what it is not told to bear. */
export function open(folder: string, options: Partial<StoreOptions> & { timeZone?: string } = {}): Store {
  const { timeZone = "Asia/Bangkok", ...given } = options;
  return openStore({
    folder,
    calendarOf: () => createCalendar(timeZone),
    commitIntervalMs: 600_000,
    knownTimeMs: () => null,
    onCommitFailed(error) {
      throw error;
    },
    onDamage(what) {
      throw new Error(what);
    },
    onRepaired: () => {},
    onRoomMade: () => {},
    ...given,
  });
}

/** A meter with one channel and one series on it, saved. */
export function addSeries(
  store: Store,
  kind: EnergyKind = "power",
  id = "m",
): { meter: Meter; channel: Channel; series: Series } {
  const series: Series = {
    ...{ id: store.newSeriesId(), channelId: `${id}/main`, phase: null, kind, latest: null },
    ...(kind === "power"
      ? { quantity: "power_active", direction: null, period: null }
      : { quantity: "energy_active", direction: "import", period: "total" }),
    cut: { importUntilMs: null, exportUntilMs: null },
    resets: null,
  };
  const channel: Channel = {
    ...{ id: `${id}/main`, meterId: id, key: "", name: "Meter", isNamedByUser: false, relay: null },
    ...{ role: "appliance", isRoleByUser: false, series: new Map([["key", series]]) },
  };
  const meter: Meter = {
    ...{ id, dialect: "customer", homeId: "home", nativeId: id, aliases: ["old"], name: "Meter" },
    ...{ isNamedByUser: false, model: null, firmware: null, mac: null, signalDbm: null, uptimeS: null },
    ...{
      firstSeenMs: start,
      lastSeenMs: start,
      rejectedCount: 0,
      lastRejection: null,
      availability: "unknown",
      deviceId: null,
    },
    channels: new Map([["", channel]]),
  };
  store.saveMeter(meter);
  store.saveChannel(channel);
  store.saveSeries(series);
  return { meter, channel, series };
}

export function add(store: Store, series: Series, { timeMs, value }: TimedValue): boolean {
  return store.append(series, timeMs, value);
}

/** Adds a reading each `stepMs`, with the values 100, 101 … 199, 100 …; gives them back. */
export function addMany(store: Store, series: Series, fromMs: number, count: number, stepMs: number): TimedValue[] {
  const readings = Array.from({ length: count }, (_, at) => ({
    timeMs: fromMs + at * stepMs,
    value: 100 + (at % 100),
  }));
  for (const reading of readings) add(store, series, reading);
  return readings;
}

/** All readings of a series. */
export function list(store: Store, series: Series): TimedValue[] {
  return [...store.readings(series, ...forever)].flatMap((part) =>
    Array.from(part.times, (_, at) => readingAt(part, at)),
  );
}

/** All rollups of a series, each by itself. */
export function rows(store: Store, series: Series, level: Level): RollupRow[] {
  return rowsOf(store.rollups(series, level, ...forever));
}

/** All rollups of a series, by their start. */
export function stored(store: Store, series: Series, level: Level): Map<number, Rollup> {
  return new Map(rows(store, series, level).map(({ startMs, ...rollup }) => [startMs, rollup]));
}

/** The database of a store that is closed, closed with the test. */
export function database(folder: string): Database.Database {
  const db = new Database(path.join(folder, "faiban.db"));
  onTestFinished(() => void db.close());
  return db;
}
