import { channelsOf, isSupply, switchedOn } from "../../state/devices.ts";
import type { LiveChannel, LiveMeter } from "../../state/readings.ts";

export type Group = "supply" | "circuits" | "appliances";
export const groups: Group[] = ["supply", "circuits", "appliances"];

/** Where a meter stands in the list: by the most important thing that it measures. */
export function groupOf(meter: LiveMeter): Group {
  const roles = channelsOf(meter).map((channel) => channel.role);
  if (roles.some(isSupply)) return "supply";
  return roles.includes("circuit") ? "circuits" : "appliances";
}

/** The channel that speaks for the meter where there is room for one. */
export function mainChannel(meter: LiveMeter): LiveChannel | undefined {
  const channels = channelsOf(meter);
  return channels.find((channel) => isSupply(channel.role)) ?? channels[0];
}

/** The channel that a single switch beside the meter's name can mean; undefined when none has a relay, or several. */
export function switchedChannel(meter: LiveMeter): LiveChannel | undefined {
  const [only, ...others] = channelsOf(meter).filter((channel) => switchedOn(channel) !== null);
  return others.length === 0 ? only : undefined;
}

/** What the meter measures in all: its supply, or the sum of what hangs on it; null when nothing was reported. */
export function meterPowerW(meter: LiveMeter): number | null {
  const main = mainChannel(meter);
  if (main && isSupply(main.role)) return main.powerW;
  const powers = channelsOf(meter).flatMap((channel) => (channel.powerW === null ? [] : [channel.powerW]));
  return powers.length > 0 ? powers.reduce((sum, powerW) => sum + powerW, 0) : null;
}

/** The meters of each group by name, those that match the search only. */
export function grouped(meters: LiveMeter[], search: string, locale: string): { group: Group; ids: string[] }[] {
  const wanted = search.trim().toLocaleLowerCase(locale);
  const compare = new Intl.Collator(locale, { numeric: true }).compare;
  const found = meters
    .filter((meter) => searchText(meter).toLocaleLowerCase(locale).includes(wanted))
    .sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
  return groups
    .map((group) => ({ group, ids: found.filter((meter) => groupOf(meter) === group).map((meter) => meter.id) }))
    .filter(({ ids }) => ids.length > 0);
}

function searchText(meter: LiveMeter): string {
  const channels = channelsOf(meter).map((channel) => channel.name);
  return [meter.name, meter.nativeId, meter.id, meter.model ?? "", ...channels].join("\n");
}
