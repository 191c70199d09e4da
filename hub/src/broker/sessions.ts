/** All sessions: found by client id, kept over restarts when they are persistent, bounded in number and in age. */
import type { Limits } from "./limits.ts";
import { decodeRecord, encodeRecord, type Mirror } from "./mirror.ts";
import type { Router } from "./router.ts";
import { createSession, type Link, type Queued, type Session, type SessionFile } from "./session.ts";
import { levelCount } from "./text.ts";

const hourMs = 3_600_000;
const keyOf = {
  session: (clientId: string) => `session:${encodeURIComponent(clientId)}`,
  // Both parts begin the key of what belongs to the session; ids have no ":" when they are encoded.
  queued: (clientId: string) => `queued:${encodeURIComponent(clientId)}:`,
  received: (clientId: string) => `received:${encodeURIComponent(clientId)}:`,
};
const emptyPayload = Buffer.alloc(0);
const seqDigits = 16;

interface Kept {
  readonly session: Session;
  /** How long the client has been away, while the hub ran. */
  awayMs: number;
}

export interface SessionsOptions {
  mirror: Mirror;
  router: Router;
  limits: Limits;
  onBehind(session: Session): void;
  onCaughtUp(session: Session): void;
}

export type Sessions = Awaited<ReturnType<typeof openSessions>>;

/** Reads the persistent sessions that are stored. */
export async function openSessions({ mirror, router, limits, onBehind, onCaughtUp }: SessionsOptions) {
  const all = new Map<string, Kept>();
  const total = { bytes: 0 };
  let filterLevels = 0;
  const tickMs = Math.min(hourMs, limits.sessionExpiryMs / 4);
  const timer = setInterval(() => age(tickMs), tickMs).unref();
  await readAll();

  async function readAll(): Promise<void> {
    for await (const { key, value } of mirror.read("session:")) {
      const record = decodeRecord<StoredSession>(value);
      if (!record) {
        mirror.remove(key);
        continue;
      }
      const session = create(decodeURIComponent(key.slice("session:".length)), false);
      for (const [filter, qos] of record.head.subscriptions) add(session, filter, qos);
      const kept = { session, awayMs: record.head.awayMs };
      all.set(session.clientId, kept);
      session.restore(await queuedOf(session.clientId), await receivedOf(session.clientId));
    }
    makeRoom(limits.maxSessions);
  }

  async function queuedOf(clientId: string): Promise<Queued[]> {
    const list: Queued[] = [];
    for await (const { key, value } of mirror.read(keyOf.queued(clientId))) {
      const record = decodeRecord<StoredMessage>(value);
      if (!record) {
        mirror.remove(key);
        continue;
      }
      const { topic, qos, retain, id, isReleased } = record.head;
      list.push({
        message: { topic, payload: record.payload, qos, retain },
        ...{ seq: Number(key.slice(-seqDigits)), id, isReleased },
      });
    }
    return list;
  }

  async function receivedOf(clientId: string): Promise<number[]> {
    const prefix = keyOf.received(clientId);
    const list: number[] = [];
    for await (const { key } of mirror.read(prefix)) list.push(Number(key.slice(prefix.length)));
    return list;
  }

  function create(clientId: string, isClean: boolean): Session {
    const file = isClean ? null : fileOf(mirror, clientId);
    return createSession({ clientId, limits, file, total, onBehind, onCaughtUp });
  }

  /** The session of a client that connects: the one that was kept, unless it is to be a clean one [MQTT-3.1.2-4 to 6]. */
  function open(clientId: string, isClean: boolean): Session {
    const kept = all.get(clientId);
    if (kept && !isClean && !kept.session.isClean) {
      if (kept.session.link()) kept.session.detach();
      kept.awayMs = 0;
      save(kept);
      return kept.session;
    }
    if (kept) end(kept.session);
    const session = create(clientId, isClean);
    const added = { session, awayMs: 0 };
    all.set(clientId, added);
    save(added);
    return session;
  }

  /** True when there is a session to go on with, or room for one. */
  function hasRoomFor(clientId: string): boolean {
    const kept = all.get(clientId);
    return (kept !== undefined && !kept.session.isClean) || makeRoom(limits.maxSessions - 1);
  }

  /** Ends those whose clients have been away longest until at most so many persistent sessions are left. */
  function makeRoom(most: number): boolean {
    const persistent = [...all.values()].filter(({ session }) => !session.isClean);
    const away = persistent.filter(({ session }) => !session.link()).sort((a, b) => b.awayMs - a.awayMs);
    const surplus = persistent.length - most;
    for (const { session } of away.slice(0, Math.max(0, surplus))) end(session);
    return away.length >= surplus;
  }

  /** A connection is gone, and has perhaps lost its session to another before. */
  function leave(session: Session, link: Link): void {
    if (session.link() !== link) return;
    session.detach();
    if (session.isClean) end(session);
  }

  function end(session: Session): void {
    for (const filter of [...session.subscriptions.keys()]) drop(session, filter);
    session.clear();
    all.delete(session.clientId);
    if (!session.isClean) mirror.remove(keyOf.session(session.clientId));
  }

  /** Adds or replaces a subscription [MQTT-3.8.4-3]; false when there are too many. */
  function subscribe(session: Session, filter: string, qos: 0 | 1 | 2): boolean {
    const isNew = !session.subscriptions.has(filter);
    if (isNew && session.subscriptions.size >= limits.maxFilters) return false;
    if (isNew && filterLevels + levelCount(filter) > limits.maxFilterLevels) return false;
    drop(session, filter);
    add(session, filter, qos);
    saveSession(session);
    return true;
  }

  function unsubscribe(session: Session, filter: string): void {
    drop(session, filter);
    saveSession(session);
  }

  function add(session: Session, filter: string, qos: 0 | 1 | 2): void {
    const subscription = { qos, receiver: session };
    session.subscriptions.set(filter, subscription);
    filterLevels += levelCount(filter);
    router.subscribe(filter, subscription);
  }

  function drop(session: Session, filter: string): void {
    const subscription = session.subscriptions.get(filter);
    if (!subscription) return;
    session.subscriptions.delete(filter);
    filterLevels -= levelCount(filter);
    router.unsubscribe(filter, subscription);
  }

  function saveSession(session: Session): void {
    const kept = all.get(session.clientId);
    if (kept?.session === session) save(kept);
  }

  function save(kept: Kept): void {
    if (kept.session.isClean) return;
    mirror.put(keyOf.session(kept.session.clientId), () => {
      const subscriptions = [...kept.session.subscriptions].map(([filter, { qos }]) => [filter, qos] as const);
      return encodeRecord({ subscriptions, awayMs: kept.awayMs } satisfies StoredSession, emptyPayload);
    });
  }

  /** Not by the clock on the wall, which may jump on a machine without battery. */
  function age(ms: number): void {
    for (const kept of [...all.values()]) {
      if (kept.session.link()) continue;
      kept.awayMs += ms;
      if (kept.awayMs >= limits.sessionExpiryMs) end(kept.session);
      else save(kept);
    }
  }

  return {
    ...{ open, leave, end, subscribe, unsubscribe, hasRoomFor },
    /** True when a persistent session is kept for the client. */
    isKept: (clientId: string) => all.get(clientId)?.session.isClean === false,
    all: () => [...all.values()].map(({ session }) => session),
    close: () => clearInterval(timer),
  };
}

interface StoredSession {
  subscriptions: (readonly [filter: string, qos: 0 | 1 | 2])[];
  awayMs: number;
}

interface StoredMessage {
  topic: string;
  qos: 0 | 1 | 2;
  retain: boolean;
  id: number;
  isReleased: boolean;
}

function fileOf(mirror: Mirror, clientId: string): SessionFile {
  const queuedKey = ({ seq }: Queued) => keyOf.queued(clientId) + `${seq}`.padStart(seqDigits, "0");
  const receivedKey = (id: number) => keyOf.received(clientId) + id;
  return {
    putQueued(queued) {
      mirror.put(queuedKey(queued), () => {
        const { message, id, isReleased } = queued;
        const { topic, qos, retain } = message;
        const head: StoredMessage = { topic, qos, retain, id, isReleased };
        return encodeRecord(head, isReleased ? emptyPayload : message.payload);
      });
    },
    removeQueued: (queued) => mirror.remove(queuedKey(queued)),
    putReceived: (id) => mirror.put(receivedKey(id), () => emptyPayload),
    removeReceived: (id) => mirror.remove(receivedKey(id)),
  };
}
