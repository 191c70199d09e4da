/** A broker on a free loopback port, and clients of it, for the tests beside it. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import { createBroker, type Publication } from "./broker.ts";
import { openLevel } from "./level.ts";
import { encodePublish } from "./packets.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

export type OnPublish = (publication: Publication, done: (error: Error | null) => void) => void;

/** An empty folder, removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-broker-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a broker, closed with the test at the latest. Without `onPublish` it takes each message at once. */
export async function openBroker(
  onPublish: OnPublish = (_publication, done) => done(null),
  folder: string = newFolder(),
) {
  const level = await openLevel(folder, log);
  const broker = await createBroker({ level, log, onPublish });
  const server = broker.tcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let isOpen = true;

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    server.close();
    await broker.close();
    await level.close();
  }
  onTestFinished(close);

  async function client(options: IClientOptions = {}): Promise<MqttClient> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options });
    client.on("error", () => {});
    onTestFinished(() => void client.end(true));
    return client;
  }

  return { port, broker, close, client, raw: (id: string) => openRaw(port, id) };
}

/** A connection that sends bytes as the test wants them, past CONNECT and CONNACK. */
export async function openRaw(port: number, id: string, level = 4, first: Buffer = connectPacket(id, level)) {
  const socket: Socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  let received = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  socket.write(first);
  const connackBytes = 4;
  await until(() => received.length >= connackBytes, "CONNACK");
  return { socket, received: () => received.subarray(connackBytes) };
}

/** A message as a subscriber gets it. */
export interface Received {
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
}

/** What a client receives, as it comes. */
export function received(client: MqttClient): Received[] {
  const list: Received[] = [];
  client.on("message", (topic, payload, { qos, retain }) => {
    list.push({ topic, payload: payload.toString(), qos, retain });
  });
  return list;
}

/** A hub that answers when the test says so. */
export function holdingHub() {
  const taken: Publication[] = [];
  let waiting: ((error: Error | null) => void)[] = [];
  const onPublish: OnPublish = (publication, done) => {
    taken.push(publication);
    waiting.push(done);
  };
  const answer = (error: Error | null) => {
    const now = waiting;
    waiting = [];
    for (const done of now) done(error);
  };
  return { onPublish, taken, answer, waiting: () => waiting.length };
}

/** The text after its length. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** A CONNECT with a clean session and without keep-alive. */
export function connectPacket(id: string, level = 4): Buffer {
  const body = Buffer.concat([text("MQTT"), Buffer.from([level, 2, 0, 0]), text(id)]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

/** A short SUBSCRIBE to one filter. */
export function subscribePacket(filter: string, qos: 0 | 1 | 2): Buffer {
  const body = Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([qos])]);
  return Buffer.concat([Buffer.from([0x82, body.length]), body]);
}

/** A PUBLISH; with a message id it is of QoS 1. */
export function publishPacket(topic: string, payload: string | Buffer, messageId?: number): Buffer {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  if (messageId === undefined) return encodePublish(topic, bytes);
  const id = Buffer.from([messageId >> 8, messageId & 0xff]);
  // The id stands between topic and payload, so to the encoder it is the beginning of the payload.
  const packet = encodePublish(topic, Buffer.concat([id, bytes]));
  packet[0] = 0x32;
  return packet;
}

/** Tries until there is a value; throws after twenty seconds. */
export async function until<T>(get: () => T | undefined | null | false, what: string): Promise<T> {
  for (const started = performance.now(); performance.now() - started < 20_000; ) {
    const value = get();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Waited twenty seconds for ${what}`);
}
