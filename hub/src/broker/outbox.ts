/** What waits to be written to one connection: acknowledgements, answers, and messages for a subscriber. */
import type { Duplex } from "node:stream";
import { ackOf, encodeAcks } from "./packets.ts";

/** A subscriber for which so much waits holds up the publishers, for a moment. */
const behindBytes = 1024 * 1024;
/** It has caught up when no more than this waits. */
const caughtUpBytes = behindBytes / 2;
/** One write; the next begins when it is done, so that a connection's progress can be seen. */
const writeBytes = 64 * 1024;
/** Acknowledgements that a client has not taken, after which it is not read. */
const mostUnsentAcks = 5_000;

export interface OutboxOptions {
  conn: Duplex;
  /** False once nothing more can be written. */
  isOpen(): boolean;
  onBehind(): void;
  onCaughtUp(): void;
  /** A write is done. */
  onWritten(): void;
}

export type Outbox = ReturnType<typeof createOutbox>;

/** Makes the outbox of a connection; all that is queued in one turn of the event loop leaves in one write. */
export function createOutbox(options: OutboxOptions) {
  let frames: Buffer[] = [];
  let framesBytes = 0;
  let acks: number[] = [];
  let isScheduled = false;
  let isBehind = false;
  let isSlow = false;
  let writingSinceMs: number | null = null;

  /** Queues a message of QoS 0. One for a slow subscriber may be dropped, as QoS 0 allows. */
  function send(frame: Buffer): void {
    if (isSlow && framesBytes >= behindBytes) return;
    // A view keeps the whole read in memory that it came with: not for long, unless it has to wait.
    push(framesBytes > writeBytes ? Buffer.from(frame) : frame);
    if (framesBytes < behindBytes || isBehind || isSlow) return;
    isBehind = true;
    options.onBehind();
  }

  /** Queues any other packet, which is never dropped. */
  function push(frame: Buffer): void {
    frames.push(frame);
    framesBytes += frame.length;
    schedule();
  }

  /** Queues the answer to a packet, behind the acknowledgements of the packets before. */
  function answer(frame: Buffer): void {
    if (acks.length > 0) push(encodeAcks(acks));
    acks = [];
    push(frame);
  }

  /** Queues an acknowledgement. */
  function acknowledge(type: number, messageId: number): void {
    acks.push(ackOf(type, messageId));
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
    if (frames.length === 0 && acks.length === 0) return;
    writingSinceMs = performance.now();
    const batch = takeFrames();
    if (acks.length > 0) batch.push(encodeAcks(acks));
    acks = [];
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
    options.onWritten();
    flush();
  }

  function catchUp(): void {
    if (isBehind) options.onCaughtUp();
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
    acks = [];
    catchUp();
  }

  return {
    send,
    push,
    answer,
    acknowledge,
    giveUp,
    clear,
    /** More can be queued without holding anybody up. */
    hasRoom: () => framesBytes < writeBytes,
    /** The client does not take what it asked for: it should not ask for more. */
    isFull: () => framesBytes >= behindBytes || acks.length >= mostUnsentAcks,
    /** Since when a write has not been done, in milliseconds of performance.now(); null when there is none. */
    writingSinceMs: () => writingSinceMs,
  };
}
