/** The command line of the simulator, as one checked object; a mistake is a sentence that says how to mend it. */

import { parseArgs } from "node:util";

export interface Flags {
  brokerUrl: string;
  homeId: string;
  seed: number;
  timeZone: string;
  sinceMs: number;
  /** Absent: no history is filled in. */
  fillFromMs?: number;
  once: boolean;
}

export class FlagError extends Error {}

export const usage = `Usage: node device-drivers/simulator/main.ts [flags]
  --to URL           broker, as mqtt://user:password@host:1883 (default mqtt://127.0.0.1:1883)
  --days N           first fill in the last N days
  --fill-from TIME   or fill in from this time on
  --once             stop after the history is filled in
  --home ID          home id in the topics (default home)
  --seed S           another whole number makes another household (default 1)
  --since TIME       when the meters were installed; their registers count from then (default 2025-07-01)
  --time-zone ZONE   where the home is (default Asia/Bangkok)
  TIME is as 2026-02-06, or 2026-02-06T14:30 (both local to the home), or 2026-02-06T14:30:00Z.`;

const dayMs = 86_400_000;
const daysMax = 3660;

const options = {
  to: { type: "string", default: "mqtt://127.0.0.1:1883" },
  days: { type: "string" },
  "fill-from": { type: "string" },
  since: { type: "string", default: "2025-07-01" },
  seed: { type: "string", default: "1" },
  home: { type: "string", default: "home" },
  "time-zone": { type: "string", default: "Asia/Bangkok" },
  once: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Undefined when help was asked for. */
export function readFlags(args: string[], nowMs: number): Flags | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const timeZone = readTimeZone(values["time-zone"]);
  const sinceMs = readTime("--since", values.since, timeZone);
  const fillFromMs = readFillFrom(values, timeZone, nowMs);
  if (sinceMs > nowMs) throw new FlagError(`--since ${values.since} lies ahead; give a time that has passed.`);
  if (fillFromMs !== undefined && fillFromMs > nowMs) {
    throw new FlagError(`--fill-from ${values["fill-from"]} lies ahead; give a time that has passed.`);
  }
  if (fillFromMs !== undefined && fillFromMs < sinceMs) {
    const from = new Date(fillFromMs).toISOString().slice(0, 10);
    throw new FlagError(
      `The history would begin on ${from}, before the meters were installed (--since ${values.since}); ` +
        `add --since ${from} or fill in fewer days.`,
    );
  }
  if (values.once && fillFromMs === undefined) {
    throw new FlagError("--once stops after the history is filled in; add --days N, for example --days 30.");
  }
  return {
    brokerUrl: readUrl(values.to),
    homeId: readHomeId(values.home),
    seed: readWhole("--seed", values.seed, 0, 2 ** 31 - 1),
    timeZone,
    sinceMs,
    ...(fillFromMs === undefined ? {} : { fillFromMs }),
    once: values.once,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FlagError(`${message}${message.endsWith(".") ? "" : "."} --help lists all flags.`);
  }
}

function readFillFrom(values: ReturnType<typeof parse>, timeZone: string, nowMs: number): number | undefined {
  if (values.days !== undefined && values["fill-from"] !== undefined) {
    throw new FlagError("--days and --fill-from both say where the history begins; give one of them.");
  }
  if (values.days !== undefined) return nowMs - readWhole("--days", values.days, 1, daysMax) * dayMs;
  return values["fill-from"] === undefined ? undefined : readTime("--fill-from", values["fill-from"], timeZone);
}

function readWhole(flag: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= low && value <= high) return value;
  throw new FlagError(`${flag} is "${text}"; give a whole number from ${low} to ${high}.`);
}

function readTimeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new FlagError(`--time-zone "${text}" is not known; give a name such as Asia/Bangkok.`);
  }
}

function readTime(flag: string, text: string, timeZone: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    // Without an offset it is local to the home.
  }
  try {
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds;
  } catch {
    throw new FlagError(`${flag} is "${text}", which is no time; write it as 2026-02-06 or 2026-02-06T14:30:00Z.`);
  }
}

function readHomeId(text: string): string {
  if (/^[^+#/\s]{1,64}$/.test(text)) return text;
  throw new FlagError(`--home is "${text}"; it becomes part of topics, so leave out "/", "+", "#" and spaces.`);
}

function readUrl(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : "";
  if (["mqtt:", "mqtts:", "ws:", "wss:"].includes(protocol)) return text;
  throw new FlagError(`--to is "${text}"; give a broker as mqtt://127.0.0.1:1883 (also mqtts, ws, wss).`);
}
