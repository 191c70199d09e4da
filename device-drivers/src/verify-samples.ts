/**
 * Compares what the drivers decode with what samples expect: `node verify-samples.ts FILE.jsonl…`, exit code 1 on a
 * difference that is not in ../judged-wrong.json, which gives a reason by sample.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Decoded, MeterMessage } from "./driver.ts";
import { quantities } from "./driver.ts";
import { readMac } from "./ids.ts";
import { createDefinitions, decode, drivers } from "./index.ts";
import type { Sample } from "./samples.ts";
import { messageOf, parseSample } from "./samples.ts";

interface ExpectedReading {
  q: string;
  v: number;
  u?: string;
  phase?: string;
  dir?: string;
  period?: string;
  ch?: string;
  role?: string;
}

interface Expectation {
  /** The kind of fault, on samples of broken messages. */
  cls?: string;
  readings?: ExpectedReading[];
  readings_none?: boolean;
  ignore?: string;
  device_id?: string;
  home_id?: string;
  availability?: string;
  relay?: Record<string, string>;
  ts?: string;
  ts_zone?: string;
  name?: string;
  identity?: { mac?: string };
  /** What a configuration says of another topic. */
  discovery?: {
    state_topic?: string;
    quantity?: string;
    unit?: string;
    period?: string;
    phase?: string;
    device_id?: string;
  };
}

/** Dialects of samples that are spoken by the devices of another, whose driver decodes them. */
const spokenBy: ReadonlyMap<string, string> = new Map([["tasmota-sml", "tasmota"]]);
const dialects = new Set(drivers.map(({ dialect }) => dialect));
const definitions = createDefinitions();
const judgedFile = path.join(import.meta.dirname, "../judged-wrong.json");
const judged = JSON.parse(readFileSync(judgedFile, "utf8")) as Readonly<Record<string, string>>;
let checked = 0;
let differing = 0;
let differingOnPurpose = 0;

for (const file of process.argv.slice(2)) {
  const lines = readFileSync(file, "utf8").split("\n");
  for (const [i, line] of lines.entries()) if (line.trim() !== "") verifyLine(`${file}:${i + 1}`, line);
}
process.stdout.write(`${checked} samples checked, ${differing} differ, ${differingOnPurpose} differ on purpose\n`);
if (differing > 0 || checked === 0) process.exitCode = 1;

function verifyLine(where: string, line: string): void {
  const sample = parseSample(line);
  const expected = (sample.expect ?? {}) as Expectation;
  const wanted = spokenBy.get(String(sample.dialect)) ?? String(sample.dialect);
  if (expected.cls === undefined && !dialects.has(wanted)) return;
  checked++;
  const label = `${where} ${String(sample.id ?? "")} ${sample.topic}`;
  const { outcome, meter, meterId, dialect, decoded } = decodeSample(sample);
  if (expected.cls !== undefined) process.stdout.write(`${label} (${expected.cls}): ${outcome}\n`);
  const differences = [
    ...(expected.cls === undefined && dialect !== wanted ? [`dialect: ${dialect ?? "none"}`] : []),
    ...(expected.cls === undefined || dialects.has(wanted) ? differencesOf(expected, meter, meterId) : []),
    ...(expected.discovery ? discoveryDifferences(expected.discovery, decoded) : []),
  ];
  if (differences.length === 0) return;
  const why = judged[String(sample.id)];
  if (why !== undefined) {
    differingOnPurpose++;
    process.stdout.write(`${label}: read otherwise, since ${why}\n`);
    return;
  }
  differing++;
  process.stdout.write(`${label}\n${differences.map((difference) => `  ${difference}\n`).join("")}`);
}

interface DecodedSample {
  outcome: string;
  meter: Partial<MeterMessage>;
  meterId?: string | undefined;
  dialect?: string;
  decoded?: Decoded;
}

function decodeSample(sample: Sample): DecodedSample {
  const result = decode(messageOf(sample, definitions.known));
  if (!result) return { outcome: "unknown", meter: {} };
  const { dialect, decoded } = result;
  if ("defines" in decoded && decoded.defines) definitions.learn(dialect, decoded.defines);
  const outcome = JSON.stringify(decoded);
  if (!("meters" in decoded)) return { outcome, meter: {}, meterId: decoded.meterId, dialect, decoded };
  const [meter = {}] = decoded.meters;
  return { outcome, meter, meterId: (meter as MeterMessage).meterId, dialect, decoded };
}

function* differencesOf(expected: Expectation, meter: Partial<MeterMessage>, meterId?: string): Generator<string> {
  const wantsNone = expected.readings_none === true || expected.ignore !== undefined;
  const readings = expected.readings ?? (wantsNone ? [] : undefined);
  if (readings) yield* readingDifferences(readings, meter);
  const { home_id: homeId, device_id: deviceId, availability, name, identity, relay, ts } = expected;
  if (deviceId !== undefined && deviceId !== meterId) yield `device_id: ${meterId}, expected ${deviceId}`;
  if (homeId !== undefined && homeId !== meter.homeId) yield `home_id: ${meter.homeId}, expected ${homeId}`;
  if (availability !== undefined && availability !== meter.availability) yield `availability: ${meter.availability}`;
  if (name !== undefined && name !== meter.name) yield `name: ${meter.name}, expected ${name}`;
  if (identity?.mac !== undefined && readMac(identity.mac) !== meter.mac)
    yield `mac: ${meter.mac}, expected ${identity.mac}`;
  if (relay) {
    const relays = Object.fromEntries(Object.entries(relay).map(([channel, state]) => [channel, state === "on"]));
    if (!isDeepStrictEqual(relays, { ...meter.relays })) yield `relay: ${JSON.stringify(meter.relays)}`;
  }
  if (ts !== undefined && !isSameTime(ts, expected.ts_zone, meter))
    yield `ts: ${JSON.stringify(meter.time)}, expected ${ts}`;
}

function* discoveryDifferences(
  { state_topic: topic = "", quantity, period, phase, device_id: deviceId }: NonNullable<Expectation["discovery"]>,
  decoded: Decoded | undefined,
): Generator<string> {
  const list = decoded && "defines" in decoded ? (decoded.defines?.list ?? []) : [];
  const defined = list.find(({ topics }) => topics.includes(topic))?.data as Record<string, unknown> | undefined;
  if (!defined) yield `nothing is defined about ${topic}`;
  else {
    const wanted = { quantity, period, phase, meterId: deviceId };
    for (const [key, value] of Object.entries(wanted))
      if (value !== undefined && value !== defined[key]) yield `discovery.${key}: ${defined[key]}, expected ${value}`;
  }
}

function* readingDifferences(expected: readonly ExpectedReading[], meter: Partial<MeterMessage>): Generator<string> {
  const remaining: ExpectedReading[] = (meter.readings ?? []).map((reading) => ({
    q: reading.quantity,
    v: reading.value,
    u: quantities[reading.quantity].unit,
    ...(reading.phase && { phase: reading.phase }),
    ...(reading.direction && { dir: reading.direction }),
    ...(reading.period && { period: reading.period }),
    ...(reading.channel !== undefined && { ch: reading.channel }),
  }));
  for (const { role: _, ...stated } of expected) {
    // Only registers have a direction, a power's is its sign; a register without one counts what was consumed.
    const { dir: __, ...rest } = stated;
    const reading = stated.q.startsWith("energy_") ? { dir: "import", ...stated } : rest;
    const at = remaining.findIndex((candidate) => isSameReading(candidate, reading));
    if (at === -1) yield `missing ${JSON.stringify(reading)}`;
    else remaining.splice(at, 1);
  }
  for (const reading of remaining) yield `unexpected ${JSON.stringify(reading)}`;
}

function isSameReading(a: ExpectedReading, b: ExpectedReading): boolean {
  const { v: aValue, ch, ...aRest } = a;
  // Samples name a channel where the meter numbers its inputs; other names of inputs are the driver's choice.
  const { v: bValue, ch: wanted = ch, ...bRest } = b;
  if (ch !== wanted) return false;
  const isClose = Math.abs(aValue - bValue) <= 1e-6 * Math.max(Math.abs(aValue), Math.abs(bValue));
  return isClose && isDeepStrictEqual(aRest, { u: aRest.u, ...bRest });
}

function isSameTime(ts: string, zone: string | undefined, { time }: Partial<MeterMessage>): boolean {
  if (time === undefined) return false;
  if ("timeMs" in time) return zone !== "local-unknown" && time.timeMs === Date.parse(ts);
  return zone === "local-unknown" && time.localText === ts;
}
