/** MQTT 3.1.1 packets as bytes: where one ends and the next begins, and PUBLISH and PUBACK, which make up the traffic. */

const publishType = 3;
const pubackHeader = [0x40, 0x02] as const;

export interface PublishPacket {
  topic: string;
  /** A view of the frame. */
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** 0 for QoS 0, which has none. */
  messageId: number;
}

/** Cuts the bytes of a connection into packets. */
export interface Frames {
  /** Takes what arrived and calls `onFrame` with each packet that is complete. */
  push(chunk: Buffer): void;
}

export interface FramesOptions {
  /** A longer packet is refused: an unfinished one is kept in memory. */
  maxBytes: number;
  /** A whole packet; a view of what arrived, except for a packet that came in pieces. */
  onFrame(frame: Buffer): void;
  /** The bytes are no MQTT, or too many; nothing after them can be read. */
  onBroken(reason: string): void;
  /** False once nothing more is wanted: the rest of what arrived is dropped. */
  isOpen(): boolean;
}

/** A fixed header takes two to five bytes: type and flags, then the length in one to four [section 2.2.3]. */
const longestHeader = 5;

/** Makes a cutter for one connection. */
export function createFrames(options: FramesOptions): Frames {
  /** The beginning of a packet whose end has not arrived. */
  let pieces: Buffer[] = [];
  let piecesBytes = 0;
  let neededBytes = 0;

  function push(chunk: Buffer): void {
    let rest = chunk;
    while (piecesBytes > 0 && rest.length > 0) rest = complete(rest);
    cut(rest);
  }

  /** Adds to the packet that came in pieces what it needs, and no more: the packets behind it are not copied. */
  function complete(chunk: Buffer): Buffer {
    const taken = chunk.subarray(0, neededBytes - piecesBytes);
    pieces.push(taken);
    piecesBytes += taken.length;
    if (piecesBytes >= neededBytes) {
      const whole = Buffer.concat(pieces, piecesBytes);
      pieces = [];
      piecesBytes = 0;
      cut(whole);
    }
    return chunk.subarray(taken.length);
  }

  function cut(bytes: Buffer): void {
    let start = 0;
    while (start < bytes.length && options.isOpen()) {
      const end = frameEnd(bytes, start);
      if (end === malformed) {
        options.onBroken("the length of a packet is malformed");
        return;
      }
      if (end - start > options.maxBytes) {
        options.onBroken(`a packet has more than ${options.maxBytes} bytes`);
        return;
      }
      if (end === unknown || end > bytes.length) {
        keep(bytes.subarray(start), end - start);
        return;
      }
      options.onFrame(bytes.subarray(start, end));
      start = end;
    }
  }

  function keep(rest: Buffer, frameBytes: number): void {
    // A copy, so that a few bytes do not keep a whole read in memory.
    pieces = [Buffer.from(rest)];
    piecesBytes = rest.length;
    // While the header is not complete, each byte may be its last.
    neededBytes = Math.max(frameBytes, piecesBytes + 1);
  }

  return { push };
}

const unknown = -1;
const malformed = -2;

/** Where the packet ends that begins at `start`; `unknown` while its header is not complete. */
function frameEnd(bytes: Buffer, start: number): number {
  let length = 0;
  for (let at = start + 1, shift = 0; at < start + longestHeader; at++, shift += 7) {
    if (at >= bytes.length) return unknown;
    const byte = bytes[at] as number;
    length += (byte & 0x7f) << shift;
    if (byte < 0x80) return at + 1 + length;
  }
  return malformed;
}

/** Reads a PUBLISH; null when the packet is another one, or not well-formed. */
export function decodePublish(frame: Buffer): PublishPacket | null {
  const header = frame[0] as number;
  const qos = (header >> 1) & 3;
  if (header >> 4 !== publishType || qos === 3) return null;
  let at = 1;
  while ((frame[at++] as number) >= 0x80);
  if (at + 2 > frame.length) return null;
  const topicEnd = at + 2 + (((frame[at] as number) << 8) | (frame[at + 1] as number));
  const payloadStart = qos === 0 ? topicEnd : topicEnd + 2;
  if (payloadStart > frame.length) return null;
  const messageId = qos === 0 ? 0 : frame.readUInt16BE(topicEnd);
  return {
    topic: frame.toString("utf8", at + 2, topicEnd),
    payload: frame.subarray(payloadStart),
    qos: qos as 0 | 1 | 2,
    retain: (header & 1) === 1,
    messageId,
  };
}

/** A PUBLISH of QoS 0 that is not retained, as subscribers get it. */
export function encodePublish(topic: string, payload: Uint8Array): Buffer {
  const topicBytes = Buffer.from(topic);
  const length = 2 + topicBytes.length + payload.length;
  const header = [publishType << 4, ...lengthBytes(length), topicBytes.length >> 8, topicBytes.length & 0xff];
  return Buffer.concat([Buffer.from(header), topicBytes, payload]);
}

function lengthBytes(length: number): number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...lengthBytes(length >> 7)];
}

/** The acknowledgements of these messages, in their order. */
export function encodePubacks(messageIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(messageIds.length * 4);
  let at = 0;
  for (const id of messageIds) {
    bytes[at++] = pubackHeader[0];
    bytes[at++] = pubackHeader[1];
    bytes[at++] = id >> 8;
    bytes[at++] = id & 0xff;
  }
  return bytes;
}
