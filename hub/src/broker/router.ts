/**
 * Who gets a message. Remembers the receivers of each topic, because a home publishes on the same topics over and over.
 *
 * It also stands where Aedes expects its message queue (`emit`). The stock queue, mqemitter, lets later messages overtake
 * those that wait, and a long queue that frees itself at once ends in a stack overflow. This one has no queue: a message
 * is handed out at once, and publishers wait for slow subscribers in `backlog.ts`.
 */
import { longestRememberedTopic } from "./admission.ts";
import { encodePublish } from "./packets.ts";
import { createTopicTree } from "./topic-tree.ts";

/** A message that is on its way, shared by all who get it. */
export interface Message {
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** For clients that are there now: it ends with their connections, and nothing keeps it. */
  isFleeting?: boolean;
}

/** A client's session, as the router sees it. */
export interface Receiver {
  /** Takes a whole packet of QoS 0, when the client is connected. */
  send(frame: Buffer): void;
  /** Takes a message of QoS 1 or 2, to be delivered as `message.qos`. */
  deliver(message: Message): void;
  mayRead(topic: string): boolean;
  /** Another broker: gets messages with their retain flag, and none of its own. */
  isBridge(): boolean;
}

interface Subscription {
  readonly receiver: Receiver;
  readonly qos: 0 | 1 | 2;
}

/** Who gets the messages of one topic: each client once, however many of its filters match. */
interface Route {
  readonly receivers: readonly Receiver[];
  /** With the highest QoS of a client's matching subscriptions [MQTT-3.3.5-1]. */
  readonly subscriptions: readonly Subscription[];
  readonly bridges: readonly Subscription[];
}

/** Topics whose receivers are remembered; more than any home has. */
const mostRoutes = 10_000;

export type Router = ReturnType<typeof createRouter>;

/** Makes a router without subscriptions. */
export function createRouter() {
  const tree = createTopicTree<Subscription>();
  const routes = new Map<string, Route>();

  function subscribe(filter: string, subscription: Subscription): void {
    tree.add(filter, subscription);
    routes.clear();
  }

  function unsubscribe(filter: string, subscription: Subscription): void {
    tree.remove(filter, subscription);
    routes.clear();
  }

  function route(topic: string): Route {
    const known = routes.get(topic);
    if (known) return known;
    const found = routeOf(topic, tree.match(topic));
    if (routes.size >= mostRoutes) routes.clear();
    if (topic.length <= longestRememberedTopic) routes.set(topic, found);
    return found;
  }

  /** Hands a message out. `from` published it; `frame` is the message as a packet of QoS 0, when there is one. */
  function deliver(message: Message, from: Receiver | null, frame: Buffer | null): void {
    const { receivers, subscriptions, bridges } = route(message.topic);
    if (message.qos === 0) {
      if (receivers.length > 0) {
        const packet = frame ?? encodePublish({ topic: message.topic, payload: message.payload });
        for (const receiver of receivers) receiver.send(packet);
      }
    } else if (subscriptions.length > 0) {
      deliverTo(subscriptions, { ...message, retain: false }, frame);
    }
    if (bridges.length === 0) return;
    const others = bridges.filter(({ receiver }) => receiver !== from);
    deliverTo(others, message, null);
  }

  return {
    subscribe,
    unsubscribe,
    deliver,
    /** Asks again who may read what, and who is a bridge. */
    forget: () => routes.clear(),
  };
}

function routeOf(topic: string, matches: readonly Subscription[]): Route {
  const highest = new Map<Receiver, Subscription>();
  for (const subscription of matches) {
    const { receiver, qos } = subscription;
    if (qos >= (highest.get(receiver)?.qos ?? 0)) highest.set(receiver, subscription);
  }
  const readers = [...highest.values()].filter(({ receiver }) => receiver.mayRead(topic));
  const subscriptions = readers.filter(({ receiver }) => !receiver.isBridge());
  return {
    receivers: subscriptions.map(({ receiver }) => receiver),
    subscriptions,
    bridges: readers.filter(({ receiver }) => receiver.isBridge()),
  };
}

/** Each gets it with the lower of the two QoS [section 4.3]. The payload is copied once for all who keep it. */
function deliverTo(subscriptions: readonly Subscription[], message: Message, frame: Buffer | null): void {
  const { topic, retain, isFleeting = false } = message;
  const payload = message.qos > 0 ? Buffer.from(message.payload) : message.payload;
  let packet = frame;
  const kept: (Message | undefined)[] = [];
  for (const { receiver, qos } of subscriptions) {
    const lower = Math.min(qos, message.qos) as 0 | 1 | 2;
    if (lower === 0) {
      packet ??= encodePublish({ topic, payload, retain });
      receiver.send(packet);
    } else {
      kept[lower] ??= { topic, payload, qos: lower, retain, isFleeting };
      receiver.deliver(kept[lower]);
    }
  }
}
