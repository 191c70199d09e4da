/** The composition root: builds each part, starts them in order, closes them in reverse. */
import path from "node:path";
import { drivers } from "@faiban/device-drivers";
import type { Notice } from "./api/contract.ts";
import { closeServer, createServer } from "./api/server.ts";
import { createBroker, type Publication } from "./broker/broker.ts";
import { openLevel } from "./broker/level.ts";
import { type ClockWorld, createClock, type HubClock } from "./clock/clock.ts";
import type { Config } from "./config.ts";
import { createCalendar } from "./energy/calendar.ts";
import { createIngest } from "./ingest/ingest.ts";
import { createRegistry } from "./ingest/registry.ts";
import { listen } from "./listen.ts";
import { homeChannels, supplyChannels } from "./live/home.ts";
import { createLive } from "./live/live.ts";
import type { Log } from "./log.ts";
import type { Meter } from "./model.ts";
import { checkFolder } from "./store/folder.ts";
import { openStore, type Store, storeError } from "./store/store.ts";
import { releasedMs, version } from "./version.ts";

export interface HubOptions {
  config: Config;
  log: Log;
  /** The machine's clocks. */
  world: ClockWorld;
  /** Of the machine's present run; null when it is not known. */
  bootId: string | null;
  /** When the machine started, by `world.monotonicMs`; null when it is not known. */
  machineStartedMs: number | null;
}

export interface Hub {
  /** The port of the app and the API. */
  httpPort: number;
  mqttPort: number;
  /** Epoch milliseconds up to which every meter that ever measured has readings, null when none has. */
  filledToMs(): number | null;
  close(): Promise<void>;
}

const appFolder = path.join(import.meta.dirname, "../../pwa/dist");

/** Starts a hub; resolves once it serves. Rejects with HubError, with nothing left running. */
export async function startHub(options: HubOptions): Promise<Hub> {
  // Closers of what has been started, run last to first.
  const started: (() => void | Promise<void>)[] = [];
  const close = async () => {
    const errors: unknown[] = [];
    for (const closer of started.reverse().splice(0)) {
      await Promise.try(closer).catch((error) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  };
  try {
    const hub = await start(options, started);
    return { ...hub, close };
  } catch (error) {
    await close().catch(() => {}); // the first failure says more
    throw storeError(options.config.data, error);
  }
}

async function start(
  { config, log, world, bootId, machineStartedMs }: HubOptions,
  started: (() => void | Promise<void>)[],
): Promise<Omit<Hub, "close">> {
  const startedMs = performance.now();
  const calendar = createCalendar(config.timeZone);
  checkFolder(config.data);
  const level = await openLevel(config.data, log);
  started.push(() => level.close());
  let clock: HubClock | null = null;
  const store: Store = openStore({
    folder: config.data,
    calendar,
    commitIntervalMs: config.commitIntervalMs,
    onDamage: (what) => log.error(`A part of the store is damaged and was left out: ${what}`),
    onRepaired: (what) => log.info(what),
    onRoomMade: (what) => log.error(what),
    knownTimeMs: () => (clock?.isTrusted() ? clock.nowMs() : null),
    onCommitFailed: (error) => log.error(`${error.message}. ${error.hint}`),
  });
  started.push(() => store.close());
  // Closed before the store: last wills and late messages still find it open.
  const broker = await createBroker({ level, log, onPublish });
  started.push(() => broker.close());
  const registry = createRegistry(store, config.homeId);
  const held = heldClock(store, bootId);
  clock = createClock({
    ...{
      world,
      releaseMs: releasedMs,
      log,
      lastStoredMs: store.newestMs(),
      heldOffsetMs: held.offsetMs,
      machineStartedMs,
    },
    onTrusted(correctionMs) {
      const trueMs = hubClock.nowMs() + correctionMs;
      store.release(correctionMs, trueMs, (series, timeMs, value) => {
        const channel = registry.channel(series.channelId);
        if (channel) registry.noteReading(channel, series, timeMs, value);
      });
    },
    onStep: () => {}, // readings of an earlier time find their place as late ones do
  });
  const hubClock = clock;
  const { nowMs } = hubClock;
  hubClock.check();
  const clockTimer = setInterval(() => {
    try {
      hubClock.check();
    } catch (error) {
      log.error(`Held readings could not be stored yet: ${(error as Error).message}`); // the next look tries again
    }
  }, 1_000);
  started.push(() => clearInterval(clockTimer));
  const live = createLive({
    identity: { id: config.homeId, name: config.homeName, timeZone: config.timeZone, currency: config.currency },
    version,
    pricePerKwh: config.pricePerKwh,
    meters: registry.meters,
    nowMs,
    dayStartMs: () => calendar.spanAt("day", nowMs()).startMs,
    monthStartMs: () => calendar.spanAt("month", nowMs()).startMs,
    dayEnergy: store.dayEnergy,
    daysEnergy: store.daysEnergy,
    notices: () => noticesOf(store.stats(), hubClock),
  });
  started.push(() => live.close());
  const ingest = createIngest({
    drivers,
    registry,
    nowMs,
    isTimeKnown: hubClock.isTrusted,
    append: store.append,
    hold(series, timeMs, value, isOwnTime) {
      held.keep(hubClock.offsetMs());
      store.hold(series, timeMs, value, isOwnTime);
    },
    onReadings: live.onReadings,
    onMeter: live.onMeter,
  });

  function onPublish(publication: Publication, done: (error: Error | null) => void): void {
    try {
      store.relieve();
      ingest.accept(publication);
      // A redelivery waits too: what it repeats may still be on its way to the disk.
      if (publication.qos > 0) store.whenDurable(done);
      else done(null);
    } catch (error) {
      // Only storing may refuse a message: it comes again. Anything else is a mistake of ours.
      log.error(`A message on ${publication.topic} could not be taken: ${(error as Error).stack}`);
      done(error as Error);
    }
  }

  const tcp = broker.tcpServer();
  const mqttPort = await listen(tcp, { host: config.mqttHost, port: config.mqttPort, setting: "mqttPort" });
  started.push(() => void tcp.close());
  const server = await createServer({
    version,
    appFolder,
    log,
    calendar,
    history: store,
    home: live.home,
    meters: live.meters,
    meterView: live.meter,
    findMeter: registry.meter,
    findChannel: registry.channel,
    supplyChannels: () => supplyChannels(homeChannels(registry.meters(), config.homeId)),
    rejections: ingest.rejections,
    unknownTopics: ingest.unknownTopics,
    saveMeter(meter, channel) {
      registry.saveMeter(meter);
      if (channel) registry.saveChannel(channel);
      store.commit();
      live.onMeter(meter);
    },
    removeMeter(meter) {
      registry.remove(meter);
      live.onMeterRemoved(meter);
    },
    exportReadings: store.export,
    storage: store.storage,
    setRetention: store.setRetention,
    rebuild: store.rebuild,
    addSocket: live.addSocket,
    removeSocket: live.removeSocket,
    handleMqtt: broker.handle,
    health: () => ({
      status: "ok",
      version,
      uptimeS: (performance.now() - startedMs) / 1000,
      timeMs: nowMs(),
      mqtt: { port: mqttPort, clients: broker.clients() },
      ingest: ingest.counts(),
      store: store.stats(),
      clock: { isTrusted: hubClock.isTrusted() },
    }),
  });
  started.push(async () => {
    tcp.close();
    try {
      store.commit(); // before what may take long, so that whoever kills a slow stop loses nothing
    } finally {
      await closeServer(server);
    }
  });
  const httpPort = await listen(server.server, { host: config.httpHost, port: config.httpPort, setting: "httpPort" });
  return { httpPort, mqttPort, filledToMs: () => filledToMs(registry.meters()) };
}

/** What is wrong with the hub itself, for its people. */
function noticesOf({ disk, damaged }: ReturnType<Store["stats"]>, clock: HubClock): Notice[] {
  const notices: Notice[] = [];
  if (!clock.isTrusted()) notices.push("clock_unknown");
  if (disk !== "ok") notices.push(`disk_${disk}`);
  if (damaged > 0) notices.push("data_damaged");
  return notices;
}

/**
 * What held readings of an earlier run were stamped with: the same provisional clock serves them while the machine has
 * not been started anew, so that one correction is right for all.
 */
function heldClock(store: Store, bootId: string | null) {
  const key = "held_clock";
  const stored = JSON.parse(store.setting(key) ?? "null") as { bootId: string | null; offsetMs: number } | null;
  const isSameBoot = stored !== null && bootId !== null && stored.bootId === bootId;
  let isKept = false;
  return {
    offsetMs: isSameBoot && store.hasHeld() ? stored.offsetMs : null,
    /** Keeps the offset with the first reading that is held in this run. */
    keep(offsetMs: number): void {
      if (isKept) return;
      isKept = true;
      store.saveSetting(key, JSON.stringify({ bootId, offsetMs }));
    },
  };
}

/** Of each meter the newest reading's time, and of those the earliest; null when there is none. */
function filledToMs(meters: Iterable<Meter>): number | null {
  const times = [...meters].map((meter) => {
    const series = [...meter.channels.values()].flatMap((channel) => [...channel.series.values()]);
    return Math.max(...series.map((one) => one.latest?.timeMs ?? Number.NEGATIVE_INFINITY));
  });
  const known = times.filter(Number.isFinite);
  return known.length === 0 ? null : Math.min(...known);
}
