/** The external brokers of a home: their settings and secrets in the database, each one's connection, and their echoes. */
import { createHash, randomBytes } from "node:crypto";
import type {
  BrokerChange,
  BrokerSettings,
  BrokerState,
  BrokerTest,
  ExternalBroker as Shown,
  ExternalBrokers as ShownList,
} from "../../api/broker-contract.ts";
import { HubError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Done, Message, Target } from "./connection.ts";
import { createEchoes } from "./echoes.ts";
import { type ExternalBroker, openExternalBroker } from "./external-broker.ts";
import { isOwnPlace, type OwnPlace } from "./own-place.ts";
import { openProbe, type Probe } from "./probe.ts";
import { selfProblem } from "./problem.ts";
import { type BrokerSecrets, checkSettings, secretsAfter, withDefaults } from "./settings.ts";
import { defaultFilters, withoutCovered } from "./topic-filters.ts";

export interface ExternalBrokersOptions {
  /** Identifies the hub for good: client ids are made of it. */
  hubId: string;
  settings: { setting(key: string): string | null; saveSetting(key: string, value: string): void };
  secrets: { load(name: string): Uint8Array | null; save(name: string, secret: Uint8Array): void };
  own: OwnPlace;
  /** Takes a message as if the hub's own broker had; `done` as soon as it is durable, when its QoS is 1. */
  onMessage(message: Message, done: Done): void;
  /** Calls back when everything taken so far is durable. */
  whenDurable(done: Done): void;
  /** A broker was connected or lost, or its problem is another. */
  onState?(): void;
  log: Log;
  nowMs(): number;
}

export type ExternalBrokers = ReturnType<typeof openExternalBrokers>;

/** One of the stored list. */
interface Stored {
  id: string;
  settings: BrokerSettings;
}

interface Entry extends Stored {
  secrets: BrokerSecrets;
  clientId: string;
  /** null when it is off, or the one before it has not ended yet. */
  broker: ExternalBroker | null;
}

const settingName = "external_brokers";
const secretName = "external_brokers";
const mostBrokers = 5;
/** Names the hub's own broker among the sources of messages; ids of others are longer. */
const ownSource = "own";
const noSecrets: BrokerSecrets = { password: null, keyPem: null };
/** A connection that comes back at once is no news. */
const attemptsOfNews = 3;
const idleState: BrokerState = {
  ...{ isConnected: false, sinceMs: null, problem: null, attempts: 0, nextAttemptMs: null },
  ...{ messages: 0, repeated: 0, dropped: 0 },
};

/** Opens the stored brokers and begins to listen on those that are on. */
export function openExternalBrokers(options: ExternalBrokersOptions) {
  const { log, nowMs } = options;
  const echoes = createEchoes();
  const entries = new Map<string, Entry>();
  let probe: { clientId: string; probe: Probe } | null = null;
  let isClosed = false;

  function load(): void {
    const secrets = loadSecrets();
    const stored = JSON.parse(options.settings.setting(settingName) ?? "[]") as Stored[];
    for (const { id, settings } of stored) put(id, settings, secrets[id] ?? noSecrets);
  }

  function loadSecrets(): Record<string, BrokerSecrets> {
    const bytes = options.secrets.load(secretName);
    return bytes ? (JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, BrokerSecrets>) : {};
  }

  /** Secrets first: settings without them would be of no use after a power cut. */
  function save(): void {
    const all = [...entries.values()];
    const secrets = Object.fromEntries(all.map((entry) => [entry.id, entry.secrets]));
    options.secrets.save(secretName, Buffer.from(JSON.stringify(secrets)));
    const stored: Stored[] = all.map(({ id, settings }) => ({ id, settings }));
    options.settings.saveSetting(settingName, JSON.stringify(stored));
  }

  function put(id: string, settings: BrokerSettings, secrets: BrokerSecrets): Entry {
    const clientId = settings.clientId ?? clientIdOf(options.hubId, id);
    const entry: Entry = { id, settings, secrets, clientId, broker: null };
    entries.set(id, entry);
    return entry;
  }

  function open(entry: Entry): void {
    if (isClosed || !entry.settings.isOn || entries.get(entry.id) !== entry) return;
    entry.broker = openExternalBroker({
      ...{ log, nowMs },
      settings: { ...targetOf(entry), name: entry.settings.name },
      onState: () => options.onState?.(),
      onMessage(message, done) {
        // What it repeats may still be on its way to the disk.
        if (!echoes.isEcho(entry.id, message.topic, message.payload, performance.now()))
          options.onMessage(message, done);
        else {
          entry.broker?.noteRepeated();
          if (message.qos === 1) options.whenDurable(done);
          else done(null);
        }
      },
    });
  }

  /** Throws HubError BAD_REQUEST when they cannot be right. */
  function check(settings: BrokerSettings, secrets: BrokerSecrets): void {
    checkSettings(settings, secrets);
    if (!isOwnPlace(settings.host, settings.port, options.own)) return;
    throw new HubError("BAD_REQUEST", selfProblem.message, selfProblem.hint);
  }

  function find(id: string): Entry {
    const entry = entries.get(id);
    if (entry) return entry;
    throw new HubError("NOT_FOUND", `There is no broker "${id}"`, "GET /api/brokers lists all.");
  }

  async function add(change: BrokerChange): Promise<Shown> {
    if (entries.size >= mostBrokers) {
      throw new HubError("TOO_MANY", `The hub listens on up to ${mostBrokers} brokers`, "Remove one that is gone.");
    }
    const settings = withDefaults(change);
    const secrets = secretsAfter(change, settings, null);
    check(settings, secrets);
    const entry = put(randomBytes(4).toString("hex"), settings, secrets);
    save();
    open(entry);
    return shown(entry);
  }

  async function change(id: string, wanted: BrokerChange): Promise<Shown> {
    const before = find(id);
    const settings = withDefaults(wanted);
    const secrets = secretsAfter(wanted, settings, before);
    check(settings, secrets);
    const entry = put(id, settings, secrets);
    save();
    const isOther = JSON.stringify(targetOf(before)) !== JSON.stringify(targetOf(entry));
    await before.broker?.close({ forget: isOther || !settings.isOn });
    open(entry);
    options.onState?.();
    return shown(entry);
  }

  async function remove(id: string): Promise<void> {
    const entry = find(id);
    entries.delete(id);
    save();
    await entry.broker?.close({ forget: true });
    options.onState?.();
  }

  async function test(id: string, wanted: BrokerChange): Promise<BrokerTest> {
    const known = id === "new" ? null : find(id);
    const settings = withDefaults(wanted);
    const secrets = secretsAfter(wanted, settings, known);
    check(settings, secrets);
    if (probe || isClosed) {
      throw new HubError("TOO_MANY_ATTEMPTS", "Another broker is being tried out", "Wait a few seconds.");
    }
    const target = targetOf({ settings, secrets, clientId: settings.clientId ?? clientIdOf(options.hubId, id) });
    // A broker ends an older connection of the same client id, and that may be the hub's.
    const clientId = known || settings.clientId === null ? `${target.clientId}t` : target.clientId;
    probe = { clientId, probe: openProbe({ ...target, clientId }) };
    try {
      return await probe.probe.found;
    } finally {
      probe = null;
    }
  }

  load();
  for (const entry of entries.values()) open(entry);
  return {
    list: (): ShownList => ({
      brokers: [...entries.values()].map(shown),
      most: mostBrokers,
      defaultFilters: [...defaultFilters],
    }),
    ...{ add, change, remove, test },
    /**
     * Whether a message that the hub's own broker brings has come through an external one just now. To be asked once for
     * each message of the hub's own broker.
     */
    isEcho: (topic: string, payload: Uint8Array): boolean =>
      entries.size > 0 && echoes.isEcho(ownSource, topic, payload, performance.now()),
    /** A client connects to the hub's own broker: when it is the hub itself, the external broker is none. */
    noteClient(clientId: string): void {
      if (probe?.clientId === clientId) probe.probe.noteSelf();
      // Client ids that people choose may be those of others too.
      for (const { settings, broker, ...entry } of entries.values()) {
        if (settings.clientId === null && entry.clientId === clientId) broker?.noteSelf();
      }
    },
    /** Whether a broker that should be listened on is not there, and not for a moment only. */
    isAnyLost: (): boolean =>
      [...entries.values()].some(({ broker }) => {
        const state = broker?.state();
        return state !== undefined && !state.isConnected && state.attempts >= attemptsOfNews;
      }),
    async close(): Promise<void> {
      isClosed = true;
      probe?.probe.close();
      await Promise.all([...entries.values()].map(({ broker }) => broker?.close()));
    },
  };
}

function targetOf({ settings, secrets, clientId }: Pick<Entry, "settings" | "secrets" | "clientId">): Target {
  const { name, isOn, caPem, certificatePem, filters, ...rest } = settings;
  const { password, keyPem } = secrets;
  return {
    ...rest,
    ...{ clientId, password, ca: caPem, certificate: certificatePem, key: keyPem },
    filters: filters.length === 0 ? defaultFilters : withoutCovered(filters),
  };
}

/** Letters and digits, at most 23: every broker must take that [MQTT-3.1.3-5]. */
function clientIdOf(hubId: string, id: string): string {
  return `faiban${createHash("sha256").update(`${hubId}/${id}`).digest("hex").slice(0, 14)}`;
}

function shown({ id, settings, secrets, clientId, broker }: Entry): Shown {
  return {
    ...{ id, ...settings, clientIdInUse: clientId },
    hasPassword: secrets.password !== null,
    hasKey: secrets.keyPem !== null,
    state: broker?.state() ?? idleState,
  };
}
