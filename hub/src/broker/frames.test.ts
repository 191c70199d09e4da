import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFrames } from "./frames.ts";
import { encodePublish } from "./packets.ts";

function cutAll(chunks: readonly Buffer[], options: { maxBytes?: number; closeAfter?: number } = {}) {
  const found: Buffer[] = [];
  const broken: string[] = [];
  const frames = createFrames({
    maxBytes: () => options.maxBytes ?? 1_000_000,
    onFrame: (frame) => void found.push(Buffer.from(frame)),
    onBroken: (reason) => void broken.push(reason),
    isOpen: () => broken.length === 0 && found.length < (options.closeAfter ?? Number.POSITIVE_INFINITY),
  });
  for (const chunk of chunks) frames.push(chunk);
  return { found, broken };
}

/** Cuts bytes into chunks of these lengths, over and over. */
function chunksOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunks.at(-1)?.length ?? 1) {
    chunks.push(bytes.subarray(at, at + (lengths[chunks.length % lengths.length] ?? 1)));
  }
  return chunks;
}

describe("packets of a connection", () => {
  test("that come byte by byte take no more memory than they are long, and a little", () => {
    const packet = encodePublish({ topic: "t", payload: Buffer.alloc(200_000) });
    const before = process.memoryUsage().arrayBuffers;
    const frames = createFrames({ maxBytes: () => 1_000_000, onFrame() {}, onBroken() {}, isOpen: () => true });
    for (const byte of packet.subarray(0, -1)) frames.push(Buffer.from([byte]));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * packet.length);
  });

  test("come out whole and in order, however the bytes arrive", () => {
    const sizes = fc.array(fc.oneof(fc.nat(10), fc.nat(300), fc.integer({ min: 16_300, max: 16_500 })), {
      minLength: 1,
      maxLength: 8,
    });
    const lengths = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, lengths, (payloadSizes, chunkLengths) => {
        const packets = payloadSizes.map((size, index) =>
          encodePublish({ topic: `t/${index}`, payload: Buffer.alloc(size, index) }),
        );
        const { found, broken } = cutAll(chunksOf(Buffer.concat(packets), chunkLengths));
        expect(broken).toEqual([]);
        expect(Buffer.concat(found).equals(Buffer.concat(packets))).toBe(true);
        expect(found.map((frame) => frame.length)).toEqual(packets.map((packet) => packet.length));
      }),
      { numRuns: 60 },
    );
  });

  test("of two bytes are packets too", () => {
    expect(cutAll([Buffer.from([0xc0, 0, 0xc0, 0])]).found).toHaveLength(2);
  });

  test("that are too long are refused at their header", () => {
    const { found, broken } = cutAll([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])]);
    expect(found).toEqual([]);
    expect(broken).toEqual(["a packet has more than 1000000 bytes"]);
  });

  test("may be just as long as allowed", () => {
    const packet = encodePublish({ topic: "t", payload: Buffer.alloc(100) });
    expect(cutAll([packet], { maxBytes: packet.length }).found).toHaveLength(1);
    expect(cutAll([packet], { maxBytes: packet.length - 1 }).found).toHaveLength(0);
  });

  test("with a length of five bytes are malformed", () => {
    const { broken } = cutAll(chunksOf(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]), [1]));
    expect(broken).toEqual(["the length of a packet is malformed"]);
  });

  test("behind the end of the connection are dropped", () => {
    const ping = Buffer.from([0xc0, 0]);
    expect(cutAll([Buffer.concat([ping, ping, ping])], { closeAfter: 2 }).found).toHaveLength(2);
  });
});
