import { t } from "../i18n/text.ts";
import { locale } from "./quantity.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

/** Hour and minute in the home's time zone. */
export function clock(timeMs: number, timeZone: string): string {
  return dateTime(timeMs, timeZone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Day and month in the home's time zone. */
export function day(timeMs: number, timeZone: string): string {
  return dateTime(timeMs, timeZone, { day: "numeric", month: "short" });
}

/** Date and time with the year, which Thai counts in the Buddhist era. */
export function fullDate(timeMs: number, timeZone: string): string {
  return dateTime(timeMs, timeZone, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}

/** How long ago, in the largest fitting unit; under 3 s and the future are "just now". */
export function ago(ageMs: number): string {
  if (ageMs < 3_000) return t("time.now");
  const { unit, count } = largestUnit(ageMs);
  return t(`time.${unit}Ago`, { count });
}

/** A length of time in its largest fitting unit. */
export function duration(lengthMs: number): string {
  const { unit, count } = largestUnit(Math.max(0, lengthMs));
  return t(`time.${unit}`, { count });
}

function largestUnit(lengthMs: number): { unit: "seconds" | "minutes" | "hours" | "days"; count: number } {
  const seconds = Math.floor(lengthMs / 1000);
  if (seconds < 60) return { unit: "seconds", count: seconds };
  if (seconds < 3_600) return { unit: "minutes", count: Math.floor(seconds / 60) };
  if (seconds < 172_800) return { unit: "hours", count: Math.floor(seconds / 3_600) };
  return { unit: "days", count: Math.floor(seconds / 86_400) };
}

function dateTime(timeMs: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale()} ${timeZone} ${Object.keys(options).join()}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale(), { ...options, timeZone });
    formats.set(key, format);
  }
  return format.format(timeMs);
}
