/**
 * One client's connection, read by the hub instead of by Aedes: a PUBLISH of QoS 0 or 1 takes a short way, every other
 * packet is handed to Aedes whole.
 *
 * The short way does what Aedes does, in its order: the message is offered to the hub, acknowledged, and given to those
 * who subscribe. Retained messages, and those that a persistent session or Aedes' own listeners wait for, go on to
 * Aedes after the acknowledgement. What it leaves out is work for nobody: copies, look-ups and events without a
 * listener.
 */
import type { InnerAedes, InnerClient } from "./aedes-internals.ts";
import type { Backlog } from "./backlog.ts";
import type { Offline } from "./offline.ts";
import { createOutbox } from "./outbox.ts";
import { createFrames, decodePublish, encodePublish, type PublishPacket } from "./packets.ts";
import type { Publication } from "./publication.ts";
import type { Router } from "./router.ts";

/** A longer packet ends its connection. Meters send a few kilobytes at most. */
const maxPacketBytes = 1024 * 1024;
/** Of messages that the hub has not answered yet, after which a connection is not read: bounds the memory it takes. */
const mostWaiting = 2_000;
const mostWaitingBytes = 4 * 1024 * 1024;
/** Acknowledgements that a client has not taken, after which it is not read. */
const mostUnsentAcks = 5_000;
/** As in Aedes, which refuses deeper topics. */
const mostTopicLevels = 100;

export interface ConnectionOptions {
  /** Aedes' own way of a message to those who get it. */
  publish: InnerAedes["publish"];
  router: Router;
  offline: Offline;
  backlog: Backlog;
  onPublish(publication: Publication, done: (error: Error | null) => void): void;
}

export type Connection = ReturnType<typeof takeOver>;

/** Takes the reading over from a client that Aedes has just made. */
export function takeOver(client: InnerClient, { publish, router, offline, backlog, onPublish }: ConnectionOptions) {
  const { conn } = client;
  const waiting = { messages: 0, bytes: 0 };
  let isReading = false;
  let isStopped = false;
  let isWaking = false;
  let hasPublished = false;

  const frames = createFrames({ maxBytes: maxPacketBytes, onFrame, onBroken, isOpen });
  const outbox = createOutbox({
    conn,
    isOpen,
    onBehind: backlog.add,
    onCaughtUp: backlog.remove,
    onWritten: wake,
  });
  backlog.watch(outbox, () => conn.destroy(new Error("drain timeout")));
  conn.once("close", () => backlog.unwatch(outbox));
  conn.removeListener("readable", client._nextBatch);
  conn.on("readable", read);
  client._parsingBatch = 0;
  client._nextBatch = nextBatch;

  function isOpen(): boolean {
    return !client.closed && !conn.destroyed;
  }

  /** Aedes is done with a packet. */
  function nextBatch(error?: Error | null): void {
    if (error) {
      fail(error);
      return;
    }
    client._parsingBatch = Math.max(0, client._parsingBatch - 1);
    read();
  }

  function read(): void {
    // A packet that is done at once asks for more while its neighbours still wait for their turn.
    if (isReading) return;
    isReading = true;
    isStopped = !readAll();
    isReading = false;
  }

  /** Takes what has arrived; false when it stopped before the end. */
  function readAll(): boolean {
    while (mayRead()) {
      const chunk: Buffer | null = conn.read();
      if (chunk === null) return true;
      hasPublished = false;
      frames.push(chunk);
      // Any packet counts [MQTT-3.1.2-24]; Aedes does the same for those that it handles.
      if (hasPublished && isOpen()) client._keepaliveTimer?.refresh();
    }
    return false;
  }

  function mayRead(): boolean {
    return (
      isOpen() &&
      !client._paused &&
      client._parsingBatch === 0 &&
      waiting.messages < mostWaiting &&
      waiting.bytes < mostWaitingBytes &&
      outbox.unsentAcks() < mostUnsentAcks &&
      !backlog.isAnyBehind()
    );
  }

  /** Reads on after the running callbacks, when the reading was stopped and may go on. */
  function wake(): void {
    if (!isStopped || isWaking || !mayRead()) return;
    isWaking = true;
    process.nextTick(() => {
      isWaking = false;
      read();
    });
  }

  function onFrame(frame: Buffer): void {
    // What comes before CONNACK is queued by Aedes, and has its turn first.
    const isReady = client.connackSent && !client._parser._queue?.length;
    const packet = isReady ? decodePublish(frame) : null;
    if (packet && packet.qos < 2 && isPublishable(packet)) takePublish(packet, frame);
    else client._parser.parse(frame);
  }

  function onBroken(reason: string): void {
    fail(new Error(reason));
  }

  function fail(error: Error): void {
    client.emit("error", error);
  }

  function takePublish(packet: PublishPacket, frame: Buffer): void {
    const { topic, payload, qos, retain } = packet;
    hasPublished = true;
    waiting.messages++;
    waiting.bytes += frame.length;
    onPublish({ topic, payload, qos, retain }, (error) => {
      if (error) {
        finish(frame, error);
        return;
      }
      if (qos > 0 && isOpen()) outbox.acknowledge(packet.messageId);
      forward(packet, frame);
    });
  }

  /** Gives a message to its subscribers. The hub has taken it, so they get it even when its sender has left. */
  function forward(packet: PublishPacket, frame: Buffer): void {
    const { topic, payload, qos, retain } = packet;
    const { sinks, listeners, qosListeners } = router.route(topic);
    const isForAedes =
      retain || listeners.length > 0 || (qos > 0 && (qosListeners.length > 0 || offline.hasSubscriber(topic)));
    if (isForAedes) {
      const message = { cmd: "publish" as const, topic, payload, qos, retain, dup: false };
      publish(message, client, (error) => finish(frame, error));
      return;
    }
    if (sinks.length > 0) {
      // A message of QoS 0 leaves as it came, byte by byte.
      const copy = isPlain(frame, topic) ? frame : encodePublish(topic, payload);
      for (const sink of sinks) sink.send(copy);
    }
    finish(frame, null);
  }

  function finish(frame: Buffer, error?: Error | null): void {
    waiting.messages--;
    waiting.bytes -= frame.length;
    if (error && isOpen()) fail(error);
    else wake();
  }

  return { client, outbox, wake };
}

/** False for topics that Aedes answers with an error. */
function isPublishable({ topic, qos, messageId }: PublishPacket): boolean {
  const isName = topic.length > 0 && !topic.includes("#") && !topic.includes("+");
  return isName && (qos === 0 || messageId > 0) && hasFewLevels(topic);
}

function hasFewLevels(topic: string): boolean {
  let levels = 1;
  for (let at = topic.indexOf("/"); at >= 0; at = topic.indexOf("/", at + 1)) levels++;
  return levels <= mostTopicLevels;
}

/** True for a PUBLISH of QoS 0 without any flag, whose topic is no malformed UTF-8, which ends a subscriber's connection. */
function isPlain(frame: Buffer, topic: string): boolean {
  return frame[0] === 0x30 && !topic.includes("\ufffd");
}
