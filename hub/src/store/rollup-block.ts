/**
 * A block of rollups of one series as bytes: a tenth of what rows would take. Sums and bounds are whole numbers after
 * scaling by the values' decimal digits, so that they stay exact; bounds are written as distances from the mean, and
 * the energy of steady power as its distance from mean power times span.
 */
import { hourMs } from "../energy/calendar.ts";
import type { Rollup } from "../energy/rollup.ts";
import { checked, createByteReader, createByteWriter, withChecksum } from "./bytes.ts";
import type { Coding } from "./columns/integers.ts";
import { decodeTimes, encodeTimes } from "./columns/times.ts";
import { decodeValues, encodeValues } from "./columns/values.ts";

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
  /** Energies are kept to so many decimal digits of a Wh. */
  energyDigits: number;
}

/** Marks values that no six decimal digits write exactly: sums and bounds are then plain numbers. */
const floats = 255;
const mostDigits = 6;
const energies = ["importWh", "exportWh", "estimatedWh"] as const;
type EnergyName = (typeof energies)[number];
/** In the byte before an energy's column. */
const form = { zero: 0, plain: 1, nearMean: 2 } as const;

const writer = createByteWriter();

/** Rows in order of time; `quick` for a block that more rows are soon added to. */
export function encodeBlock(rows: readonly RollupRow[], shape: BlockShape, coding: Coding): Uint8Array {
  writer.start();
  const column = (value: (row: RollupRow) => number) => encodeValues(columnOf(rows, value), coding);
  const digits = decimalDigits(rows);
  const scale = 10 ** digits;
  writer.block(
    encodeTimes(
      Float64Array.from(rows, (row) => (row.startMs - shape.startMs) / shape.gridMs),
      coding,
    ),
  );
  writer.block(column((row) => row.count));
  writer.varint(digits);
  if (digits === floats) {
    writer.block(column((row) => row.sum));
    writer.block(column((row) => row.min ?? 0));
    writer.block(column((row) => row.max ?? 0));
  } else {
    writer.block(column((row) => Math.round(row.sum * scale)));
    writer.block(column((row) => scaledMean(row, scale) - Math.round((row.min ?? 0) * scale)));
    writer.block(column((row) => Math.round((row.max ?? 0) * scale) - scaledMean(row, scale)));
  }
  for (const name of energies) writeEnergies(rows, name, digits, shape, coding);
  return withChecksum(writer.bytes());
}

/** An energy's column: nothing when there is none, and the shorter of two forms otherwise. */
function writeEnergies(
  rows: readonly RollupRow[],
  name: EnergyName,
  digits: number,
  shape: BlockShape,
  coding: Coding,
): void {
  if (rows.every((row) => row[name] === 0)) {
    writer.varint(form.zero);
    return;
  }
  const unit = 10 ** shape.energyDigits;
  const plain = encodeValues(
    columnOf(rows, (row) => Math.round(row[name] * unit)),
    coding,
  );
  const distance = (row: RollupRow) => Math.round(row[name] * unit) - meanEnergy(row, name, digits, shape);
  const near = name === "estimatedWh" ? plain : encodeValues(columnOf(rows, distance), coding);
  const isNear = near.length < plain.length;
  writer.varint(isNear ? form.nearMean : form.plain);
  writer.block(isNear ? near : plain);
}

function columnOf(rows: readonly RollupRow[], value: (row: RollupRow) => number): Float64Array {
  const column = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index++) column[index] = value(rows[index]!);
  return column;
}

/** The rows of a block, in order of time. Throws when the bytes are damaged. */
export function decodeBlock(bytes: Uint8Array, shape: BlockShape): RollupRow[] {
  const reader = createByteReader(checked(bytes));
  const grid = decodeTimes(reader.block());
  const counts = decodeValues(reader.block());
  const digits = reader.varint();
  const scale = 10 ** digits;
  const [sums, lows, highs] = [
    decodeValues(reader.block()),
    decodeValues(reader.block()),
    decodeValues(reader.block()),
  ];
  const rows: RollupRow[] = new Array(grid.length);
  for (let index = 0; index < grid.length; index++) {
    const row: RollupRow = {
      startMs: shape.startMs + grid[index]! * shape.gridMs,
      count: counts[index]!,
      sum: digits === floats ? sums[index]! : sums[index]! / scale,
      ...{ min: null, max: null, importWh: 0, exportWh: 0, estimatedWh: 0 },
    };
    if (row.count > 0) {
      const mean = digits === floats ? 0 : scaledMean(row, scale);
      row.min = digits === floats ? lows[index]! : (mean - lows[index]!) / scale;
      row.max = digits === floats ? highs[index]! : (mean + highs[index]!) / scale;
    }
    rows[index] = row;
  }
  const unit = 10 ** shape.energyDigits;
  for (const name of energies) {
    const written = reader.varint();
    if (written === form.zero) continue;
    const column = decodeValues(reader.block());
    rows.forEach((row, index) => {
      const base = written === form.nearMean ? meanEnergy(row, name, digits, shape) : 0;
      row[name] = (column[index]! + base) / unit;
    });
  }
  return rows;
}

/** The mean as a whole number after scaling; the same from a row as written and as read. */
function scaledMean({ sum, count }: Rollup, scale: number): number {
  return count === 0 ? 0 : Math.round(Math.round(sum * scale) / count);
}

/** What the mean power would come to over the whole span, as a whole number of the energy's unit. */
function meanEnergy(row: Rollup, name: EnergyName, digits: number, shape: BlockShape): number {
  if (row.count === 0) return 0;
  const sum = digits === floats ? row.sum : Math.round(row.sum * 10 ** digits) / 10 ** digits;
  const energyWh = ((sum / row.count) * shape.spanMs) / hourMs;
  return Math.round(Math.max(0, name === "exportWh" ? -energyWh : energyWh) * 10 ** shape.energyDigits);
}

/** The fewest decimal digits that write every bound exactly, and so every sum; `floats` when there are too many. */
function decimalDigits(rows: readonly RollupRow[]): number {
  let digits = 0;
  let scale = 1;
  for (const { min, max, sum } of rows) {
    for (const value of [min ?? 0, max ?? 0]) {
      while (Math.round(value * scale) / scale !== value) {
        if (++digits > mostDigits) return floats;
        scale = 10 ** digits;
      }
    }
    // A double that is no sum of such decimals, or too large a one, keeps its exact value.
    if (Math.abs(sum * scale - Math.round(sum * scale)) > 0.01 || Math.abs(sum * scale) > 2 ** 51) return floats;
  }
  return digits;
}
