import { expect, test } from "vitest";
import { type Layout, readHeader, readRow, rowMessages } from "./wide-csv.ts";

function layoutOf(header: string): Layout {
  const layout = readHeader(header);
  if ("bad" in layout) throw new Error(layout.bad);
  return layout;
}

function messagesOf(header: string, line: string) {
  const layout = layoutOf(header);
  const row = readRow(line, layout);
  if ("bad" in row) throw new Error(row.bad);
  return rowMessages(row, row.tsS, layout, "h1").map(({ topic, payload }) => [topic, JSON.parse(payload)]);
}

test("a row is one message a channel, all units of a channel together", () => {
  expect(messagesOf("ts,mains.W,mains.V,mains.A,mains.VA,fridge.W", "1371254400,186.0,240.1,0.9,201,84.0")).toEqual([
    ["home/h1/sensor/power/total", { w: 186, v: 240.1, a: 0.9, va: 201, ts: 1371254400 }],
    ["home/h1/sensor/power/device/fridge", { w: 84, ts: 1371254400 }],
  ]);
});

test("registers, kilowatts and temperatures get the hub's words", () => {
  expect(messagesOf("ts,energy.kWh_total,mains.kW,outdoor.C", "1413206633,12.5,0.125,25.27")).toEqual([
    ["home/h1/sensor/power/device/energy", { kwh: 12.5, ts: 1413206633 }],
    ["home/h1/sensor/power/total", { w: 125, ts: 1413206633 }],
    ["home/h1/sensor/power/device/outdoor", { temperature: 25.27, ts: 1413206633 }],
  ]);
});

test("scaling adds no digits", () => {
  expect(messagesOf("ts,mains.kW", "1,1.005")).toEqual([["home/h1/sensor/power/total", { w: 1005, ts: 1 }]]);
});

test("empty cells are skipped, and so is a channel without any", () => {
  expect(messagesOf("ts,mains.W,mains.var,fridge.W", "1382026747,382,,")).toEqual([
    ["home/h1/sensor/power/total", { w: 382, ts: 1382026747 }],
  ]);
  expect(messagesOf("ts,mains.W", "1,nan")).toEqual([]);
});

test("columns without a known unit are named; a kWh of an interval is no register", () => {
  expect(layoutOf("ts,mains.VA,mains.col3,minutes,import.kWh,outdoor.F").leftOut).toEqual([
    "mains.col3",
    "minutes",
    "import.kWh",
    "outdoor.F",
  ]);
});

test("ts may stand anywhere, quoted or not", () => {
  expect(messagesOf('"mains.W","ts"', '"5",60')).toEqual([["home/h1/sensor/power/total", { w: 5, ts: 60 }]]);
});

test.each([
  ["time,mains.W", 'the first line has no column "ts" with the UTC time in seconds'],
  ["ts,s01,s02", "the first line has no column such as mains.W or fridge.W"],
])("the header %s is refused", (header, why) => {
  expect(readHeader(header)).toEqual({ bad: expect.stringContaining(why) });
});

test.each([
  ["1,2", "it has 2 cells instead of 3"],
  ["x,2,3", 'ts is "x"'],
  [",2,3", 'ts is ""'],
  ["1,2,three", 'the w of fridge is "three"'],
])("the row %s is refused", (line, why) => {
  expect(readRow(line, layoutOf("ts,mains.W,fridge.W"))).toEqual({ bad: why });
});
