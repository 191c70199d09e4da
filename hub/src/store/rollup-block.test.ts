import { expect, test } from "vitest";
import { minuteMs } from "../energy/calendar.ts";
import { emptyRollup } from "../energy/rollup.ts";
import { columnsFrom, emptyColumns, type RollupRow, rowsOf } from "../energy/rollup-columns.ts";
import { decodeBlock, encodeBlock } from "./rollup-block.ts";

const shape = { startMs: 0, gridMs: minuteMs, spanMs: minuteMs, partsPerWh: 1e4, isCompressed: true };

function encode(rows: readonly RollupRow[], isKept: boolean): Uint8Array {
  return encodeBlock(columnsFrom(rows.map(({ startMs, ...rollup }) => [startMs, rollup])), shape, isKept);
}

function decode(block: Uint8Array): RollupRow[] {
  const rollups = emptyColumns();
  decodeBlock(block, shape, rollups);
  return rowsOf(rollups);
}

/** Three hours of minutes, each of sixty values that the function gives. */
function minutesOf(value: (at: number) => number): RollupRow[] {
  return Array.from({ length: 180 }, (_, minute) => {
    const row = { startMs: minute * minuteMs, ...emptyRollup() };
    for (let at = 0; at < 60; at++) {
      const one = value(minute * 60 + at);
      row.count++;
      row.sum += one;
      row.min = Math.min(row.min ?? one, one);
      row.max = Math.max(row.max ?? one, one);
    }
    return row;
  });
}

test("minutes of decimals are small and exact, whatever adding doubles has rounded", () => {
  const rows = minutesOf((at) => Math.round(2_300 + 30 * Math.sin(at / 700) + ((at * 7_919) % 13)) / 10);
  const block = encode(rows, true);
  expect(block.length / rows.length).toBeLessThan(5);
  decode(block).forEach((row, index) => {
    const { sum, ...rest } = rows[index]!;
    expect(row).toMatchObject(rest);
    expect(row.sum).toBeCloseTo(sum, 8);
  });
});

test("sums of what is finer than the bounds keep their value", () => {
  const fine = { startMs: 0, ...emptyRollup(), count: 4, sum: 1.009, min: 0, max: 1 };
  expect(decode(encode([fine], false))).toEqual([fine]);
});

test("a block is added behind what was read before, and a damaged one is not", () => {
  const rows = minutesOf((at) => at % 7);
  const rollups = emptyColumns(1);
  const block = encode(rows, true);
  decodeBlock(block, shape, rollups);
  decodeBlock(block, { ...shape, startMs: 180 * minuteMs }, rollups);
  const later = rows.map((row) => ({ ...row, startMs: row.startMs + 180 * minuteMs }));
  expect(rowsOf(rollups)).toEqual([...rows, ...later]);
  block[9]! ^= 1;
  expect(() => decodeBlock(block, shape, rollups)).toThrow("checksum");
  expect(rollups.length).toBe(360);
});

test("means alone are those of the whole, and minutes that have only energy stay", () => {
  const measured = minutesOf((at) => at % 7);
  const silent = { startMs: 180 * minuteMs, ...emptyRollup(), importWh: 5 };
  for (const rows of [measured, [...measured, silent], minutesOf(() => Math.PI)]) {
    const whole = emptyColumns();
    const means = emptyColumns();
    decodeBlock(encode(rows, false), shape, whole);
    decodeBlock(encode(rows, false), shape, means, true);
    expect(means.count.subarray(0, means.length)).toEqual(whole.count.subarray(0, whole.length));
    expect(means.sum.subarray(0, means.length)).toEqual(whole.sum.subarray(0, whole.length));
    const energyWh = (columns: typeof whole) => columns.importWh[columns.length - 1];
    if (rows.at(-1) === silent) expect(energyWh(means)).toBe(energyWh(whole));
  }
});
