/**
 * Publishes a fleet's messages at a steady pace to one or more brokers, spread evenly over time, with the time of sending as
 * the meter's time, in whole seconds as meters have it, where a meter sends at most once a second. Says `ready`, waits for
 * `go`, and says `done` with the milliseconds from each QoS 1 message to its acknowledgement.
 */
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "../lib/connection.ts";
import { type Fleet, type FleetMessage, meterMessages } from "../lib/fleet.ts";
import { packetType, publishPacket } from "../lib/packets.ts";

/** What the program is started with. */
export interface PacedOptions {
  /** Ports of brokers with the QoS for each; all get every message. */
  brokers: { port: number; qos: 0 | 1 }[];
  /** `startMs` is replaced by the time of starting. */
  fleet: Fleet;
}

/** What the program says; `latenciesMs` by broker. */
export type PacedSaid = { ready: true } | { done: true; latenciesMs: number[][] };

/** One meter's connection to one broker. */
interface Line {
  socket: Socket;
  qos: 0 | 1;
  /** When the messages that are not acknowledged were sent, by packet id. */
  sentMs: Map<number, number>;
}

const { brokers, fleet } = JSON.parse(process.argv[2] ?? "") as PacedOptions;
const latenciesMs: number[][] = brokers.map(() => []);
/** Longer than any pause of a broker that still works. */
const longestWaitMs = 30_000;

async function openLine(broker: number, meter: number): Promise<Line> {
  const { port, qos } = brokers[broker]!;
  const sentMs = new Map<number, number>();
  const socket = await openConnection(port, `bench-paced-${meter}`, (firstByte, bytes, start) => {
    if (firstByte !== packetType.puback) return;
    const packetId = bytes.readUInt16BE(start);
    latenciesMs[broker]!.push(performance.now() - sentMs.get(packetId)!);
    sentMs.delete(packetId);
  });
  return { socket, qos, sentMs };
}

function send({ socket, qos, sentMs }: Line, { topic, payload }: FleetMessage, index: number): void {
  if (socket.destroyed) throw new Error("The broker closed the connection in the middle of the load.");
  const packetId = (index % 65_535) + 1;
  if (qos === 1) sentMs.set(packetId, performance.now());
  socket.write(publishPacket(topic, payload, qos === 1 ? packetId : undefined));
}

async function run(): Promise<void> {
  // A meter's clock is not that of the sending: whole seconds stay whole.
  const startMs = Math.ceil(Date.now() / 1000) * 1000;
  const streams = meterNumbers.map((meter) => meterMessages({ ...fleet, startMs }, meter));
  for (let index = 0; index < fleet.messages; index += 1) {
    for (const meter of meterNumbers) {
      const dueMs = startMs + index * fleet.spacingMs + (meter * fleet.spacingMs) / fleet.meters;
      const earlyMs = dueMs - Date.now();
      if (earlyMs > 0) await sleep(earlyMs);
      const message = streams[meter]!.next().value as FleetMessage;
      for (const line of lines[meter]!) send(line, message, index);
    }
  }
  const isWaiting = () => lines.flat().some(({ sentMs }) => sentMs.size > 0);
  for (let waitedMs = 0; isWaiting(); waitedMs += 10) {
    if (waitedMs > longestWaitMs) throw new Error("The broker left messages without acknowledgement.");
    await sleep(10);
  }
}

const meterNumbers = Array.from({ length: fleet.meters }, (_, meter) => meter);
const lines = await Promise.all(
  meterNumbers.map((meter) => Promise.all(brokers.map((_, broker) => openLine(broker, meter)))),
);
process.once("message", async () => {
  await run();
  for (const { socket } of lines.flat()) socket.destroy();
  // A long list is on its way for a moment, and would be lost by a disconnect before.
  process.send?.({ done: true, latenciesMs } satisfies PacedSaid, undefined, {}, () => process.disconnect?.());
});
process.send?.({ ready: true } satisfies PacedSaid);
