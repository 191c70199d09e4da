/** The first packet of a connection: is it a CONNECT that is understood, and may the client stay? */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import {
  type Admission,
  allRights,
  type ConnectRequest,
  type Refusal,
  type Rights,
  type Transport,
} from "./admission.ts";
import { type ConnectPacket, decodeConnect, decodeProtocol } from "./control-packets.ts";
import { encodeRefusal, refusalOfMqtt5 } from "./packets.ts";

/** An MQTT client of a version that is not spoken here. */
export interface UnsupportedClient {
  remoteAddress: string | null;
  protocolLevel: number;
}

/** Where a connection comes from. */
export interface Origin {
  conn: Duplex;
  transport: Transport;
  remoteAddress: string | null;
  request: IncomingMessage | null;
}

export type Handshake<I> =
  | { packet: ConnectPacket; identity: I | null; rights: Rights; isClean: boolean }
  | { answer: Buffer; why: string; unsupported?: UnsupportedClient };

type Admit<I> = (request: ConnectRequest) => Admission<I> | Promise<Admission<I>>;

/** The codes of CONNACK [table 3.1]. */
const codes = { identifier: 2, unavailable: 3, credentials: 4, not_authorized: 5 } as const;
const mqtt5 = 5;

/** Reads a CONNECT and asks whether its client may stay. Throws ProtocolViolation; rejects with what `admit` throws. */
export async function shakeHands<I>(frame: Buffer, origin: Origin, admit: Admit<I> | undefined): Promise<Handshake<I>> {
  const { level, isKnown } = decodeProtocol(frame);
  if (!isKnown) return unsupported(level, origin);
  const packet = decodeConnect(frame);
  // MQTT 3.1 has no empty ids; in 3.1.1 they are for clean sessions [MQTT-3.1.3-8].
  if (packet.clientId === "" && (!packet.isClean || packet.protocolLevel === 3)) {
    return refusal("identifier", "it gives no client id");
  }
  if (packet.will?.topic.startsWith("$SYS/")) return refusal("not_authorized", "its will is on a topic of the broker");
  if (!admit) return { packet, identity: null, rights: allRights, isClean: packet.isClean };
  const admission = await admit(requestOf(packet, origin));
  if ("refused" in admission) return refusal(admission.refused, admission.why);
  const { identity, rights, keepsSession } = admission;
  if (packet.will && !rights.mayPublish(packet.will.topic, packet.will.retain)) {
    return refusal("not_authorized", `it may not publish its will on ${packet.will.topic}`);
  }
  return { packet, identity, rights, isClean: packet.isClean || !keepsSession };
}

function refusal(reason: Refusal, why: string): { answer: Buffer; why: string } {
  return { answer: encodeRefusal(codes[reason]), why };
}

function unsupported(protocolLevel: number, { remoteAddress }: Origin) {
  const version = protocolLevel === mqtt5 ? "MQTT 5" : `MQTT with protocol level ${protocolLevel}`;
  return {
    answer: protocolLevel === mqtt5 ? refusalOfMqtt5 : encodeRefusal(1), // [MQTT-3.1.2-2]
    why: `it speaks ${version}; choose MQTT 3.1.1 in its settings`,
    unsupported: { remoteAddress, protocolLevel },
  };
}

function requestOf(packet: ConnectPacket, { conn, transport, remoteAddress, request }: Origin): ConnectRequest {
  const { clientId, username, password, will, isClean } = packet;
  return {
    ...{ clientId, username, password, will, isClean },
    ...{ transport, remoteAddress, request },
    tlsSocket: conn instanceof TLSSocket ? conn : null,
  };
}

/** The CONNECT as Aedes gets it: with the session and the keep-alive that were decided on. */
export function rewriteConnect(
  frame: Buffer,
  packet: ConnectPacket,
  isClean: boolean,
  keepaliveOfNoneS: number,
): Buffer {
  const copy = Buffer.from(frame);
  const cleanFlag = 2;
  if (isClean) copy[packet.flagsAt] = (copy[packet.flagsAt] as number) | cleanFlag;
  // The flags that MQTT 3.1 leaves to chance.
  copy[0] = 0x10;
  copy[packet.flagsAt] = (copy[packet.flagsAt] as number) & ~1;
  if (packet.keepaliveS === 0) copy.writeUInt16BE(keepaliveOfNoneS, packet.flagsAt + 1);
  return copy;
}
