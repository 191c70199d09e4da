/** What one client subscribes to, and the retained messages that it gets for it. */
import { allRights, type RefusedAction, type Rights } from "./admission.ts";
import { decodeSubscribe, decodeUnsubscribe } from "./control-packets.ts";
import type { Limits } from "./limits.ts";
import type { Outbox } from "./outbox.ts";
import { ackOf, encodeAcks, encodePublish, encodeSuback, packetType, subscriptionRefused } from "./packets.ts";
import type { Retained } from "./retained.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import { levelCount, mostTopicLevels } from "./text.ts";
import { ProtocolViolation } from "./violation.ts";

/** Subscriptions whose retained messages are not sent yet; a client that asks for more at a time means no good. */
const mostJobs = 1_000;
/** Retained messages that wait for their turn in the session, when they are of QoS 1 or 2. */
const mostInSession = 100;

export interface SubscribingOptions {
  session: Session;
  sessions: Sessions;
  retained: Retained;
  outbox: Outbox;
  rights: Rights;
  limits: Limits;
  isOpen(): boolean;
  /** All retained messages are sent: more may be read. */
  onDone(): void;
  onRefused(action: RefusedAction): void;
}

export type Subscribing = ReturnType<typeof createSubscribing>;

/** A SUBSCRIBE whose retained messages are to be sent. */
interface Job {
  /** Not looked up yet. */
  filters: { filter: string; qos: 0 | 1 | 2 }[];
  /** Found and not sent. */
  found: { topic: string; qos: 0 | 1 | 2 }[];
  /** Each topic is sent once. */
  seen: Set<string>;
}

/** Makes the subscriptions of one client. */
export function createSubscribing(options: SubscribingOptions) {
  const { session, sessions, retained, outbox, rights, limits, isOpen } = options;
  let jobs: Job[] = [];
  let isScheduled = false;

  /** Takes a SUBSCRIBE; throws ProtocolViolation. */
  function subscribe(frame: Buffer): void {
    const { messageId, subscriptions } = decodeSubscribe(frame);
    const codes = subscriptions.map(({ filter, qos }, at) => (at < limits.maxFilters && add(filter, qos) ? qos : null));
    outbox.answer(
      encodeSuback(
        messageId,
        codes.map((code) => code ?? subscriptionRefused),
      ),
    ); // [MQTT-3.8.4-5]
    const granted = subscriptions.filter((_, at) => codes[at] !== null);
    if (granted.length === 0) return;
    if (jobs.length >= mostJobs) throw new ProtocolViolation("too many subscriptions at a time");
    jobs.push({ filters: granted, found: [], seen: new Set() });
    pump();
  }

  function add(filter: string, qos: 0 | 1 | 2): boolean {
    // Shared subscriptions are of MQTT 5; granted here they would never get a message.
    if (filter.startsWith("$share/") || levelCount(filter) > mostTopicLevels) return false;
    if (!maySubscribe(filter)) {
      options.onRefused({ action: "subscribe", topic: filter });
      return false;
    }
    return sessions.subscribe(session, filter, qos);
  }

  function maySubscribe(filter: string): boolean {
    return rights === allRights || rights.maySubscribe(filter);
  }

  /** Takes an UNSUBSCRIBE; throws ProtocolViolation. */
  function unsubscribe(frame: Buffer): void {
    const { messageId, filters } = decodeUnsubscribe(frame);
    for (const filter of filters) sessions.unsubscribe(session, filter);
    // Behind the messages that are on their way, so that none comes after it [MQTT-3.10.4-2].
    outbox.answer(encodeAcks([ackOf(packetType.unsuback, messageId)]));
  }

  /** Sends retained messages as long as there is room; looks up one filter in a turn, as it may match thousands. */
  function pump(): void {
    const [job] = jobs;
    if (!job || !isOpen()) return;
    sendFound(job);
    if (job.found.length > 0) return; // goes on when there is room
    const next = job.filters.shift();
    if (next) find(job, next);
    else jobs.shift();
    if (jobs.length > 0) schedule();
    else options.onDone();
  }

  function find(job: Job, { filter, qos }: Job["filters"][number]): void {
    for (const topic of retained.topicsOf(filter)) {
      if (job.seen.has(topic)) continue;
      job.seen.add(topic);
      job.found.push({ topic, qos });
    }
    job.found.reverse(); // taken from the end
  }

  function sendFound(job: Job): void {
    while (outbox.hasRoom() && session.waiting() < mostInSession) {
      const found = job.found.pop();
      if (!found) return;
      send(found.topic, found.qos);
    }
  }

  function send(topic: string, subscribedQos: 0 | 1 | 2): void {
    const message = retained.get(topic);
    if (!message || !session.mayRead(topic)) return;
    const { payload } = message;
    const qos = Math.min(message.qos, subscribedQos) as 0 | 1 | 2;
    if (qos > 0) session.deliver({ topic, payload, qos, retain: true });
    else outbox.push(encodePublish({ topic, payload, retain: true })); // [MQTT-3.3.1-8]
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      pump();
    });
  }

  return {
    subscribe,
    unsubscribe,
    /** Goes on with what waited for room. */
    pump: () => void (jobs.length > 0 && pump()),
    /** The client is not read meanwhile, or it could ask for everything a thousand times. */
    isBusy: () => jobs.length > 0,
    /** Takes subscriptions away that the client may not have any more. */
    checkRights(): void {
      for (const filter of [...session.subscriptions.keys()]) {
        if (!maySubscribe(filter)) sessions.unsubscribe(session, filter);
      }
    },
    close(): void {
      jobs = [];
    },
  };
}
