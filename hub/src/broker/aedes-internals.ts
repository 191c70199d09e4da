/**
 * The parts of Aedes 1.2 behind its public interface that the broker relies on. A test checks that they are there and
 * behave as written here, so an update that changes them is noticed.
 */
import { Readable } from "node:stream";
import type { Client } from "aedes";
import type { Retained } from "./retained.ts";
import type { Message, Router } from "./router.ts";
import type { Sessions } from "./sessions.ts";

/** A connection's client from within. */
export interface InnerClient extends Client {
  /** Packets that Aedes handles; it handles the first at once, and others when CONNACK is written. */
  _parsingBatch: number;
  /** Called when a packet is done, and when CONNECT is. Also the listener of "readable". */
  _nextBatch(error?: Error | null): void;
  /** The end of one and a half keep-alive intervals [MQTT-3.1.2-24]; null until CONNECT is handled. */
  _keepaliveTimer: NodeJS.Timeout | null;
  /** Handles the packets in the bytes it is given. */
  _parser: { parse(bytes: Buffer): number };
}

/** A subscription on a topic that nobody publishes on: Aedes tells a client of its session only when it has one. */
const sessionMark = { topic: "$session", qos: 0 };

/**
 * What Aedes asks its persistence, answered so that it keeps nothing: it runs connections, and sessions and retained
 * messages are ours. Wills live as long as the process, as they do in mosquitto.
 */
export function createAedesStore(retained: Retained, sessions: Sessions) {
  const nothing = async () => {};
  return {
    async setup() {},
    async storeRetained({ topic, payload, qos }: Message) {
      retained.set(topic, { payload, qos });
    },
    subscriptionsByClient: async ({ id }: { id: string }) => (sessions.isKept(id) ? [sessionMark] : []),
    subscriptionsByTopic: async () => [],
    ...{ cleanSubscriptions: nothing, removeSubscriptions: nothing, addSubscriptions: nothing },
    ...{ outgoingEnqueueCombi: nothing, outgoingEnqueue: nothing, cleanIncoming: nothing },
    ...{ putWill: nothing, delWill: nothing },
    outgoingStream: () => Readable.from([]),
    streamWill: () => Readable.from([]),
  };
}

/** What Aedes asks its message queue. Its own listeners serve brokers in a cluster, so nobody listens. */
export function createAedesQueue(router: Router) {
  return {
    on: (_filter: string, _listener: unknown, done?: () => void) => void (done && setImmediate(done)),
    removeListener: (_filter: string, _listener: unknown, done?: () => void) => void (done && setImmediate(done)),
    emit({ topic, payload, qos, retain }: Message, done: (error?: Error | null) => void): void {
      router.deliver({ topic, payload: Buffer.from(payload), qos, retain }, null, null);
      done(null);
    },
    close: (done: () => void) => void setImmediate(done),
  };
}
