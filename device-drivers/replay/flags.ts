/** The command lines of replay and record, checked; a mistake is a sentence that says how to mend it. */

import { resolve } from "node:path";
import { parseArgs } from "node:util";

export class FlagError extends Error {}

export interface ReplayFlags {
  file: string;
  brokerUrl: string;
  homeId: string;
  qos: 0 | 1;
  speed: number;
  limit: number;
  inFlightMax: number;
  patienceMs: number;
  /** Moves the recording so that its first row is now. */
  now: boolean;
}

export interface RecordFlags {
  /** `-` is the standard output. */
  file: string;
  brokerUrl: string;
  topics: string[];
  /** Absent: until it is stopped. */
  seconds?: number;
  force: boolean;
}

const localBroker = "mqtt://127.0.0.1:1883";

export const replayUsage = `Usage: npm run replay -- FILE [flags]
  FILE is JSON lines as "npm run record" writes, or a wide CSV with ts and columns such as mains.W; either may be .gz
  --to URL          broker, as mqtt://user:password@host:1883 (default ${localBroker})
  --speed N         N times real time; 0 is as fast as possible (default 0)
  --home ID         home id in the topics of a CSV (default home)
  --now             move the times so that the first row is now
  --limit ROWS      stop after so many rows
  --qos 0|1         default 1: the broker acknowledges each message
  --in-flight N     unacknowledged messages at most (default 1000)
  --patience S      how long the broker may be away, in seconds (default 30)`;

export const recordUsage = `Usage: npm run record -- OUT.jsonl [flags]
  OUT.jsonl is a new file, or - for the standard output
  --from URL        broker, as mqtt://user:password@host:1883 (default ${localBroker})
  --topics FILTER   what to record; may be given more than once (default #)
  --seconds N       stop after so many seconds
  --force           overwrite OUT.jsonl`;

/** Undefined when help was asked for. */
export function readReplayFlags(args: string[], folder: string): ReplayFlags | undefined {
  const { values, positionals } = parse(args, {
    to: { type: "string", default: localBroker },
    speed: { type: "string", default: "0" },
    home: { type: "string", default: "home" },
    now: { type: "boolean", default: false },
    limit: { type: "string" },
    qos: { type: "string", default: "1" },
    "in-flight": { type: "string", default: "1000" },
    patience: { type: "string", default: "30" },
    help: { type: "boolean", short: "h", default: false },
  });
  if (values.help) return undefined;
  if (!/^[^+#/\s]{1,64}$/.test(values.home)) {
    throw new FlagError(
      `--home is "${values.home}"; it becomes part of topics, so leave out "/", "+", "#" and spaces.`,
    );
  }
  return {
    file: resolve(folder, oneFile(positionals, "which recording to replay")),
    brokerUrl: readUrl("--to", values.to),
    homeId: values.home,
    qos: readNumber("--qos", values.qos, { low: 0, high: 1, whole: true }) === 0 ? 0 : 1,
    speed: readNumber("--speed", values.speed, { low: 0, high: 1e6 }),
    limit:
      values.limit === undefined ? Infinity : readNumber("--limit", values.limit, { low: 1, high: 1e12, whole: true }),
    // A packet id has 16 bits.
    inFlightMax: readNumber("--in-flight", values["in-flight"], { low: 1, high: 65_535, whole: true }),
    patienceMs: readNumber("--patience", values.patience, { low: 0, high: 86_400 }) * 1000,
    now: values.now,
  };
}

/** Undefined when help was asked for. */
export function readRecordFlags(args: string[], folder: string): RecordFlags | undefined {
  const { values, positionals } = parse(args, {
    from: { type: "string", default: localBroker },
    topics: { type: "string", multiple: true, default: ["#"] },
    seconds: { type: "string" },
    force: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  });
  if (values.help) return undefined;
  const file = oneFile(positionals, "where to write, or - for the standard output");
  const { seconds } = values;
  return {
    file: file === "-" ? file : resolve(folder, file),
    brokerUrl: readUrl("--from", values.from),
    topics: values.topics,
    ...(seconds === undefined ? {} : { seconds: readNumber("--seconds", seconds, { low: 0.1, high: 2_000_000 }) }),
    force: values.force,
  };
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

function parse<T extends Options>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FlagError(`${message}${message.endsWith(".") ? "" : "."} --help lists all flags.`);
  }
}

function oneFile(positionals: string[], what: string): string {
  const [file] = positionals;
  if (file === undefined) throw new FlagError(`Say ${what}; --help shows how.`);
  if (positionals.length > 1) throw new FlagError(`One file at a time: ${positionals.join(", ")} are too many.`);
  return file;
}

function readNumber(flag: string, text: string, { low, high, whole }: { low: number; high: number; whole?: boolean }) {
  const value = Number(text);
  const fits = text.trim() !== "" && value >= low && value <= high && (!whole || Number.isInteger(value));
  if (fits) return value;
  throw new FlagError(`${flag} is "${text}"; give a ${whole ? "whole " : ""}number from ${low} to ${high}.`);
}

function readUrl(flag: string, text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : "";
  if (["mqtt:", "mqtts:", "ws:", "wss:"].includes(protocol)) return text;
  throw new FlagError(`${flag} is "${text}"; give a broker as ${localBroker} (also mqtts, ws, wss).`);
}
