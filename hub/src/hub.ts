/** The composition root: builds each part, starts them in order, closes them in reverse. */
import { randomUUID } from "node:crypto";
import { commandsOf, drivers } from "@faiban/device-drivers";
import { readTariffFiles } from "../tariffs/load.ts";
import type { Notice } from "./api/contract.ts";
import { closeServer, createServer } from "./api/server.ts";
import { openBills } from "./bills/bills.ts";
import { createBroker, type Publication } from "./broker/broker.ts";
import { openLevel } from "./broker/level.ts";
import type { ClockWorld } from "./clock/clock.ts";
import type { Config } from "./config.ts";
import { createControl } from "./control/control.ts";
import { type ClientIdentity, createAdmission } from "./devices/admission.ts";
import { isEncrypted, openEncryption } from "./encryption.ts";
import { createCalendar } from "./energy/calendar.ts";
import { homeSettingsOf, openHomeSettings } from "./home-settings.ts";
import { startHubClock } from "./hub-clock.ts";
import { type Arrival, createIngest } from "./ingest/ingest.ts";
import { createRegistry } from "./ingest/registry.ts";
import { openExternalBrokers } from "./integrations/external-broker/external-brokers.ts";
import { listen } from "./listen.ts";
import { homeChannels, supplyChannels } from "./live/home.ts";
import { createLive } from "./live/live.ts";
import { channelName } from "./live/view.ts";
import type { Log } from "./log.ts";
import type { Channel, Meter } from "./model.ts";
import { createMqttClients } from "./mqtt-clients.ts";
import type { People } from "./people/people.ts";
import { createWatches, isEnded } from "./people/watches.ts";
import { openSecurity } from "./security.ts";
import { checkFolder } from "./store/folder.ts";
import { openStore, type Store, storeError } from "./store/store.ts";
import { version } from "./version.ts";
import { webOptions } from "./web.ts";

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
  readonly httpPort: number;
  readonly mqttPort: number;
  /** Of the app over https, and of MQTT over TLS; null when it is not served so. */
  readonly httpsPort: number | null;
  readonly mqttsPort: number | null;
  /** The one-time code that claims the hub; null once somebody owns it. */
  claimCode(): string | null;
  /** A fresh credential for a program of the hub's own, by the name that people see. */
  credentialFor(program: string): { username: string; password: string };
  /** Epoch milliseconds up to which every meter that ever measured has readings, null when none has. */
  filledToMs(): number | null;
  close(): Promise<void>;
}

/** Starts a hub; resolves once it serves. Rejects with HubError, with nothing left running. */
export async function startHub(options: HubOptions): Promise<Hub> {
  let current = await open(options, restart);
  let restarting: Promise<void> | null = null;

  /** Begins anew in its place, on the same ports, as after the home moved to another time zone. */
  function restart(): void {
    restarting ??= (async () => {
      const { httpPort, mqttPort, httpsPort, mqttsPort } = current;
      await current.close();
      const config = { ...options.config, httpPort, mqttPort, httpsPort, mqttsPort };
      current = await open({ ...options, config }, restart);
      restarting = null;
    })();
  }

  return {
    get httpPort() {
      return current.httpPort;
    },
    get mqttPort() {
      return current.mqttPort;
    },
    get httpsPort() {
      return current.httpsPort;
    },
    get mqttsPort() {
      return current.mqttsPort;
    },
    claimCode: () => current.claimCode(),
    credentialFor: (program) => current.credentialFor(program),
    filledToMs: () => current.filledToMs(),
    async close() {
      await restarting;
      await current.close();
    },
  };
}

/** `restart` is asked for when something has changed that the parts are built on. */
async function open(options: HubOptions, restart: () => void): Promise<Hub> {
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
    const hub = await start(options, started, restart);
    return { ...hub, close };
  } catch (error) {
    await close().catch(() => {}); // the first failure says more
    throw storeError(options.config.data, error);
  }
}

async function start(
  { config, log, world, bootId, machineStartedMs }: HubOptions,
  started: (() => void | Promise<void>)[],
  restart: () => void,
): Promise<Omit<Hub, "close">> {
  const startedMs = performance.now();
  checkFolder(config.data);
  const level = await openLevel(config.data, log);
  started.push(() => level.close());
  let clock: ReturnType<typeof startHubClock> | null = null;
  const store: Store = openStore({
    folder: config.data,
    calendarOf: (setting) => createCalendar(homeSettingsOf(setting, config).timeZone),
    commitIntervalMs: config.commitIntervalMs,
    onDamage: (what) => log.error(`A part of the store is damaged and was left out: ${what}`),
    onRepaired: (what) => log.info(what),
    onRoomMade: (what) => log.error(what),
    knownTimeMs: () => (clock?.isTrusted() ? clock.nowMs() : null),
    onCommitFailed: (error) => log.error(`${error.message}. ${error.hint}`),
  });
  started.push(() => store.close());
  const { calendar } = store;
  const homeSettings = openHomeSettings(store, config);
  const { name, timeZone, currency } = homeSettings.get();
  /** Changes in place when the owner renames the home. */
  const identity = { id: config.homeId, name, timeZone, currency };
  // Closed before the store: last wills and late messages still find it open.
  const broker = await createBroker<ClientIdentity>({
    ...{ level, log, onPublish },
    admit(request) {
      externalBrokers.noteClient(request.clientId);
      return clients.admit(request);
    },
    onRefused: (client, action) => clients.noteRefused(client, action),
  });
  started.push(() => broker.close());
  const registry = createRegistry(store, config.homeId);
  const hubClock = startHubClock({ world, log, store, registry, bootId, machineStartedMs });
  started.push(() => hubClock.stop());
  clock = hubClock;
  const { nowMs } = hubClock;
  const watches = createWatches();
  const security = openSecurity({
    ...{ config, store, log, nowMs },
    onPersonEnded(ended) {
      watches.end(ended);
      broker.disconnect(({ identity }) => identity?.kind === "person" && isEnded(identity.person, ended), "signed out");
    },
    onDeviceEnded(device, isRemoved) {
      broker.disconnect(isOfDevice(device), "its credential has changed", { forget: isRemoved });
      if (isRemoved) registry.freeMeters(device.id);
    },
    onClaimed() {
      watches.endLocal();
      if (!config.mqttAnonymous) broker.disconnect(({ identity }) => identity?.kind === "anyone", "the hub is claimed");
    },
    onPendingEnded: (clientId) => broker.disconnect((client) => client.clientId === clientId, "pairing"),
  });
  const { people, devices, pairing, audit } = security;
  started.push(() => security.close());
  const encryption = isEncrypted(config)
    ? openEncryption({
        ...{ config, log, secrets: security.secrets, isRevoked: devices.isRevoked, title: name },
        clock: { nowMs, isTimeKnown: hubClock.isTrusted },
        hubId: hubIdOf(store),
      })
    : null;
  started.push(() => encryption?.close());
  const clients = createMqttClients({
    ...{ config, log, audit, broker },
    admit: createAdmission({
      ...{ devices, pairing, identify: people.identify, isClaimed: people.isClaimed },
      ...{
        isAnonymous: config.mqttAnonymous,
        homeId: config.homeId,
        clientOf: (clientId) => clients.clientOf(clientId),
      },
    }),
    certificates: encryption?.certificates ?? null,
  });
  const channels = () => homeChannels(registry.meters(), config.homeId);
  const spans = {
    dayStartMs: () => calendar.spanAt("day", nowMs()).startMs,
    monthStartMs: () => calendar.spanAt("month", nowMs()).startMs,
  };
  const bills = openBills({
    ...{ source: store, tables: store.bills, setting: store.setting, saveSetting: store.saveSetting, nowMs, channels },
    ...{ ...spans, timeZone: calendar.timeZone, home: homeSettings.get, pricePerKwh: config.pricePerKwh },
    files: readTariffFiles,
    supplyChannels: () => supplyChannels(channels()),
    nameOf: (channel) => nameOf(channel, registry.meter(channel.meterId)),
    isTimeKnown: hubClock.isTrusted,
    onFailed: (error) => log.error(`A bill could not be made: ${error.stack}`),
  });
  started.push(() => bills.close());
  const live = createLive({
    ...{ identity, version, prices: bills.prices, meters: registry.meters, nowMs },
    ...spans,
    dayEnergy: store.dayEnergy,
    daysEnergy: store.daysEnergy,
    notices: () => noticesOf(store.stats(), hubClock, externalBrokers.isAnyLost()),
  });
  started.push(() => live.close());
  const ingest = createIngest({
    ...{ drivers, registry, nowMs, definitions: store.definitions, mayDescribe: devices.mayDescribe },
    isTimeKnown: hubClock.isTrusted,
    append: store.append,
    hold: hubClock.hold,
    onReadings: live.onReadings,
    onMeter: live.onMeter,
    onRelay: (heard) => control.hearRelay(heard),
  });
  const control = createControl({
    ...{ commandsOf, known: ingest.known, nowMs, audit, ownerOf: devices.ownerOf, onChange: live.onCommand },
    homeId: config.homeId,
    publish: (message) => broker.publish({ ...message, payload: Buffer.from(message.payload), isFleeting: true }),
    isOnline: ({ availability, deviceId }) =>
      availability !== "offline" && (deviceId === null || clients.list().some((one) => one.deviceId === deviceId)),
  });
  started.push(() => control.stop());

  function onPublish(publication: Publication<ClientIdentity>, done: (error: Error | null) => void): void {
    const { topic, payload, qos, retain, identity: client, clientId } = publication;
    if (client?.kind === "pending") {
      pairing.note(clientId ?? "", topic, payload);
      done(null);
    } else if (!externalBrokers.isEcho(topic, payload)) {
      take({ topic, payload, retain, deviceId: client?.kind === "device" ? client.deviceId : null }, qos, done);
    } else if (qos > 0) store.whenDurable(done);
    else done(null);
  }

  function take(arrival: Arrival, qos: number, done: (error: Error | null) => void): void {
    try {
      store.relieve();
      ingest.accept(arrival);
      control.hear(arrival);
      // A redelivery waits too: what it repeats may still be on its way to the disk.
      if (qos > 0) store.whenDurable(done);
      else done(null);
    } catch (error) {
      // Only storing may refuse a message: it comes again. Anything else is a mistake of ours.
      log.error(`A message on ${arrival.topic} could not be taken: ${(error as Error).stack}`);
      done(error as Error);
    }
  }

  const ownPorts: number[] = [];
  const externalBrokers = openExternalBrokers({
    ...{ log, nowMs, hubId: hubIdOf(store), settings: store, secrets: security.secrets },
    own: { ports: () => ownPorts, names: () => config.hosts },
    onMessage: ({ topic, payload, isKept, qos }, done) =>
      take({ topic, payload, retain: isKept, isKept, deviceId: null }, qos, done),
    whenDurable: store.whenDurable,
  });
  started.push(() => externalBrokers.close());

  await claimByConfig(config, people);
  const tcp = broker.tcpServer();
  const mqttPort = await listen(tcp, { host: config.mqttHost, port: config.mqttPort, setting: "mqttPort" });
  started.push(() => void tcp.close());
  const server = await createServer(
    webOptions({
      ...{ config, log, store, registry, live, ingest, control, security, encryption, clients, homeSettings, identity },
      ...{ bills, externalBrokers, watches, clock: hubClock, broker, mqttPort, startedMs, restart },
    }),
  );
  started.push(async () => {
    tcp.close();
    try {
      store.commit(); // before what may take long, so that whoever kills a slow stop loses nothing
    } finally {
      await closeServer(server);
    }
  });
  const httpPort = await listen(server.server, { host: config.httpHost, port: config.httpPort, setting: "httpPort" });
  const secure = await encryption?.serve(server, broker.tlsServer);
  started.push(() => secure?.close());
  ownPorts.push(
    ...[mqttPort, httpPort, secure?.mqttsPort, secure?.httpsPort].filter((port) => typeof port === "number"),
  );
  bills.start();
  encryption?.announce({ http: httpPort, mqtt: mqttPort });
  return {
    ...{ httpPort, mqttPort, httpsPort: secure?.httpsPort ?? null, mqttsPort: secure?.mqttsPort ?? null },
    claimCode: () => (people.isClaimed() ? null : people.claimCode),
    credentialFor: devices.credentialFor,
    filledToMs: () => filledToMs(registry.meters()),
  };
}

/** What identifies the hub for good; its name on the network is made of it. */
function hubIdOf(store: Store): string {
  const known = store.setting("hub_id");
  if (known !== null) return known;
  const made = randomUUID();
  store.saveSetting("hub_id", made);
  return made;
}

/** Makes the first owner as the settings say, on a hub that has none. */
async function claimByConfig({ ownerName, ownerPassword }: Config, people: People): Promise<void> {
  if (ownerName === null || ownerPassword === null || people.isClaimed()) return;
  const here = { address: "settings", device: "settings", isLocal: true };
  await people.claim({ name: ownerName, password: ownerPassword, language: "en" }, null, here);
}

/** What people call a channel: the meter's name where it is the only one. */
function nameOf(channel: Channel, meter: Meter | undefined): string {
  return meter ? channelName(meter, channel) : channel.name;
}

/** The clients of a device. Sessions that are kept from before a restart are known by their client id alone. */
function isOfDevice(device: { id: string; clientId: string | null }) {
  return ({ clientId, identity }: { clientId: string; identity: ClientIdentity | null }) =>
    identity === null ? clientId === device.clientId : identity.kind === "device" && identity.deviceId === device.id;
}

/** What is wrong with the hub itself, for its people. */
function noticesOf(
  { disk, damaged }: ReturnType<Store["stats"]>,
  clock: { isTrusted(): boolean },
  isBrokerLost: boolean,
): Notice[] {
  const notices: Notice[] = [];
  if (!clock.isTrusted()) notices.push("clock_unknown");
  if (disk !== "ok") notices.push(`disk_${disk}`);
  if (damaged > 0) notices.push("data_damaged");
  if (isBrokerLost) notices.push("external_broker_lost");
  return notices;
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
