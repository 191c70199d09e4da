/** What one client publishes, from its PUBLISH to its acknowledgement. */
import type { RefusedAction, Rights } from "./admission.ts";
import { allRights, rememberMayPublish } from "./admission.ts";
import type { Outbox } from "./outbox.ts";
import { bodyStart, decodePublish, type PublishPacket, packetType } from "./packets.ts";
import type { Publication } from "./publication.ts";
import type { Retained } from "./retained.ts";
import type { Router } from "./router.ts";
import type { Session } from "./session.ts";

/** Of messages that the hub has not answered yet, after which a connection is not read: bounds the memory it takes. */
const mostWaiting = 2_000;
const mostWaitingBytes = 4 * 1024 * 1024;

export interface PublishingOptions<I> {
  session: Session;
  outbox: Outbox;
  identity: I | null;
  rights: Rights;
  router: Router;
  retained: Retained;
  isOpen(): boolean;
  /** Ends the connection. */
  fail(error: Error): void;
  /** A message is done: more may be read. */
  onDone(): void;
  onPublish(publication: Publication<I>, done: (error: Error | null) => void): void;
  onRefused(action: RefusedAction): void;
}

export type Publishing = ReturnType<typeof createPublishing>;

/** Makes the way of one client's messages. */
export function createPublishing<I>(options: PublishingOptions<I>) {
  const { session, outbox, identity, router, retained, isOpen, onPublish } = options;
  const { clientId } = session;
  const memory = rememberMayPublish(options.rights);
  const hasAllRights = options.rights === allRights;
  const waiting = { messages: 0, bytes: 0 };
  /** Messages of QoS 1 and 2 that the hub was offered, and that it has answered. */
  let offered = 0;
  let answered = 0;
  /** Acknowledgements that wait for those of messages before them. */
  let late: { after: number; packet: PublishPacket }[] = [];

  /** Takes a PUBLISH; throws ProtocolViolation. */
  function take(frame: Buffer): void {
    const packet = decodePublish(frame);
    const { topic, payload, qos, retain } = packet;
    if (qos === 2 && isKnown(packet)) return;
    if (!mayPublish(packet)) {
      refuse(packet);
      return;
    }
    if (qos === 2) session.noteReceived(packet.messageId);
    if (qos > 0) offered++;
    waiting.messages++;
    waiting.bytes += frame.length;
    onPublish({ topic, payload, qos, retain, identity, clientId }, (error) => answer(packet, frame, error));
  }

  /** A message of QoS 2 that was sent before [MQTT-4.3.3-2]. The first one's answer is this one's too. */
  function isKnown(packet: PublishPacket): boolean {
    const state = session.received.get(packet.messageId);
    if (state === "taken") acknowledgeInTurn(packet);
    return state !== undefined;
  }

  function mayPublish({ topic, retain }: PublishPacket): boolean {
    if (topic.startsWith("$SYS/")) return false;
    return hasAllRights || memory === null || memory.mayPublish(topic, retain);
  }

  /** Acknowledged and dropped: a meter would send it again for ever [section 3.3.5]. */
  function refuse(packet: PublishPacket): void {
    options.onRefused({ action: "publish", topic: packet.topic });
    if (packet.qos === 0) return;
    if (packet.qos === 2) {
      session.noteReceived(packet.messageId);
      session.settleReceived(packet.messageId, true);
    }
    acknowledgeInTurn(packet);
  }

  /** The hub has taken it, so subscribers get it even when its sender has left. */
  function answer(packet: PublishPacket, frame: Buffer, error: Error | null): void {
    waiting.messages--;
    waiting.bytes -= frame.length;
    if (packet.qos > 0) answered++;
    if (packet.qos === 2) session.settleReceived(packet.messageId, !error);
    if (error) {
      if (isOpen()) options.fail(error);
      return;
    }
    forward(packet, frame);
    if (packet.qos > 0) acknowledge(packet);
    if (late.length > 0) acknowledgeLate();
    options.onDone();
  }

  function forward(packet: PublishPacket, frame: Buffer): void {
    if (options.rights.isMuted) return;
    if (packet.retain) retained.set(packet.topic, packet);
    // A message of QoS 0 leaves as it came, byte by byte.
    router.deliver(packet, session, isPlain(frame) ? frame : null);
  }

  function acknowledge({ qos, messageId }: PublishPacket): void {
    if (isOpen()) outbox.acknowledge(qos === 1 ? packetType.puback : packetType.pubrec, messageId);
  }

  /** In the order of the messages [MQTT-4.6.0-2, MQTT-4.6.0-3]. */
  function acknowledgeInTurn(packet: PublishPacket): void {
    if (answered === offered) acknowledge(packet);
    else late.push({ after: offered, packet });
  }

  function acknowledgeLate(): void {
    const count = late.findIndex(({ after }) => after > answered);
    const due = late.splice(0, count < 0 ? late.length : count);
    for (const { packet } of due) acknowledge(packet);
  }

  return {
    take,
    /** Takes a PUBREL; an unknown id is answered too, as its PUBCOMP may have been lost. */
    release(messageId: number): void {
      session.forgetReceived(messageId);
      outbox.acknowledge(packetType.pubcomp, messageId);
    },
    forgetRights: () => memory?.forget(),
    isFull: () => waiting.messages + late.length >= mostWaiting || waiting.bytes >= mostWaitingBytes,
    /** Nothing is acknowledged any more. */
    close(): void {
      late = [];
    },
  };
}

/** True for a PUBLISH of QoS 0 without any flag, whose length is written in the shortest form. */
function isPlain(frame: Buffer): boolean {
  if (frame[0] !== packetType.publish << 4) return false;
  return (frame[1] as number) < 0x80 || frame[bodyStart(frame) - 1] !== 0;
}
