/** Cuts the bytes of a connection into MQTT packets: where one ends and the next begins [section 2.2]. */

export interface Frames {
  /** Takes what arrived and calls `onFrame` with each packet that is complete. */
  push(chunk: Buffer): void;
}

export interface FramesOptions {
  /** A longer packet is refused as soon as its length is known: an unfinished one is kept in memory. */
  maxBytes(): number;
  /** A whole packet; a view of what arrived, except for a packet that came in pieces. */
  onFrame(frame: Buffer): void;
  /** The bytes are no MQTT, or too many; nothing after them can be read. */
  onBroken(reason: string): void;
  /** False once nothing more is wanted: the rest of what arrived is dropped. */
  isOpen(): boolean;
}

/** A fixed header takes two to five bytes: type and flags, then the length in one to four [section 2.2.3]. */
const longestHeader = 5;
const firstPieceBytes = 64;

/** Makes a cutter for one connection. */
export function createFrames(options: FramesOptions): Frames {
  /** The beginning of a packet whose end has not arrived, in a buffer that grows as the bytes come. */
  let piece = Buffer.alloc(0);
  let pieceBytes = 0;
  let neededBytes = 0;

  function push(chunk: Buffer): void {
    let rest = chunk;
    while (pieceBytes > 0 && rest.length > 0 && options.isOpen()) rest = complete(rest);
    cut(rest);
  }

  /** Adds to the packet that came in pieces what it needs, and no more: the packets behind it are not copied. */
  function complete(chunk: Buffer): Buffer {
    const taken = chunk.subarray(0, neededBytes - pieceBytes);
    append(taken);
    if (pieceBytes >= neededBytes) {
      const whole = piece.subarray(0, pieceBytes);
      piece = Buffer.alloc(0);
      pieceBytes = 0;
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
      if (end - start > options.maxBytes()) {
        options.onBroken(`a packet has more than ${options.maxBytes()} bytes`);
        return;
      }
      if (end === unknown || end > bytes.length) {
        // A copy, so that a few bytes do not keep a whole read in memory.
        append(bytes.subarray(start));
        // While the header is not complete, each byte may be its last.
        neededBytes = Math.max(end - start, pieceBytes + 1);
        return;
      }
      options.onFrame(bytes.subarray(start, end));
      start = end;
    }
  }

  function append(bytes: Buffer): void {
    const total = pieceBytes + bytes.length;
    if (total > piece.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(total, 2 * piece.length, firstPieceBytes));
      piece.copy(larger, 0, 0, pieceBytes);
      piece = larger;
    }
    bytes.copy(piece, pieceBytes);
    pieceBytes = total;
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
