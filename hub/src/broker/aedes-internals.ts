/**
 * The parts of Aedes 1.2 behind its public interface that the broker's hot path relies on. A test checks that they are
 * there and behave as written here, so an update that changes them is noticed.
 */
import type { Client } from "aedes";

/** A listener of Aedes' message queue. It calls back when it has taken the packet. */
export type Listener = (packet: QueuedPacket, done: () => void) => void;

/** A packet on its way to subscribers. */
export interface QueuedPacket {
  cmd: "publish";
  topic: string;
  payload: string | Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  dup: boolean;
}

/** What Aedes keeps of a subscription. */
export interface ClientSubscription {
  qos: 0 | 1 | 2;
  /** What it gave to the message queue. */
  func: Listener;
  /** Retain as published, no local: MQTT 5, and bridges. */
  rap?: boolean;
  nl?: boolean;
}

/** The broker from within. */
export interface InnerAedes {
  /** Gives a message to its subscribers; `client` sent it. Calls back when all have taken it. */
  publish(packet: QueuedPacket, client: InnerClient, done: (error?: Error | null) => void): void;
}

/** A connection's client from within. */
export interface InnerClient extends Client {
  /** Keyed by topic filter. */
  subscriptions: Record<string, ClientSubscription>;
  /** The highest packet counter seen of each broker; a packet with a lower one is dropped as a duplicate. */
  duplicates: Record<string, number>;
  /** CONNACK is written; from then on Aedes handles packets as they come. */
  connackSent: boolean;
  /** True while CONNECT is handled. */
  _paused?: boolean;
  /** Packets that Aedes handles; it reads on when all are done. */
  _parsingBatch: number;
  /** Called when a packet is done, and when CONNECT is: reads on. Also the listener of "readable". */
  _nextBatch(error?: Error | null): void;
  /** The end of one and a half keep-alive intervals [MQTT-3.1.2-24]; null without keep-alive. */
  _keepaliveTimer: NodeJS.Timeout | null;
  /** Handles the packets in the bytes it is given. Those from before CONNACK are queued; null once that is done. */
  _parser: { parse(bytes: Buffer): number; _queue: unknown[] | null };
}
