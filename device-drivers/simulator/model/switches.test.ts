import { expect, test } from "vitest";
import { createHome, sumOf } from "./home.ts";
import { createSwitchedHome } from "./switches.ts";

const options = { seed: 1, timeZone: "Asia/Bangkok", sinceMs: Date.parse("2026-04-01T00:00:00+07:00") };
const eveningMs = Date.parse("2026-04-06T23:30:04+07:00");
const hourMs = 3_600_000;

test("an open relay takes its load off the mains at once, and gives it back", () => {
  const home = createHome(options);
  const switched = createSwitchedHome(home);
  const before = switched.at(eveningMs);
  expect(before.loadsW.ac_bedroom).toBeGreaterThan(100);
  switched.switch("ac_bedroom", false, eveningMs);
  const during = switched.at(eveningMs);
  expect(switched.isOn("ac_bedroom")).toBe(false);
  expect(during.loadsW.ac_bedroom).toBe(0);
  expect(during.mainsW).toBe(sumOf(during.loadsW) - during.solarW);
  expect(before.mainsW - during.mainsW).toBeGreaterThan(100);
  switched.switch("ac_bedroom", true, eveningMs + 60_000);
  expect(switched.at(eveningMs + 60_000)).toEqual(home.at(eveningMs + 60_000));
});

test("registers count exactly what was still drawn, across midnight too", () => {
  const home = createHome(options);
  const switched = createSwitchedHome(home);
  const onMs = eveningMs + 2 * hourMs;
  switched.switch("ac_bedroom", false, eveningMs);
  switched.switch("ac_bedroom", true, onMs);
  const laterMs = onMs + hourMs;
  const savedWh = home.registersAt(onMs).loadsWh.ac_bedroom - home.registersAt(eveningMs).loadsWh.ac_bedroom;
  const without = home.registersAt(laterMs);
  const counted = switched.registersAt(laterMs);
  expect(savedWh).toBeGreaterThan(200);
  expect(without.loadsWh.ac_bedroom - counted.loadsWh.ac_bedroom).toBeCloseTo(savedWh, 6);
  expect(without.importWh - counted.importWh).toBeCloseTo(savedWh, 6);
  expect(counted.exportWh).toBe(without.exportWh);
  expect(counted.loadsWh.ac_kids).toBe(without.loadsWh.ac_kids);
  // Midnight lies in between, and its count stays known.
  const midnightMs = Date.parse("2026-04-07T00:00:00+07:00");
  const untilMidnightWh =
    home.registersAt(midnightMs).loadsWh.ac_bedroom - home.registersAt(eveningMs).loadsWh.ac_bedroom;
  const atMidnight = switched.registersAt(midnightMs);
  expect(home.registersAt(midnightMs).loadsWh.ac_bedroom - atMidnight.loadsWh.ac_bedroom).toBeCloseTo(
    untilMidnightWh,
    6,
  );
});

test("a load that is off while the sun shines is exported instead", () => {
  const home = createHome(options);
  const switched = createSwitchedHome(home);
  const noonMs = Date.parse("2026-04-07T11:00:00+07:00");
  switched.switch("standby", false, noonMs);
  const endMs = noonMs + hourMs;
  const spared = home.registersAt(endMs);
  const counted = switched.registersAt(endMs);
  const savedWh = spared.loadsWh.standby - counted.loadsWh.standby;
  const netWh = spared.importWh - spared.exportWh - (counted.importWh - counted.exportWh);
  expect(netWh).toBeCloseTo(savedWh, 6);
  expect(counted.exportWh).toBeGreaterThan(spared.exportWh);
});
