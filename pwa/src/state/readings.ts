import type { Channel, Command, Home, LatestReading, LiveEvent, Meter } from "../../../hub/src/api/contract.ts";
import { latestCommand } from "./commands.ts";

/** A channel as the store keeps it: its readings each have a place of their own. */
export type LiveChannel = Omit<Channel, "readings"> & {
  readings: Record<string, LatestReading>;
  /** Whether it ever reported anything: a leaf of its own, so that lists need not be made anew with each reading. */
  measures: boolean;
  /** The last command to its relay; null when none was heard of since the socket was opened. */
  command: Command | null;
};

/** A meter as the store keeps it, its channels by id. */
export type LiveMeter = Omit<Meter, "channels"> & { channels: Record<string, LiveChannel> };

/** All that the live socket told. */
export interface LiveState {
  home: Home | null;
  meters: Record<string, LiveMeter>;
  hubVersion: string | null;
}

export function emptyState(): LiveState {
  // Ids come from the address bar too: "constructor" is no meter.
  return { home: null, meters: Object.create(null), hubVersion: null };
}

/**
 * Writes one event into the state, leaf by leaf: a value that did not change is not touched,
 * and an object that stays keeps its identity, so that only what shows the change redraws.
 */
export function applyEvent(state: LiveState, event: LiveEvent): void {
  switch (event.event_type) {
    case "snapshot": {
      state.hubVersion = event.data.version;
      // Who sees only the meters is not told of the home.
      if (event.data.home) applyHome(state, event.data.home);
      const present = new Set(event.data.meters.map((meter) => meter.id));
      for (const id of Object.keys(state.meters)) if (!present.has(id)) delete state.meters[id];
      // How a command ended may have been missed; the relays in the snapshot tell.
      for (const meter of Object.values(state.meters)) {
        for (const channel of Object.values(meter.channels)) channel.command = null;
      }
      for (const meter of event.data.meters) applyMeter(state, meter);
      return;
    }
    case "home_update":
      applyHome(state, event.data);
      return;
    case "meter_update":
      applyMeter(state, event.data);
      return;
    case "meter_removed":
      delete state.meters[event.data.meterId];
      return;
    case "command_update":
      applyCommand(state, event.data);
      return;
    case "power_update": {
      const meter = state.meters[event.meter_id];
      const channel = meter?.channels[event.channel_id];
      if (!meter || !channel) return;
      const timeMs = Math.max(...event.readings.map((reading) => reading.timeMs), channel.powerTimeMs ?? 0);
      const powerRead = event.readings.some((reading) => reading.quantity === "power_active");
      if (event.data.current_power_w !== null) {
        channel.powerW = event.data.current_power_w;
        if (powerRead) channel.powerTimeMs = timeMs;
      }
      channel.relay = event.relay;
      channel.today.importWh = event.data.today_kwh * 1000;
      for (const [key, value] of Object.entries(event.data)) {
        if (key.startsWith("cost_today_") && typeof value === "number") channel.today.cost = value;
      }
      for (const reading of event.readings) applyReading(channel, reading);
      noteMeasures(channel);
      meter.lastSeenMs = Math.max(meter.lastSeenMs, timeMs);
    }
  }
}

/** Notes a command to a relay, told by an event or by the answer to a request; others are not shown. */
export function applyCommand(state: LiveState, heard: Command): void {
  const channel = heard.channelId === null ? undefined : state.meters[heard.meterId]?.channels[heard.channelId];
  if (channel) channel.command = latestCommand(channel.command, heard);
}

/** Identifies what a reading is of: the same quantity, phase, direction and period share a place. */
export function readingKey(reading: LatestReading): string {
  return [reading.quantity, reading.phase, reading.direction, reading.period].map((part) => part ?? "").join("/");
}

function applyHome(state: LiveState, home: Home): void {
  if (!state.home) state.home = structuredClone(home);
  else assignLeaves(state.home, home);
}

function applyMeter(state: LiveState, meter: Meter): void {
  const { channels, ...rest } = meter;
  const kept = state.meters[meter.id];
  if (!kept) {
    const byId = Object.fromEntries(channels.map((channel) => [channel.id, liveChannel(channel)]));
    state.meters[meter.id] = { ...rest, channels: byId };
    return;
  }
  assignLeaves(kept, rest);
  const present = new Set(channels.map((channel) => channel.id));
  for (const id of Object.keys(kept.channels)) if (!present.has(id)) delete kept.channels[id];
  for (const channel of channels) {
    const { readings, ...values } = channel;
    const old = kept.channels[channel.id];
    if (!old) {
      kept.channels[channel.id] = liveChannel(channel);
      continue;
    }
    assignLeaves(old, values);
    for (const reading of readings) applyReading(old, reading);
    noteMeasures(old);
  }
}

function noteMeasures(channel: LiveChannel): void {
  if (!channel.measures && measures(channel)) channel.measures = true;
}

function measures(channel: Pick<LiveChannel, "powerW" | "readings">): boolean {
  return channel.powerW !== null || Object.keys(channel.readings).length > 0;
}

function applyReading(channel: LiveChannel, reading: LatestReading): void {
  const key = readingKey(reading);
  const kept = channel.readings[key];
  if (kept) assignLeaves(kept, reading);
  else channel.readings[key] = { ...reading };
}

function liveChannel(channel: Channel): LiveChannel {
  const readings = Object.fromEntries(channel.readings.map((reading) => [readingKey(reading), reading]));
  return { ...channel, readings, measures: measures({ ...channel, readings }), command: null };
}

// Plain data from JSON: objects are descended into, all else is a leaf.
function assignLeaves(target: object, source: object): void {
  const to = target as Record<string, unknown>;
  for (const [key, value] of Object.entries(source)) {
    const old = to[key];
    if (isObject(value) && isObject(old)) assignLeaves(old, value);
    else if (old !== value) to[key] = value;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
