import type { MeterTime } from "./driver.ts";
import { quote } from "./number.ts";
import { inPlaceOfNumber, isSlot } from "./slot.ts";

/** Why a time is unusable, as a sentence that a maker can act on. */
export interface NotATime {
  why: string;
}

const isoTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?) ?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** Seconds before this are an uptime or an unset clock, not a date; as milliseconds it is in 1973. */
const earliestUnixS = 1e9;
const earliestUnixMs = 1e11;
const latestUnixMs = 1e14;

/**
 * Reads a device's time: Unix seconds, Unix milliseconds or ISO 8601. Without a zone it is the meter's wall clock.
 * Undefined when the value is absent or null.
 */
export function readTime(value: unknown): MeterTime | NotATime | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "number") return unixTime(value);
  if (isSlot(value)) return { timeMs: inPlaceOfNumber(value) };
  if (typeof value !== "string") return { why: `a time cannot be of type ${typeof value}` };
  if (/^\d+(?:\.\d+)?$/.test(value)) return unixTime(Number(value));
  return textTime(value);
}

/** Epoch milliseconds of Unix seconds or milliseconds; NaN when the number is no clock time. */
export function unixTimeMs(value: number): number {
  if (value >= earliestUnixMs && value < latestUnixMs) return Math.round(value);
  if (value >= earliestUnixS && value < earliestUnixMs) return Math.round(value * 1000);
  return Number.NaN;
}

/** Whether a text is written as ISO 8601 writes a time, with or without zone. */
export function isIsoTime(text: string): boolean {
  return isoTime.test(text);
}

function unixTime(value: number): MeterTime | NotATime {
  const timeMs = unixTimeMs(value);
  return Number.isNaN(timeMs) ? { why: `${value} is no clock time: send Unix seconds` } : { timeMs };
}

function textTime(value: string): MeterTime | NotATime {
  const match = isoTime.exec(value.trim());
  if (!match) return { why: `${quote(value)} is not a time: send one like 2026-02-06T14:30:00Z` };
  const [, date, time, zone] = match;
  if (!zone) return { localText: value.trim() };

  const timeMs = Date.parse(`${date}T${time?.replace(",", ".")}${wholeOffset(zone)}`);
  return Number.isNaN(timeMs) ? { why: `${quote(value)} is no date of the calendar` } : { timeMs };
}

/** ECMAScript reads only `Z` and `+07:00`; makers also send `+0700` and `+07`. */
function wholeOffset(zone: string): string {
  if (zone.length === 1) return "Z";
  return `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
}
