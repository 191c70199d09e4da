import type { Role } from "../../../hub/src/api/contract.ts";
import type { LiveChannel, LiveMeter, LiveState } from "./readings.ts";

/** A reading older than this says nothing about now: the slowest usual meters report each 5 minutes. */
export const OLD_READING_MS = 11 * 60_000;

export interface Device {
  meter: LiveMeter;
  channel: LiveChannel;
}

/** The channels that measure. One that only switches has no place beside them, unless there is no other. */
export function channelsOf(meter: LiveMeter): LiveChannel[] {
  const all = Object.values(meter.channels);
  const measuring = all.filter((channel) => channel.measures);
  return measuring.length > 0 ? measuring : all;
}

/** What a channel is called: a meter with one input goes by the meter's own name. */
export function deviceName(device: Device): string {
  return channelsOf(device.meter).length > 1 ? device.channel.name : device.meter.name;
}

/** Whether the role measures the home's supply and not something that uses it. */
export function isSupply(role: Role): boolean {
  return role === "mains" || role === "solar" || role === "battery";
}

/** Whether the channel is switched on; null for one without a switch, and for a supply, which nobody switches by hand. */
export function switchedOn(channel: Pick<LiveChannel, "relay" | "role">): boolean | null {
  return isSupply(channel.role) ? null : channel.relay;
}

export function devicesThatUse(state: LiveState): Device[] {
  return Object.values(state.meters).flatMap((meter) =>
    channelsOf(meter)
      .filter((channel) => !isSupply(channel.role))
      .map((channel) => ({ meter, channel })),
  );
}

/** The power that counts as of now; null when the meter is away or the reading is old. */
export function currentPowerW(device: Device, ageMs: (timeMs: number) => number): number | null {
  const { powerW, powerTimeMs } = device.channel;
  if (powerW === null || powerTimeMs === null || device.meter.availability === "offline") return null;
  return ageMs(powerTimeMs) > OLD_READING_MS ? null : powerW;
}

/**
 * What the home uses at least, where no meter measures the whole of it. Appliances can hang on metered circuits,
 * so the two sums must not be added.
 */
export function leastUsedW(devices: { role: Role; powerW: number | null }[]): number | null {
  const sum = (circuits: boolean) => {
    const powers = devices.filter((device) => (device.role === "circuit") === circuits && device.powerW !== null);
    return powers.length > 0 ? powers.reduce((total, device) => total + (device.powerW ?? 0), 0) : null;
  };
  const circuits = sum(true);
  const appliances = sum(false);
  return circuits === null ? appliances : Math.max(circuits, appliances ?? 0);
}
