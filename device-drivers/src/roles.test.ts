import { expect, test } from "vitest";
import { roleFromName } from "./roles.ts";

test.each([
  ["meter_main_001", "mains"],
  ["Grid", "mains"],
  ["shellypro3em-a0dd6c9f4d5c", "mains"],
  ["shellypro3em63-2805a5ca2e44", "mains"],
  ["shellyproem50-08f9e0e67204", "mains"],
  ["home/TASMOTA-SHELLY3EM-01", "mains"],
  ["solar_inverter", "solar"],
  ["roof-pv2", "solar"],
  ["solarRoof", "solar"],
  ["batt1", "battery"],
  ["main_ev_charger", "ev"],
  ["wallbox/garage", "ev"],
])("%s suggests %s", (name, role) => {
  expect(roleFromName(name)).toBe(role);
});

test.each([
  "ac_bedroom",
  "tele/pow1",
  "shellyplus1pm-a8032abe2f18",
  "domain",
  "carport",
  "process",
  "maintenance",
  "totally",
  "ตู้เย็น",
])("%s suggests nothing", (name) => {
  expect(roleFromName(name)).toBeUndefined();
});
