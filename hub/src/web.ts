/** What the web server needs of the hub's parts. */
import path from "node:path";
import { localIdentity } from "./access/roles.ts";
import type { DeviceCertificate, Home } from "./api/contract.ts";
import type { ServerOptions } from "./api/server.ts";
import type { Bills } from "./bills/bills.ts";
import { billCsv } from "./bills/view.ts";
import type { Broker } from "./broker/broker.ts";
import type { Config } from "./config.ts";
import type { Control } from "./control/control.ts";
import type { ClientIdentity } from "./devices/admission.ts";
import { type Encryption, noTrust } from "./encryption.ts";
import { HubError } from "./errors.ts";
import type { HomeStore } from "./home-settings.ts";
import type { Ingest } from "./ingest/ingest.ts";
import type { Registry } from "./ingest/registry.ts";
import type { ExternalBrokers } from "./integrations/external-broker/external-brokers.ts";
import { shownHost } from "./lan-address.ts";
import { homeChannels, supplyChannels } from "./live/home.ts";
import type { Live } from "./live/live.ts";
import type { Log } from "./log.ts";
import type { MqttClients } from "./mqtt-clients.ts";
import type { Watches } from "./people/watches.ts";
import type { Security } from "./security.ts";
import type { Store } from "./store/store.ts";
import { version } from "./version.ts";

export interface WebParts {
  config: Config;
  log: Log;
  store: Store;
  registry: Registry;
  live: Live;
  bills: Bills;
  ingest: Ingest;
  control: Control;
  security: Security;
  /** null when nothing is encrypted. */
  encryption: Encryption | null;
  clients: MqttClients;
  homeSettings: HomeStore;
  externalBrokers: ExternalBrokers;
  /** The home as the live view shows it; changes in place when the owner renames the home. */
  identity: Pick<Home, "id" | "name" | "timeZone" | "currency">;
  watches: Watches;
  clock: { nowMs(): number; isTrusted(): boolean };
  broker: Pick<Broker<ClientIdentity>, "clients">;
  mqttPort: number;
  /** By performance.now(). */
  startedMs: number;
  /** Begins the hub anew in its place. */
  restart(): void;
}

const appFolder = path.join(import.meta.dirname, "../../pwa/dist");
/** An answer has left by then. */
const restartDelayMs = 100;

export function webOptions(parts: WebParts): ServerOptions {
  const { config, log, store, registry, live, ingest, security, encryption, clients, homeSettings, identity } = parts;
  const { externalBrokers, bills, watches, clock, broker, mqttPort, startedMs, restart } = parts;
  const { people, devices, pairing, audit } = security;
  const { calendar } = store;
  const { nowMs, isTrusted } = clock;
  return {
    ...{ version, appFolder, log, calendar, nowMs, audit, people, devices, pairing, externalBrokers },
    ...{ bills, billCsv },
    auditLog: security.auditLog,
    control: parts.control,
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
    watchIdentity: watches.add,
    handleMqtt: clients.handleWebSocket,
    isClaimed: people.isClaimed,
    identify: people.identify,
    localIdentity,
    hosts: config.hosts,
    trustedProxies: config.trustedProxies,
    requestsPerMinute: config.requestsPerMinute,
    isHttpsForced: config.acmeDomain !== null || config.certFile !== null,
    basePath: config.basePath,
    isDemo: config.demo,
    homeId: config.homeId,
    homeSettings: {
      ...{ homeId: config.homeId, get: homeSettings.get, check: homeSettings.check, fixed: homeSettings.fixed },
      set(settings) {
        homeSettings.save(settings);
        const { name, currency, timeZone } = homeSettings.get();
        Object.assign(identity, { name, currency });
        // Every part is built on the calendar. The answer leaves first.
        if (timeZone !== calendar.timeZone) setTimeout(restart, restartDelayMs);
      },
    },
    httpsUrl: () => encryption?.url() ?? null,
    trust: () => encryption?.trust() ?? noTrust,
    trustFile: (file) => encryption?.file(file) ?? null,
    auditOf: (personId) =>
      [...security.auditLog.all()].filter((entry) => entry.actorId === personId).map(({ hash, ...entry }) => entry),
    connections: clients.list,
    metersOf: (deviceId) => [...registry.meters()].filter((meter) => meter.deviceId === deviceId).map(({ id }) => id),
    broker: () => ({ host: shownHost(config.mqttHost) ?? "localhost", port: mqttPort }),
    certify: async (deviceId, csrPem) => certify(encryption, deviceId, csrPem),
    health: () => ({
      status: "ok",
      version,
      uptimeS: (performance.now() - startedMs) / 1000,
      timeMs: nowMs(),
      mqtt: { port: mqttPort, clients: broker.clients() },
      ingest: ingest.counts(),
      store: store.stats(),
      clock: { isTrusted: isTrusted() },
    }),
  };
}

/** Signs a device's request, or makes key and certificate. Throws HubError when the hub encrypts nothing. */
function certify(encryption: Encryption | null, deviceId: string, csrPem: string | null): DeviceCertificate {
  if (!encryption) {
    throw new HubError(
      "CERTIFICATE_INVALID",
      "The hub encrypts nothing",
      "Set tls to on (FAIBAN_TLS), and start it again.",
    );
  }
  const { devices, onboarding } = encryption.certificates;
  const issued = csrPem === null ? devices.generate(deviceId) : { ...devices.sign(deviceId, csrPem), key: null };
  return {
    ...{ serial: issued.serial, expiresMs: issued.validToMs, certificatePem: issued.cert, keyPem: issued.key },
    authorityPem: onboarding.deviceAuthority().bytes.toString("utf8"),
  };
}
