/** The meters known to the hub: found by what a message calls them, made when they are new. */
import type { MeterMessage, Reading, Role } from "@faiban/device-drivers";
import { longestSilenceMs } from "../energy/rollup.ts";
import {
  type Channel,
  energyKind,
  energyRank,
  energySides,
  type Meter,
  resetSpan,
  type Series,
  seriesKey,
  seriesName,
} from "../model.ts";

/** What the registry needs of the store. */
export interface MeterStore {
  loadMeters(): Meter[];
  saveMeter(meter: Meter): void;
  saveChannel(channel: Channel): void;
  saveSeries(series: Series): void;
  newSeriesId(): number;
  cutEnergy(series: Series, side: "import" | "export", fromMs: number): void;
  removeMeter(meter: Meter): void;
}

export type Registry = ReturnType<typeof createRegistry>;

/** Limits against floods of made-up ids; far above any home. */
const mostMeters = 500;
const mostChannels = 64;
const mostSeries = 256;

/** Opens the registry on the stored meters. `homeId` is for dialects whose messages do not name a home. */
export function createRegistry(store: MeterStore, homeId: string) {
  const byId = new Map<string, Meter>();
  const byName = new Map<string, Meter>();
  /** From when on a register is known to own its channel's energy. */
  const ownsSinceMs = new Map<Series, number>();
  for (const meter of store.loadMeters()) index(meter);

  function index(meter: Meter): void {
    byId.set(meter.id, meter);
    for (const name of [meter.nativeId, ...meter.aliases])
      byName.set(nameKey(meter.dialect, meter.homeId, name), meter);
  }

  /**
   * The meter a message speaks of, made when new: `full` when the hub has as many as it takes, `foreign` when it is
   * another device's.
   */
  function meterFor(
    dialect: string,
    message: MeterMessage,
    { timeMs, deviceId }: { timeMs: number; deviceId: string | null },
  ): { meter: Meter; isNew: boolean } | "full" | "foreign" {
    const home = message.homeId ?? homeId;
    const known = byName.get(nameKey(dialect, home, message.meterId));
    const meter = known ?? meterOfAlias(dialect, home, message);
    if (!meter && byId.size >= mostMeters) return "full";
    if (meter && deviceId !== null && (meter.deviceId ?? deviceId) !== deviceId) return "foreign";
    const found = meter ?? createMeter(dialect, home, message, timeMs);
    if (deviceId !== null && found.deviceId === null) {
      found.deviceId = deviceId;
      store.saveMeter(found);
    }
    learnNames(found, message);
    return { meter: found, isNew: !meter };
  }

  /** Whether a message speaks of a meter that there is. */
  function knows(dialect: string, message: MeterMessage): boolean {
    const home = message.homeId ?? homeId;
    return byName.has(nameKey(dialect, home, message.meterId)) || meterOfAlias(dialect, home, message) !== undefined;
  }

  /** Nobody speaks for the meters of a device that is gone, until another does. */
  function freeMeters(deviceId: string): void {
    for (const meter of byId.values()) if (meter.deviceId === deviceId) meter.deviceId = null;
  }

  /** The meter that was known by its alias only, until this message told its stable id. */
  function meterOfAlias(dialect: string, home: string, { alias }: MeterMessage): Meter | undefined {
    const meter = alias === undefined ? undefined : byName.get(nameKey(dialect, home, alias));
    return meter?.nativeId === alias ? meter : undefined;
  }

  function createMeter(dialect: string, home: string, message: MeterMessage, timeMs: number): Meter {
    const meter: Meter = {
      id: freeId(`${dialect}-${slug(message.meterId)}`),
      dialect,
      homeId: home,
      nativeId: message.meterId,
      aliases: [],
      name: defaultName(message),
      isNamedByUser: false,
      model: null,
      firmware: null,
      mac: null,
      firstSeenMs: timeMs,
      lastSeenMs: timeMs,
      signalDbm: null,
      uptimeS: null,
      rejectedCount: 0,
      lastRejection: null,
      availability: "unknown",
      deviceId: null,
      channels: new Map(),
    };
    index(meter);
    store.saveMeter(meter);
    return meter;
  }

  /** Keeps the stable id as the meter's own and every other id as an alias. */
  function learnNames(meter: Meter, message: MeterMessage): void {
    const names = new Set([meter.nativeId, ...meter.aliases]);
    const alias = message.alias !== undefined && isFree(meter, message.alias) ? message.alias : undefined;
    if (names.has(message.meterId) && (alias === undefined || names.has(alias))) return;
    if (alias !== undefined && !names.has(message.meterId)) {
      meter.aliases.push(meter.nativeId);
      meter.nativeId = message.meterId;
    }
    if (alias !== undefined) meter.aliases.push(alias);
    meter.aliases = [...new Set(meter.aliases)].filter((name) => name !== meter.nativeId);
    index(meter);
    store.saveMeter(meter);
  }

  /** No other meter goes by the name. */
  function isFree(meter: Meter, name: string): boolean {
    const named = byName.get(nameKey(meter.dialect, meter.homeId, name));
    return named === undefined || named === meter;
  }

  function channelFor(meter: Meter, key: string, suggested: Role | undefined): Channel | null {
    const known = meter.channels.get(key);
    if (known) return known;
    if (meter.channels.size >= mostChannels) return null;
    const taken = new Set([...meter.channels.values()].map((channel) => channel.id));
    const channel: Channel = {
      id: firstFree(`${meter.id}/${key === "" ? "main" : slug(key)}`, taken),
      meterId: meter.id,
      key,
      name: key === "" ? meter.name : readableName(key),
      isNamedByUser: false,
      role: suggestedRole(meter, suggested),
      isRoleByUser: false,
      relay: null,
      series: new Map(),
    };
    meter.channels.set(key, channel);
    store.saveChannel(channel);
    return channel;
  }

  /** A home has one supply unless its user says otherwise: two meters of the same supply would count it twice. */
  function suggestedRole(meter: Meter, suggested: Role | undefined): Role {
    if (suggested !== "mains") return suggested ?? "appliance";
    const others = [...byId.values()].filter((other) => other !== meter && other.homeId === meter.homeId);
    const hasMains = others.some((other) => [...other.channels.values()].some(({ role }) => role === "mains"));
    return hasMains ? "circuit" : "mains";
  }

  /** The series of a reading, made when new; null when the channel has as many as it may. */
  function seriesFor(channel: Channel, reading: Reading): Series | null {
    const name = seriesName(reading);
    const key = seriesKey(name);
    const known = channel.series.get(key);
    if (known) return known;
    if (channel.series.size >= mostSeries) return null;
    const series: Series = {
      id: store.newSeriesId(),
      channelId: channel.id,
      ...name,
      kind: energyKind(name),
      resets: resetSpan(name.period),
      cut: { importUntilMs: null, exportUntilMs: null },
      latest: null,
    };
    channel.series.set(key, series);
    store.saveSeries(series);
    for (const other of channel.series.values()) ownsSinceMs.delete(other);
    return series;
  }

  /** Remembers a stored reading as the newest of its series, and lets its register take over the channel's energy. */
  function noteReading(channel: Channel, series: Series, timeMs: number, value: number): void {
    const { latest } = series;
    if (!latest) {
      series.latest = { timeMs, value };
      return;
    }
    if (series.kind.endsWith("_register")) takeOver(channel, series, latest.timeMs, timeMs);
    if (timeMs < latest.timeMs) return;
    latest.timeMs = timeMs;
    latest.value = value;
  }

  /**
   * Of several series for one energy the best counts, from the first of two readings on: a single one, such as a
   * test message, says nothing of the time around it.
   */
  function takeOver(channel: Channel, series: Series, knownMs: number, timeMs: number): void {
    const [first, last] = knownMs < timeMs ? [knownMs, timeMs] : [timeMs, knownMs];
    const sinceMs = last - first <= longestSilenceMs ? first : last;
    if ((ownsSinceMs.get(series) ?? Number.POSITIVE_INFINITY) <= sinceMs) return;
    ownsSinceMs.set(series, sinceMs);
    for (const side of energySides(series.kind)) {
      for (const other of channel.series.values()) {
        const isWorse = energySides(other.kind).includes(side) && energyRank(series) < energyRank(other);
        if (isWorse) store.cutEnergy(other, side, sinceMs);
      }
    }
  }

  function freeId(wanted: string): string {
    return firstFree(wanted, byId);
  }

  function remove(meter: Meter): void {
    store.removeMeter(meter);
    byId.delete(meter.id);
    for (const [name, named] of byName) if (named === meter) byName.delete(name);
  }

  return {
    meters: (): IterableIterator<Meter> => byId.values(),
    meter: (id: string): Meter | undefined => byId.get(id),
    channel(id: string): Channel | undefined {
      const meter = byId.get(id.slice(0, Math.max(0, id.indexOf("/"))));
      return meter && [...meter.channels.values()].find((channel) => channel.id === id);
    },
    meterFor,
    knows,
    freeMeters,
    channelFor,
    seriesFor,
    noteReading,
    remove,
    saveMeter: store.saveMeter,
    saveChannel: store.saveChannel,
  };
}

function nameKey(dialect: string, homeId: string, name: string): string {
  return `${dialect}\n${homeId}\n${name}`;
}

function firstFree(wanted: string, taken: { has(id: string): boolean }): string {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}-${number}`)) number++;
  return `${wanted}-${number}`;
}

/** Safe in URLs, files and topics; letters outside of ASCII become "-". */
function slug(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
  return safe.slice(0, 64) || "x";
}

/** The device's own name, else the topic that its user chose, else its model, else its id. */
function defaultName(message: MeterMessage): string {
  if (message.name !== undefined) return message.name;
  if (message.alias === undefined && message.model !== undefined)
    return `${message.model} ${message.meterId.slice(-4)}`;
  return readableName(message.alias ?? message.meterId);
}

/** "ac_bedroom" reads "AC bedroom". */
function readableName(id: string): string {
  const words = id.split("/").at(-1)?.replace(/[_-]+/g, " ").trim() || id;
  const named = words.replace(/\b(ac|ev|pv|tv)\b/gi, (word) => word.toUpperCase());
  return named.charAt(0).toUpperCase() + named.slice(1);
}
