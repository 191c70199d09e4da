import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadTariffs } from "../../tariffs/load.ts";
import { amountOf, computeBill } from "./bill.ts";
import { findTariff } from "./book.ts";
import { type Cycle, cycleAt, dayFrom, monthCycle } from "./cycle.ts";
import { made, quartersOf, uneven } from "./test-tariffs.ts";
import type { Usage } from "./usage.ts";

const book = loadTariffs();
const thaiPlans = [...book.tariffs.keys()].filter((id) => id.startsWith("TH-"));

const bill = (plan: string, cycle: Cycle, usage: Usage) =>
  computeBill({ tariff: findTariff(book, plan), cycle, usage });

describe("laws of bills", () => {
  test("more energy never costs less, on any Thai plan in any month whose Ft is not negative", () => {
    const months = fc.constantFrom("2022-02", "2022-12", "2023-01", "2023-10", "2025-02", "2026-03");
    const kwh = fc.nat(1_200);
    fc.assert(
      fc.property(fc.constantFrom(...thaiPlans), months, kwh, kwh, fc.nat(100), (plan, month, peak, offPeak, more) => {
        const totals = (extra: number) => ({ importWh: { peak: (peak + extra) * 1000, off_peak: offPeak * 1000 } });
        const [less, larger] = [0, more].map((extra) => bill(plan, monthCycle(month), { totals: totals(extra) }));
        expect(larger!.totalSatang).toBeGreaterThanOrEqual(less!.totalSatang);
      }),
    );
  });

  test("the lines add up to the total", () => {
    fc.assert(
      fc.property(fc.constantFrom(...thaiPlans), fc.nat(3_000), fc.nat(3_000), (plan, peak, offPeak) => {
        const totals = { importWh: { peak: peak * 1000, off_peak: offPeak * 1000 } };
        const one = bill(plan, monthCycle("2024-05"), { totals });
        const parts = ["energy", "fixed", "adjustment", "tax"].map((kind) => amountOf(one, kind));
        expect(parts.reduce((a, b) => a + b, 0)).toBe(one.totalSatang);
        expect(one.periods.reduce((sum, { amountSatang }) => sum + (amountSatang ?? 0), 0)).toBe(
          amountOf(one, "energy"),
        );
      }),
    );
  });

  test("a year in cycles from the 31st bills what the days bill, where no line depends on the cycle", () => {
    const schedule = { rules: [{ period: "peak", from: "08:00", to: "20:00" }], otherwise: "off_peak" };
    const energy = { peak: "0.40", off_peak: "0.20" };
    const tariff = made({ schedule, versions: [{ energy, fixed: [{ key: "base", amount: "0.50", per: "day" }] }] });
    const year = { start: "2027-12-31", end: "2028-12-31" };
    // 100 Wh at 0.40 or 0.20 is 4 or 2 hundredths: nothing is rounded.
    const usage = { quarters: quartersOf(year, "Europe/Berlin", (index) => 100 * (index % 7)) };
    const whole = computeBill({ tariff, cycle: year, usage }).totalSatang;
    let sum = 0;
    let cycle = cycleAt(year.start, { startDay: 31 });
    for (; cycle.start < year.end; cycle = cycleAt(cycle.end, { startDay: 31 })) {
      sum += computeBill({ tariff, cycle, usage }).totalSatang;
    }
    expect(cycle.start).toBe(year.end);
    expect(sum).toBe(whole);
  });

  test.each([
    ["Asia/Bangkok", 8760],
    ["Europe/London", 8760],
    ["America/New_York", 8760],
    ["America/St_Johns", 8760],
    ["America/Santiago", 8760],
    ["Asia/Kathmandu", 8760],
    ["Australia/Lord_Howe", 8760],
    ["Africa/Casablanca", 8760],
    ["Pacific/Chatham", 8760],
    ["America/Los_Angeles", 8760],
  ])("a year's months in %s hold every quarter hour once, by time of use", (timeZone, hours) => {
    const usage = { quarters: quartersOf({ start: "2025-01-01", end: "2026-01-01" }, timeZone, uneven) };
    const allWh = Array.from(usage.quarters.importWh).reduce((a, b) => a + b, 0);
    expect(usage.quarters.startMs.length).toBe(hours * 4);
    const tariff = findTariff(book, "TH-1.3-LV");
    let [sumWh, missing] = [0, 0];
    for (let month = 1; month <= 12; month++) {
      const cycle = monthCycle(`2025-${String(month).padStart(2, "0")}`);
      const one = computeBill({ tariff, cycle, usage, options: { timeZone } });
      sumWh += one.periods.reduce((sum, { importWh }) => sum + importWh, 0);
      missing += one.notes.filter(({ key }) => key === "energy_missing").length;
    }
    expect(sumWh).toBe(allWh);
    expect(missing).toBe(0);
  });

  test("days of changing clocks have 92 and 100 quarter hours", () => {
    const count = (date: string) => {
      const cycle = { start: date, end: dayFrom(date, 1) };
      const usage = { quarters: quartersOf(cycle, "Europe/Berlin", () => 1000) };
      return computeBill({ tariff: made(), cycle, usage }).billedKwh;
    };
    expect(["2026-03-29", "2026-10-25", "2028-02-29"].map(count)).toEqual(["92", "100", "96"]);
  });

  test("quarter hours that are missing are counted, ones that cannot be are refused", () => {
    const cycle = monthCycle("2025-02");
    const quarters = quartersOf(cycle, "Asia/Bangkok", () => 100);
    const some = { ...quarters, startMs: quarters.startMs, importWh: quarters.importWh };
    const keep = Array.from(some.startMs, (_, index) => index).filter((index) => index % 96 !== 5);
    const column = (values: ArrayLike<number>) => keep.map((index) => values[index] as number);
    const holed = { startMs: column(some.startMs), importWh: column(some.importWh), exportWh: null };
    const one = bill("TH-1.2", cycle, { quarters: holed });
    expect(one.notes).toEqual([{ key: "energy_missing", quarters: 28 }]);
    const wrong = (startMs: number[], importWh: number[]) => () =>
      bill("TH-1.2", cycle, { quarters: { startMs, importWh, exportWh: null } });
    const first = quarters.startMs[0] as number;
    expect(wrong([first], [-1])).toThrow("no energy");
    expect(wrong([first], [Number.NaN])).toThrow("no energy");
    expect(wrong([first, first], [1, 1])).toThrow("do not rise");
  });
});
