/**
 * What the broker keeps of a client [section 4.1]: its subscriptions, the messages of QoS 1 and 2 on their way to it, and
 * the ids of those of QoS 2 that it has sent. A clean session ends with its connection, a persistent one outlives it.
 *
 * Messages wait here and not in the connection's outbox: a client is sent a window of them and the next when it
 * acknowledges, so that what waits can be counted, and dropped when the client is away or does not keep up.
 */
import { createFifo } from "./fifo.ts";
import type { Limits } from "./limits.ts";
import { encodePublish, packetType } from "./packets.ts";
import type { Message, Receiver } from "./router.ts";
import { ProtocolViolation } from "./violation.ts";

/** Messages on their way to one client that it has not acknowledged. */
const windowMessages = 500;
const windowBytes = 512 * 1024;
/** Ids of messages of QoS 2 that a client has sent and not released; as in Aedes. */
const mostReceived = 1_000;
/** So many times the limits may wait for a client that is there, while its publishers are being stopped. */
const burst = 20;
/** A client that acknowledges nothing for so long, while messages wait, is dropped. */
const stalledMs = 10_000;
/** What a message takes besides its bytes, about. */
const overheadBytes = 200;

/** A message in a session's queue. */
export interface Queued {
  /** Its place in the queue; grows over restarts too. */
  readonly seq: number;
  readonly message: Message;
  /** 0 until it is sent for the first time. */
  id: number;
  /** The client has it (PUBREC), and only the exchange is to be finished. */
  isReleased: boolean;
}

/** The connection of a session's client. */
export interface Link {
  send(frame: Buffer): void;
  push(frame: Buffer): void;
  acknowledge(type: number, messageId: number): void;
  hasRoom(): boolean;
  mayRead(topic: string): boolean;
  isBridge: boolean;
}

/** Keeps what changes, when the session is a persistent one. */
export interface SessionFile {
  putQueued(queued: Queued): void;
  removeQueued(queued: Queued): void;
  putReceived(messageId: number): void;
  removeReceived(messageId: number): void;
}

export interface SessionOptions {
  clientId: string;
  limits: Limits;
  /** Null for a clean session. */
  file: SessionFile | null;
  /** Bytes that wait in all sessions together. */
  total: { bytes: number };
  onBehind(session: Session): void;
  onCaughtUp(session: Session): void;
}

export interface Session extends Receiver {
  readonly clientId: string;
  readonly isClean: boolean;
  /** As whom its client was admitted last; null when that is not known. */
  owner: unknown;
  /** Keyed by topic filter. */
  readonly subscriptions: Map<string, { qos: 0 | 1 | 2; receiver: Session }>;
  /** Messages of QoS 2 that the client has sent: "waiting" while the hub has not taken them. */
  readonly received: Map<number, "waiting" | "taken">;
  link(): Link | null;
  /** The client is there: what it has not acknowledged is sent again [MQTT-4.4.0-1]. */
  attach(link: Link): void;
  detach(): void;
  /** Sends what there is room for. */
  pump(): void;
  /** The client acknowledges; throws ProtocolViolation when it is another exchange's turn. */
  acknowledge(type: number, messageId: number): void;
  /** Notes a message of QoS 2 that the client sends; throws ProtocolViolation when there are too many. */
  noteReceived(messageId: number): void;
  /** The hub has it, or has refused it. */
  settleReceived(messageId: number, isTaken: boolean): void;
  /** The client has no more interest in it. */
  forgetReceived(messageId: number): void;
  /** Publishers do not wait for it any more: what is too much is dropped, the oldest first. */
  giveUp(): void;
  isStalled(nowMs: number): boolean;
  /** Messages that it has not been sent. */
  waiting(): number;
  /** Messages that it has not acknowledged. */
  unacknowledged(): number;
  /** Takes back what a file had. */
  restore(queued: readonly Queued[], received: readonly number[]): void;
  /** Drops all that waits; the session ends. */
  clear(): void;
}

/** Makes a session without a connection. */
export function createSession(options: SessionOptions): Session {
  const { clientId, limits, file, total } = options;
  const subscriptions: Session["subscriptions"] = new Map();
  const received: Session["received"] = new Map();
  /** Not sent yet on this connection. */
  const queue = createFifo<Queued>();
  let queueBytes = 0;
  /** Sent and not acknowledged, by message id, in the order of sending. */
  let inflight = new Map<number, Queued>();
  let inflightBytes = 0;
  let link: Link | null = null;
  let nextSeq = 1;
  let lastId = 0;
  let isBehind = false;
  let isSlow = false;
  let waitingSinceMs: number | null = null;

  function deliver(message: Message): void {
    if (message.isFleeting && !link) return;
    const queued: Queued = { seq: nextSeq++, message, id: 0, isReleased: false };
    queue.push(queued);
    count(queued, 1);
    put(queued);
    pump();
    limit();
  }

  function put(queued: Queued): void {
    if (!queued.message.isFleeting) file?.putQueued(queued);
  }

  function pump(): void {
    while (link?.hasRoom() && inflight.size < windowMessages && inflightBytes < windowBytes) {
      const queued = queue.shift();
      if (!queued) break;
      count(queued, -1);
      sendTo(link, queued);
    }
    waitingSinceMs = link && queue.length() > 0 ? (waitingSinceMs ?? performance.now()) : null;
    if (isBehind && !isTooMuch(0.5)) catchUp();
  }

  function sendTo(to: Link, queued: Queued): void {
    const { message } = queued;
    if (!queued.isReleased && !to.mayRead(message.topic)) {
      file?.removeQueued(queued);
      return;
    }
    const isDuplicate = queued.id > 0;
    if (!isDuplicate) {
      queued.id = freeId();
      put(queued);
    }
    inflight.set(queued.id, queued);
    inflightBytes += sizeOf(queued);
    if (queued.isReleased) to.acknowledge(packetType.pubrel, queued.id);
    else to.push(encodePublish({ ...message, isDuplicate, messageId: queued.id }));
  }

  /** Ids count up, so that one is used again as late as possible. At most `windowMessages` are in use. */
  function freeId(): number {
    do lastId = lastId === 65_535 ? 1 : lastId + 1;
    while (inflight.has(lastId));
    return lastId;
  }

  function acknowledge(type: number, messageId: number): void {
    const queued = inflight.get(messageId);
    if (!queued) {
      // A client that lost track of an exchange is helped to its end; that is no violation.
      if (type === packetType.pubrec) link?.acknowledge(packetType.pubrel, messageId);
      return;
    }
    if (type !== expectedAck(queued) && !(type === packetType.pubrec && queued.isReleased)) {
      throw new ProtocolViolation("an acknowledgement of the wrong type"); // [MQTT-4.3.2-1, MQTT-4.3.3-1]
    }
    waitingSinceMs = null;
    if (type === packetType.pubrec) release(queued);
    else finish(queued);
    pump();
  }

  function release(queued: Queued): void {
    if (!queued.isReleased) {
      queued.isReleased = true;
      put(queued);
    }
    link?.acknowledge(packetType.pubrel, queued.id);
  }

  function finish(queued: Queued): void {
    inflight.delete(queued.id);
    inflightBytes -= sizeOf(queued);
    file?.removeQueued(queued);
  }

  function isTooMuch(part = 1): boolean {
    return queue.length() > limits.maxQueued * part || queueBytes > limits.maxQueuedBytes * part;
  }

  /** Publishers wait for a client that is there; from the queue of others the oldest message is dropped. */
  function limit(): void {
    if (link && !isSlow && !isTooMuch(burst)) {
      if (isBehind || !isTooMuch()) return;
      isBehind = true;
      options.onBehind(session);
      return;
    }
    while (isTooMuch() || (total.bytes > limits.maxQueuedBytesTotal && queue.length() > 0)) drop();
  }

  function drop(): void {
    const queued = queue.shift();
    if (!queued) return;
    count(queued, -1);
    file?.removeQueued(queued);
  }

  function count(queued: Queued, sign: 1 | -1): void {
    const bytes = sign * sizeOf(queued);
    queueBytes += bytes;
    total.bytes += bytes;
  }

  function catchUp(): void {
    if (isBehind) options.onCaughtUp(session);
    isBehind = false;
  }

  function giveUp(): void {
    isSlow = true;
    catchUp();
    limit();
  }

  function attach(to: Link): void {
    link = to;
    isSlow = false;
    waitingSinceMs = null;
    pump();
  }

  function detach(): void {
    link = null;
    for (const queued of inflight.values()) count(queued, 1);
    queue.putBack([...inflight.values()]);
    inflight = new Map();
    inflightBytes = 0;
    dropFleeting();
    catchUp();
    limit();
  }

  function dropFleeting(): void {
    for (const queued of queue.all()) if (queued.message.isFleeting) count(queued, -1);
    queue.keep(({ message }) => !message.isFleeting);
  }

  function noteReceived(messageId: number): void {
    if (received.size >= mostReceived) throw new ProtocolViolation("too many messages of QoS 2 are not released");
    received.set(messageId, "waiting");
  }

  function settleReceived(messageId: number, isTaken: boolean): void {
    if (received.get(messageId) !== "waiting") return;
    if (isTaken) {
      received.set(messageId, "taken");
      file?.putReceived(messageId);
    } else received.delete(messageId);
  }

  function forgetReceived(messageId: number): void {
    if (received.delete(messageId)) file?.removeReceived(messageId);
  }

  function restore(stored: readonly Queued[], ids: readonly number[]): void {
    for (const queued of stored) {
      queue.push(queued);
      count(queued, 1);
      nextSeq = Math.max(nextSeq, queued.seq + 1);
      lastId = Math.max(lastId, queued.id);
    }
    for (const id of ids) received.set(id, "taken");
    limit();
  }

  function clear(): void {
    if (link) detach();
    while (queue.length() > 0) drop();
    for (const id of received.keys()) file?.removeReceived(id);
    received.clear();
  }

  const session: Session = {
    ...{ clientId, subscriptions, received, isClean: file === null, owner: null, link: () => link },
    send: (frame) => link?.send(frame),
    mayRead: (topic) => link?.mayRead(topic) ?? true,
    isBridge: () => link?.isBridge ?? false,
    ...{ deliver, pump, acknowledge, attach, detach, giveUp, restore, clear },
    ...{ noteReceived, settleReceived, forgetReceived },
    isStalled: (nowMs) => waitingSinceMs !== null && nowMs - waitingSinceMs > stalledMs,
    waiting: () => queue.length(),
    unacknowledged: () => inflight.size,
  };
  return session;
}

function expectedAck({ message, isReleased }: Queued): number {
  if (message.qos === 1) return packetType.puback;
  return isReleased ? packetType.pubcomp : packetType.pubrec;
}

function sizeOf({ message }: Queued): number {
  return 2 * message.topic.length + message.payload.length + overheadBytes;
}
