/** The live side of the hub: what changed, as events for the app. */
import type * as api from "../api/contract.ts";
import type { Channel, Meter, Series } from "../model.ts";
import { createFanout, homeKey, type LiveSocket } from "./fanout.ts";
import { type HomeOptions, homeView } from "./home.ts";
import { channelToday, latestValue, meterView, readingView } from "./view.ts";

export interface LiveOptions extends HomeOptions {
  version: string;
}

export type Live = ReturnType<typeof createLive>;

/** The home's figures are sent this often at most, and at least each five seconds as a sign of life. */
const homeEveryMs = 100;
const aliveEveryMs = 5_000;

interface ChannelChange {
  meter: Meter;
  channel: Channel;
  /** Changed since every socket was last sent this channel. */
  series: Set<Series>;
  arrivalMs: number;
}

export function createLive(options: LiveOptions) {
  const changes = new Map<string, ChannelChange>();
  const removed = new Set<string>();
  /** Commands that have changed since every socket was last sent them. */
  const commands = new Map<string, api.Command>();
  const fanout = createFanout({ snapshot, event, onAllSent });
  let homeTimer: NodeJS.Timeout | null = null;
  const aliveTimer = setInterval(() => fanout.touch(homeKey), aliveEveryMs);

  function onReadings(meter: Meter, channel: Channel, changed: Series[], arrivalMs: number): void {
    if (fanout.sockets() === 0) return;
    const change = changes.get(channel.id);
    if (change) {
      for (const series of changed) change.series.add(series);
      change.arrivalMs = arrivalMs;
    } else changes.set(channel.id, { meter, channel, series: new Set(changed), arrivalMs });
    fanout.touch(`channel ${channel.id}`);
    homeTimer ??= setTimeout(tellHome, homeEveryMs);
  }

  function tellHome(): void {
    homeTimer = null;
    fanout.touch(homeKey);
  }

  function onMeter(meter: Meter): void {
    fanout.touch(`meter ${meter.id}`);
  }

  function onMeterRemoved(meter: Meter): void {
    removed.add(meter.id);
    fanout.touch(`meter ${meter.id}`);
    fanout.touch(homeKey);
  }

  function onCommand(command: api.Command): void {
    if (fanout.sockets() === 0) return;
    commands.set(command.id, command);
    fanout.touch(`command ${command.id}`);
  }

  function onAllSent(): void {
    changes.clear();
    commands.clear();
  }

  function snapshot(seesHome: boolean): api.SnapshotEvent {
    const data = { home: seesHome ? home() : null, meters: meters(), version: options.version };
    return { event_type: "snapshot", ...stamp(), data };
  }

  function event(key: string): api.LiveEvent | null {
    if (key === homeKey) return { event_type: "home_update", ...stamp(), data: home() };
    const id = key.slice(key.indexOf(" ") + 1);
    if (key.startsWith("command ")) return commandEvent(id);
    return key.startsWith("meter ") ? meterEvent(id) : channelEvent(id);
  }

  function commandEvent(id: string): api.LiveEvent | null {
    const data = commands.get(id);
    return data ? { event_type: "command_update", ...stamp(), data } : null;
  }

  function meterEvent(id: string): api.LiveEvent | null {
    for (const meter of options.meters()) {
      if (meter.id === id) return { event_type: "meter_update", ...stamp(), data: meterView(meter, options) };
    }
    return removed.has(id) ? { event_type: "meter_removed", ...stamp(), data: { meterId: id } } : null;
  }

  function channelEvent(id: string): api.PowerUpdateEvent | null {
    const change = changes.get(id);
    if (!change) return null;
    const { meter, channel } = change;
    const today = channelToday(channel, options);
    const readings = [...change.series].flatMap(readingView);
    const measuredMs = Math.max(...readings.map((reading) => reading.timeMs));
    const processedMs = options.nowMs();
    return {
      event_type: "power_update",
      home_id: meter.homeId,
      device_id: meter.nativeId,
      circuit_id: channel.key === "" ? `circuit_${channel.role === "mains" ? "main" : meter.nativeId}` : channel.key,
      meter_id: meter.id,
      channel_id: channel.id,
      timestamp: new Date(measuredMs).toISOString(),
      data: {
        current_power_w: latestValue(channel, { quantity: "power_active" }),
        voltage_v: latestValue(channel, { quantity: "voltage" }),
        current_a: latestValue(channel, { quantity: "current" }),
        power_factor: latestValue(channel, { quantity: "power_factor" }),
        today_kwh: today.importWh / 1000,
        [`cost_today_${options.identity.currency.toLowerCase()}`]: today.cost,
      } as api.PowerUpdateEvent["data"],
      readings,
      relay: channel.relay,
      metadata: {
        source: "mqtt",
        processed_at: new Date(processedMs).toISOString(),
        latency_ms: Math.max(0, processedMs - measuredMs),
      },
    };
  }

  function home(): api.Home {
    return homeView(options);
  }

  function meters(): api.Meter[] {
    return [...options.meters()].map((meter) => meterView(meter, options));
  }

  function stamp(): { home_id: string; timestamp: string } {
    return { home_id: options.identity.id, timestamp: new Date(options.nowMs()).toISOString() };
  }

  return {
    onReadings,
    onMeter,
    onMeterRemoved,
    onCommand,
    home,
    meters,
    meter: (meter: Meter) => meterView(meter, options),
    addSocket: (socket: LiveSocket, seesHome?: boolean) => fanout.add(socket, seesHome),
    removeSocket: (socket: LiveSocket) => fanout.remove(socket),
    close(): void {
      clearInterval(aliveTimer);
      if (homeTimer) clearTimeout(homeTimer);
      fanout.close();
    },
  };
}
