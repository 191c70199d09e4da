import { describe, expect, test } from "vitest";
import { loadTariffs } from "../../tariffs/load.ts";
import { answerCase } from "./case.ts";
import { BillingError } from "./errors.ts";

const book = loadTariffs();
const home = { plan: "TH-1.2", billing_month: "2025-02" };

describe("a case", () => {
  test("takes a time-of-use meter's registers on a plan of one price, and leaves fields it does not know", () => {
    const both = answerCase({ ...home, peak_kwh: 100, off_peak_kwh: 51, colour: "red" }, book);
    expect(both).toMatchObject({ billed_kwh: "151", energy_thb: "491.48" });
    expect(answerCase({ ...home, units_kwh: 151, peak_kwh: null }, book)).toMatchObject({ energy_thb: "491.48" });
  });

  test("names the sums of another currency after it, with what its plan has", () => {
    const one = answerCase({ plan: "DE-flat-feed-in", billing_month: "2025-02", units_kwh: 100, export_kwh: 10 }, book);
    expect(one).toMatchObject({
      energy_eur: "29.50",
      service_eur: "9.21",
      electricity_tax_eur: "2.05",
      vat_eur: "7.74",
      total_eur: "48.50",
      separate_export_eur: "-0.80",
    });
  });

  test("takes prices, contracted power and carried energy", () => {
    const cycle = { start: "2026-06-01", end: "2026-06-02" };
    const startMs = Date.UTC(2026, 4, 31, 22);
    const prices = { spot: { rows: [[startMs, 1.5]] } };
    const quarters = [[startMs, 1000]];
    const spot = answerCase({ plan: "NO-spot", cycle, quarters, prices }, book);
    expect(spot).toMatchObject({ energy_nok: "1.80", demand_nok: "45.00", peak_demand_kw: 4 });
    const carry = { wh: { off_peak: 5000 } };
    const net = answerCase({ plan: "net-metering", cycle, peak_kwh: 0, shoulder_kwh: 0, off_peak_kwh: 6, carry }, book);
    expect(net).toMatchObject({ billed_kwh: "1", energy_usd: "0.29" });
  });

  test.each([
    [{ plan: "TH-9", billing_month: "2025-02", units_kwh: 1 }, "The plans are"],
    [{ billing_month: "2025-02", units_kwh: 1 }, "names no plan"],
    [{ plan: "TH-1.2", units_kwh: 1 }, "has no billing_month"],
    [{ ...home, billing_month: "2025-13", units_kwh: 1 }, "is no month"],
    [{ ...home, units_kwh: -1 }, "units_kwh is -1"],
    [{ ...home, units_kwh: "many" }, 'units_kwh is "many"'],
    [{ ...home, units_kwh: null }, "Give units_kwh"],
    [{ ...home, plan: "TH-1.3-LV", units_kwh: 5 }, "Give off_peak_kwh and peak_kwh"],
    [{ ...home, plan: "TH-1.3-LV", peak_kwh: 5 }, "peak_kwh alone"],
    [{ ...home, units_kwh: 1, ft_satang_per_kwh: "a lot" }, "ft_satang_per_kwh"],
    [{ ...home, quarters: [["now", 1]] }, "rows of numbers"],
    [{ ...home, units_kwh: 1, time_zone: "Mars/Olympus" }, "no time zone"],
    [{ ...home, billing_month: undefined, cycle: { start: "2025-02-30" }, units_kwh: 1 }, "is no date"],
    [{ ...home, billing_month: "2017-01", units_kwh: 1 }, "prices begin on 2019-01-01"],
  ])("refuses %j with a hint", (fields, hint) => {
    let told = "";
    try {
      answerCase(fields, book);
    } catch (error) {
      told = error instanceof BillingError ? `${error.message}. ${error.hint}` : String(error);
    }
    expect(told).toContain(hint);
  });
});
