/**
 * Authenticated encryption of a stream, by segments: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár,
 * "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (CRYPTO 2015, eprint.iacr.org/2015/189).
 * Segment size and nonces are those of age (age-encryption.org/v1, "Payload"); the cipher is AES-256-GCM.
 * A segment decrypts only in its own place, and only the last one as the last: so nothing can be cut off, added,
 * swapped or left out unnoticed, and nothing is given out that has not been checked.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { damagedArchive } from "./errors.ts";

/** Bytes of plain text in each segment but the last, which has fewer or as many. */
export const segmentBytes = 65_536;
/** Bytes of the tag at the end of each segment. */
export const tagBytes = 16;

const cipherName = "aes-256-gcm";

type Bytes = AsyncIterable<Uint8Array>;

/** Encrypts; every segment is bound to `associatedData`. The key must never be used for another stream. */
export async function* seal(plain: Bytes, key: Buffer, associatedData: Buffer): AsyncGenerator<Buffer> {
  for await (const { bytes, index, isLast } of blocksOf(plain, segmentBytes)) {
    const cipher = createCipheriv(cipherName, key, nonce(index, isLast));
    cipher.setAAD(associatedData);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Decrypts what `seal` made. Throws HubError BACKUP_DAMAGED at the first segment that is not as it was sealed. */
export async function* unseal(sealed: Bytes, key: Buffer, associatedData: Buffer): AsyncGenerator<Buffer> {
  for await (const { bytes, index, isLast } of blocksOf(sealed, segmentBytes + tagBytes)) {
    if (bytes.length < tagBytes) throw damagedArchive("its end is missing");
    const decipher = createDecipheriv(cipherName, key, nonce(index, isLast), { authTagLength: tagBytes });
    decipher.setAAD(associatedData);
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const plain = decipher.update(bytes.subarray(0, -tagBytes));
    try {
      decipher.final();
    } catch (cause) {
      throw damagedArchive(isLast ? "its end is missing or changed" : `segment ${index} is changed`, cause);
    }
    yield plain;
  }
}

/** An 11-byte big-endian counter and a byte that is 1 in the last segment: unique under a key. */
function nonce(index: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(index, 5, 6);
  bytes[11] = isLast ? 1 : 0;
  return bytes;
}

/** Cuts a stream into blocks of `size` bytes; the last one is what is left, and is empty only when the stream is. */
async function* blocksOf(
  source: Bytes,
  size: number,
): AsyncGenerator<{ bytes: Buffer; index: number; isLast: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  let index = 0;
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    // A full block may be the last one: it waits for the byte after it.
    for (; rest.length - at > size; at += size) {
      yield { bytes: rest.subarray(at, at + size), index: index++, isLast: false };
    }
    rest = rest.subarray(at);
  }
  yield { bytes: rest, index, isLast: true };
}
