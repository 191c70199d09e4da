/**
 * Numbers as a token, which is coded by its frequency, and bits that are written as they are: small numbers are their
 * own tokens, larger ones share one by their two highest bits.
 */

/** Numbers below are tokens themselves. */
const small = 16;
const smallBits = 4;
/** For numbers below 2^32. */
export const tokenCount = small + (32 - smallBits) * 2;

export function tokenOf(value: number): number {
  if (value < small) return value;
  const exponent = 31 - Math.clz32(value);
  return small + (exponent - smallBits) * 2 + ((value >>> (exponent - 1)) & 1);
}

/** How many bits of a number its token leaves open. */
export function extraBitsOf(token: number): number {
  return token < small ? 0 : ((token - small) >>> 1) + smallBits - 1;
}

/** The bits of a number that its token leaves open. */
export function extraOf(value: number, bits: number): number {
  return value & ((1 << bits) - 1);
}

/** The number of a token and its open bits. */
export function numberOf(token: number, extra: number): number {
  if (token < small) return token;
  return (((2 | ((token - small) & 1)) << extraBitsOf(token)) | extra) >>> 0;
}

/** Writes up to 31 bits at a time, lowest first. */
export function createBitWriter(sizeBytes: number) {
  let bytes = new Uint8Array(sizeBytes + 8);
  let length = 0;
  let waiting = 0;
  let waitingBits = 0;

  function put(byte: number): void {
    if (length === bytes.length) {
      const larger = new Uint8Array(bytes.length * 2);
      larger.set(bytes);
      bytes = larger;
    }
    bytes[length++] = byte;
  }

  return {
    write(value: number, bits: number): void {
      let rest = value;
      let left = bits;
      while (left > 0) {
        const taken = Math.min(left, 8 - waitingBits);
        waiting |= (rest & ((1 << taken) - 1)) << waitingBits;
        rest >>>= taken;
        left -= taken;
        waitingBits += taken;
        if (waitingBits < 8) break;
        put(waiting);
        waiting = 0;
        waitingBits = 0;
      }
    },
    bytes(): Uint8Array {
      if (waitingBits > 0) put(waiting);
      waitingBits = 0;
      return bytes.subarray(0, length);
    },
  };
}

/** Reads what a bit writer wrote; past the end there are zeros. */
export function createBitReader(bytes: Uint8Array) {
  let at = 0;
  let waiting = 0;
  let waitingBits = 0;
  return {
    read(bits: number): number {
      let value = 0;
      let have = 0;
      while (have < bits) {
        if (waitingBits === 0) {
          waiting = bytes[at++] ?? 0;
          waitingBits = 8;
        }
        const taken = Math.min(bits - have, waitingBits);
        value |= (waiting & ((1 << taken) - 1)) << have;
        waiting >>>= taken;
        waitingBits -= taken;
        have += taken;
      }
      return value >>> 0;
    },
  };
}
