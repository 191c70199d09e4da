import { describe, expect, test } from "vitest";
import { loadTariffs } from "../../tariffs/load.ts";
import { hourMs, quarterMs } from "../energy/calendar.ts";
import { amountOf, computeBill } from "./bill.ts";
import { findTariff } from "./book.ts";
import { monthCycle } from "./cycle.ts";
import { billTotals, june, made, quartersOf } from "./test-tariffs.ts";

const vat = { key: "vat", percent: "20" };

describe("energy given out", () => {
  test("is paid apart, on the bill, or before the taxes", () => {
    const bills = (["separately", "on_bill", "before_steps"] as const).map((settled) =>
      billTotals(made({ versions: [{ steps: [vat], export: { mode: "credit", price: "0.10", settled } }] }), 100, {
        exportKwh: 50,
      }),
    );
    expect(bills.map(({ totalSatang }) => totalSatang)).toEqual([3600, 3100, 3000]);
    expect(bills.map(({ separateLines }) => separateLines.length)).toEqual([1, 0, 0]);
  });

  test("beyond the bill is paid out, carried to the next bill, or lost", () => {
    const bills = (["pay", "carry", "forfeit"] as const).map((surplus) => {
      const tariff = made({ versions: [{ export: { mode: "credit", price: "0.10", settled: "on_bill", surplus } }] });
      const first = billTotals(tariff, 10, { exportKwh: 50 });
      const second = billTotals(tariff, 10, { carry: first.carry, cycle: monthCycle("2026-07") });
      return [first.totalSatang, first.carry.satang, second.totalSatang, second.carry.satang];
    });
    expect(bills).toEqual([
      [-200, 0, 300, 0],
      [0, 200, 100, 0],
      [0, 0, 300, 0],
    ]);
  });

  test("that just pays the bill leaves nothing to carry", () => {
    const tariff = made({
      versions: [{ export: { mode: "credit", price: "0.10", settled: "on_bill", surplus: "carry" } }],
    });
    const one = billTotals(tariff, 10, { exportKwh: 30 });
    expect(one.lines.map(({ key }) => key)).toEqual(["energy", "export"]);
    expect(one.totalSatang).toBe(0);
  });

  test("is netted by time of use, and what is left waits for later cycles", () => {
    const tariff = findTariff(loadTariffs(), "net-metering");
    const bill = (month: string, wh: Record<string, number>, exportWh: Record<string, number>, carry = {}) =>
      computeBill({
        tariff,
        cycle: monthCycle(month),
        usage: { totals: { importWh: { peak: 0, shoulder: 0, off_peak: 0, ...wh }, exportWh } },
        options: carry,
      });
    const first = bill("2026-06", { peak: 100_000, off_peak: 50_000 }, { peak: 30_000, off_peak: 80_000 });
    expect(amountOf(first, "energy")).toBe(70 * 52);
    expect(first.carry).toEqual({ wh: { peak: 0, shoulder: 0, off_peak: 30_000 }, satang: 0 });
    const second = bill("2026-07", { peak: 10_000, off_peak: 50_000 }, {}, { carry: first.carry });
    expect(amountOf(second, "energy")).toBe(10 * 52 + 20 * 29);
    expect(second.totalSatang).toBe(1200); // the minimum
    expect(second.carry.wh.off_peak).toBe(0);
  });

  test("that is left after netting may be sold", () => {
    const tariff = made({ versions: [{ export: { mode: "net", price: "0.05", surplus: "pay", settled: "on_bill" } }] });
    const one = billTotals(tariff, 10, { exportKwh: 50 });
    expect(one.lines.map(({ key, quantity, amountSatang }) => [key, quantity, amountSatang])).toEqual([
      ["energy", "0", 0],
      ["export", "40", -200],
    ]);
  });
});

describe("prices by the hour", () => {
  const tariff = made({
    versions: [
      {
        energy: { all: { prices: "spot", factor: "0.001", add: "0.02" } },
        export: { mode: "credit", price: { prices: "spot", factor: "0.001" }, settled: "on_bill" },
      },
    ],
  });
  const usage = {
    quarters: quartersOf(
      june,
      "Europe/Berlin",
      () => 250,
      (index) => (index % 4 === 0 ? 100 : 0),
    ),
  };
  const startMs = usage.quarters.startMs[0] as number;
  const hours = Array.from({ length: 720 }, (_, hour) => startMs + hour * hourMs);
  const series = (price: (hour: number) => number | string, keep = (_: number) => true) => {
    const kept = hours.filter((_, hour) => keep(hour));
    return {
      spot: { startMs: kept, pricePerKwh: kept.map((timeMs) => price((timeMs - startMs) / hourMs)), stepMs: hourMs },
    };
  };
  const bill = (prices: ReturnType<typeof series>) => computeBill({ tariff, cycle: june, usage, options: { prices } });

  test("weigh each quarter hour, below zero too, and pay for what is given out", () => {
    // Prices per MWh: 100.10 by day, -20 by night: 1 kWh an hour, 0.1 kWh out.
    const prices = series((hour) => (hour % 24 < 12 ? "100.10" : -20));
    const { lines } = bill(prices);
    expect(lines.map(({ key, amountSatang }) => [key, amountSatang])).toEqual([
      ["energy", Math.round(360 * (10.01 + 2) + 360 * (-2 + 2))],
      ["export", -Math.round(36 * 10.01 - 36 * 2)],
    ]);
  });

  test("that are missing are taken as the mean of the others, and counted", () => {
    const one = bill(
      series(
        () => 50,
        (hour) => hour % 10 !== 3,
      ),
    );
    expect(amountOf(one, "energy")).toBe(720 * 7);
    expect(one.notes).toEqual([{ key: "prices_missing", quarters: 72 * 4 }]);
  });

  test("by the quarter hour count as such, and prices must be there", () => {
    const times = usage.quarters.startMs;
    const prices = { startMs: times, pricePerKwh: Array.from(times, (_, index) => index % 4), stepMs: quarterMs };
    const one = computeBill({ tariff, cycle: june, usage, options: { prices: { spot: prices } } });
    expect(amountOf(one, "energy")).toBe(Math.round((720 * 0.25 * (0 + 1 + 2 + 3) * 100) / 1000) + 720 * 2);
    expect(() => computeBill({ tariff, cycle: june, usage })).toThrow('no prices "spot"');
    expect(() => bill(series(() => "cheap"))).toThrow("is no price");
    expect(() => billTotals(tariff, 100)).toThrow("prices by the hour");
  });
});
