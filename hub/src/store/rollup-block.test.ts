import { expect, test } from "vitest";
import { minuteMs } from "../energy/calendar.ts";
import { emptyRollup } from "../energy/rollup.ts";
import { decodeBlock, encodeBlock, type RollupRow } from "./rollup-block.ts";

const shape = { startMs: 0, gridMs: minuteMs, spanMs: minuteMs, partsPerWh: 1e4, isCompressed: true };

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
  const block = encodeBlock(rows, shape, true);
  expect(block.length / rows.length).toBeLessThan(5);
  decodeBlock(block, shape).forEach((row, index) => {
    const { sum, ...rest } = rows[index]!;
    expect(row).toMatchObject(rest);
    expect(row.sum).toBeCloseTo(sum, 8);
  });
});

test("sums of what is finer than the bounds keep their value", () => {
  const fine = { startMs: 0, ...emptyRollup(), count: 4, sum: 1.009, min: 0, max: 1 };
  expect(decodeBlock(encodeBlock([fine], shape, false), shape)).toEqual([fine]);
});
