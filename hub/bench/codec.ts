/**
 * Bytes a sample and millions of samples per second of CPU time that the column codec takes, beside the first databases'
 * codec (differences as varints, compressed by zstd), on made-up homes and on recorded ones.
 * Usage: node hub/bench/codec.ts [--json]
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, zstdCompressSync } from "node:zlib";
import { createByteWriter } from "../src/store/bytes.ts";
import { decodeTimes, decodeValues, encodeTimes, encodeValues } from "../src/store/codec/columns.ts";
import { type Figure, jsonLine, tableHead, tableLine } from "./lib/figures.ts";
import { createHousehold, type MeterData } from "./lib/household.ts";
import { createRandom } from "./lib/random.ts";

/** A chunk is an hour at one reading a second. */
const chunkLength = 3_600;
const hours = 6;
const rounds = 3;
const mostSamples = 1_500_000;
const folder = path.join(import.meta.dirname, "../../../shared/data/recordings");

/** One series: what a channel measured and when. */
interface Series {
  times: Float64Array;
  values: Float64Array;
}

/** Series by name, longer while they are read. */
type Growing = Map<string, { times: number[]; values: number[] }>;

/** A way of writing columns; `decodeTimes` and `decodeValues` read either. */
interface Codec {
  encodeTimes(times: Float64Array): Uint8Array;
  encodeValues(values: Float64Array): Uint8Array;
}

const ours: Codec = { encodeTimes, encodeValues };
const baseline: Codec = { encodeTimes: encodeTimesPlainly, encodeValues: encodeValuesPlainly };

/** Every figure, as soon as it is measured. */
export function* codecFigures(): Generator<Figure> {
  const regular = madeUpHome(0);
  yield* figuresOf("household_regular", regular);
  yield* figuresOf("household_jittered", madeUpHome(8));
  yield dayFigure(regular);
  if (!existsSync(folder)) return;
  for (const file of globSync("*/*.csv.gz", { cwd: folder }).sort()) {
    yield* figuresOf(path.basename(file, ".csv.gz"), readRecording(path.join(folder, file)));
  }
}

function* figuresOf(name: string, series: readonly Series[]): Generator<Figure> {
  const chunks = series.flatMap(chunksOf);
  const samples = chunks.reduce((sum, { values }) => sum + values.length, 0);
  const common = { unit: "M samples/s", peer: "varint-zstd", better: "more" } as const;
  const [bytes, peerBytes] = [ours, baseline].map((codec) => sizeOf(codec, chunks) / samples) as [number, number];
  yield {
    name: `codec_${name}`,
    value: bytes,
    unit: "bytes/sample",
    peer: common.peer,
    peerValue: peerBytes,
    better: "less",
  };
  const encoded = chunks.map(({ values }) => encodeValues(values));
  const encodedPlainly = chunks.map(({ values }) => encodeValuesPlainly(values));
  const [encode, encodePlainly, decode, decodePlainly] = microseconds([
    () => chunks.forEach(({ values }) => void encodeValues(values)),
    () => chunks.forEach(({ values }) => void encodeValuesPlainly(values)),
    () => encoded.forEach((column) => void decodeValues(column)),
    () => encodedPlainly.forEach((column) => void decodeValues(column)),
  ]).map((micros) => samples / micros) as [number, number, number, number];
  yield { name: `codec_${name}_encode`, value: encode, peerValue: encodePlainly, ...common };
  yield { name: `codec_${name}_decode`, value: decode, peerValue: decodePlainly, ...common };
}

/** What a chart of a day at 1 Hz decodes: 86,400 times and values, here the home's power. */
function dayFigure(series: readonly Series[]): Figure {
  const chunks = chunksOf(series[0] as Series);
  const day = Array.from({ length: 24 }, (_, hour) => chunks[hour % chunks.length] as Series);
  const columns = [ours, baseline].map((codec) =>
    day.map(({ times, values }) => [codec.encodeTimes(times), codec.encodeValues(values)] as const),
  );
  const decodeDay = (encoded: (typeof columns)[number]) => {
    for (const [times, values] of encoded) [decodeTimes(times), decodeValues(values)];
  };
  const repeats = 20;
  const [value, peerValue] = microseconds(
    columns.map((encoded) => () => {
      for (let repeat = 0; repeat < repeats; repeat++) decodeDay(encoded);
    }),
  ).map((micros) => micros / repeats / 1000) as [number, number];
  return { name: "codec_day_decode", value, unit: "ms", peer: "varint-zstd", peerValue, better: "less" };
}

/** Bytes of all chunks; series that are measured together share a column of times. */
function sizeOf(codec: Codec, chunks: readonly Series[]): number {
  const timeColumns = new Map(
    chunks.map(({ times }) => {
      const column = codec.encodeTimes(times);
      return [Buffer.from(column).toString("latin1"), column.length];
    }),
  );
  const values = chunks.reduce((sum, chunk) => sum + codec.encodeValues(chunk.values).length, 0);
  return [...timeColumns.values()].reduce((sum, bytes) => sum + bytes, values);
}

/** CPU time of each task's fastest round; they take turns so that a busy machine slows all of them. */
function microseconds(tasks: readonly (() => void)[]): number[] {
  const fastest = tasks.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    tasks.forEach((task, index) => {
      const before = process.cpuUsage();
      task();
      const { user, system } = process.cpuUsage(before);
      fastest[index] = Math.min(fastest[index] as number, user + system);
    });
  }
  return fastest;
}

function chunksOf({ times, values }: Series): Series[] {
  const chunks: Series[] = [];
  for (let at = 0; at < values.length; at += chunkLength) {
    const end = at + chunkLength;
    chunks.push({ times: times.subarray(at, end), values: values.subarray(at, end) });
  }
  return chunks;
}

/** A home of 20 metrics at 1 Hz, whose clock wavers by so many milliseconds either way. */
function madeUpHome(jitterMs: number): Series[] {
  const next = createHousehold(1);
  const random = createRandom(2);
  const startMs = Date.UTC(2026, 1, 6);
  const times = Float64Array.from({ length: hours * 3_600 }, (_, second) => {
    return startMs + second * 1_000 + Math.round((random() * 2 - 1) * jitterMs);
  });
  const rows = Array.from(times, () => numbersOf(next()));
  return (rows[0] ?? []).map((_, metric) => ({
    times,
    values: Float64Array.from(rows, (row) => row[metric] as number),
  }));
}

function numbersOf(data: MeterData): number[] {
  return Object.values(data).flatMap((part) => (typeof part === "number" ? part : (Object.values(part) as number[])));
}

/** The channels of a wide recording, or the devices of a long one (ts, device, type, W), up to a number of samples. */
function readRecording(file: string): Series[] {
  const [header = "", ...rows] = gunzipSync(readFileSync(file)).toString("utf8").split("\n");
  const isLong = header.startsWith("ts,device,type,");
  const names = header.split(",").slice(1);
  const growing: Growing = new Map();
  let samples = 0;
  for (const row of rows) {
    if (row === "") continue;
    const [ts = "", ...cells] = row.split(",");
    const timeMs = Math.round(Number(ts) * 1_000);
    if (isLong) samples += hold(growing, `${cells[0]} ${dayOf(timeMs)}`, timeMs, Number(cells[2]));
    else {
      cells.forEach((cell, index) => {
        if (cell !== "") samples += add(growing, names[index] as string, timeMs, Number(cell));
      });
    }
    if (samples >= mostSamples) break;
  }
  return [...growing.values()].map(({ times, values }) => ({
    times: Float64Array.from(times),
    values: Float64Array.from(values),
  }));
}

/** Adds a value behind those of a name; returns how many it added. */
function add(growing: Growing, name: string, timeMs: number, value: number): number {
  const series = growing.get(name) ?? { times: [], values: [] };
  if (series.times.length === 0) growing.set(name, series);
  series.times.push(timeMs);
  series.values.push(value);
  return 1;
}

/** The long recording has a row only where a value changed: the seconds between have the last one, as a meter sends it. */
function hold(growing: Growing, name: string, timeMs: number, value: number): number {
  const known = growing.get(name);
  let added = 0;
  if (known) {
    const last = known.values.at(-1) as number;
    for (let at = (known.times.at(-1) as number) + 1_000; at < timeMs; at += 1_000)
      added += add(growing, name, at, last);
  }
  return added + add(growing, name, timeMs, value);
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / 86_400_000);
}

/** Times as the first databases hold them: differences of differences. */
function encodeTimesPlainly(times: Float64Array): Uint8Array {
  const writer = createByteWriter(times.length * 2 + 16);
  writer.varint(times.length);
  let last = 0;
  let lastStep = 0;
  for (const timeMs of times) {
    writer.signed(timeMs - last - lastStep);
    lastStep = timeMs - last;
    last = timeMs;
  }
  return packed(writer.bytes());
}

/** Values as the first databases hold them: differences of the decimals' digits. */
function encodeValuesPlainly(values: Float64Array): Uint8Array {
  const digits = [0, 1, 2, 3, 4, 5, 6].find((count) => hasDigits(values, count));
  const writer = createByteWriter(values.length * (digits === undefined ? 8 : 3) + 16);
  writer.varint(values.length);
  writer.varint(digits ?? 255);
  let last = 0;
  for (const value of values) {
    if (digits === undefined) writer.float(value);
    else {
      const scaled = Math.round(value * 10 ** digits);
      writer.signed(scaled - last);
      last = scaled;
    }
  }
  return packed(writer.bytes());
}

function hasDigits(values: Float64Array, digits: number): boolean {
  const scale = 10 ** digits;
  for (const value of values) if (Math.round(value * scale) / scale !== value) return false;
  return true;
}

function packed(bytes: Uint8Array): Uint8Array {
  const shorter = bytes.length < 64 ? bytes : zstdCompressSync(bytes);
  const isShorter = shorter.length < bytes.length;
  return Buffer.concat([Uint8Array.of(isShorter ? 1 : 0), isShorter ? shorter : bytes]);
}

if (import.meta.main) {
  const isJson = process.argv.includes("--json");
  if (!isJson) console.log(tableHead);
  for (const figure of codecFigures()) console.log(isJson ? jsonLine(figure) : tableLine(figure));
}
