/** PUBLISH, which makes up the traffic, and what the broker writes: MQTT 3.1.1 packets as bytes [section 3]. */
import { checkTopicName, decodeText, mostTopicLevels } from "./text.ts";
import { ProtocolViolation } from "./violation.ts";

/** Packet types, the upper half of a packet's first byte [table 2.1]. */
export const packetType = {
  ...{ connect: 1, connack: 2, publish: 3, puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7 },
  ...{ subscribe: 8, suback: 9, unsubscribe: 10, unsuback: 11, pingreq: 12, disconnect: 14 },
} as const;

export interface PublishPacket {
  topic: string;
  /** A view of the frame. */
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** 0 for QoS 0, which has none. */
  messageId: number;
}

const slash = 0x2f;
const plus = 0x2b;
const hash = 0x23;

/** Where what follows the fixed header of a whole packet begins. */
export function bodyStart(frame: Buffer): number {
  let at = 1;
  while ((frame[at++] as number) >= 0x80);
  return at;
}

/** Reads a PUBLISH; throws ProtocolViolation. */
export function decodePublish(frame: Buffer): PublishPacket {
  const header = frame[0] as number;
  const qos = (header >> 1) & 3;
  if (qos === 3) throw new ProtocolViolation("a message has QoS 3"); // [MQTT-3.3.1-4]
  if (qos === 0 && header & 8) throw new ProtocolViolation("a message of QoS 0 is marked as sent again"); // [MQTT-3.3.1-2]
  const at = bodyStart(frame);
  const topicEnd = at + 2 + (((frame[at] as number) << 8) | (frame[at + 1] as number));
  const payloadStart = qos === 0 ? topicEnd : topicEnd + 2;
  // Not written as "greater": the length of a topic that is not there is no number.
  if (!(at + 2 <= frame.length && payloadStart <= frame.length)) throw new ProtocolViolation("a message is cut off");
  const messageId = qos === 0 ? 0 : frame.readUInt16BE(topicEnd);
  if (qos > 0 && messageId === 0) throw new ProtocolViolation("a message has the id 0"); // [MQTT-2.3.1-1]
  return {
    topic: readTopic(frame, at + 2, topicEnd),
    payload: frame.subarray(payloadStart),
    qos: qos as 0 | 1 | 2,
    retain: (header & 1) === 1,
    messageId,
  };
}

/** One look at each byte of a plain topic; what is not plain is looked at closely. */
function readTopic(frame: Buffer, start: number, end: number): string {
  let levels = 1;
  for (let at = start; at < end; at++) {
    const byte = frame[at] as number;
    if (byte < 0x20 || byte > 0x7e || byte === plus || byte === hash) return readRareTopic(frame, start, end);
    if (byte === slash) levels++;
  }
  if (start === end || levels > mostTopicLevels) return readRareTopic(frame, start, end);
  return frame.toString("latin1", start, end);
}

function readRareTopic(frame: Buffer, start: number, end: number): string {
  const topic = decodeText(frame.subarray(start, end));
  checkTopicName(topic);
  return topic;
}

export interface OutgoingPublish {
  topic: string;
  payload: Uint8Array;
  qos?: 0 | 1 | 2;
  retain?: boolean;
  /** Sent before [MQTT-3.3.1-1]. */
  isDuplicate?: boolean;
  /** For QoS 1 and 2. */
  messageId?: number;
}

/** A PUBLISH; without more than topic and payload one of QoS 0 that is not retained. */
export function encodePublish(packet: OutgoingPublish): Buffer {
  const { topic, payload, qos = 0, retain = false, isDuplicate = false, messageId = 0 } = packet;
  const topicBytes = Buffer.from(topic);
  const id = qos > 0 ? [messageId >> 8, messageId & 0xff] : [];
  const first = (packetType.publish << 4) | (isDuplicate ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const length = 2 + topicBytes.length + id.length + payload.length;
  const header = [first, ...lengthBytes(length), topicBytes.length >> 8, topicBytes.length & 0xff];
  return Buffer.concat([Buffer.from(header), topicBytes, Buffer.from(id), payload]);
}

function lengthBytes(length: number): number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...lengthBytes(length >> 7)];
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK of a message id, as one number; `encodeAcks` makes bytes of many. */
export function ackOf(type: number, messageId: number): number {
  return (type << 16) | messageId;
}

/** Acknowledgements in their order. */
export function encodeAcks(acks: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(acks.length * 4);
  let at = 0;
  for (const ack of acks) {
    const type = ack >> 16;
    bytes[at++] = (type << 4) | (type === packetType.pubrel ? 2 : 0); // [MQTT-3.6.1-1]
    bytes[at++] = 2;
    bytes[at++] = (ack >> 8) & 0xff;
    bytes[at++] = ack & 0xff;
  }
  return bytes;
}

export const subscriptionRefused = 0x80;

/** One code for each filter, in the order of the SUBSCRIBE [MQTT-3.8.4-5]. */
export function encodeSuback(messageId: number, codes: readonly number[]): Buffer {
  const header = [packetType.suback << 4, ...lengthBytes(2 + codes.length), messageId >> 8, messageId & 0xff];
  return Buffer.from([...header, ...codes]);
}

/** A CONNACK that refuses [table 3.1]. */
export function encodeRefusal(code: 1 | 2 | 3 | 4 | 5): Buffer {
  return Buffer.from([packetType.connack << 4, 2, 0, code]);
}

export const refusalUnavailable = encodeRefusal(3);

/** Tells a client of MQTT 5 in its own language that the version is not spoken here [MQTT 5, table 3-1]. */
export const refusalOfMqtt5 = Buffer.from([packetType.connack << 4, 3, 0, 0x84, 0]);

export const pingResponse = Buffer.from([0xd0, 0]);
