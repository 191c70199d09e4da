/** Reads the text of a time from the bytes of JSON, with the outcome of `readTime`. */
import {
  asciiText,
  backslash,
  colon,
  isDigit,
  letterT,
  letterZ,
  point,
  quoteMark,
  startsWithAt,
  zero,
} from "./ascii.ts";
import { isIsoTime, readTime } from "./time.ts";

/** Where a reader puts the epoch milliseconds; NaN when the text is a wall clock's time without zone. */
interface TimeSink {
  timeMs: number;
}

/** Reads the JSON string at `start` as a time; returns where the string ends, or -1 when it is no such time. */
export type TimeTextReader = (bytes: Uint8Array, start: number, into: TimeSink) => number;

const dateLength = "2026-02-06".length;
const secondsLength = "2026-02-06T14:30:00".length;
const longestFastLength = '2026-02-06T14:30:00.123Z"'.length;

/** The date that the times before had, and when its day begins in UTC. */
interface Day {
  date: Uint8Array;
  midnightMs: number;
}

/**
 * A reader that remembers the last date, so that of the next times with this date only the time of day is read. What is
 * not written like `2026-02-06T14:30:00.123Z`, `2026-02-06T14:30:00Z` or `2026-02-06T14:30:00` is left to `readTime`.
 */
export function createTimeTextReader(): TimeTextReader {
  let day: Day | null = null;

  return (bytes, start, into) => {
    if (start >= bytes.length || bytes[start] !== quoteMark) return -1;
    const first = start + 1;
    if (day !== null && startsWithAt(bytes, first, day.date)) {
      const end = readTimeOfDay(bytes, first, day.midnightMs, into);
      if (end !== -1) return end;
    }
    const end = endOfPlainText(bytes, first);
    if (end === -1) return -1;
    const text = asciiText(bytes, first, end);
    const time = readTime(text);
    if (!time || "why" in time) return -1;
    into.timeMs = "timeMs" in time ? time.timeMs : Number.NaN;
    day = dayOf(text) ?? day;
    return end + 1;
  };
}

function dayOf(text: string): Day | null {
  if (!isIsoTime(text)) return null;
  const date = text.slice(0, dateLength);
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(midnightMs) ? null : { date: new TextEncoder().encode(date), midnightMs };
}

/** Reads the rest of a time whose date is known; returns where its string ends, or -1 when it is written otherwise. */
function readTimeOfDay(bytes: Uint8Array, first: number, midnightMs: number, into: TimeSink): number {
  if (bytes.length < first + longestFastLength) return -1;
  const at = first + dateLength;
  if (bytes[at] !== letterT || bytes[at + 3] !== colon || bytes[at + 6] !== colon) return -1;
  const hours = digitsAt(bytes, at + 1, 2);
  const minutes = digitsAt(bytes, at + 4, 2);
  const seconds = digitsAt(bytes, at + 7, 2);
  if (!(hours < 24 && minutes < 60 && seconds < 60)) return -1;

  const afterSeconds = first + secondsLength;
  if (bytes[afterSeconds] === quoteMark) {
    into.timeMs = Number.NaN;
    return afterSeconds + 1;
  }
  const hasFraction = bytes[afterSeconds] === point;
  const milliseconds = hasFraction ? digitsAt(bytes, afterSeconds + 1, 3) : 0;
  const end = hasFraction ? afterSeconds + 4 : afterSeconds;
  if (Number.isNaN(milliseconds) || bytes[end] !== letterZ || bytes[end + 1] !== quoteMark) return -1;
  into.timeMs = midnightMs + ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
  return end + 2;
}

/** The number that so many digits are; NaN when one of them is none. */
function digitsAt(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const byte = bytes[at]!;
    if (!isDigit(byte)) return Number.NaN;
    value = value * 10 + (byte - zero);
  }
  return value;
}

/** Where the quote mark is that ends a string; -1 when the string holds anything but plain ASCII, or does not end. */
function endOfPlainText(bytes: Uint8Array, first: number): number {
  for (let at = first; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === quoteMark) return at;
    if (byte < 0x20 || byte > 0x7e || byte === backslash) return -1;
  }
  return -1;
}
