import type { Role } from "@faiban/device-drivers";
import { describe, expect, test } from "vitest";
import { type Channel, type Meter, type Series, seriesKey } from "../model.ts";
import { homeView } from "./home.ts";

const nowMs = Date.UTC(2026, 1, 6, 14, 30);

/** A meter with one channel that measures so many watts, and used as many watt-hours today. */
function meter(id: string, role: Role, powerW: number, { homeId = "home", ageMs = 0 } = {}): Meter {
  const name = { quantity: "power_active", phase: null, direction: null, period: null } as const;
  const series: Series = {
    ...{ ...name, id: 1, channelId: id, kind: "power", resets: null, latest: { timeMs: nowMs - ageMs, value: powerW } },
    cut: { importUntilMs: null, exportUntilMs: null },
  };
  const channel: Channel = {
    ...{ id, meterId: id, key: "", name: id, isNamedByUser: false, role, isRoleByUser: false, relay: null },
    series: new Map([[seriesKey(name), series]]),
  };
  return {
    ...{ id, dialect: "customer", homeId, nativeId: id, aliases: [], name: id, isNamedByUser: false },
    ...{ model: null, firmware: null, mac: null, firstSeenMs: 0, lastSeenMs: nowMs, signalDbm: null, uptimeS: null },
    ...{
      rejectedCount: 0,
      lastRejection: null,
      availability: "online",
      deviceId: null,
      channels: new Map([["", channel]]),
    },
  };
}

function view(...meters: Meter[]) {
  return homeView({
    notices: () => [],
    identity: { id: "home", name: "Home", timeZone: "Asia/Bangkok", currency: "THB" },
    prices: () => ({ today: 5, month: 5 }),
    meters: () => meters,
    nowMs: () => nowMs,
    dayStartMs: () => nowMs - 3600_000,
    monthStartMs: () => nowMs - 86_400_000,
    dayEnergy: (series) => ({ importWh: Math.max(0, series.latest?.value ?? 0), exportWh: 0 }),
    daysEnergy: () => ({ importWh: 10_000, exportWh: 0 }),
  });
}

describe("the home", () => {
  test("uses what its mains take and its sun gives; what no meter sees is the rest", () => {
    const home = view(meter("m", "mains", 1_000), meter("s", "solar", 500), meter("tv", "appliance", 300));
    expect(home.now).toEqual({ timeMs: nowMs, gridW: 1_000, solarW: 500, usedW: 1_500, restW: 1_200 });
    expect(home.today).toEqual({ importWh: 1_000, exportWh: 0, cost: 5 });
    expect(home.month).toEqual({ importWh: 11_000, exportWh: 0, cost: 55 });
    expect(home.todaySolarWh).toBe(500);
  });

  test("adds inverters up whichever way they count", () => {
    expect(view(meter("m", "mains", 0), meter("a", "solar", -800), meter("b", "solar", 700)).now.solarW).toBe(1_500);
  });

  test("without mains is its circuits, and without those what uses power, never both", () => {
    expect(view(meter("k", "circuit", 1_000), meter("oven", "appliance", 900)).now.usedW).toBe(1_000);
    expect(view(meter("tv", "appliance", 100), meter("car", "ev", 7_000)).now).toMatchObject({
      usedW: 7_100,
      restW: null,
    });
  });

  test("does not add another home's mains to its own", () => {
    expect(view(meter("m", "mains", 1_000), meter("x", "mains", 500, { homeId: "other" })).now.gridW).toBe(1_000);
    expect(view(meter("x", "mains", 500, { homeId: "other" }), meter("tv", "appliance", 5)).now.gridW).toBe(500);
  });

  test("says nothing of a power that is too old", () => {
    expect(view(meter("m", "mains", 1_000, { ageMs: 11 * 60_000 })).now).toMatchObject({ gridW: null, usedW: null });
    expect(view().now).toEqual({ timeMs: null, gridW: null, solarW: null, usedW: null, restW: null });
  });
});
