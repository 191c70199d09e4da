import { expect, test } from "vitest";
import type { Role } from "../../../../hub/src/api/contract.ts";
import type { LiveMeter } from "../../state/readings.ts";
import { grouped, meterPowerW, switchedChannel } from "./grouping.ts";

function meter(id: string, name: string, channels: [Role, number | null][]): LiveMeter {
  return {
    id,
    name,
    dialect: "tasmota",
    nativeId: id,
    homeId: "home1",
    model: null,
    firmware: null,
    availability: "online",
    firstSeenMs: 1,
    lastSeenMs: 2,
    signalDbm: null,
    uptimeS: null,
    rejectedCount: 0,
    lastRejection: null,
    channels: Object.fromEntries(
      channels.map(([role, powerW], index) => [
        `${id}/${index}`,
        {
          id: `${id}/${index}`,
          meterId: id,
          name: `Input ${index}`,
          role,
          powerW,
          powerTimeMs: 1,
          today: { importWh: 0, exportWh: 0, cost: 0 },
          relay: null,
          readings: {},
          measures: true,
          command: null,
        },
      ]),
    ),
  };
}

const meters = [
  meter("fridge", "ตู้เย็น", [["appliance", 90]]),
  meter("board", "Kitchen board", [
    ["circuit", 200],
    ["appliance", 50],
  ]),
  meter("grid", "Main", [
    ["circuit", 300],
    ["mains", 900],
  ]),
  meter("car", "Car", [["ev", null]]),
];

test("meters are grouped by the most important thing they measure", () => {
  expect(grouped(meters, "", "en")).toEqual([
    { group: "supply", ids: ["grid"] },
    { group: "circuits", ids: ["board"] },
    { group: "appliances", ids: ["car", "fridge"] },
  ]);
});

test("the search looks at names in both scripts, at ids and at inputs", () => {
  expect(grouped(meters, " KITCHEN ", "en")).toEqual([{ group: "circuits", ids: ["board"] }]);
  expect(grouped(meters, "เย็น", "th")).toEqual([{ group: "appliances", ids: ["fridge"] }]);
  expect(grouped(meters, "input 1", "en").flatMap(({ ids }) => ids)).toEqual(["grid", "board"]);
  expect(grouped(meters, "nothing", "en")).toEqual([]);
});

test("a meter's power is its supply, or the sum of its inputs", () => {
  expect(meters.map(meterPowerW)).toEqual([90, 250, 900, null]);
});

test("one switch beside a meter's name means its only relay, and not that of the supply", () => {
  const relays = (...states: (boolean | null)[]) => {
    const strip = meter(
      "strip",
      "Strip",
      states.map((_state, index) => [index === 2 ? "mains" : "appliance", 1]),
    );
    Object.values(strip.channels).forEach((channel, index) => {
      channel.relay = states[index]!;
    });
    return switchedChannel(strip)?.id;
  };
  expect(relays(null)).toBeUndefined();
  expect(relays(null, false)).toBe("strip/1");
  expect(relays(true, false)).toBeUndefined();
  expect(relays(true, null, true)).toBe("strip/0");
});
