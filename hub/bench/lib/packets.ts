/** MQTT 3.1.1 packets as bytes, without a client library: the load must cost less than what it measures. */

/** The first byte of packets that the benchmarks look at; the lower half of a PUBLISH holds its flags. */
export const packetType = { connack: 0x20, publish: 0x30, puback: 0x40, suback: 0x90 } as const;

/** A CONNECT with a clean session and no keep-alive, which a load in bursts could not hold. */
export function connectPacket(clientId: string): Buffer {
  const header = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0]); // "MQTT", level 4, clean session
  return packet(0x10, [header, string(clientId)]);
}

/** A PUBLISH; QoS 1 when it has a packet id. */
export function publishPacket(topic: string, payload: string, packetId?: number): Buffer {
  if (packetId === undefined) return packet(packetType.publish, [string(topic), Buffer.from(payload)]);
  return packet(packetType.publish | 2, [string(topic), twoBytes(packetId), Buffer.from(payload)]);
}

/** A SUBSCRIBE with packet id 1. */
export function subscribePacket(filter: string, qos: 0 | 1): Buffer {
  return packet(0x82, [twoBytes(1), string(filter), Buffer.from([qos])]);
}

/** The PUBACK of a QoS 1 message. */
export function pubackPacket(packetId: number): Buffer {
  return packet(packetType.puback, [twoBytes(packetId)]);
}

/** Where the parts of a PUBLISH lie in its bytes, of which `start` is the first after the fixed header. */
export function publishParts(firstByte: number, bytes: Buffer, start: number) {
  const topicEnd = start + 2 + bytes.readUInt16BE(start);
  const isAcknowledged = (firstByte & 0x06) !== 0;
  const packetId = isAcknowledged ? bytes.readUInt16BE(topicEnd) : null;
  return { topicStart: start + 2, topicEnd, payloadStart: topicEnd + (isAcknowledged ? 2 : 0), packetId };
}

/** Called for each whole packet, whose body is `bytes` from `start` to `end`. */
export type OnPacket = (firstByte: number, bytes: Buffer, start: number, end: number) => void;

/** Takes a stream's chunks and calls back for each packet in it. */
export function createPacketReader(onPacket: OnPacket): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let body = bodyOf(bytes, at); body; body = bodyOf(bytes, at)) {
      onPacket(bytes[at]!, bytes, body.start, body.end);
      at = body.end;
    }
    rest = bytes.subarray(at);
  };
}

/** Where the body of the packet at `at` lies, or null when it is not whole; MQTT 3.1.1, 2.2.3. */
function bodyOf(bytes: Buffer, at: number): { start: number; end: number } | null {
  let length = 0;
  for (let index = at + 1, shift = 0; index < bytes.length; index += 1, shift += 7) {
    const byte = bytes[index]!;
    length += (byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    const start = index + 1;
    return start + length <= bytes.length ? { start, end: start + length } : null;
  }
  return null;
}

function packet(firstByte: number, parts: readonly Buffer[]): Buffer {
  let length = parts.reduce((sum, part) => sum + part.length, 0);
  const header = [firstByte];
  do {
    const rest = length >> 7;
    header.push((length & 0x7f) | (rest > 0 ? 0x80 : 0));
    length = rest;
  } while (length > 0);
  return Buffer.concat([Buffer.from(header), ...parts]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([twoBytes(bytes.length), bytes]);
}

function twoBytes(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
