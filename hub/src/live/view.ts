/** The API's picture of meters and channels, from what is in memory. */
import type * as api from "../api/contract.ts";
import { type Channel, type Meter, type Series, type SeriesName, seriesKey, unitOf } from "../model.ts";

export interface ViewOptions {
  /** Energy of a series in the local day that starts then, what is not yet stored included. */
  dayEnergy(series: Series, dayStartMs: number): { importWh: number; exportWh: number };
  dayStartMs(): number;
  /** Mean prices of today's and this month's energy, in the currency per kWh. */
  prices(): { today: number; month: number };
}

const powerKey = seriesKey({ quantity: "power_active", phase: null, direction: null, period: null });

export function meterView(meter: Meter, options: ViewOptions): api.Meter {
  return {
    id: meter.id,
    name: meter.name,
    dialect: meter.dialect,
    nativeId: meter.nativeId,
    homeId: meter.homeId,
    model: meter.model,
    firmware: meter.firmware,
    availability: meter.availability,
    firstSeenMs: meter.firstSeenMs,
    lastSeenMs: meter.lastSeenMs,
    signalDbm: meter.signalDbm,
    uptimeS: meter.uptimeS,
    rejectedCount: meter.rejectedCount,
    lastRejection: meter.lastRejection,
    channels: [...meter.channels.values()].map((channel) => channelView(meter, channel, options)),
  };
}

export function channelView(meter: Meter, channel: Channel, options: ViewOptions): api.Channel {
  const power = channel.series.get(powerKey)?.latest ?? null;
  return {
    id: channel.id,
    meterId: channel.meterId,
    name: channelName(meter, channel),
    role: channel.role,
    powerW: power?.value ?? null,
    powerTimeMs: power?.timeMs ?? null,
    today: channelToday(channel, options),
    relay: channel.relay,
    readings: [...channel.series.values()].flatMap(readingView),
  };
}

/** A meter's only input has the meter's name until the user gives it one. */
export function channelName(meter: Meter, channel: Channel): string {
  const isOnly = channel.key === "" || meter.channels.size === 1;
  return isOnly && !channel.isNamedByUser ? meter.name : channel.name;
}

export function readingView(series: Series): api.LatestReading[] {
  if (!series.latest) return [];
  const { quantity, phase, direction, period } = series;
  const { value, timeMs } = series.latest;
  return [{ quantity, value, unit: unitOf(quantity), phase, direction, period, timeMs }];
}

/** The latest value of one thing on a channel, null when it never came. */
export function latestValue(channel: Channel, name: Pick<SeriesName, "quantity">): number | null {
  return channel.series.get(seriesKey({ ...name, phase: null, direction: null, period: null }))?.latest?.value ?? null;
}

export function latestPower(channel: Channel): { value: number; timeMs: number } | null {
  return channel.series.get(powerKey)?.latest ?? null;
}

export function channelToday(channel: Channel, options: ViewOptions): api.EnergySpan {
  const total = { importWh: 0, exportWh: 0 };
  const dayStartMs = options.dayStartMs();
  for (const series of channel.series.values()) {
    if (series.kind === "gauge") continue;
    const energy = options.dayEnergy(series, dayStartMs);
    total.importWh += energy.importWh;
    total.exportWh += energy.exportWh;
  }
  const isBought = channel.role !== "solar" && channel.role !== "battery";
  return withCost(total, isBought ? options.prices().today : 0);
}

/** Energies to the milliwatt-hour: sums of floating-point parts have no more to say. */
export function withCost(energy: { importWh: number; exportWh: number }, pricePerKwh: number): api.EnergySpan {
  return {
    importWh: round(energy.importWh, 3),
    exportWh: round(energy.exportWh, 3),
    cost: round((energy.importWh / 1000) * pricePerKwh, 4),
  };
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
