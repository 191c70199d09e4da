/**
 * A block of rollups of one series as bytes: a tenth of what rows would take. Sums and bounds are whole numbers after
 * scaling by the values' decimal digits, so that they stay exact; bounds are written as distances from the mean, and
 * the energy of steady power as its distance from mean power times span.
 */
import { hourMs } from "../energy/calendar.ts";
import { type RollupColumns, reserve } from "../energy/rollup-columns.ts";
import { type ByteReader, createByteReader, createByteWriter, decimalDigits, packed, unpacked } from "./bytes.ts";

/** What the rows of a block have in common. */
export interface BlockShape {
  startMs: number;
  /** Every row starts at a multiple of it from the block's start. */
  gridMs: number;
  /** How long a row's span usually is. */
  spanMs: number;
  /** Energies are kept in whole parts of a Wh, so many to one. */
  partsPerWh: number;
  /** Worth compressing once it is whole: most rows are of this level, and it is read least. */
  isCompressed: boolean;
}

/** Marks values that no six decimal digits write exactly: sums and bounds are then plain numbers. */
const floats = 255;
const mostDigits = 6;
/** Whole numbers above lose precision in their differences. */
const mostScaled = 2 ** 51;
const energies = ["importWh", "exportWh", "estimatedWh"] as const;
type EnergyName = (typeof energies)[number];
/** The first byte: the columns as they are, or compressed. */
const formats = { plain: 0, zstd: 1 };
/** In the byte before an energy's column. */
const form = { zero: 0, plain: 1, nearMean: 2 } as const;

const writer = createByteWriter();

/** Rollups as bytes; `isKept` for a block that no more are expected of: it is compressed. */
export function encodeBlock(rollups: RollupColumns, shape: BlockShape, isKept: boolean): Uint8Array {
  const { startMs, count, sum, min, max } = rollups;
  const digits = digitsOf(rollups);
  const scale = 10 ** digits;
  writer.start();
  writer.varint(rollups.length);
  writer.varint(digits);
  writeColumn(rollups, (at) => (startMs[at]! - shape.startMs) / shape.gridMs);
  writeColumn(rollups, (at) => count[at]!);
  if (digits === floats) {
    for (let at = 0; at < rollups.length; at++) {
      for (const value of [sum[at]!, boundOf(min, rollups, at), boundOf(max, rollups, at)]) writer.float(value);
    }
  } else {
    writeColumn(rollups, (at) => Math.round(sum[at]! * scale));
    writeColumn(rollups, (at) => scaledMean(rollups, at, scale) - Math.round(boundOf(min, rollups, at) * scale));
    writeColumn(rollups, (at) => Math.round(boundOf(max, rollups, at) * scale) - scaledMean(rollups, at, scale));
  }
  for (const name of energies) writeEnergies(rollups, name, digits === floats ? null : scale, shape);
  return packed(writer.bytes(), formats, isKept && shape.isCompressed);
}

/** A least or greatest value; 0 where there is none. */
function boundOf(bounds: Float64Array, { count }: RollupColumns, at: number): number {
  return count[at] === 0 ? 0 : bounds[at]!;
}

/** Differences from one to the next. */
function writeColumn({ length }: RollupColumns, value: (at: number) => number): void {
  let last = 0;
  for (let at = 0; at < length; at++) {
    const next = value(at);
    writer.signed(next - last);
    last = next;
  }
}

/** An energy's column: nothing when there is none, and what is nearer to the mean power's or to zero otherwise. */
function writeEnergies(rollups: RollupColumns, name: EnergyName, scale: number | null, shape: BlockShape): void {
  const wholeOf = (at: number) => Math.round(rollups[name][at]! * shape.partsPerWh);
  const written = formOf(rollups, name, scale, shape);
  writer.varint(written);
  if (written === form.plain) writeColumn(rollups, wholeOf);
  if (written !== form.nearMean) return;
  for (let at = 0; at < rollups.length; at++) writer.signed(wholeOf(at) - meanEnergy(rollups, at, name, scale, shape));
}

function formOf(rollups: RollupColumns, name: EnergyName, scale: number | null, shape: BlockShape): number {
  const column = rollups[name].subarray(0, rollups.length);
  if (column.every((energyWh) => energyWh === 0)) return form.zero;
  if (name === "estimatedWh") return form.plain;
  let [energy, distance] = [0, 0];
  for (let at = 0; at < column.length; at++) {
    const whole = Math.round(column[at]! * shape.partsPerWh);
    energy += Math.abs(whole);
    distance += Math.abs(whole - meanEnergy(rollups, at, name, scale, shape));
  }
  return distance * 4 < energy ? form.nearMean : form.plain;
}

/**
 * Adds the rollups of a block behind others, which are earlier. With `meansAlone` their bounds and energies may be left
 * out, when counts and sums say all that is asked for. Throws when the bytes are damaged, and adds none.
 */
export function decodeBlock(bytes: Uint8Array, shape: BlockShape, into: RollupColumns, meansAlone = false): void {
  const body = unpacked(bytes, formats);
  const reader = createByteReader(body);
  const from = into.length;
  const to = from + reader.varint();
  if (to - from > body.length) throw new RangeError("it claims too many rollups");
  const digits = reader.varint();
  const scale = digits === floats ? null : 10 ** digits;
  reserve(into, to);
  reader.sums(into.startMs, from, to);
  for (let at = from; at < to; at++) into.startMs[at] = shape.startMs + into.startMs[at]! * shape.gridMs;
  reader.sums(into.count, from, to);
  // Where nothing was measured an energy decides whether there is a rollup at all.
  if (meansAlone && scale !== null && into.count.subarray(from, to).every((count) => count > 0)) {
    readSums(reader, into, from, to, scale);
    into.length = to;
    return;
  }
  if (scale === null) readFloats(reader, into, from, to);
  else readValues(reader, into, from, to, scale);
  for (let at = from; at < to; at++) {
    if (into.count[at] !== 0) continue;
    into.min[at] = Number.POSITIVE_INFINITY;
    into.max[at] = Number.NEGATIVE_INFINITY;
  }
  for (const name of energies) readEnergies(reader, into, name, from, to, scale, shape);
  into.length = to;
}

function readFloats(reader: ByteReader, { sum, min, max }: RollupColumns, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    sum[at] = reader.float();
    min[at] = reader.float();
    max[at] = reader.float();
  }
}

function readSums(reader: ByteReader, { sum }: RollupColumns, from: number, to: number, scale: number): void {
  reader.sums(sum, from, to);
  for (let at = from; at < to; at++) sum[at] = sum[at]! / scale;
}

function readValues(reader: ByteReader, into: RollupColumns, from: number, to: number, scale: number): void {
  const { min, max } = into;
  readSums(reader, into, from, to, scale);
  reader.sums(min, from, to);
  reader.sums(max, from, to);
  for (let at = from; at < to; at++) {
    const mean = scaledMean(into, at, scale);
    min[at] = (mean - min[at]!) / scale;
    max[at] = (mean + max[at]!) / scale;
  }
}

function readEnergies(
  reader: ByteReader,
  into: RollupColumns,
  name: EnergyName,
  from: number,
  to: number,
  scale: number | null,
  shape: BlockShape,
): void {
  const column = into[name];
  const unit = shape.partsPerWh;
  const written = reader.varint();
  if (written === form.zero) column.fill(0, from, to);
  else if (written === form.plain) {
    reader.sums(column, from, to);
    for (let at = from; at < to; at++) column[at] = column[at]! / unit;
  } else if (written === form.nearMean) {
    for (let at = from; at < to; at++) {
      column[at] = (reader.signed() + meanEnergy(into, at, name, scale, shape)) / unit;
    }
  } else throw new RangeError("it has an unknown form of energy");
}

/** The mean as a whole number after scaling; the same from a rollup as written and as read. */
function scaledMean({ sum, count }: RollupColumns, at: number, scale: number): number {
  return count[at] === 0 ? 0 : Math.round(Math.round(sum[at]! * scale) / count[at]!);
}

/** What the mean power would come to over the whole span, as a whole number of the energy's unit. */
function meanEnergy(
  { sum, count }: RollupColumns,
  at: number,
  name: EnergyName,
  scale: number | null,
  shape: BlockShape,
): number {
  if (count[at] === 0) return 0;
  const exact = scale === null ? sum[at]! : Math.round(sum[at]! * scale) / scale;
  const energyWh = ((exact / count[at]!) * shape.spanMs) / hourMs;
  return Math.round(Math.max(0, name === "exportWh" ? -energyWh : energyWh) * shape.partsPerWh);
}

/** The fewest decimal digits that write every bound exactly, and so every sum; `floats` when there are too many. */
function digitsOf(rollups: RollupColumns): number {
  const bounds = new Float64Array(2 * rollups.length);
  for (let at = 0; at < rollups.length; at++) {
    bounds[2 * at] = boundOf(rollups.min, rollups, at);
    bounds[2 * at + 1] = boundOf(rollups.max, rollups, at);
  }
  const digits = decimalDigits(bounds, mostDigits);
  if (digits === null) return floats;
  const scale = 10 ** digits;
  for (let at = 0; at < rollups.length; at++) if (!isWhole(rollups, at, scale)) return floats;
  return digits;
}

/** Whether the sum is one of such decimals, but for what adding doubles loses; one that is not, or too large, keeps its value. */
function isWhole(rollups: RollupColumns, at: number, scale: number): boolean {
  const { min, max, sum, count } = rollups;
  const most = Math.max(Math.abs(boundOf(min, rollups, at)), Math.abs(boundOf(max, rollups, at))) * scale;
  const scaled = sum[at]! * scale;
  const lost = Math.min(0.01, count[at]! ** 2 * most * 2 ** -52); // each addition rounds at the size of the sum
  return Math.abs(scaled - Math.round(scaled)) <= lost && Math.max(most, Math.abs(scaled)) <= mostScaled;
}
