/** DER, the encoding of certificates (ITU-T X.690): what is needed to write them and to read a signing request. */

export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element of a tag and what it contains. */
export function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = minimal(Buffer.from(length.toString(16).padStart(8, "0"), "hex"));
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function minimal(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(-1) : bytes.subarray(first);
}

export const sequence = (...contents: Uint8Array[]): Buffer => element(tags.sequence, ...contents);
export const set = (...contents: Uint8Array[]): Buffer => element(tags.set, ...contents);
export const octets = (content: Uint8Array): Buffer => element(tags.octetString, content);
export const bits = (content: Uint8Array): Buffer => element(tags.bitString, Buffer.from([0]), content);
export const yes: Buffer = Buffer.from([0x01, 0x01, 0xff]);

/** A non-negative whole number of any size, given as its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const least = minimal(Buffer.from(bytes));
  return element(tags.integer, (least[0] as number) & 0x80 ? Buffer.from([0]) : Buffer.alloc(0), least);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number) as [number, number, ...number[]];
  return element(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** A time to the second: UTCTime until 2049 and GeneralizedTime from then on, RFC 5280 section 4.1.2.5. */
export function time(timeMs: number): Buffer {
  const digits = new Date(timeMs).toISOString().replace(/\.\d+/, "").replace(/[-:T]/g, "");
  const isLate = Number(digits.slice(0, 4)) >= 2050;
  return element(isLate ? tags.generalizedTime : tags.utcTime, Buffer.from(isLate ? digits : digits.slice(2)));
}

export interface Element {
  tag: number;
  content: Buffer;
  /** Tag, length and content. */
  whole: Buffer;
}

/** The elements that lie behind each other in `bytes`. Throws RangeError when that is not DER. */
export function readElements(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { contentAt, end } = readHead(bytes, at);
    elements.push({
      tag: bytes[at] as number,
      content: bytes.subarray(contentAt, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return elements;
}

function readHead(bytes: Buffer, at: number): { contentAt: number; end: number } {
  const first = bytes[at + 1];
  if (first === undefined) throw new RangeError("DER ends within an element");
  const width = first < 0x80 ? 0 : first & 0x7f;
  // Longer lengths than three bytes, and the indefinite form, have no place in what the hub reads.
  if (first === 0x80 || width > 3 || at + 2 + width > bytes.length) throw new RangeError("A length is not DER");
  const length = width === 0 ? first : bytes.readUIntBE(at + 2, width);
  if (width > 0 && length < (width === 1 ? 0x80 : 256 ** (width - 1))) throw new RangeError("A length is not DER");
  const contentAt = at + 2 + width;
  if (contentAt + length > bytes.length) throw new RangeError("DER ends within an element");
  return { contentAt, end: contentAt + length };
}
