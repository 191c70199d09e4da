/** What waits to be written to one connection: acknowledgements, and messages of QoS 0 for a subscriber. */
import type { Duplex } from "node:stream";
import { encodePubacks } from "./packets.ts";

/** A subscriber for which so much waits holds up the publishers, for a moment. */
const behindBytes = 1024 * 1024;
/** It has caught up when no more than this waits. */
const caughtUpBytes = behindBytes / 2;
/** One write; the next begins when it is done, so that a connection's progress can be seen. */
const writeBytes = 64 * 1024;

export interface OutboxOptions {
  conn: Duplex;
  /** False once nothing more can be written. */
  isOpen(): boolean;
  onBehind(outbox: Outbox): void;
  onCaughtUp(outbox: Outbox): void;
  /** A write is done. */
  onWritten(): void;
}

export type Outbox = ReturnType<typeof createOutbox>;

/** Makes the outbox of a connection; all that is queued in one turn of the event loop leaves in one write. */
export function createOutbox(options: OutboxOptions) {
  let frames: Buffer[] = [];
  let framesBytes = 0;
  let ackIds: number[] = [];
  let isScheduled = false;
  let isBehind = false;
  let isSlow = false;
  let writingSinceMs: number | null = null;

  /** Queues a whole packet. One for a slow subscriber may be dropped, as QoS 0 allows. */
  function send(frame: Buffer): void {
    if (isSlow && framesBytes >= behindBytes) return;
    frames.push(frame);
    framesBytes += frame.length;
    schedule();
    if (framesBytes < behindBytes || isBehind || isSlow) return;
    isBehind = true;
    options.onBehind(outbox);
  }

  /** Queues the acknowledgement of a message of QoS 1. */
  function acknowledge(messageId: number): void {
    ackIds.push(messageId);
    schedule();
  }

  function schedule(): void {
    if (isScheduled || writingSinceMs !== null) return;
    isScheduled = true;
    process.nextTick(flush);
  }

  function flush(): void {
    isScheduled = false;
    if (!options.isOpen()) clear();
    if (frames.length === 0 && ackIds.length === 0) return;
    writingSinceMs = performance.now();
    const batch = takeFrames();
    if (ackIds.length > 0) batch.push(encodePubacks(ackIds));
    ackIds = [];
    options.conn.write(batch.length === 1 ? batch[0] : Buffer.concat(batch), onWritten);
  }

  function takeFrames(): Buffer[] {
    let count = 0;
    let bytes = 0;
    while (count < frames.length && bytes < writeBytes) bytes += frames[count++]?.length ?? 0;
    const batch = frames.slice(0, count);
    frames = frames.slice(count);
    framesBytes -= bytes;
    return batch;
  }

  function onWritten(error?: Error | null): void {
    writingSinceMs = null;
    if (error) clear();
    if (framesBytes <= caughtUpBytes) catchUp();
    flush();
    options.onWritten();
  }

  function catchUp(): void {
    if (isBehind) options.onCaughtUp(outbox);
    isBehind = false;
  }

  /** Nobody waits for it any more, as long as the connection lasts. */
  function giveUp(): void {
    isSlow = true;
    catchUp();
  }

  /** Forgets what waits; the connection is gone. */
  function clear(): void {
    frames = [];
    framesBytes = 0;
    ackIds = [];
    catchUp();
  }

  const outbox = {
    send,
    acknowledge,
    giveUp,
    unsentAcks: () => ackIds.length,
    /** Since when a write has not been done, in milliseconds of performance.now(); null when there is none. */
    writingSinceMs: () => writingSinceMs,
  };
  return outbox;
}
