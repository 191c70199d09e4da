/** One device's own connection to the broker, with its last will and its birth message. */

import mqtt, { type MqttClient } from "mqtt";
import type { Device, OutMessage, View } from "./devices/device.ts";

export interface Session {
  device: Device;
  isConnected(): boolean;
  /** Resolves when the broker has taken the message (QoS 1) or it has left (QoS 0). */
  publish(message: OutMessage): Promise<void>;
  /** Says goodbye, so that the last will is not needed. */
  close(): Promise<void>;
}

/** What the devices show to a broker that asks for it. */
export interface Credential {
  username: string;
  password: string;
}

export interface SessionOptions {
  brokerUrl: string;
  credential: Credential | null;
  device: Device;
  look(): View;
  isLive(): boolean;
  onConnect(): void;
  onDisconnect(): void;
  /** An attempt to connect failed. */
  onFailure(reason: string): void;
}

const keepaliveS = 30;
const reconnectMs = 2_000;
const goodbyeMs = 1_500;

export function openSession({
  brokerUrl,
  credential,
  device,
  look,
  isLive,
  onConnect,
  onDisconnect,
  onFailure,
}: SessionOptions): Session {
  const { will } = device;
  const client = mqtt.connect(brokerUrl, {
    clientId: device.clientId,
    keepalive: keepaliveS,
    reconnectPeriod: reconnectMs,
    connectTimeout: 10_000,
    queueQoSZero: false,
    ...credential,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: will.qos, retain: will.retain },
  });
  let isUp = false;
  let closing = false;

  const send = (message: OutMessage) => publish(client, message);

  client.on("connect", () => {
    isUp = true;
    onConnect();
    if (device.commands.length > 0) client.subscribe(device.commands, { qos: 1 });
    for (const message of device.birth(look(), isLive())) void send(message);
  });
  client.on("message", (topic, payload) => {
    for (const message of device.obey(topic, payload.toString(), look())) void send(message);
  });
  client.on("error", (error) => onFailure(reasonOf(error)));
  client.on("close", () => {
    // Failed attempts close too.
    if (isUp && !closing) onDisconnect();
    isUp = false;
  });

  return {
    device,
    isConnected: () => client.connected,
    publish: send,
    async close() {
      closing = true;
      if (client.connected) await withinMs(goodbyeMs, send(will));
      await client.endAsync(!client.connected);
    },
  };
}

/** A message that cannot leave any more, because the client ends, is nobody's error. */
async function publish(client: MqttClient, { topic, payload, qos, retain }: OutMessage): Promise<void> {
  try {
    await client.publishAsync(topic, payload, { qos, retain });
  } catch {
    // The next one carries the same registers.
  }
}

async function withinMs(limitMs: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

/** The first useful words of a connection error; those of several addresses come as one aggregate. */
function reasonOf(error: Error): string {
  const causes = error instanceof AggregateError ? error.errors : [error];
  const first: unknown = causes[0];
  if (first instanceof Error && first.message !== "") return first.message;
  return error.message || "the connection failed";
}
