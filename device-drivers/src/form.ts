/** The form of a JSON payload: all its bytes but some numbers and texts of times, which are its slots. */
import { asciiText, backslash, beginsNumber, quoteMark } from "./ascii.ts";
import { readJsonNumber } from "./json-number.ts";
import { isIsoTime } from "./time.ts";

/** Where messages of one form differ: from the byte `start` up to the byte before `end`. */
export interface FormSlot {
  start: number;
  end: number;
  /** A JSON number, or a JSON string, with its quote marks, that holds a time. */
  kind: "number" | "time";
}

/** No meter sends so many values; a payload with more is made to overwhelm. */
const mostSlots = 1000;

/** All numbers and times in a payload; null when it is not JSON for sure, or has too many of them. */
export function slotsOf(payload: Uint8Array): readonly FormSlot[] | null {
  const slots: FormSlot[] = [];
  let at = 0;
  while (at < payload.length) {
    const token = tokenAt(payload, at);
    if (token === null || slots.length === mostSlots) return null;
    const { kind, end } = token;
    if (kind !== "other") slots.push({ start: at, end, kind });
    at = end;
  }
  return slots;
}

/** Copies of the bytes before the first slot, between each two slots, and after the last one. */
export function literalsOf(payload: Uint8Array, slots: readonly FormSlot[]): Uint8Array[] {
  const starts = [0, ...slots.map(({ end }) => end)];
  const ends = [...slots.map(({ start }) => start), payload.length];
  return starts.map((start, i) => new Uint8Array(payload.subarray(start, ends[i])));
}

interface Token {
  kind: FormSlot["kind"] | "other";
  end: number;
}

/** The string or number that begins here, or else the byte; null when what begins here is broken. */
function tokenAt(payload: Uint8Array, at: number): Token | null {
  const byte = payload[at]!;
  if (beginsNumber(byte)) {
    const end = readJsonNumber(payload, at, new Float64Array(1), 0);
    return end === -1 ? null : { kind: "number", end };
  }
  if (byte !== quoteMark) return { kind: "other", end: at + 1 };
  const end = endOfString(payload, at);
  if (end === -1) return null;
  return { kind: isIsoTime(asciiText(payload, at + 1, end - 1)) ? "time" : "other", end };
}

/** Where the string that begins at `start` ends; -1 when it does not. In UTF-8 no other character has that byte. */
function endOfString(payload: Uint8Array, start: number): number {
  for (let at = start + 1; at < payload.length; at++) {
    if (payload[at] === quoteMark) return at + 1;
    if (payload[at] === backslash) at++;
  }
  return -1;
}
