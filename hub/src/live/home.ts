/** The home as a whole: which channels make up its supply, its solar power and its use. */
import type * as api from "../api/contract.ts";
import { powerHoldMs } from "../energy/power.ts";
import type { Channel, Meter, Series } from "../model.ts";
import { channelToday, latestPower, round, type ViewOptions, withCost } from "./view.ts";

export interface HomeOptions extends ViewOptions {
  identity: Pick<api.Home, "id" | "name" | "timeZone" | "currency">;
  meters(): Iterable<Meter>;
  nowMs(): number;
  /** What is wrong with the hub itself. */
  notices(): api.Notice[];
  monthStartMs(): number;
  /** Stored energy of a series over whole local days, from `fromMs` up to, not at, `toMs`. */
  daysEnergy(series: Series, fromMs: number, toMs: number): { importWh: number; exportWh: number };
}

export function homeView(options: HomeOptions): api.Home {
  const channels = homeChannels(options.meters(), options.identity.id);
  const supply = supplyChannels(channels);
  const solar = channels.filter((channel) => channel.role === "solar");
  return {
    ...options.identity,
    pricePerKwh: round(options.prices().today, 4),
    now: powersNow(channels, supply, solar, options.nowMs()),
    today: spanOf(supply, options, options.dayStartMs()),
    month: spanOf(supply, options, options.monthStartMs()),
    todaySolarWh: solar.reduce((sum, channel) => sum + produced(channelToday(channel, options)), 0),
    dayStartMs: options.dayStartMs(),
    monthStartMs: options.monthStartMs(),
    notices: options.notices(),
  };
}

/** The channels of the home; of all homes when its own have no supply, as when its meters were given another id. */
export function homeChannels(meters: Iterable<Meter>, homeId: string): Channel[] {
  const all = [...meters];
  const channelsOf = (list: Meter[]) => list.flatMap((meter) => [...meter.channels.values()]);
  const own = channelsOf(all.filter((meter) => meter.homeId === homeId));
  return own.some((channel) => channel.role === "mains") ? own : channelsOf(all);
}

/** The channels whose sum is what the home takes from the grid: its mains; else its circuits; else what uses power. */
export function supplyChannels(channels: readonly Channel[]): Channel[] {
  const of = (...roles: Channel["role"][]) => channels.filter((channel) => roles.includes(channel.role));
  for (const supply of [of("mains"), of("circuit")]) if (supply.length > 0) return supply;
  return of("appliance", "ev");
}

function powersNow(all: Channel[], supply: Channel[], solar: Channel[], nowMs: number): api.Home["now"] {
  const grid = sumPower(supply, nowMs);
  const solarW = sumPower(solar, nowMs, Math.abs)?.powerW ?? null; // some inverters count production as negative
  const usedW = grid && grid.powerW + (solarW ?? 0);
  const hasMains = supply.some((channel) => channel.role === "mains");
  return {
    timeMs: grid?.timeMs ?? null,
    gridW: grid?.powerW ?? null,
    solarW,
    usedW,
    restW: usedW !== null && hasMains ? Math.max(0, usedW - meteredW(all, nowMs)) : null,
  };
}

/** Power on metered circuits or appliances; appliances may sit on the circuits, so only the larger sum counts. */
function meteredW(channels: Channel[], nowMs: number): number {
  const sum = (roles: readonly string[]) =>
    sumPower(
      channels.filter((channel) => roles.includes(channel.role)),
      nowMs,
    )?.powerW ?? 0;
  return Math.max(sum(["circuit"]), sum(["appliance", "ev"]));
}

/** Sum of the channels' power, as of the newest; null when none has reported within the time a reading holds. */
function sumPower(
  channels: Channel[],
  nowMs: number,
  measure = (powerW: number) => powerW,
): { powerW: number; timeMs: number } | null {
  let sum = null as { powerW: number; timeMs: number } | null;
  for (const channel of channels) {
    const power = latestPower(channel);
    if (!power || nowMs - power.timeMs > powerHoldMs) continue;
    sum = { powerW: (sum?.powerW ?? 0) + measure(power.value), timeMs: Math.max(sum?.timeMs ?? 0, power.timeMs) };
  }
  return sum;
}

function spanOf(supply: Channel[], options: HomeOptions, fromMs: number): api.EnergySpan {
  const total = { importWh: 0, exportWh: 0 };
  const todayMs = options.dayStartMs();
  const add = (energy: { importWh: number; exportWh: number }) => {
    total.importWh += energy.importWh;
    total.exportWh += energy.exportWh;
  };
  for (const channel of supply) {
    add(channelToday(channel, options));
    if (fromMs === todayMs) continue;
    for (const series of channel.series.values()) {
      if (series.kind !== "gauge") add(options.daysEnergy(series, fromMs, todayMs));
    }
  }
  const { today, month } = options.prices();
  return withCost(total, fromMs === todayMs ? today : month);
}

function produced(energy: api.EnergySpan): number {
  return energy.importWh + energy.exportWh;
}
