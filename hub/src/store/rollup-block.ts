/**
 * A block of rollups of one series as bytes: a tenth of what rows would take. Sums and bounds are whole numbers after
 * scaling by the values' decimal digits, so that they stay exact; bounds are written as distances from the mean, and
 * the energy of steady power as its distance from mean power times span.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { hourMs } from "../energy/calendar.ts";
import { emptyRollup, type Rollup } from "../energy/rollup.ts";
import { type ByteReader, checked, createByteReader, createByteWriter, withChecksum } from "./bytes.ts";

/** A rollup and the start of its span. */
export interface RollupRow extends Rollup {
  startMs: number;
}

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
const energies = ["importWh", "exportWh", "estimatedWh"] as const;
type EnergyName = (typeof energies)[number];
/** In the first byte: the columns as they are, or compressed. */
const plain = 0;
const zstd = 1;
/** In the byte before an energy's column. */
const form = { zero: 0, plain: 1, nearMean: 2 } as const;

const writer = createByteWriter();

/** Rows in order of time; `isKept` for a block that no more rows are expected of: it is compressed. */
export function encodeBlock(rows: readonly RollupRow[], shape: BlockShape, isKept: boolean): Uint8Array {
  const digits = decimalDigits(rows);
  const scale = 10 ** digits;
  writer.start();
  writer.varint(rows.length);
  writer.varint(digits);
  writeColumn(rows, (row) => (row.startMs - shape.startMs) / shape.gridMs);
  writeColumn(rows, (row) => row.count);
  if (digits === floats) {
    for (const { sum, min, max } of rows) for (const value of [sum, min ?? 0, max ?? 0]) writer.float(value);
  } else {
    writeColumn(rows, (row) => Math.round(row.sum * scale));
    writeColumn(rows, (row) => scaledMean(row, scale) - Math.round((row.min ?? 0) * scale));
    writeColumn(rows, (row) => Math.round((row.max ?? 0) * scale) - scaledMean(row, scale));
  }
  for (const name of energies) writeEnergies(rows, name, digits === floats ? null : scale, shape);
  return packed(writer.bytes(), isKept && shape.isCompressed);
}

/** Differences from row to row. */
function writeColumn(rows: readonly RollupRow[], value: (row: RollupRow) => number): void {
  let last = 0;
  for (const row of rows) {
    const next = value(row);
    writer.signed(next - last);
    last = next;
  }
}

/** An energy's column: nothing when there is none, and what is nearer to the mean power's or to zero otherwise. */
function writeEnergies(rows: readonly RollupRow[], name: EnergyName, scale: number | null, shape: BlockShape): void {
  const unit = shape.partsPerWh;
  const written = formOf(rows, name, scale, shape);
  writer.varint(written);
  if (written === form.plain) writeColumn(rows, (row) => Math.round(row[name] * unit));
  if (written !== form.nearMean) return;
  for (const row of rows) writer.signed(Math.round(row[name] * unit) - meanEnergy(row, name, scale, shape));
}

function formOf(rows: readonly RollupRow[], name: EnergyName, scale: number | null, shape: BlockShape): number {
  if (rows.every((row) => row[name] === 0)) return form.zero;
  if (name === "estimatedWh") return form.plain;
  const unit = shape.partsPerWh;
  let [energy, distance] = [0, 0];
  for (const row of rows) {
    const whole = Math.round(row[name] * unit);
    energy += Math.abs(whole);
    distance += Math.abs(whole - meanEnergy(row, name, scale, shape));
  }
  return distance * 4 < energy ? form.nearMean : form.plain;
}

function packed(bytes: Uint8Array, isCompressed: boolean): Uint8Array {
  const body = isCompressed ? zstdCompressSync(bytes) : bytes;
  const block = new Uint8Array(1 + body.length);
  block[0] = isCompressed ? zstd : plain;
  block.set(body, 1);
  return withChecksum(block);
}

/** The rows of a block, in order of time. Throws when the bytes are damaged. */
export function decodeBlock(bytes: Uint8Array, shape: BlockShape): RollupRow[] {
  const block = checked(bytes);
  const body = block.subarray(1);
  const reader = createByteReader(block[0] === zstd ? zstdDecompressSync(body) : body);
  const length = reader.varint();
  const digits = reader.varint();
  const scale = 10 ** digits;
  const rows: RollupRow[] = [];
  for (let index = 0, grid = 0; index < length; index++) {
    grid += reader.signed();
    rows.push({ startMs: shape.startMs + grid * shape.gridMs, ...emptyRollup() });
  }
  readColumn(reader, rows, (row, value) => {
    row.count = value;
  });
  if (digits === floats) readFloats(reader, rows);
  else {
    readColumn(reader, rows, (row, value) => {
      row.sum = value / scale;
    });
    readColumn(reader, rows, (row, value) => {
      if (row.count > 0) row.min = (scaledMean(row, scale) - value) / scale;
    });
    readColumn(reader, rows, (row, value) => {
      if (row.count > 0) row.max = (scaledMean(row, scale) + value) / scale;
    });
  }
  for (const name of energies) readEnergies(reader, rows, name, digits === floats ? null : scale, shape);
  return rows;
}

function readColumn(reader: ByteReader, rows: RollupRow[], set: (row: RollupRow, value: number) => void): void {
  let value = 0;
  for (const row of rows) {
    value += reader.signed();
    set(row, value);
  }
}

function readFloats(reader: ByteReader, rows: RollupRow[]): void {
  for (const row of rows) {
    row.sum = reader.float();
    const [min, max] = [reader.float(), reader.float()];
    if (row.count > 0) Object.assign(row, { min, max });
  }
}

function readEnergies(
  reader: ByteReader,
  rows: RollupRow[],
  name: EnergyName,
  scale: number | null,
  shape: BlockShape,
): void {
  const unit = shape.partsPerWh;
  const written = reader.varint();
  if (written === form.plain) {
    readColumn(reader, rows, (row, value) => {
      row[name] = value / unit;
    });
  } else if (written === form.nearMean) {
    for (const row of rows) row[name] = (reader.signed() + meanEnergy(row, name, scale, shape)) / unit;
  } else if (written !== form.zero) throw new RangeError("it has an unknown form of energy");
}

/** The mean as a whole number after scaling; the same from a row as written and as read. */
function scaledMean({ sum, count }: Rollup, scale: number): number {
  return count === 0 ? 0 : Math.round(Math.round(sum * scale) / count);
}

/** What the mean power would come to over the whole span, as a whole number of the energy's unit. */
function meanEnergy(row: Rollup, name: EnergyName, scale: number | null, shape: BlockShape): number {
  if (row.count === 0) return 0;
  const sum = scale === null ? row.sum : Math.round(row.sum * scale) / scale;
  const energyWh = ((sum / row.count) * shape.spanMs) / hourMs;
  return Math.round(Math.max(0, name === "exportWh" ? -energyWh : energyWh) * shape.partsPerWh);
}

/** The fewest decimal digits that write every bound exactly, and so every sum; `floats` when there are too many. */
function decimalDigits(rows: readonly RollupRow[]): number {
  let digits = 0;
  let scale = 1;
  for (const { min, max } of rows) {
    for (const value of [min ?? 0, max ?? 0]) {
      while (Math.round(value * scale) / scale !== value) {
        if (++digits > mostDigits) return floats;
        scale = 10 ** digits;
      }
    }
  }
  for (const row of rows) if (!isWhole(row, scale)) return floats;
  return digits;
}

/** Whether the sum is one of such decimals, but for what adding doubles loses; one that is not, or too large, keeps its value. */
function isWhole({ sum, min, max, count }: RollupRow, scale: number): boolean {
  const most = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0)) * scale;
  const lost = Math.min(0.01, count ** 2 * most * 2 ** -52); // each addition rounds at the size of the sum
  return Math.abs(sum * scale - Math.round(sum * scale)) <= lost && Math.max(most, Math.abs(sum * scale)) <= 2 ** 51;
}
