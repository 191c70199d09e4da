/** Numbers of any width in bits, low bits first: the same bytes on every machine. */

/** What `createBitWriter` returns. */
export type BitWriter = ReturnType<typeof createBitWriter>;
/** What `createBitReader` returns. */
export type BitReader = ReturnType<typeof createBitReader>;

/** The most bits that one step moves: with up to 7 bits left from before they still fit 31 bits. */
const stepBits = 24;
const stepScale = 2 ** stepBits;
/** In so many bits a number of up to 53 says how many it has. */
const sizeBits = 6;

/** Writes numbers one after the other; the last byte is filled up with zeros. */
export function createBitWriter() {
  let buffer = new Uint8Array(64);
  let at = 0;
  let pending = 0;
  let pendingBits = 0;

  function emit(byte: number): void {
    if (at === buffer.length) {
      const larger = new Uint8Array(buffer.length * 2 + 1);
      larger.set(buffer);
      buffer = larger;
    }
    buffer[at++] = byte;
  }

  /** A whole number from 0 to 2^bits - 1, with at most 53 bits. */
  function write(value: number, bits: number): void {
    if (bits > stepBits) {
      write(value % stepScale, stepBits);
      write(Math.floor(value / stepScale), bits - stepBits);
      return;
    }
    pending |= value << pendingBits;
    pendingBits += bits;
    while (pendingBits >= 8) {
      emit(pending & 255);
      pending >>>= 8;
      pendingBits -= 8;
    }
  }

  /** A whole number from 1 on, small ones in few bits: Elias gamma code (Elias, 1975). */
  function gamma(value: number): void {
    const bits = bitLength(value) - 1;
    write(0, bits);
    write(1, 1);
    write(value - 2 ** bits, bits);
  }

  return {
    write,
    gamma,
    /** A whole number from 0 to 2^53 of any size: how many bits it has, then these. */
    sized(value: number): void {
      const bits = bitLength(value);
      write(bits, sizeBits);
      write(value, bits);
    },
    /** A whole number of either sign, small ones in few bits. */
    signedGamma: (value: number) => gamma(zigzag(value) + 1),
    /** Everything written, and behind it `tail`; nothing may be written afterwards. */
    end(tail: Uint8Array = new Uint8Array(0)): Uint8Array {
      if (pendingBits > 0) emit(pending);
      const result = new Uint8Array(at + tail.length);
      result.set(buffer.subarray(0, at));
      result.set(tail, at);
      return result;
    },
  };
}

/** Reads what a bit writer wrote, in the same order. Past the end it reads zeros; `check` throws then. */
export function createBitReader(bytes: Uint8Array) {
  let bitAt = 0;

  function read(bits: number): number {
    if (bits > stepBits) return read(stepBits) + stepScale * read(bits - stepBits);
    const word = wordAt(bytes, bitAt >>> 3) >>> (bitAt & 7);
    bitAt += bits;
    return word & ((1 << bits) - 1);
  }

  function gamma(): number {
    let bits = 0;
    while (read(1) === 0) if (++bits > 53) throw new RangeError("a damaged column: a number has too many bits");
    return 2 ** bits + read(bits);
  }

  return {
    read,
    gamma,
    sized: () => read(read(sizeBits)),
    signedGamma: () => unzigzag(gamma() - 1),
    /** The index of the byte behind the last one begun. */
    byteAt: () => (bitAt + 7) >>> 3,
    /** Throws a RangeError when more was read than there is up to `endByte`. */
    check(endByte = bytes.length): void {
      if (bitAt > endByte * 8) throw new RangeError("a damaged column: it ends too early");
    },
  };
}

/** The 32 bits that begin at a byte, with zeros behind the end. */
function wordAt(bytes: Uint8Array, at: number): number {
  if (at + 4 <= bytes.length) {
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }
  let word = 0;
  for (let index = at; index < bytes.length; index++) word |= bytes[index]! << (8 * (index - at));
  return word;
}

/** How many bits a whole number from 0 to 2^53 needs. */
export function bitLength(value: number): number {
  if (value < 2 ** 31) return 32 - Math.clz32(value);
  return 21 + bitLength(Math.floor(value / 2 ** 21));
}

/** Numbers of either sign as numbers from 0 on, those near zero first: 0, -1, 1, -2, 2. */
export function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** Undoes `zigzag`. */
export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
