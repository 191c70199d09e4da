/** A broker on a free loopback port, and clients of it, for the tests beside it. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import { type BrokerOptions, createBroker, type Publication } from "./broker.ts";
import { openLevel } from "./level.ts";
import { encodePublish } from "./packets.ts";

/** Says nothing. */
export const log = { debug() {}, info() {}, warn() {}, error() {} };

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
  options: Partial<BrokerOptions<string>> = {},
) {
  const level = await openLevel(folder, log);
  const broker = await createBroker<string>({ level, log, onPublish, ...options });
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

  return {
    port,
    broker,
    level,
    close,
    client,
    raw: (id: string, fields?: ConnectFields) => openRaw(port, connectPacket(id, fields)),
  };
}

/** A connection that sends bytes as the test wants them, past a first packet and CONNACK. */
export async function openRaw(port: number, first: Buffer) {
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
  return {
    socket,
    /** The return code of CONNACK. */
    code: () => received[connackBytes - 1],
    received: () => received.subarray(connackBytes),
    gone: () => until(() => socket.closed, "the end of the connection"),
  };
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

export interface ConnectFields {
  level?: number;
  isClean?: boolean;
  keepaliveS?: number;
  will?: { topic: string; payload: string; qos?: 0 | 1 | 2; retain?: boolean };
  username?: string;
  password?: string;
}

/** A CONNECT, of MQTT 3.1.1 with a clean session and without keep-alive unless the fields say otherwise. */
export function connectPacket(id: string, fields: ConnectFields = {}): Buffer {
  const { level = 4, isClean = true, keepaliveS = 0, will, username, password } = fields;
  const willFlags = will ? 4 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0) : 0;
  const userFlags = (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  const flags = (isClean ? 2 : 0) | willFlags | userFlags;
  const strings = [id, ...(will ? [will.topic, will.payload] : []), username, password];
  const body = Buffer.concat([
    text("MQTT"),
    Buffer.from([level, flags, keepaliveS >> 8, keepaliveS & 0xff]),
    ...strings.filter((one) => one !== undefined).map(text),
  ]);
  return Buffer.concat([Buffer.from([0x10]), lengthOf(body.length), body]);
}

/** A remaining length [section 2.2.3]. */
export function lengthOf(bytes: number): Buffer {
  return bytes < 0x80
    ? Buffer.from([bytes])
    : Buffer.concat([Buffer.from([(bytes & 0x7f) | 0x80]), lengthOf(bytes >> 7)]);
}

/** A SUBSCRIBE to one filter. */
export function subscribePacket(filter: string, qos: 0 | 1 | 2): Buffer {
  const body = Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([qos])]);
  return Buffer.concat([Buffer.from([0x82]), lengthOf(body.length), body]);
}

/** A PUBLISH; with a message id it is of QoS 1. */
export function publishPacket(topic: string, payload: string | Buffer, messageId?: number): Buffer {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  if (messageId === undefined) return encodePublish({ topic, payload: bytes });
  return encodePublish({ topic, payload: bytes, qos: 1, messageId });
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
