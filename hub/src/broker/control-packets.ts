/** The rarer packets of clients, read strictly: what breaks a rule of MQTT 3.1.1 throws ProtocolViolation. */
import type { Will } from "./admission.ts";
import { bodyStart, packetType } from "./packets.ts";
import { checkTopicFilter, checkTopicName, decodeText } from "./text.ts";
import { ProtocolViolation } from "./violation.ts";

export interface ConnectPacket {
  clientId: string;
  username: string | null;
  password: Buffer | null;
  will: Will | null;
  isClean: boolean;
  keepaliveS: number;
  protocolLevel: 3 | 4;
  /** Marks the connection of another broker, which wants no message back and messages with their retain flag. */
  isBridge: boolean;
  /** Where in the frame the connect flags are; keep-alive follows. */
  flagsAt: number;
}

export interface SubscribePacket {
  messageId: number;
  subscriptions: { filter: string; qos: 0 | 1 | 2 }[];
}

/** Reads the fields of a packet in turn. */
function readerOf(frame: Buffer, start = bodyStart(frame)) {
  let at = start;

  function take(bytes: number): Buffer {
    if (at + bytes > frame.length) throw new ProtocolViolation("a packet is cut off");
    at += bytes;
    return frame.subarray(at - bytes, at);
  }
  const byte = () => take(1)[0] as number;
  const number = () => take(2).readUInt16BE(0);
  const bytes = () => take(number());
  return {
    ...{ byte, number, bytes },
    text: () => decodeText(bytes()),
    position: () => at,
    isAtEnd: () => at === frame.length,
    end(): void {
      if (at !== frame.length) throw new ProtocolViolation("a packet has more bytes than it needs");
    },
    messageId(): number {
      const id = number();
      if (id === 0) throw new ProtocolViolation("a packet has the id 0"); // [MQTT-2.3.1-1]
      return id;
    },
  };
}

/** The flags of a packet's first byte that its type must have [table 2.2]. */
function checkFlags(frame: Buffer, flags: number): void {
  if (((frame[0] as number) & 0x0f) !== flags) throw new ProtocolViolation("reserved flags are wrong"); // [MQTT-2.2.2-2]
}

/** What the name and level of the protocol in a CONNECT say: MQTT 3.1 or 3.1.1, or one that is not spoken here. */
export function decodeProtocol(frame: Buffer): { level: number; isKnown: boolean; isBridge: boolean; end: number } {
  if ((frame[0] as number) >> 4 !== packetType.connect) {
    throw new ProtocolViolation("the first packet is no CONNECT"); // [MQTT-3.1.0-1]
  }
  const reader = readerOf(frame);
  const name = reader.text();
  if (name !== "MQTT" && name !== "MQIsdp") throw new ProtocolViolation("another protocol than MQTT"); // [MQTT-3.1.2-1]
  const byte = reader.byte();
  // Bridges, such as mosquitto's, set the highest bit.
  const level = byte & 0x7f;
  const isKnown = level === (name === "MQTT" ? 4 : 3);
  // MQTT 3.1 leaves these flags, and the lowest of the connect flags, to chance.
  if (level !== 3) checkFlags(frame, 0);
  return { level: isKnown ? level : byte, isKnown, isBridge: byte > 0x7f, end: reader.position() };
}

/** Reads a CONNECT of MQTT 3.1 or 3.1.1. */
export function decodeConnect(frame: Buffer): ConnectPacket {
  const { level, isBridge, end: flagsAt } = decodeProtocol(frame);
  const reader = readerOf(frame, flagsAt);
  const flags = reader.byte();
  if (level !== 3 && flags & 1) throw new ProtocolViolation("a reserved flag of CONNECT is set"); // [MQTT-3.1.2-3]
  const keepaliveS = reader.number();
  const clientId = reader.text();
  const will = readWill(flags, reader);
  const hasUsername = (flags & 0x80) !== 0;
  const hasPassword = (flags & 0x40) !== 0;
  if (hasPassword && !hasUsername) throw new ProtocolViolation("a password without user name"); // [MQTT-3.1.2-22]
  const username = hasUsername ? reader.text() : null;
  const password = hasPassword ? Buffer.from(reader.bytes()) : null;
  reader.end();
  const isClean = (flags & 2) !== 0;
  return {
    ...{ clientId, username, password, will, isClean, keepaliveS, isBridge, flagsAt },
    protocolLevel: level as 3 | 4,
  };
}

function readWill(flags: number, reader: ReturnType<typeof readerOf>): Will | null {
  const qos = (flags >> 3) & 3;
  const retain = (flags & 0x20) !== 0;
  if ((flags & 4) === 0) {
    if (qos > 0 || retain) throw new ProtocolViolation("will flags without will"); // [MQTT-3.1.2-13, MQTT-3.1.2-15]
    return null;
  }
  if (qos === 3) throw new ProtocolViolation("a will has QoS 3"); // [MQTT-3.1.2-14]
  const topic = reader.text();
  checkTopicName(topic);
  return { topic, payload: Buffer.from(reader.bytes()), qos: qos as 0 | 1 | 2, retain };
}

/** Reads a SUBSCRIBE. */
export function decodeSubscribe(frame: Buffer): SubscribePacket {
  checkFlags(frame, 2); // [MQTT-3.8.1-1]
  const reader = readerOf(frame);
  const messageId = reader.messageId();
  const subscriptions: SubscribePacket["subscriptions"] = [];
  do {
    const filter = reader.text();
    checkTopicFilter(filter);
    const qos = reader.byte();
    if (qos > 2) throw new ProtocolViolation("a subscription has no QoS of 0 to 2"); // [MQTT-3.8.3-4]
    subscriptions.push({ filter, qos: qos as 0 | 1 | 2 });
  } while (!reader.isAtEnd()); // at least one [MQTT-3.8.3-3]
  return { messageId, subscriptions };
}

/** Reads an UNSUBSCRIBE. */
export function decodeUnsubscribe(frame: Buffer): { messageId: number; filters: string[] } {
  checkFlags(frame, 2); // [MQTT-3.10.1-1]
  const reader = readerOf(frame);
  const messageId = reader.messageId();
  const filters: string[] = [];
  do {
    const filter = reader.text();
    checkTopicFilter(filter);
    filters.push(filter);
  } while (!reader.isAtEnd()); // at least one [MQTT-3.10.3-2]
  return { messageId, filters };
}

/** Reads the message id of a PUBACK, PUBREC, PUBREL or PUBCOMP. */
export function decodeAck(frame: Buffer): number {
  checkFlags(frame, (frame[0] as number) >> 4 === packetType.pubrel ? 2 : 0); // [MQTT-3.6.1-1]
  const reader = readerOf(frame);
  const messageId = reader.messageId();
  reader.end();
  return messageId;
}

/** PINGREQ and DISCONNECT are nothing but their type. */
export function checkEmpty(frame: Buffer): void {
  checkFlags(frame, 0); // [MQTT-3.14.1-1]
  readerOf(frame).end();
}
