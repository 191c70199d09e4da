import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { seal, segmentBytes, tagBytes, unseal } from "./segments.ts";

const key = Buffer.alloc(32, 7);
const header = Buffer.from("header");

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function joined(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks));
}

const sealed = (plain: Buffer) => joined(seal(inPieces(plain, 10_000), key, header));
const unsealed = (bytes: Buffer, associated = header) => joined(unseal(inPieces(bytes, 30_000), key, associated));
const damage = expect.objectContaining({ code: "BACKUP_DAMAGED" });

describe("a sealed stream", () => {
  test.each([0, 1, segmentBytes - 1, segmentBytes, segmentBytes + 1, 3 * segmentBytes, 200_000])(
    "of %d bytes is the same when unsealed, and longer by a tag a segment",
    async (size) => {
      const plain = randomBytes(size);
      const bytes = await sealed(plain);
      expect(bytes.length).toBe(size + tagBytes * Math.max(1, Math.ceil(size / segmentBytes)));
      expect((await unsealed(bytes)).equals(plain)).toBe(true);
    },
  );

  test("has no two segments alike, though their plain text is", async () => {
    const bytes = await sealed(Buffer.alloc(2 * segmentBytes));
    const size = segmentBytes + tagBytes;
    expect(bytes.subarray(0, size).equals(bytes.subarray(size))).toBe(false);
  });
});

describe("a sealed stream is refused", () => {
  const size = segmentBytes + tagBytes;

  test("when it is cut, wherever that is", async () => {
    const bytes = await sealed(randomBytes(3 * segmentBytes + 500));
    const cuts = [0, 1, tagBytes, size - 1, size, size + 1, 2 * size, 3 * size, 3 * size + tagBytes, bytes.length - 1];
    for (const cut of cuts) await expect(unsealed(bytes.subarray(0, cut)), `${cut}`).rejects.toEqual(damage);
  });

  test("when something follows it", async () => {
    for (const plain of [randomBytes(100), randomBytes(segmentBytes)]) {
      const bytes = await sealed(plain);
      for (const more of [Buffer.alloc(1), bytes]) {
        await expect(unsealed(Buffer.concat([bytes, more]))).rejects.toEqual(damage);
      }
    }
  });

  test("when segments are swapped, left out or come twice", async () => {
    const bytes = await sealed(randomBytes(3 * segmentBytes));
    const part = (index: number) => bytes.subarray(index * size, (index + 1) * size);
    for (const order of [
      [1, 0, 2],
      [0, 2, 1],
      [0, 2],
      [1, 2],
      [0, 1, 1, 2],
    ]) {
      await expect(unsealed(Buffer.concat(order.map(part))), `${order}`).rejects.toEqual(damage);
    }
  });

  test("when a bit is changed, in a segment, in a tag or in the header", async () => {
    const bytes = await sealed(randomBytes(segmentBytes + 50));
    for (const at of [0, segmentBytes, size - 1, size, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      await expect(unsealed(changed), `${at}`).rejects.toEqual(damage);
    }
    await expect(unsealed(bytes, Buffer.from("Header"))).rejects.toEqual(damage);
  });
});
