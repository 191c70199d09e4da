import { expect, test } from "vitest";
import { createCalendar, minuteMs } from "../energy/calendar.ts";
import type { Series } from "../model.ts";
import { add, addSeries, newFolder, open, start } from "../store/harness.ts";
import { allColumns, type Column, channelHistory, type HistoryQuery, sumHistory } from "./history.ts";

const calendar = createCalendar("Asia/Bangkok");
const hour = { fromMs: start, toMs: start + 60 * minuteMs };
const plain: HistoryQuery = {
  ...{ quantity: "power_active", phase: null, step: "quarter_hour", points: null, columns: allColumns },
  ...hour,
};

/** Two meters of power: 600 W each minute, and 1,200 W each half a minute from the half hour on; not all sealed. */
function setUp() {
  const store = open(newFolder());
  const [one, other] = [addSeries(store, "power", "one"), addSeries(store, "power", "other")];
  for (let minute = 0; minute <= 60; minute++) {
    add(store, one.series, { timeMs: start + minute * minuteMs, value: 600 });
    if (minute >= 30) {
      for (const halfMs of [0, minuteMs / 2]) {
        add(store, other.series, { timeMs: start + minute * minuteMs + halfMs, value: 1_200 });
      }
    }
    if (minute === 40) store.commit();
  }
  return { store, one, other };
}

test("a channel's history has a row a span, with its values and its energy", async () => {
  const { store, one } = setUp();
  expect(await channelHistory(store, one.channel, plain, calendar)).toMatchObject({
    ...{ channelId: "one/main", unit: "W", step: "quarter_hour", timeZone: "Asia/Bangkok" },
    timeMs: [0, 15, 30, 45].map((minute) => start + minute * minuteMs),
    ...{ mean: [600, 600, 600, 600], min: [600, 600, 600, 600], max: [600, 600, 600, 600], count: [15, 15, 15, 15] },
    ...{ importWh: [150, 150, 150, 150], exportWh: [0, 0, 0, 0], estimatedWh: [0, 0, 0, 0] },
  });
  store.close();
});

test("a sum adds up what channels measured in each span, and their energies", async () => {
  const { store, one, other } = setUp();
  const sum = await sumHistory(store, "home", [one.channel, other.channel], plain, calendar);
  expect(sum).toMatchObject({
    ...{ mean: [600, 600, 1_800, 1_800], min: [600, 600, 1_800, 1_800], max: [600, 600, 1_800, 1_800] },
    ...{ count: [15, 15, 15, 15], importWh: [150, 150, 450, 450] },
  });
  store.close();
});

test("a span in which a register only moved has energy, and null where nothing was measured", async () => {
  const store = open(newFolder());
  const { channel, series } = addSeries(store, "import_register");
  add(store, series, { timeMs: start, value: 1_000 });
  add(store, series, { timeMs: start + 60 * minuteMs, value: 1_400 });
  const query: HistoryQuery = { ...plain, quantity: "energy_active", columns: ["mean", "min", "max", "importWh"] };
  expect(await channelHistory(store, channel, query, calendar)).toMatchObject({
    ...{ mean: [1_000, null, null, null], min: [1_000, null, null, null], max: [1_000, null, null, null] },
    importWh: Array(4).fill(expect.closeTo(100, 6)),
  });
  const asked = await channelHistory(store, channel, { ...query, columns: ["mean"] }, calendar);
  expect(asked.mean).toEqual([1_000, null, null, null]);
  store.close();
});

test("a register's values are not taken for those of the power that is shown", async () => {
  const store = open(newFolder());
  const { channel, series } = addSeries(store, "import_register");
  const power: Series = { ...series, id: store.newSeriesId(), quantity: "power_active", kind: "power" };
  Object.assign(power, { direction: null, period: null });
  channel.series.set("power", power);
  store.saveSeries(power);
  for (const minute of [0, 1, 2]) add(store, power, { timeMs: start + minute * minuteMs, value: 5_000 });
  for (const minute of [0, 20, 40]) add(store, series, { timeMs: start + minute * minuteMs, value: 1_000 + minute });
  const shown = await channelHistory(store, channel, { ...plain, points: 1 }, calendar);
  expect(shown).toMatchObject({ mean: [5_000], min: [5_000], max: [5_000], count: [3] });
  store.close();
});

test("columns that are asked for alone are those of the whole, at every step and with fewer points", async () => {
  const { store, one, other } = setUp();
  const channels = [one.channel, other.channel];
  for (const step of ["minute", "quarter_hour", "hour", "day", "month"] as const) {
    for (const points of [null, 3]) {
      const whole = await sumHistory(store, "home", channels, { ...plain, step, points }, calendar);
      for (const column of allColumns) {
        const columns: Column[] = [column];
        const alone = await sumHistory(store, "home", channels, { ...plain, step, points, columns }, calendar);
        expect([alone.timeMs, alone[column]]).toEqual([whole.timeMs, whole[column]]);
      }
    }
  }
  store.close();
});

test("raw readings come each with its own time, or as spans when there are more than points", async () => {
  const { store, other } = setUp();
  const raw: HistoryQuery = { ...plain, step: "raw", columns: ["mean", "count"] };
  const each = await channelHistory(store, other.channel, raw, calendar);
  expect(each.timeMs).toEqual(Array.from({ length: 60 }, (_, at) => start + (30 + at / 2) * minuteMs));
  const spans = await channelHistory(store, other.channel, { ...raw, points: 4 }, calendar);
  expect(spans).toMatchObject({ timeMs: [30, 45].map((at) => start + at * minuteMs), count: [30, 30] });
  const few = await channelHistory(store, other.channel, { ...raw, points: 1_000 }, calendar);
  expect(few.timeMs).toEqual(each.timeMs);
  store.close();
});
