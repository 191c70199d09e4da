/**
 * One client's connection. The hub reads it instead of Aedes: each packet is checked here and handled by whom it
 * concerns. Aedes gets the CONNECT of an admitted client, and its DISCONNECT: it runs the connection's life (CONNACK,
 * keep-alive, taking over from an older connection, last will).
 */
import { allRights, type RefusedAction, type Rights, type Transport } from "./admission.ts";
import type { InnerClient } from "./aedes-internals.ts";
import type { Backlog } from "./backlog.ts";
import { checkEmpty, decodeAck } from "./control-packets.ts";
import type { Place } from "./door.ts";
import { createFrames } from "./frames.ts";
import { type Origin, rewriteConnect, shakeHands, type UnsupportedClient } from "./handshake.ts";
import type { Limits } from "./limits.ts";
import { createOutbox } from "./outbox.ts";
import { packetType, pingResponse, refusalUnavailable } from "./packets.ts";
import type { Publication } from "./publication.ts";
import { createPublishing } from "./publishing.ts";
import type { Retained } from "./retained.ts";
import type { Router } from "./router.ts";
import type { Link, Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import { createSubscribing } from "./subscribing.ts";
import { ProtocolViolation } from "./violation.ts";

/** A subscriber that takes nothing for so long is dropped. */
const drainTimeoutMs = 5_000;
/** How long a client that is refused has to read why. */
const goodbyeMs = 1_000;

/** What all connections share. */
export interface ConnectionWorld<I> {
  limits: Limits;
  router: Router;
  retained: Retained;
  sessions: Sessions;
  backlog: Backlog;
  admit: Parameters<typeof shakeHands<I>>[2];
  onPublish(publication: Publication<I>, done: (error: Error | null) => void): void;
  onRefused(identity: I | null, action: RefusedAction): void;
  onUnsupported(client: UnsupportedClient): void;
  /** A client was not let in. */
  onTurnedAway(remoteAddress: string | null, why: string): void;
  /** The hub failed to decide, or made a mistake; it costs this connection and no other. */
  onMistake(error: Error): void;
}

/** Who is connected. */
export interface LiveClient<I> {
  clientId: string;
  /** Null when the broker admits everybody. */
  identity: I | null;
  address: string | null;
  transport: Transport;
  /** Epoch milliseconds. */
  sinceMs: number;
  /** As the client asked for it; 0 is none. */
  keepaliveS: number;
}

/** From the admission on. */
interface Guest<I> extends LiveClient<I> {
  rights: Rights;
  isClean: boolean;
  isBridge: boolean;
}

/** From CONNACK on. */
interface Visit {
  session: Session;
  link: Link;
  publishing: ReturnType<typeof createPublishing>;
  subscribing: ReturnType<typeof createSubscribing>;
}

export type Connection<I> = ReturnType<typeof takeOver<I>>;

/** Takes the reading over from a client that Aedes has just made. */
export function takeOver<I>(client: InnerClient, origin: Origin, place: Place, world: ConnectionWorld<I>) {
  const { conn } = origin;
  const { limits, backlog } = world;
  let stage: "new" | "admitting" | "open" | "closed" = "new";
  let guest: Guest<I> | null = null;
  let visit: Visit | null = null;
  /** What arrived in one read with CONNECT, and waits for its answer. */
  let held: Buffer[] = [];
  let isReading = false;
  let isStopped = false;
  let isWaking = false;
  let hasPackets = false;

  const maxBytes = () => (stage === "new" ? limits.maxConnectBytes : limits.maxPacketBytes);
  const onBroken = (reason: string) => fail(new ProtocolViolation(reason));
  const frames = createFrames({ maxBytes, onFrame, onBroken, isOpen });
  const queue = { giveUp: () => outbox.giveUp() };
  const outbox = createOutbox({
    ...{ conn, isOpen, onWritten },
    onBehind: () => backlog.add(queue),
    onCaughtUp: () => backlog.remove(queue),
  });
  const watched = { isStuck, drop: () => conn.destroy(new Error("drain timeout")) };
  backlog.watch(watched);
  conn.once("close", onClose);
  conn.removeListener("readable", client._nextBatch);
  conn.on("readable", read);
  client._parsingBatch = 0;
  client._nextBatch = (error) => void (error && fail(error));
  client.once("connected", onConnected);

  function isOpen(): boolean {
    return stage !== "closed" && !client.closed && !conn.destroyed;
  }

  function isStuck(nowMs: number): boolean {
    const writingMs = outbox.writingSinceMs();
    return (writingMs !== null && nowMs - writingMs > drainTimeoutMs) || (visit?.session.isStalled(nowMs) ?? false);
  }

  function read(): void {
    // What is done at once asks for more while its neighbours still wait for their turn.
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
      hasPackets = false;
      frames.push(chunk);
      // Any whole packet counts [MQTT-3.1.2-24].
      if (hasPackets && isOpen()) client._keepaliveTimer?.refresh();
    }
    return false;
  }

  function mayRead(): boolean {
    if (!isOpen() || outbox.isFull()) return false;
    if (!visit) return stage === "new";
    if (visit.publishing.isFull()) return false;
    // What others wait for may be this client's acknowledgements.
    return visit.session.unacknowledged() > 0 || !(visit.subscribing.isBusy() || backlog.isAnyBehind());
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

  function onWritten(): void {
    visit?.session.pump();
    visit?.subscribing.pump();
    wake();
  }

  function onFrame(frame: Buffer): void {
    hasPackets = true;
    try {
      if (visit) handle(frame, visit);
      else if (stage === "new") void enter(frame);
      else held.push(frame);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) world.onMistake(error as Error);
      fail(error as Error);
    }
  }

  function handle(frame: Buffer, { session, publishing, subscribing }: Visit): void {
    const type = (frame[0] as number) >> 4;
    switch (type) {
      case packetType.publish:
        publishing.take(frame);
        return;
      case packetType.puback:
      case packetType.pubrec:
      case packetType.pubcomp:
        session.acknowledge(type, decodeAck(frame));
        subscribing.pump();
        return;
      case packetType.pubrel:
        publishing.release(decodeAck(frame));
        return;
      case packetType.subscribe:
        subscribing.subscribe(frame);
        return;
      case packetType.unsubscribe:
        subscribing.unsubscribe(frame);
        return;
      case packetType.pingreq:
        checkEmpty(frame);
        outbox.answer(pingResponse);
        return;
      case packetType.disconnect:
        checkEmpty(frame);
        client._parser.parse(frame);
        return;
      default:
        throw new ProtocolViolation(`a client does not send packets of type ${type}`);
    }
  }

  /** The first packet. */
  async function enter(frame: Buffer): Promise<void> {
    stage = "admitting";
    try {
      const result = await shakeHands(frame, origin, world.admit);
      if (!isOpen()) return;
      if ("answer" in result) {
        if (result.unsupported) world.onUnsupported(result.unsupported);
        turnAway(result.answer, result.why);
        return;
      }
      const { packet, identity, rights, isClean } = result;
      if (!isClean && !world.sessions.hasRoomFor(packet.clientId)) {
        turnAway(refusalUnavailable, "there are too many persistent sessions");
        return;
      }
      guest = {
        ...{ clientId: packet.clientId, identity, rights, isClean },
        ...{ keepaliveS: packet.keepaliveS, isBridge: packet.isBridge },
        ...{ address: origin.remoteAddress, transport: origin.transport, sinceMs: Date.now() },
      };
      client._parser.parse(rewriteConnect(frame, packet, isClean, limits.keepaliveOfNoneS));
    } catch (error) {
      if (error instanceof ProtocolViolation) fail(error);
      else {
        world.onMistake(error as Error);
        turnAway(refusalUnavailable, "the hub could not decide");
      }
    }
  }

  /** Says why, and closes; what the client has sent meanwhile is dropped, so that it can read the answer. */
  function turnAway(answer: Buffer, why: string): void {
    if (!isOpen()) return;
    stage = "closed";
    world.onTurnedAway(origin.remoteAddress, why);
    conn.removeListener("readable", read);
    conn.resume();
    conn.end(answer);
    setTimeout(() => client.close(), goodbyeMs).unref();
  }

  /** Aedes has written CONNACK. */
  function onConnected(): void {
    if (!guest || !isOpen()) return;
    place.admitted();
    guest.clientId = client.id; // made by Aedes when the client has none
    const { rights, identity, isBridge } = guest;
    const session = world.sessions.open(client.id, guest.isClean);
    session.owner = identity;
    const link: Link = {
      ...{ send: outbox.send, push: outbox.push, acknowledge: outbox.acknowledge, hasRoom: outbox.hasRoom },
      ...{ mayRead: rights === allRights ? () => true : (topic) => rights.mayRead(topic), isBridge },
    };
    const shared = { session, outbox, rights, isOpen, onDone: wake };
    const onRefused = (action: RefusedAction) => world.onRefused(identity, action);
    const { router, retained, sessions } = world;
    visit = {
      ...{ session, link },
      publishing: createPublishing({
        ...shared,
        identity,
        router,
        retained,
        fail,
        onPublish: world.onPublish,
        onRefused,
      }),
      subscribing: createSubscribing({ ...shared, sessions, retained, limits, onRefused }),
    };
    stage = "open";
    visit.subscribing.checkRights(); // of before, when they were others
    router.forget();
    session.attach(link);
    readHeld();
  }

  function readHeld(): void {
    const before = held;
    held = [];
    isReading = true;
    for (const frame of before) if (isOpen()) onFrame(frame);
    isReading = false;
    read();
  }

  function fail(error: Error): void {
    client.emit("error", error);
  }

  function onClose(): void {
    stage = "closed";
    held = [];
    place.leave();
    backlog.unwatch(watched);
    outbox.clear();
    if (!visit) return;
    visit.publishing.close();
    visit.subscribing.close();
    world.sessions.leave(visit.session, visit.link);
  }

  return {
    wake,
    /** The client, once it is admitted. */
    guest: () => (visit && isOpen() ? guest : null),
    identity: () => guest?.identity ?? null,
    mayPublishWill: (topic: string, retain: boolean) =>
      guest !== null && !guest.rights.isMuted && guest.rights.mayPublish(topic, retain),
    forgetRights(): void {
      visit?.publishing.forgetRights();
      visit?.subscribing.checkRights();
    },
    /** Ends the connection; its will is published. */
    end: (why: string) => fail(new Error(why)),
  };
}
