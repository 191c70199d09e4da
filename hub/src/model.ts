/** What the hub knows of a home: meters, their channels, and the series of readings on each. Types only, and how series behave. */
import {
  type Direction,
  type Period,
  type Phase,
  type Quantity,
  quantities,
  type Reading,
  type Role,
} from "@faiban/device-drivers";
import type { LocalSpan } from "./energy/calendar.ts";
import type { TimedValue } from "./energy/readings.ts";
import type { EnergyCut, EnergyKind } from "./energy/rollup.ts";

export type Availability = "online" | "offline" | "unknown";

/** A message, or a part of one, that a driver understood and the hub refused. */
export interface Rejection {
  timeMs: number;
  topic: string;
  payload: string;
  reason: string;
}

/** A device as the hub keeps it; one object per meter, shared by ingest, live and API. */
export interface Meter {
  /** Stable and safe in a URL, such as tasmota-pow1. */
  readonly id: string;
  readonly dialect: string;
  readonly homeId: string;
  /** The device's own id within its dialect and home. */
  nativeId: string;
  /** Other ids by which messages name it. */
  aliases: string[];
  name: string;
  /** The user chose the name: the device's own no longer replaces it. */
  isNamedByUser: boolean;
  model: string | null;
  firmware: string | null;
  mac: string | null;
  readonly firstSeenMs: number;
  lastSeenMs: number;
  signalDbm: number | null;
  uptimeS: number | null;
  rejectedCount: number;
  lastRejection: Rejection | null;
  /** Not stored: unknown after a restart until the meter or its last will is heard. */
  availability: Availability;
  /** The device that speaks for it, by the id of its credential; null while nobody in particular does. */
  deviceId: string | null;
  /** By the driver's channel name, "" for the only input. */
  readonly channels: Map<string, Channel>;
}

/** A measuring input of a meter. */
export interface Channel {
  /** Meter id and channel, such as tasmota-pow1/main. */
  readonly id: string;
  readonly meterId: string;
  /** The driver's name of it, "" for the only input. */
  readonly key: string;
  name: string;
  isNamedByUser: boolean;
  role: Role;
  isRoleByUser: boolean;
  relay: boolean | null;
  /** By `seriesKey`. */
  readonly series: Map<string, Series>;
}

/** One measured thing on one channel. */
export interface Series {
  readonly id: number;
  readonly channelId: string;
  readonly quantity: Quantity;
  readonly phase: Phase | null;
  readonly direction: Direction | null;
  readonly period: Period | null;
  readonly kind: EnergyKind;
  readonly cut: EnergyCut;
  readonly resets: LocalSpan | null;
  /** The newest reading; it changes in place. */
  latest: TimedValue | null;
}

export type SeriesName = Pick<Series, "quantity" | "phase" | "direction" | "period">;

/** What a reading is a reading of; an energy without a direction or period is a total import. */
export function seriesName(reading: Reading): SeriesName {
  const isEnergy = reading.quantity.startsWith("energy_");
  return {
    quantity: reading.quantity,
    phase: reading.phase ?? null,
    direction: isEnergy ? (reading.direction ?? "import") : null,
    period: isEnergy ? (reading.period ?? "total") : null,
  };
}

export function seriesKey(name: SeriesName): string {
  return `${name.quantity}/${name.phase ?? ""}/${name.direction ?? ""}/${name.period ?? ""}`;
}

export function unitOf(quantity: Quantity): string {
  return quantities[quantity].unit;
}

/** Registers that can serve as a channel's energy, best first; yesterday and the tariff parts never do. */
const registerPeriods: readonly Period[] = ["total", "today", "month", "year"];

/** How a series' readings become energy. Single phases do not: their sum does, and nothing is counted twice. */
export function energyKind(name: SeriesName): EnergyKind {
  if (name.phase !== null) return "gauge";
  if (name.quantity === "power_active") return "power";
  if (name.quantity !== "energy_active" || !registerPeriods.includes(name.period ?? "total")) return "gauge";
  if (name.direction === "export") return "export_register";
  return name.direction === "net" ? "net_register" : "import_register";
}

const spanOfPeriod: Partial<Record<Period, LocalSpan>> = { today: "day", week: "week", month: "month", year: "year" };

/** The local span with which a register of the period starts from zero again. */
export function resetSpan(period: Period | null): LocalSpan | null {
  return (period && spanOfPeriod[period]) ?? null;
}

/**
 * Which of two series is the better truth for an energy of a channel: the smaller.
 * A register of one direction is better than one that runs both ways; power comes after every register.
 */
export function energyRank(series: Pick<Series, "kind" | "period">): number {
  if (series.kind === "power") return Number.POSITIVE_INFINITY;
  return registerPeriods.indexOf(series.period ?? "total") * 2 + (series.kind === "net_register" ? 1 : 0);
}

/** The sides of a channel's energy that a series measures. */
export function energySides(kind: EnergyKind): readonly ("import" | "export")[] {
  if (kind === "gauge") return [];
  if (kind === "import_register") return ["import"];
  if (kind === "export_register") return ["export"];
  return ["import", "export"];
}
