import { describe, expect, test } from "vitest";
import { loadTariffs } from "../../tariffs/load.ts";
import { amountOf, type Bill, type BillOptions, computeBill } from "./bill.ts";
import { findTariff } from "./book.ts";
import { answerCase } from "./case.ts";
import { nextPlan } from "./compare.ts";
import { monthCycle } from "./cycle.ts";
import fixture from "./fixtures/thai-bills.json" with { type: "json" };

const book = loadTariffs();

function bill(plan: string, month: string, importKwh: Record<string, number>, options: BillOptions = {}): Bill {
  const importWh = Object.fromEntries(Object.entries(importKwh).map(([period, kwh]) => [period, kwh * 1000]));
  return computeBill({
    tariff: findTariff(book, plan),
    cycle: monthCycle(month),
    usage: { totals: { importWh } },
    options,
  });
}

const units = (kwh: number) => ({ all: kwh });
const sums = (one: Bill) => [...["energy", "fixed", "ft", "vat"].map((key) => amountOf(one, key)), one.totalSatang];

describe("bills computed from the published rates", () => {
  test.each(fixture.cases.map((one) => [`${one.id} ${one.plan} ${one.billing_month}`, one]))("%s", (_, expected) => {
    const { energy_thb, service_thb, ft_thb, vat_thb, total_thb, ft_satang_per_kwh, ...question } = expected;
    const answers = { energy_thb, service_thb, ft_thb, vat_thb, total_thb, ft_satang_per_kwh };
    expect(answerCase(question, book)).toMatchObject(answers);
  });
});

describe("the tiers of 1.1 and 1.2", () => {
  // Worked by hand: each tier rounded to satang, halves up, then summed.
  test.each([
    ["TH-1.1", 0, 0],
    ["TH-1.1", 1, 235],
    ["TH-1.1", 15, 3523],
    ["TH-1.1", 16, 3523 + 299],
    ["TH-1.1", 50, 3523 + 2988 + 3241 + 5436],
    ["TH-1.1", 51, 3523 + 2988 + 3241 + 5798],
    ["TH-1.1", 150, 3523 + 2988 + 3241 + 23554 + 18586],
    ["TH-1.1", 151, 3523 + 2988 + 3241 + 23554 + 18586 + 422],
    ["TH-1.1", 401, 3523 + 2988 + 3241 + 23554 + 18586 + 105545 + 442],
    ["TH-1.2", 0, 0],
    ["TH-1.2", 1, 325],
    ["TH-1.2", 150, 48726],
    ["TH-1.2", 151, 48726 + 422],
    ["TH-1.2", 400, 48726 + 105545],
    ["TH-1.2", 401, 48726 + 105545 + 442],
  ])("%s of %i units cost %i satang of energy", (plan, kwh, energySatang) => {
    expect(amountOf(bill(plan, "2024-06", units(kwh)), "energy")).toBe(energySatang);
  });

  test("give a line for each tier that is reached, and one of nothing for no use", () => {
    const lines = (kwh: number) => bill("TH-1.1", "2024-06", units(kwh)).lines.filter(({ kind }) => kind === "energy");
    expect(lines(36).map(({ quantity, tier }) => [quantity, tier?.fromKwh, tier?.toKwh])).toEqual([
      ["15", "0", "15"],
      ["10", "15", "25"],
      ["10", "25", "35"],
      ["1", "35", "100"],
    ]);
    expect(lines(0).map(({ quantity, amountSatang }) => [quantity, amountSatang])).toEqual([["0", 0]]);
  });
});

describe("Thai rates in time", () => {
  test("follow the billing month: service and Ft change from one to the next", () => {
    expect(sums(bill("TH-1.2", "2022-12", units(100)))).toEqual([32484, 3822, 9343, 3195, 48844]);
    expect(sums(bill("TH-1.2", "2023-01", units(100)))).toEqual([32484, 2462, 9343, 3100, 47389]);
    expect(sums(bill("TH-2-LV", "2023-01", units(100)))).toEqual([32484, 3329, 15492, 3591, 54896]);
    expect(amountOf(bill("TH-2-LV", "2022-12", units(100)), "ft")).toBe(9343);
    expect(amountOf(bill("TH-1.1", "2022-12", units(10)), "fixed")).toBe(819);
    expect(amountOf(bill("TH-1.3-MV", "2022-12", { peak: 1, off_peak: 0 }), "fixed")).toBe(31224);
  });

  test.each([
    ["2020-08", "-11.60", -1160],
    ["2020-09", "-12.43", -1243],
    ["2021-01", "-15.32", -1532],
    ["2021-12", "-15.32", -1532],
    ["2022-01", "1.39", 139],
    ["2022-05", "24.77", 2477],
    ["2022-09", "93.43", 9343],
    ["2023-05", "91.19", 9119],
    ["2023-09", "20.48", 2048],
    ["2024-01", "39.72", 3972],
    ["2024-12", "39.72", 3972],
    ["2025-01", "36.72", 3672],
    ["2025-05", "19.72", 1972],
    ["2025-09", "15.72", 1572],
    ["2026-04", "9.72", 972],
  ])("the Ft of %s is %s satang a unit", (month, _, ftSatang) => {
    expect(amountOf(bill("TH-1.2", month, units(100)), "ft")).toBe(ftSatang);
  });

  test("of a cycle over the turn of a month are those of the month in which it is read", () => {
    const tariff = findTariff(book, "TH-1.2");
    const cycle = { start: "2022-12-20", end: "2023-01-20" };
    const one = computeBill({ tariff, cycle, usage: { totals: { importWh: { all: 100_000 } } } });
    expect(sums(one)).toEqual([32484, 2462, 9343, 3100, 47389]);
  });

  test("may be told by the user before they are published, and are marked when they are not confirmed", () => {
    expect(bill("TH-1.2", "2026-09", units(100)).notes).toEqual([{ key: "unconfirmed", about: "ft" }]);
    expect(bill("TH-1.2", "2025-10", units(100)).notes).toEqual([{ key: "unconfirmed", about: "ft" }]);
    expect(bill("TH-1.2", "2025-06", units(100)).notes).toEqual([]);
    const told = bill("TH-1.2", "2026-09", units(100), { adjustments: { ft: "-3.335" } });
    expect(amountOf(told, "ft")).toBe(-334); // halves go away from zero
    expect(told.notes).toEqual([]);
    expect(() => bill("TH-1.2", "2018-12", units(1))).toThrow("no prices for 2018-12");
  });
});

describe("what else is Thai", () => {
  test("the whole bill of a household with the right to 50 free units is waived, not of one with 51", () => {
    const free = (kwh: number) => bill("TH-1.1", "2024-06", units(kwh), { entitlements: ["free_50"] });
    expect(free(50).totalSatang).toBe(0);
    expect(free(50).notes).toEqual([{ key: "unconfirmed", about: "free_50" }]);
    expect(free(0).totalSatang).toBe(0);
    expect(free(51).totalSatang).toBe(bill("TH-1.1", "2024-06", units(51)).totalSatang);
    expect(bill("TH-1.1", "2024-06", units(50)).totalSatang).toBeGreaterThan(0);
  });

  test("solar surplus is paid apart at 2.20 baht, and import is billed as usual", () => {
    const tariff = findTariff(book, "TH-1.2");
    const totals = { importWh: { all: 300_000 }, exportWh: { all: 123_400 } };
    const solar = computeBill({ tariff, cycle: monthCycle("2025-06"), usage: { totals } });
    expect(solar.totalSatang).toBe(bill("TH-1.2", "2025-06", units(300)).totalSatang);
    expect(solar.separateLines).toMatchObject([{ key: "export", quantity: "123", rate: "2.2", amountSatang: -27060 }]);
    const before = computeBill({ tariff, cycle: monthCycle("2020-12"), usage: { totals } });
    expect(before.separateLines[0]?.amountSatang).toBe(-123 * 168);
  });

  test("time of use is summed before it is rounded", () => {
    // 3 × 5.7982 + 3 × 2.6369 = 25.3053; rounded apart it would be 17.39 + 7.91 = 25.30.
    const lines = bill("TH-1.3-LV", "2024-06", { peak: 3, off_peak: 3 }).lines.filter(({ kind }) => kind === "energy");
    expect(lines.map(({ period, amountSatang }) => [period, amountSatang])).toEqual([
      ["peak", 1740],
      ["off_peak", 791],
    ]);
  });

  test("units are whole: the nearest to what was measured, unless the exact energy is asked for", () => {
    expect(bill("TH-1.2", "2024-06", units(150.4)).billedKwh).toBe("150");
    expect(bill("TH-1.2", "2024-06", units(150.5)).billedKwh).toBe("151");
    expect(bill("TH-1.2", "2024-06", units(150.4), { exactUnits: true }).billedKwh).toBe("150.4");
  });

  test("three months above 150 units move a home from 1.1 to 1.2, three at or below move it back", () => {
    const small = findTariff(book, "TH-1.1");
    const large = findTariff(book, "TH-1.2");
    expect(nextPlan(small, [90, 151, 160, 170])).toBe("TH-1.2");
    expect(nextPlan(small, [151, 160, 150])).toBeNull();
    expect(nextPlan(small, [160, 170])).toBeNull();
    expect(nextPlan(large, [150, 150, 0])).toBe("TH-1.1");
    expect(nextPlan(large, [150, 151, 0])).toBeNull();
  });
});
