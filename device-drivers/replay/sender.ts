/** Publishes with a persistent session and a bounded number of messages in flight; survives a broker that restarts. */

import { randomBytes } from "node:crypto";
import mqtt from "mqtt";

interface Message {
  topic: string;
  payload: string | Buffer;
  retain: boolean;
}

export interface Sender {
  /** Waits while too many messages are unacknowledged. Rejects once the broker has been away for too long. */
  send(message: Message): Promise<void>;
  /** Resolves when every message is acknowledged. */
  flush(): Promise<void>;
  sent(): number;
  /** Messages of QoS 0 that were on their way when the connection broke; nobody knows whether they arrived. */
  lost(): number;
  close(): Promise<void>;
}

export interface SenderOptions {
  brokerUrl: string;
  qos: 0 | 1;
  inFlightMax: number;
  /** How long the broker may be away. */
  patienceMs: number;
  print(sentence: string): void;
}

/** The broker stayed away. */
export class BrokerError extends Error {}

const reconnectMs = 1_000;

export function openSender({ brokerUrl, qos, inFlightMax, patienceMs, print }: SenderOptions): Sender {
  const host = new URL(brokerUrl).host;
  const client = mqtt.connect(brokerUrl, {
    clientId: `replay-${randomBytes(6).toString("hex")}`,
    // The broker knows the session again, and what it has not acknowledged is sent again.
    clean: false,
    keepalive: 30,
    reconnectPeriod: reconnectMs,
    connectTimeout: 10_000,
  });
  let sent = 0;
  let acknowledged = 0;
  let lost = 0;
  let connection = 0;
  /** What is sent before the first connection would wait in a queue that empties one by one. */
  let hasConnected = false;
  let failure: Error | undefined;
  let awayTimer: NodeJS.Timeout | undefined;
  let reason = "";
  let closing = false;
  let wake = () => {};

  function fail(error: Error): void {
    failure ??= error;
    wake();
  }

  function missBroker(): void {
    if (awayTimer || failure) return;
    const seconds = patienceMs / 1000;
    print(`The broker at ${host} is away${reason}; trying again for ${seconds} seconds.`);
    awayTimer = setTimeout(() => {
      fail(new BrokerError(`The broker at ${host} stayed away for ${seconds} seconds${reason}; is it running?`));
    }, patienceMs);
  }

  // Not on "connect": after a reconnection that comes only when all that was stored has been sent again.
  client.on("packetreceive", ({ cmd }) => {
    if (cmd !== "connack") return;
    if (awayTimer) print(`The broker at ${host} is there.`);
    clearTimeout(awayTimer);
    awayTimer = undefined;
    reason = "";
  });
  client.on("connect", () => {
    hasConnected = true;
    wake();
  });
  client.on("error", (error) => {
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    reason = ` (${first instanceof Error ? first.message : error.message})`;
    missBroker();
  });
  client.on("close", () => {
    connection += 1;
    if (qos === 0) {
      lost = sent - acknowledged;
      wake();
    }
    if (!closing) missBroker();
  });

  async function untilAtMost(inFlight: number): Promise<void> {
    while ((sent - acknowledged - lost > inFlight || !hasConnected || (qos === 0 && !client.connected)) && !failure) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
    if (failure) throw failure;
  }

  function publish(message: Message): void {
    const sentOn = connection;
    client.publish(message.topic, message.payload, { qos, retain: message.retain }, (error) => {
      // MQTT.js gives up what waits while it resends its store and the connection breaks again.
      if (error && qos > 0 && !closing && !failure) return void setTimeout(publish, reconnectMs, message);
      if (error) return fail(error);
      // What was given up for lost stays so.
      if (qos === 0 && sentOn !== connection) return;
      acknowledged += 1;
      wake();
    });
  }

  return {
    async send(message) {
      await untilAtMost(inFlightMax - 1);
      sent += 1;
      publish(message);
    },
    flush: () => untilAtMost(0),
    sent: () => sent,
    lost: () => lost,
    async close() {
      closing = true;
      clearTimeout(awayTimer);
      await client.endAsync(failure !== undefined || !client.connected);
    },
  };
}
