/**
 * Aedes' message queue, replaced: who gets a message. Remembers the receivers of each topic, because a home publishes
 * on the same topics over and over, and hands messages of QoS 0 to the subscribers' outboxes itself.
 *
 * The stock queue (mqemitter) takes 100 messages at a time and lets later ones overtake those that wait; Aedes then
 * takes the overtaken for duplicates, and a long queue that frees itself at once ends in a stack overflow. This one has
 * no queue: a message is handed out at once, and publishers wait for slow subscribers in `backlog.ts`.
 */
import type { Listener, QueuedPacket } from "./aedes-internals.ts";
import { encodePublish } from "./packets.ts";
import { createTopicTree } from "./topic-tree.ts";

/** Takes whole packets for a subscriber. */
export interface Sink {
  send(frame: Buffer): void;
}

/** Who subscribes: a client with the QoS of its subscription, or null when Aedes' own listener must be asked. */
export type Subscriber = { sink: Sink; qos: 0 | 1 | 2 } | null;

export interface RouterOptions {
  /** Who stands behind a listener that Aedes adds. */
  subscriberOf(filter: string, listener: Listener): Subscriber;
}

/** Who gets the messages of one topic. */
export interface Route {
  /** Get messages of QoS 0. Each client once, however many of its filters match. */
  readonly sinks: readonly Sink[];
  /** Those of them that get messages of any QoS as QoS 0. */
  readonly qos0Sinks: readonly Sink[];
  /** Take all messages. */
  readonly listeners: readonly Listener[];
  /** Take messages of QoS 1 and 2, for clients that subscribe with such a QoS. */
  readonly qosListeners: readonly Listener[];
}

/** Topics whose receivers are remembered; more than any home has. */
const mostRoutes = 10_000;

export type Router = ReturnType<typeof createRouter>;

/** Makes a router without subscriptions; it has the methods that Aedes expects of its option `mq`. */
export function createRouter(options: RouterOptions) {
  const tree = createTopicTree<Listener>();
  const subscribers = new Map<Listener, Subscriber>();
  const routes = new Map<string, Route>();
  let isClosed = false;

  function on(filter: string, listener: Listener, done?: () => void): void {
    subscribers.set(listener, options.subscriberOf(filter, listener));
    tree.add(filter, listener);
    routes.clear();
    if (done) setImmediate(done);
  }

  function removeListener(filter: string, listener: Listener, done?: () => void): void {
    subscribers.delete(listener);
    tree.remove(filter, listener);
    routes.clear();
    if (done) setImmediate(done);
  }

  /** Who gets the messages of a topic. */
  function route(topic: string): Route {
    const known = routes.get(topic);
    if (known) return known;
    if (routes.size >= mostRoutes) routes.clear();
    const found = routeOf(tree.match(topic), subscribers);
    routes.set(topic, found);
    return found;
  }

  function emit(packet: QueuedPacket, done: (error?: Error) => void): void {
    if (isClosed) {
      done(new Error("the message queue is closed"));
      return;
    }
    const { sinks, qos0Sinks, listeners, qosListeners } = route(packet.topic);
    const receivers = packet.qos === 0 ? sinks : qos0Sinks;
    if (receivers.length > 0) {
      const frame = encodePublish(packet.topic, Buffer.from(packet.payload));
      for (const sink of receivers) sink.send(frame);
    }
    callAll(packet.qos === 0 ? listeners : [...listeners, ...qosListeners], packet, done);
  }

  function close(done: () => void): void {
    isClosed = true;
    setImmediate(done);
  }

  return { on, removeListener, emit, close, route };
}

/** Of a client's subscriptions the one with the highest QoS counts [MQTT-3.3.5-1]. */
function routeOf(matches: readonly Listener[], subscribers: ReadonlyMap<Listener, Subscriber>): Route {
  const ofClients = new Map<Sink, { qos: number; listener: Listener }>();
  const listeners = new Set<Listener>();
  for (const listener of matches) {
    const subscriber = subscribers.get(listener);
    if (!subscriber) listeners.add(listener);
    else if (subscriber.qos >= (ofClients.get(subscriber.sink)?.qos ?? 0)) {
      ofClients.set(subscriber.sink, { qos: subscriber.qos, listener });
    }
  }
  const entries = [...ofClients];
  return {
    sinks: entries.map(([sink]) => sink),
    qos0Sinks: entries.filter(([, { qos }]) => qos === 0).map(([sink]) => sink),
    listeners: [...listeners],
    qosListeners: entries.filter(([, { qos }]) => qos > 0).map(([, { listener }]) => listener),
  };
}

function callAll(listeners: readonly Listener[], packet: QueuedPacket, done: () => void): void {
  let left = listeners.length;
  if (left === 0) done();
  for (const listener of listeners) {
    listener(packet, () => {
      left--;
      if (left === 0) done();
    });
  }
}
