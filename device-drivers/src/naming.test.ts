import { describe, expect, test } from "vitest";
import { readName, wordsOf } from "./naming.ts";

describe("a name of a value", () => {
  test.each([
    ["power_w", { quantity: "power_active", unit: "W", rest: "" }],
    ["PowerKW", { quantity: "power_active", unit: "kW", rest: "" }],
    ["kwh_total", { quantity: "energy_active", unit: "kWh", period: "total", rest: "" }],
    ["energy_today_kWh", { quantity: "energy_active", unit: "kWh", period: "today", rest: "" }],
    ["today_total_kwh", { quantity: "energy_active", unit: "kWh", period: "today", rest: "" }],
    ["exported_wh", { quantity: "energy_active", unit: "Wh", direction: "export", period: "total", rest: "" }],
    ["feed_in_energy", { quantity: "energy_active", direction: "export", period: "total", rest: "" }],
    ["reactiveEnergyImported", { quantity: "energy_reactive", direction: "import", period: "total", rest: "" }],
    ["VoltageL2", { quantity: "voltage", phase: "L2", rest: "" }],
    ["Phase B Current", { quantity: "current", phase: "L2", rest: "" }],
    ["powerFactor", { quantity: "power_factor", rest: "" }],
    ["cos phi", { quantity: "power_factor", rest: "" }],
    ["apparent_power", { quantity: "power_apparent", rest: "" }],
    ["current_a", { quantity: "current", unit: "A", rest: "" }],
    ["power2", { quantity: "power_active", rest: "2" }],
    ["firstfloor_inverter_power_demand", { quantity: "power_active", rest: "firstfloor_inverter_demand" }],
    ["กำลังไฟ_power", { quantity: "power_active", rest: "กำลังไฟ" }],
  ])("%s says what it is", (name, expected) => {
    expect(readName(name)).toEqual(expected);
  });

  test.each(["power_limit", "voltage_max", "uptime", "voltage_current", "energy_price", "", "x".repeat(200)])(
    "%s does not say for sure",
    (name) => {
      expect(readName(name)).toBeUndefined();
    },
  );

  test("has phases of one letter only where they are expected", () => {
    expect(readName("voltage_a", { hasLetterPhases: true })).toEqual({ quantity: "voltage", phase: "L1", rest: "" });
    expect(readName("voltage_a")).toEqual({ quantity: "voltage", rest: "a" });
  });

  test("is cut into words at signs and capitals, and keeps units whole", () => {
    expect(wordsOf("TotalKWh-import L1")).toEqual(["total", "kwh", "import", "l1"]);
    expect(wordsOf("kVA_sum")).toEqual(["kva", "sum"]);
  });
});
