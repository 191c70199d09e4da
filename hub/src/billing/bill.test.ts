import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amountOf, computeBill } from "./bill.ts";
import type { BookTariff } from "./book.ts";
import { type Cycle, monthCycle } from "./cycle.ts";
import { billTotals, june, made, quartersOf } from "./test-tariffs.ts";

describe("a price that changes inside a cycle", () => {
  const change = made({ versions: [{}, { from: "2026-06-11", energy: { all: "0.60" } }] });

  test("bills each part at its own price, by what was used in it", () => {
    // 10 days of 96 × 100 Wh at 0.30, 20 days at 0.60.
    const usage = { quarters: quartersOf(june, "Europe/Berlin", () => 100) };
    const { lines, totalSatang, notes } = computeBill({ tariff: change, cycle: june, usage });
    expect(lines.map(({ quantity, rate, amountSatang, span }) => [quantity, rate, amountSatang, span])).toEqual([
      ["96", "0.3", 2880, { start: "2026-06-01", end: "2026-06-11" }],
      ["192", "0.6", 11520, { start: "2026-06-11", end: "2026-07-01" }],
    ]);
    expect(totalSatang).toBe(14400);
    expect(notes).toEqual([]);
  });

  test("divides totals by days, and says so", () => {
    const one = billTotals(change, 300);
    expect(one.lines.map(({ quantity }) => quantity)).toEqual(["100", "200"]);
    expect(one.notes).toEqual([{ key: "use_spread_by_days" }]);
  });

  test("divides a charge of the cycle by days, and takes one tax on all when it stays the same", () => {
    const fixed = (amount: string) => [{ key: "base", amount, per: "cycle" as const }];
    const steps = [{ key: "vat", percent: "20" }];
    const tariff = made({
      versions: [
        { fixed: fixed("9.00"), steps },
        { from: "2026-06-11", fixed: fixed("18.00"), steps },
      ],
    });
    const one = billTotals(tariff, 0);
    expect(one.lines.filter(({ kind }) => kind === "fixed").map(({ amountSatang }) => amountSatang)).toEqual([
      300, 1200,
    ]);
    expect(one.lines.filter(({ key }) => key === "vat")).toMatchObject([{ amountSatang: 300, span: june }]);
  });

  test("takes a tax that changes on each part's own lines", () => {
    const steps = (percent: string) => [{ key: "vat", percent }];
    const tariff = made({ versions: [{ steps: steps("10") }, { from: "2026-06-11", steps: steps("20") }] });
    const vat = billTotals(tariff, 300).lines.filter(({ key }) => key === "vat");
    expect(vat.map(({ amountSatang }) => amountSatang)).toEqual([300, 1200]);
  });

  test("fills tiers from one part to the next, or shares their limits by days, as the tariff says", () => {
    const tiers = [
      { upToKwh: "150", price: "0.10" },
      { upToKwh: null, price: "0.20" },
    ];
    const dearer = tiers.map(({ upToKwh, price }) => ({ upToKwh, price: price.replace("0.", "1.") }));
    const bills = (["continue", "share"] as const).map((onChange) => {
      const energy = (list: typeof tiers) => ({ all: { tiers: list, onChange } });
      return billTotals(
        made({ versions: [{ energy: energy(tiers) }, { from: "2026-06-11", energy: energy(dearer) }] }),
        300,
      );
    });
    expect(bills.map(({ lines }) => lines.map(({ quantity, rate }) => `${quantity} × ${rate}`))).toEqual([
      ["100 × 0.1", "50 × 1.1", "150 × 1.2"],
      ["50 × 0.1", "50 × 0.2", "100 × 1.1", "100 × 1.2"],
    ]);
  });

  test("leaves no mark when nothing changes", () => {
    const steps = [{ key: "vat", percent: "7" }];
    const energy = {
      all: {
        tiers: [
          { upToKwh: "100", price: "0.1234" },
          { upToKwh: null, price: "0.4567" },
        ],
      },
    };
    const fixed = [{ key: "base", amount: "9.99", per: "cycle" as const }];
    const whole = made({ versions: [{ energy, fixed, steps }] });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 0, max: 900_000 }), (day, wh) => {
        const from = `2026-06-${String(day).padStart(2, "0")}`;
        const cut = made({
          versions: [
            { energy, fixed, steps },
            { from, energy, fixed, steps },
          ],
        });
        expect(billTotals(cut, wh / 1000)).toEqual(billTotals(whole, wh / 1000));
      }),
    );
  });
});

describe("the parts of a tariff", () => {
  test("tiers by the day grow with the days of the cycle", () => {
    const tiers = [
      { upToKwh: "10", price: "0.10" },
      { upToKwh: null, price: "0.20" },
    ];
    const daily = made({ versions: [{ energy: { all: { tiers, limits: "day" } } }] });
    expect(billTotals(daily, 310).lines.map(({ quantity }) => quantity)).toEqual(["300", "10"]);
    expect(billTotals(daily, 310, { cycle: monthCycle("2026-07") }).lines.map(({ quantity }) => quantity)).toEqual([
      "310",
    ]);
  });

  test("charges by day, month and year follow the calendar, leap years too", () => {
    const charge = (per: "day" | "month" | "year") =>
      made({ versions: [{ fixed: [{ key: "base", amount: "366.00", per }] }] });
    const fixed = (per: "day" | "month" | "year", cycle: Cycle) =>
      amountOf(billTotals(charge(per), 0, { cycle }), "fixed");
    expect(fixed("day", monthCycle("2028-02"))).toBe(29 * 36600);
    expect(fixed("month", monthCycle("2028-02"))).toBe(36600);
    expect(fixed("month", { start: "2026-01-31", end: "2026-03-01" })).toBe(Math.round(36600 * (1 / 31 + 1)));
    expect(fixed("year", monthCycle("2028-02"))).toBe(2900);
    expect(fixed("year", { start: "2027-12-31", end: "2028-01-02" })).toBe(Math.round(36600 / 365 + 100));
    expect(fixed("year", { start: "2026-01-01", end: "2027-01-01" })).toBe(36600);
  });

  test("a charge by contracted kW needs to know them", () => {
    const tariff = made({ versions: [{ fixed: [{ key: "base", amount: "2.00", per: "contracted_kw" }] }] });
    expect(amountOf(billTotals(tariff, 0, { contractedKw: 5.45 + 0.3 }), "fixed")).toBe(1150);
    expect(() => billTotals(tariff, 0)).toThrow("contracted kW");
  });

  test("the demand charge takes the largest mean of its window, within its times of use", () => {
    const schedule = { rules: [{ period: "peak", from: "08:00", to: "20:00" }], otherwise: "off_peak" };
    const demand = (minutes: 15 | 30 | 60, periods?: string[]) =>
      made({
        schedule,
        versions: [{ demand: [{ key: "demand", pricePerKw: "10.00", minutes, ...(periods ? { periods } : {}) }] }],
      });
    // Noon of the first: 1 kWh in the second quarter hour of the hour; 3 kWh at 02:00 of the second.
    const wh = (index: number) => (index === 49 ? 1000 : index === 96 + 8 ? 3000 : 0);
    const usage = { quarters: quartersOf(june, "Europe/Berlin", wh) };
    const kw = (tariff: BookTariff) =>
      computeBill({ tariff, cycle: june, usage }).lines.find(({ kind }) => kind === "demand")?.quantity;
    expect([demand(15), demand(30), demand(60)].map(kw)).toEqual(["12", "6", "3"]);
    expect([demand(15, ["peak"]), demand(30, ["peak"]), demand(60, ["peak"])].map(kw)).toEqual(["4", "2", "1"]);
    expect(computeBill({ tariff: demand(15), cycle: june, usage }).peak).toEqual({
      powerW: 12_000,
      startMs: Date.UTC(2026, 5, 2),
    });
    expect(() => billTotals(demand(15), 1)).toThrow("power peak");
  });

  test("discounts and taxes come in order, each on the lines before it or on those it names", () => {
    const steps = [
      { key: "discount", percent: "-10", of: ["energy"] },
      { key: "levy", perKwh: "0.02" },
      { key: "vat", percent: "20" },
      { key: "rebate", amount: "-5.00" },
    ];
    const tariff = made({ versions: [{ fixed: [{ key: "base", amount: "10.00", per: "cycle" }], steps }] });
    expect(billTotals(tariff, 100).lines.map(({ key, kind, amountSatang }) => [key, kind, amountSatang])).toEqual([
      ["energy", "energy", 3000],
      ["base", "fixed", 1000],
      ["discount", "discount", -300],
      ["levy", "charge", 200],
      ["vat", "tax", 780],
      ["rebate", "discount", -500],
    ]);
  });

  test("the minimum bill fills up what is missing, and is silent above", () => {
    const tariff = made({
      versions: [
        {
          steps: [
            { key: "minimum", minimum: "12.00" },
            { key: "vat", percent: "10" },
          ],
        },
      ],
    });
    expect(billTotals(tariff, 10).lines.map(({ amountSatang }) => amountSatang)).toEqual([300, 900, 120]);
    expect(billTotals(tariff, 40).lines.map(({ key }) => key)).toEqual(["energy", "vat"]);
  });

  test("conditions look at the units of the cycle", () => {
    const steps = [{ key: "discount", percent: "-50", when: { minKwh: "10", maxKwh: "20" } }];
    const tariff = made({ versions: [{ steps }] });
    const discounts = [9.999, 10, 20, 20.001].map((kwh) => amountOf(billTotals(tariff, kwh), "discount"));
    expect(discounts).toEqual([0, -150, -300, 0]);
  });

  test("rounding is of each line, of the energy's sum, or of the bill alone", () => {
    const energy = { day: "0.333", night: "0.333" };
    const schedule = { rules: [{ period: "night", to: "06:00" }], otherwise: "day" };
    const steps = [{ key: "vat", percent: "50" }];
    const amounts = (lines: "each" | "energy_sum" | "bill", step = 1) => {
      const tariff = made({ schedule, rounding: { mode: "half-up", lines, step }, versions: [{ energy, steps }] });
      const one = computeBill({ tariff, cycle: june, usage: { totals: { importWh: { day: 1_000, night: 1_000 } } } });
      return [...one.lines.map(({ amountSatang }) => amountSatang), one.totalSatang];
    };
    // 33.3 + 33.3 = 66.6 and 33.3 of tax: 99.9 in all.
    expect(amounts("each")).toEqual([33, 33, 33, 99]);
    expect(amounts("energy_sum")).toEqual([34, 33, 34, 101]);
    expect(amounts("bill")).toEqual([34, 33, 33, 100]);
    expect(amounts("each", 100)).toEqual([33, 33, 33, 1, 100]);
  });
});
