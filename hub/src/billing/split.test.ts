import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadTariffs } from "../../tariffs/load.ts";
import { computeBill } from "./bill.ts";
import { findTariff } from "./book.ts";
import { comparePlans } from "./compare.ts";
import { monthCycle } from "./cycle.ts";
import { projectBill } from "./project.ts";
import { splitCost } from "./split.ts";
import { june, made, quartersOf, uneven } from "./test-tariffs.ts";
import type { Quarters } from "./usage.ts";

const book = loadTariffs();
const month = monthCycle("2026-02");

const thaiBill = (plan: string, importWh: Record<string, number>) =>
  computeBill({ tariff: findTariff(book, plan), cycle: month, usage: { totals: { importWh } } });

describe("a bill that is split", () => {
  test("adds up to the satang, whatever the shares, and what nobody used is the rest", () => {
    const shares = fc.array(fc.record({ peak: fc.nat(900_000), off_peak: fc.nat(900_000) }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom("TH-1.1", "TH-1.3-LV"), shares, fc.nat(500_000), (plan, used, restWh) => {
        const sum = (period: "peak" | "off_peak") => used.reduce((total, one) => total + one[period], restWh);
        const bill = thaiBill(plan, { peak: sum("peak"), off_peak: sum("off_peak") });
        const split = splitCost(
          bill,
          used.map((importWh, index) => ({ key: `meter-${index}`, importWh })),
          { fixed: restWh % 2 === 0 ? "equally" : "by_energy" },
        );
        const total = split.reduce((all, { amountSatang }) => all + amountSatang, 0);
        if (split.length > 0) expect(total).toBe(bill.totalSatang);
      }),
    );
  });

  test("gives everyone the same mean price of a time of use, and peak users the peak", () => {
    const bill = thaiBill("TH-1.3-LV", { peak: 100_000, off_peak: 100_000 });
    const split = splitCost(bill, [
      { key: "day", importWh: { peak: 100_000 } },
      { key: "night", importWh: { off_peak: 60_000 } },
    ]);
    expect(split.map(({ key }) => key)).toEqual(["day", "night", "rest"]);
    const [day, night, rest] = split.map(({ amountSatang }) => amountSatang) as [number, number, number];
    expect(day / night).toBeGreaterThan(2.5);
    expect(night / rest).toBeCloseTo(1.5, 2);
  });

  test("takes taxes by what each share costs, not by its energy", () => {
    const schedule = { rules: [{ period: "night", to: "06:00" }], otherwise: "day" };
    const steps = [{ key: "vat", percent: "20" }];
    const tariff = made({ schedule, versions: [{ energy: { day: "0.50", night: "0.10" }, steps }] });
    const importWh = { day: 10_000, night: 10_000 };
    const bill = computeBill({ tariff, cycle: june, usage: { totals: { importWh } } });
    const sharers = (["day", "night"] as const).map((key) => ({ key, importWh: { [key]: 10_000 } }));
    expect(splitCost(bill, sharers).map(({ amountSatang }) => amountSatang)).toEqual([600, 120]);
  });

  test("shares tiers fairly: half of the energy is half of the bill", () => {
    const bill = thaiBill("TH-1.2", { all: 600_000 });
    const half = { all: 300_000 };
    const split = splitCost(bill, [
      { key: "a", importWh: half },
      { key: "b", importWh: half },
    ]);
    expect(Math.abs((split[0]?.amountSatang ?? 0) - (split[1]?.amountSatang ?? 0))).toBeLessThanOrEqual(1);
  });
});

describe("plans that are compared", () => {
  test("come cheapest first, by day and month, those that cannot be billed last with the reason", () => {
    const uses = ["2025-02", "2025-03"].map((name) => {
      const cycle = monthCycle(name);
      // Only at night: the time-of-use plan wins.
      const quarters = quartersOf(cycle, "Asia/Bangkok", (index) => (index % 96 < 24 ? 500 : 10));
      return { cycle, usage: { quarters } };
    });
    const tariffs = ["TH-1.2", "NO-spot", "TH-1.3-LV", "flat"].map((id) => findTariff(book, id));
    const ranked = comparePlans({ tariffs, uses });
    expect(ranked.map(({ tariffId }) => tariffId)).toEqual(["TH-1.3-LV", "flat", "TH-1.2", "NO-spot"]);
    const [best] = ranked;
    expect(best?.totalSatang).toBe(best?.bills.reduce((sum, { totalSatang }) => sum + totalSatang, 0));
    expect(best?.perDaySatang).toBe(Math.round((best?.totalSatang ?? 0) / 59));
    expect(best?.perMonthSatang).toBe(Math.round(((best?.totalSatang ?? 0) / 59) * 30.4375));
    expect(ranked[3]).toMatchObject({ totalSatang: null, problem: { message: expect.stringContaining("spot") } });
  });

  test("hand their credits from cycle to cycle", () => {
    const tariff = made({ versions: [{ export: { mode: "net" } }] });
    const use = (cycle: string, importWh: number, exportWh: number) => ({
      cycle: monthCycle(cycle),
      usage: { totals: { importWh: { all: importWh }, exportWh: { all: exportWh } } },
    });
    const [cost] = comparePlans({ tariffs: [tariff], uses: [use("2026-06", 0, 50_000), use("2026-07", 60_000, 0)] });
    expect(cost?.totalSatang).toBe(300);
  });
});

describe("a cycle that is projected", () => {
  const weekly = (index: number) => (Math.floor(index / 96) % 7 >= 5 ? 300 : 100); // 1 June 2026 is a Monday
  const until = (quarters: Quarters, nowMs: number): Quarters => {
    const count = Array.from(quarters.startMs).filter((timeMs) => timeMs < nowMs).length;
    const cut = (column: ArrayLike<number>) => Array.from(column).slice(0, count);
    return { startMs: cut(quarters.startMs), importWh: cut(quarters.importWh), exportWh: null };
  };

  test("ends where the same workdays and weekends lead", () => {
    const whole = quartersOf(june, "Europe/Berlin", weekly);
    const nowMs = Date.UTC(2026, 5, 16, 10, 7);
    const projection = projectBill({ tariff: made(), cycle: june, quarters: until(whole, nowMs), nowMs });
    const truth = computeBill({ tariff: made(), cycle: june, usage: { quarters: whole } });
    expect(projection.expected?.totalSatang).toBe(truth.totalSatang);
    expect(projection.low?.totalSatang).toBe(truth.totalSatang);
    expect(projection.learnedDays).toBe(15);
    expect(projection.toDate.totalSatang).toBeLessThan(truth.totalSatang);
    expect(projection.toDate.notes).toEqual([]);
  });

  test("has a range that days of uneven use widen and that closes with the cycle", () => {
    const whole = quartersOf(
      june,
      "Europe/Berlin",
      (index) => (Math.floor(index / 96) % 3) * 100 + (uneven(index) % 50),
    );
    const width = (day: number) => {
      const nowMs = Date.UTC(2026, 5, day);
      const { low, expected, high } = projectBill({
        tariff: made(),
        cycle: june,
        quarters: until(whole, nowMs),
        nowMs,
      });
      expect(low!.totalSatang).toBeLessThanOrEqual(expected!.totalSatang);
      expect(expected!.totalSatang).toBeLessThanOrEqual(high!.totalSatang);
      return high!.totalSatang - low!.totalSatang;
    };
    expect(width(10)).toBeGreaterThan(width(20));
    expect(width(20)).toBeGreaterThan(width(29));
  });

  test("is not guessed before there is a whole day, and learns from days before the cycle", () => {
    const nowMs = Date.UTC(2026, 5, 1, 4);
    const today = until(quartersOf(june, "Europe/Berlin", weekly), nowMs);
    expect(projectBill({ tariff: made(), cycle: june, quarters: today, nowMs })).toMatchObject({
      expected: null,
      learnedDays: 0,
    });
    const since = quartersOf({ start: "2026-05-25", end: "2026-07-01" }, "Europe/Berlin", weekly);
    const learned = projectBill({ tariff: made(), cycle: june, quarters: until(since, nowMs), nowMs });
    expect(learned.learnedDays).toBe(7);
    expect(learned.expected?.billedKwh).toBe(String((22 * 96 * 100 + 8 * 96 * 300) / 1000));
  });
});
