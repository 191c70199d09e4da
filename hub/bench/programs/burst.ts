/**
 * Publishes a fleet's messages as fast as the broker takes them. Packets are made before; then whole batches are written.
 * Of QoS 0 the last message of each batch is QoS 1, so that the load knows what is taken, and runs ahead by one batch only.
 * Says `ready`, waits for `go`, and says `done` when the last message of each connection is acknowledged.
 */
import type { Socket } from "node:net";
import { openConnection } from "../lib/connection.ts";
import { type Fleet, meterMessages } from "../lib/fleet.ts";
import { packetType, publishPacket } from "../lib/packets.ts";

/** What the program is started with. */
export interface BurstOptions {
  port: number;
  fleet: Fleet;
  qos: 0 | 1;
  /** How many QoS 1 messages of a connection may wait for their acknowledgement. */
  inFlight: number;
}

/** What the program says. */
export type BurstSaid = { ready: true } | { done: true; cpuUs: number };

/** Packets that are written at once. */
interface Batch {
  bytes: Buffer;
  /** How many acknowledgements they bring. */
  acks: number;
}

/** A meter's connection and what it will send. */
interface Sender {
  socket: Socket;
  batches: Batch[];
  acknowledged: number;
  /** Called at each acknowledgement and when the connection is closed. */
  wake(): void;
}

const options = JSON.parse(process.argv[2] ?? "") as BurstOptions;
const batchMessages = options.qos === 1 ? Math.max(1, options.inFlight >> 1) : 200;
const mostUnacknowledged = options.qos === 1 ? options.inFlight : 2;

async function openSender(meter: number): Promise<Sender> {
  const batches = batchesOf(meter);
  const sender = { batches, acknowledged: 0, wake: () => {} } as Omit<Sender, "socket">;
  const socket = await openConnection(options.port, `bench-${options.fleet.name}-${meter}`, (firstByte) => {
    if (firstByte !== packetType.puback) return;
    sender.acknowledged += 1;
    sender.wake();
  });
  const whole = Object.assign(sender, { socket });
  for (const event of ["drain", "close"]) socket.on(event, () => whole.wake());
  return whole;
}

function batchesOf(meter: number): Batch[] {
  const batches: Batch[] = [];
  let packets: Buffer[] = [];
  let index = 0;
  for (const { topic, payload } of meterMessages(options.fleet, meter)) {
    index += 1;
    const isLast = index === options.fleet.messages || packets.length + 1 === batchMessages;
    // Ids come again after 65,535 messages, far more than may be in flight.
    const packetId = options.qos === 1 || isLast ? ((index - 1) % 65_535) + 1 : undefined;
    packets.push(publishPacket(topic, payload, packetId));
    if (!isLast) continue;
    batches.push({ bytes: Buffer.concat(packets), acks: options.qos === 1 ? packets.length : 1 });
    packets = [];
  }
  return batches;
}

async function send(sender: Sender): Promise<void> {
  const { socket, batches } = sender;
  let sent = 0;
  for (const { bytes, acks } of batches) {
    sent += acks;
    await wakeWhen(sender, () => sent - sender.acknowledged <= mostUnacknowledged && !socket.writableNeedDrain);
    socket.write(bytes);
  }
  await wakeWhen(sender, () => sender.acknowledged === sent);
}

/** Waits until the condition holds; throws when the connection is closed before. */
async function wakeWhen(sender: Sender, holds: () => boolean): Promise<void> {
  while (!holds()) {
    if (sender.socket.destroyed) throw new Error("The broker closed the connection in the middle of the load.");
    await new Promise<void>((resolve) => {
      sender.wake = resolve;
    });
  }
}

function say(message: BurstSaid): void {
  process.send?.(message);
}

const senders = await Promise.all(Array.from({ length: options.fleet.meters }, (_, meter) => openSender(meter)));
process.once("message", async () => {
  const before = process.cpuUsage();
  await Promise.all(senders.map(send));
  const { user, system } = process.cpuUsage(before);
  say({ done: true, cpuUs: user + system });
  for (const { socket } of senders) socket.destroy();
  process.disconnect?.();
});
say({ ready: true });
