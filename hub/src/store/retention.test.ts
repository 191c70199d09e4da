import { expect, test, vi } from "vitest";
import { hourMs } from "../energy/calendar.ts";
import { add, addMany, addSeries, list, newFolder, open, rows, start, stored } from "./harness.ts";

const dayMs = 24 * hourMs;
const days = 20;

/** A store with twenty days of a power series, a reading a minute. */
function setUp(nowMs: () => number | null = () => start + days * dayMs) {
  const folder = newFolder();
  const store = open(folder, { knownTimeMs: nowMs });
  const { series } = addSeries(store);
  const readings = addMany(store, series, start, days * 1_440, 60_000);
  store.close();
  const reopened = open(folder, { knownTimeMs: nowMs });
  const [meter] = reopened.loadMeters();
  const [again] = meter!.channels.get("")!.series.values();
  return { folder, store: reopened, series: again!, readings };
}

const keep = (rawDays: number | null, minuteDays: number | null = null) => ({
  default: { rawDays, minuteDays },
  quantities: {},
});

test("raw readings go when they are old, and their rollups stay", async () => {
  const { store, series, readings } = setUp();
  const before = { minute: stored(store, series, "minute"), day: stored(store, series, "day") };
  store.setRetention(keep(5));
  await vi.waitFor(() => expect(list(store, series).length).toBeLessThan(readings.length / 2));
  const left = list(store, series);
  expect(left).toEqual(readings.slice(-left.length));
  expect(left[0]!.timeMs).toBeGreaterThan(start + (days - 7) * dayMs); // by whole chunks of a day
  expect(left[0]!.timeMs).toBeLessThanOrEqual(start + (days - 5) * dayMs);
  expect(stored(store, series, "minute")).toEqual(before.minute);
  expect(stored(store, series, "day")).toEqual(before.day);
  store.close();
});

test("minutes go by their own rule, quarter hours and days stay", async () => {
  const { store, series } = setUp();
  const quarters = stored(store, series, "quarter");
  store.setRetention(keep(1, 3));
  await vi.waitFor(() => expect(stored(store, series, "minute").size).toBeLessThan(4 * 1_440));
  expect(stored(store, series, "minute").size).toBeGreaterThanOrEqual(3 * 1_440);
  expect(stored(store, series, "quarter")).toEqual(quarters);
  store.close();
});

test("rules are by quantity, and known after a restart", async () => {
  const { folder, store, series, readings } = setUp();
  store.setRetention({ ...keep(1), quantities: { power_active: { rawDays: null, minuteDays: null } } });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(list(store, series)).toHaveLength(readings.length);
  store.close();
  const reopened = open(folder);
  expect(reopened.storage().retention.quantities.power_active?.rawDays).toBeNull();
  expect(() => reopened.setRetention(keep(0))).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  reopened.close();
});

test("nothing goes for its age while the time is not known", async () => {
  const { store, series, readings } = setUp(() => null);
  store.setRetention(keep(1));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(list(store, series)).toHaveLength(readings.length);
  store.close();
});

test("a late reading among deleted ones takes nothing from their rollups", async () => {
  const { store, series, readings } = setUp();
  const before = stored(store, series, "quarter");
  store.setRetention(keep(5));
  await vi.waitFor(() => expect(list(store, series).length).toBeLessThan(readings.length / 2));
  add(store, series, { timeMs: start + dayMs + 30_000, value: 9_999 });
  expect(stored(store, series, "quarter")).toEqual(before);
  const [first] = rows(store, series, "day");
  expect(first?.count).toBeGreaterThan(100);
  store.close();
});

test("the newest readings of a series that is silent for long stay, so that its last is known", async () => {
  const { store, series } = setUp(() => start + 400 * dayMs);
  store.setRetention(keep(1, 1));
  await vi.waitFor(() => expect(list(store, series).length).toBeLessThan(2_000));
  expect(list(store, series).length).toBeGreaterThan(0);
  store.close();
});

test("the forecast tells what a quantity takes now, a day, and in ten years", async () => {
  const { store } = setUp();
  store.setRetention(keep(90, 730));
  const [usage] = store.storage().quantities;
  expect(usage).toMatchObject({ quantity: "power_active", series: 1 });
  expect(usage!.bytes).toBeGreaterThan(usage!.bytesPerDay * (days - 3));
  expect(usage!.bytes).toBeLessThan(usage!.bytesPerDay * (days + 3));
  expect(usage!.bytesInTenYears).toBeGreaterThan(usage!.bytesPerDay * 90);
  expect(usage!.bytesInTenYears).toBeLessThan(usage!.bytesPerDay * 3_653);
  store.close();
});
