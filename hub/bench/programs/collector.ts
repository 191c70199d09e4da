/**
 * What people put between a broker and a time-series database (Telegraf, Node-RED): subscribes, decodes JSON, and writes
 * line protocol in batches. Says `ready`, then answers `{ expect }` with `done` once so many messages are written everywhere.
 */
import { openConnection } from "../lib/connection.ts";
import { decodeMessage, lineOf } from "../lib/fleet.ts";
import { packetType, publishParts, subscribePacket } from "../lib/packets.ts";

/** What the program is started with. */
export interface CollectorOptions {
  port: number;
  /** Where lines are posted to, each line to each. */
  targets: string[];
  /** A batch is written when it has so many lines … */
  batchLines: number;
  /** … or at each such interval. */
  flushMs: number;
}

/** What the program says. */
export type CollectorSaid = { ready: true } | { done: true };

const options = JSON.parse(process.argv[2] ?? "") as CollectorOptions;
let waiting: string[] = [];
let isWriting = false;
let written = 0;
let expected = Number.POSITIVE_INFINITY;

async function write(): Promise<void> {
  if (isWriting) return;
  isWriting = true;
  do {
    const lines = waiting.slice(0, options.batchLines);
    waiting = waiting.slice(options.batchLines);
    if (lines.length > 0) await Promise.all(options.targets.map((target) => post(target, lines.join("\n"))));
    written += lines.length;
  } while (waiting.length >= options.batchLines);
  isWriting = false;
  if (written < expected) return;
  expected = Number.POSITIVE_INFINITY;
  process.send?.({ done: true } satisfies CollectorSaid);
}

async function post(target: string, body: string): Promise<void> {
  const response = await fetch(target, { method: "POST", body });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${target} answered ${response.status}: ${answer}`);
}

const socket = await openConnection(options.port, "bench-collector", (firstByte, bytes, start, end) => {
  if (firstByte === packetType.suback) process.send?.({ ready: true } satisfies CollectorSaid);
  if ((firstByte & 0xf0) !== packetType.publish) return;
  const { topicStart, topicEnd, payloadStart } = publishParts(firstByte, bytes, start);
  const { id, fields, timeMs } = decodeMessage(
    bytes.toString("utf8", topicStart, topicEnd),
    bytes.toString("utf8", payloadStart, end),
  );
  waiting.push(lineOf(id, fields, timeMs));
  if (waiting.length >= options.batchLines) write();
});
setInterval(write, options.flushMs);
process.on("message", ({ expect }: { expect: number }) => {
  expected = expect;
  if (written >= expected) write();
});
process.on("disconnect", () => process.exit(0));
socket.write(subscribePacket("#", 0));
