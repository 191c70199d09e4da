import { afterEach, expect, test } from "vitest";
import { setLanguage } from "../state/settings.ts";
import { axisPower, energy, joined, measured, money, percent, power, register } from "./quantity.ts";
import { ago, clock, duration, fullDate } from "./time.ts";

afterEach(() => setLanguage("en"));
setLanguage("en");

test.each([
  [0, "0 W"],
  [-0.01, "0 W"],
  [4.26, "4.3 W"],
  [12.4, "12 W"],
  [999.4, "999 W"],
  [999.6, "1.00 kW"],
  [1250.5, "1.25 kW"],
  [9_994, "9.99 kW"],
  [9_996, "10.0 kW"],
  [23_456, "23.5 kW"],
  [-1_250, "−1.25 kW"],
])("%d W reads %s", (powerW, expected) => {
  expect(joined(power(powerW)).replace("\u00a0", " ")).toBe(expected);
});

test("an axis has one unit and short numbers", () => {
  expect([0, 200].map((powerW) => axisPower(powerW, 800))).toEqual(["0 W", "200 W"]);
  expect([-500, 0, 2_000].map((powerW) => axisPower(powerW, 2_000))).toEqual(["−0.5 kW", "0 kW", "2 kW"]);
});

test("energy is in kWh, which a Thai household calls units", () => {
  expect(energy(12_340)).toEqual({ value: "12.34", unit: "kWh" });
  expect(energy(345)).toEqual({ value: "0.35", unit: "kWh" });
  expect(energy(15_234_560)).toEqual({ value: "15,235", unit: "kWh" });
  expect(register(15_234_560)).toEqual({ value: "15,234.56", unit: "kWh" });
  setLanguage("th");
  expect(energy(12_340).unit).toBe("หน่วย");
});

test("money has the narrow sign, and drops satang only when large", () => {
  expect(money(55.55, "THB")).toBe("฿55.55");
  expect(money(1105.5, "THB")).toBe("฿1,106");
  expect(money(1105.5, "THB", true)).toBe("฿1,105.50");
  expect(money(-3, "EUR")).toBe("−€3.00");
});

test("measured values have the decimals of their unit", () => {
  expect(measured(230.16, "V")).toEqual({ value: "230.2", unit: "V" });
  expect(measured(5.674, "A")).toEqual({ value: "5.67", unit: "A" });
  expect(measured(0.956, "")).toEqual({ value: "0.96", unit: "" });
  expect(measured(2_500, "varh")).toEqual({ value: "2.50", unit: "kvarh" });
  expect(percent(0.634)).toBe("63%");
});

test("ages use the largest fitting unit", () => {
  expect(ago(-500)).toBe("just now");
  expect(ago(12_400)).toBe("12 s ago");
  expect(ago(185_000)).toBe("3 min ago");
  expect(ago(7_300_000)).toBe("2 h ago");
  expect(ago(3 * 86_400_000)).toBe("3 d ago");
  expect(duration(90_000)).toBe("1 min");
  setLanguage("th");
  expect(ago(185_000)).toBe("3 นาทีที่แล้ว");
});

test("times are the home's, and Thai years are Buddhist", () => {
  const timeMs = Date.UTC(2026, 1, 6, 14, 30);
  expect(clock(timeMs, "Asia/Bangkok")).toBe("21:30");
  expect(fullDate(timeMs, "Asia/Bangkok")).toContain("2026");
  setLanguage("th");
  expect(fullDate(timeMs, "Asia/Bangkok")).toContain("2569");
});
