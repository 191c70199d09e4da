/** One connection to an external broker, from the attempt to its end. Nothing of it is used again. */
import { isIP } from "node:net";
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import type { BrokerProblem, BrokerSettings, TopicFilter } from "../../api/broker-contract.ts";
import type { HubError } from "../../errors.ts";
import {
  problemOf,
  qosProblem,
  refusedTopicsProblem,
  settingsProblem,
  storeProblem,
  tooLargeProblem,
} from "./problem.ts";
import { readAuthority } from "./settings.ts";
import { matches } from "./topic-filters.ts";

/** What is needed to connect: settings with their secrets, and with what was chosen for those left open. */
export interface Target
  extends Pick<
    BrokerSettings,
    "protocol" | "host" | "port" | "path" | "version" | "username" | "serverName" | "isPersistent" | "keepAliveS"
  > {
  clientId: string;
  password: string | null;
  /** Of the authority, PEM, and a file of more; null: the well-known ones. */
  ca: string | null;
  caFile: string | null;
  /** The hub's own, PEM; null: none. */
  certificate: string | null;
  key: string | null;
  filters: readonly TopicFilter[];
}

export interface Message {
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1;
  /** The broker had kept it, and nobody knows for how long: a meter said it at some time before. */
  isKept: boolean;
}

/** `done` is called once, in any order: null when the message is safe, an error when it is to come again. */
export type Done = (error: Error | null) => void;

export interface ConnectionEvents {
  /** The broker has let the hub in; `problem` says which topics it keeps from it. */
  onConnected(problem: BrokerProblem | null): void;
  onMessage(message: Message, done: Done): void;
  /** A message that is too large, or on a topic that was not asked for. */
  onDropped(): void;
  /** Once, at the end; null when the hub ended it. */
  onEnded(problem: BrokerProblem | null): void;
}

export interface Connection {
  /** Ends it, within 2 s; with `forget` the broker keeps nothing for the hub any more. Never rejects. */
  end(options?: { forget?: boolean }): Promise<void>;
  /** Ends it at once, because of a problem. */
  fail(problem: BrokerProblem): void;
}

const connectTimeoutMs = 10_000;
const goodbyeMs = 1_000;
/** Messages that the hub has not answered yet, after which it reads no further. */
const mostWaiting = 500;
const mostWaitingBytes = 4 * 1024 * 1024;
/** As on the hub's own broker. Larger ones are pictures or firmware: acknowledged, and dropped. */
const mostPayloadBytes = 256 * 1024;
/** A message larger than this is not even read: the hub's memory would not bear it. */
const mostPacketBytes = 8 * 1024 * 1024;
/** Some brokers take no more in one SUBSCRIBE (AWS IoT: 8). */
const filtersAtOnce = 8;
/** How long a broker of MQTT 5 keeps messages for the hub; of MQTT 3.1.1 it decides by itself. */
const sessionExpiryS = 7 * 24 * 3_600;

/** Connects. Never throws: what is wrong comes with `onEnded`, after this has returned. */
export function openConnection(target: Target, events: ConnectionEvents): Connection {
  let client: MqttClient;
  try {
    client = connect(clientOptions(target));
  } catch (error) {
    // A file that is gone, or a certificate that OpenSSL cannot read.
    const { message, hint = "Give certificates and keys as PEM, and the key of the certificate." } = error as HubError;
    setImmediate(() => events.onEnded(settingsProblem(message, hint)));
    return { end: async () => {}, fail: () => {} };
  }
  return attend(client, target, events);
}

function attend(client: MqttClient, target: Target, events: ConnectionEvents): Connection {
  const startedMs = performance.now();
  const waiting = { messages: 0, bytes: 0 };
  /** Of QoS 1, in the order of their arrival. */
  let unacknowledged: { messageId: number; isDone: boolean }[] = [];
  let readOn: (() => void) | null = null;
  let bytesSincePacket = 0;
  let wasConnected = false;
  let isSecured = false;
  let error: (Error & { code?: string | number }) | null = null;
  let problem: BrokerProblem | null = null;
  let isEnding = false;
  let isClosed = false;

  function fail(why: BrokerProblem): void {
    problem ??= why;
    client.stream.destroy();
  }

  function noteError(failure: Error): void {
    error ??= failure;
    client.stream.destroy();
  }

  function take({ topic, payload, retain, messageId }: IPublishPacket, next: () => void): void {
    const bytes = payload.length + topic.length;
    const unit = messageId ? { messageId, isDone: false } : null;
    if (unit) unacknowledged.push(unit);
    waiting.messages++;
    waiting.bytes += bytes;
    const done: Done = (failure) => {
      waiting.messages--;
      waiting.bytes -= bytes;
      if (isClosed) return;
      if (failure) {
        fail(storeProblem);
        return;
      }
      if (unit) unit.isDone = true;
      acknowledge();
      if (readOn && !isFull()) {
        const read = readOn;
        readOn = null;
        read();
      }
    };
    if (payload.length > mostPayloadBytes || !target.filters.some(({ filter }) => matches(filter, topic))) {
      events.onDropped();
      done(null);
    } else {
      const bytesOfText = typeof payload === "string" ? Buffer.from(payload) : payload;
      events.onMessage({ topic, payload: bytesOfText, qos: messageId ? 1 : 0, isKept: retain }, done);
    }
    if (isFull()) readOn = next;
    else next();
  }

  function isFull(): boolean {
    return waiting.messages >= mostWaiting || waiting.bytes >= mostWaitingBytes;
  }

  /** In the order of the messages [MQTT-4.6.0-2]. */
  function acknowledge(): void {
    let count = 0;
    while (unacknowledged[count]?.isDone) count++;
    if (count === 0) return;
    const due = unacknowledged.slice(0, count);
    unacknowledged = unacknowledged.slice(count);
    client.stream.write(Buffer.concat(due.map(({ messageId }) => puback(messageId))));
  }

  async function subscribe(): Promise<void> {
    const refused: string[] = [];
    for (let i = 0; i < target.filters.length; i += filtersAtOnce) {
      const some = target.filters.slice(i, i + filtersAtOnce);
      refused.push(...(await subscribeTo(client, some, target.version)));
    }
    if (!isClosed && !isEnding) events.onConnected(refused.length > 0 ? refusedTopicsProblem(refused) : null);
  }

  client.handleMessage = (packet, next) => take(packet as IPublishPacket, () => next());
  client.on("packetreceive", (packet) => {
    bytesSincePacket = 0;
    if (packet.cmd === "disconnect" && packet.reasonCode) {
      noteError(Object.assign(new Error("the broker ended it"), { code: packet.reasonCode }));
    }
    if (packet.cmd !== "publish") return;
    if (packet.qos === 2) fail(qosProblem);
    // MQTT.js reads no message before it has acknowledged the last, so that each would wait for a commit of its own.
    // As QoS 0 it leaves the acknowledgement to us, and many messages share a commit.
    packet.qos = 0;
  });
  client.on("connect", () => {
    wasConnected = true;
    void subscribe();
  });
  client.on("error", noteError);
  client.stream.on("error", noteError);
  client.stream.once("secureConnect", () => {
    isSecured = true;
  });
  client.stream.on("data", (chunk: Buffer) => {
    bytesSincePacket += chunk.length;
    if (bytesSincePacket > mostPacketBytes) fail(tooLargeProblem);
  });
  client.once("close", () => {
    isClosed = true;
    client.end(true);
    const isTimeout = !wasConnected && performance.now() - startedMs >= connectTimeoutMs;
    const { host, port, version } = target;
    const ending = { error, wasConnected, isSecured, isTimeout, host, port, version, isTls: isEncrypted(target) };
    events.onEnded(isEnding ? null : (problem ?? problemOf(ending)));
  });

  return {
    fail,
    async end({ forget = false } = {}) {
      isEnding = true;
      if (isClosed) return;
      const closed = new Promise<void>((resolve) => client.once("close", resolve));
      const timer = setTimeout(() => client.stream.destroy(), goodbyeMs);
      if (forget && client.connected) await forgetSession(client, target);
      client.end();
      await closed;
      clearTimeout(timer);
    },
  };
}

/** The filters that the broker refused. */
async function subscribeTo(client: MqttClient, some: readonly TopicFilter[], version: string): Promise<string[]> {
  // With a session that goes on, MQTT 5 sends what the broker had kept for new filters only.
  const options = version === "5" ? { rh: 1 as const } : {};
  const wanted = Object.fromEntries(some.map(({ filter, qos }) => [filter, { qos, ...options }]));
  const refused = (granted: { topic: string; qos: number }[]) =>
    granted.filter(({ qos }) => qos >= 0x80).map(({ topic }) => topic);
  return new Promise((resolve) => {
    client.subscribe(wanted, (error, granted = []) => {
      const names = refused(granted);
      // The end of the connection says by itself why.
      resolve(names.length > 0 || !error || !client.connected ? names : some.map(({ filter }) => filter));
    });
  });
}

/** Leaves nothing behind that the broker would fill: a persistent session without topics takes no messages. */
async function forgetSession(client: MqttClient, { isPersistent, filters }: Target): Promise<void> {
  if (!isPersistent) return;
  const names = filters.map(({ filter }) => filter);
  for (let i = 0; i < names.length && client.connected; i += filtersAtOnce) {
    await client.unsubscribeAsync(names.slice(i, i + filtersAtOnce)).catch(() => {});
  }
}

function clientOptions(target: Target): IClientOptions {
  const { protocol, host, port, path, isPersistent, username, password, clientId } = target;
  const isFive = target.version === "5";
  return {
    ...{ protocol, hostname: host, host, port, clientId, clean: !isPersistent, keepalive: target.keepAliveS },
    ...(protocol.startsWith("ws") && { path }),
    protocolVersion: isFive ? 5 : 4,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(isEncrypted(target) && tlsOptions(target)),
    ...(isFive && {
      properties: {
        receiveMaximum: mostWaiting,
        maximumPacketSize: mostPayloadBytes + 64 * 1024, // more than a topic's longest
        ...(isPersistent && { sessionExpiryInterval: sessionExpiryS }),
      },
    }),
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0, // who opened it decides when to try again
    resubscribe: false,
    queueQoSZero: false,
  };
}

function tlsOptions({ certificate, key, serverName, host, protocol, ...authority }: Target): IClientOptions {
  const ca = readAuthority(authority);
  const servername = serverName ?? (isIP(host) === 0 ? host : undefined);
  const files = { ...(ca !== null && { ca }), ...(certificate !== null && key !== null && { cert: certificate, key }) };
  const name = servername === undefined ? {} : { servername };
  const options = { ...files, ...name, rejectUnauthorized: true };
  return protocol === "wss" ? { ...options, wsOptions: options } : options;
}

function isEncrypted({ protocol }: Target): boolean {
  return protocol === "mqtts" || protocol === "wss";
}

/** The same in MQTT 3.1.1 and 5: without a reason it says that all is well [MQTT 5, section 3.4.2.1]. */
function puback(messageId: number): Buffer {
  return Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]);
}
