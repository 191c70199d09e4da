import { expect, test } from "vitest";
import type { Command, Home, LiveEvent, Meter } from "../../../hub/src/api/contract.ts";
import { applyEvent, emptyState, type LiveState } from "./readings.ts";

const base = { home_id: "home1", timestamp: "2026-02-06T14:30:00Z" };
const span = { importWh: 0, exportWh: 0, cost: 0 };

function home(gridW: number): Home {
  return {
    id: "home1",
    name: "Home",
    timeZone: "Asia/Bangkok",
    currency: "THB",
    pricePerKwh: 4.5,
    now: { timeMs: 1, gridW, solarW: null, usedW: gridW, restW: null },
    today: { ...span },
    month: { ...span },
    todaySolarWh: 0,
    dayStartMs: 0,
    monthStartMs: 0,
    notices: [],
  };
}

function meter(id: string, changes: Partial<Meter> = {}): Meter {
  return {
    id,
    name: id,
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
    channels: [
      {
        id: `${id}/main`,
        meterId: id,
        name: "main",
        role: "appliance",
        powerW: 5,
        powerTimeMs: 2,
        today: { ...span },
        relay: null,
        readings: [],
      },
    ],
    ...changes,
  };
}

function powerUpdate(meterId: string, powerW: number | null): LiveEvent {
  return {
    ...base,
    event_type: "power_update",
    device_id: meterId,
    circuit_id: "main",
    meter_id: meterId,
    channel_id: `${meterId}/main`,
    data: {
      current_power_w: powerW,
      voltage_v: 230,
      current_a: null,
      power_factor: null,
      today_kwh: 1.5,
      cost_today_thb: 6.75,
    },
    readings: [
      { quantity: "voltage", value: 230, unit: "V", phase: "L1", direction: null, period: null, timeMs: 9 },
      ...(powerW === null
        ? []
        : [
            {
              quantity: "power_active",
              value: powerW,
              unit: "W",
              phase: null,
              direction: null,
              period: null,
              timeMs: 9,
            },
          ]),
    ],
    relay: true,
    metadata: { source: "mqtt", processed_at: base.timestamp, latency_ms: 4 },
  };
}

function started(...meters: Meter[]): LiveState {
  const state = emptyState();
  applyEvent(state, { ...base, event_type: "snapshot", data: { home: home(100), meters, version: "1" } });
  return state;
}

test("a power update touches its own channel and nothing else", () => {
  const state = started(meter("a"), meter("b"));
  const other = structuredClone(state.meters.b);
  applyEvent(state, powerUpdate("a", 42));
  const channel = state.meters.a?.channels["a/main"];
  expect(channel).toMatchObject({ powerW: 42, powerTimeMs: 9, relay: true, today: { importWh: 1500, cost: 6.75 } });
  expect(channel?.readings["voltage/L1//"]?.value).toBe(230);
  expect(state.meters.a?.lastSeenMs).toBe(9);
  expect(state.meters.b).toEqual(other);
});

test("a name that every object has is no meter", () => {
  expect(started(meter("a")).meters["constructor" as string]).toBeUndefined();
});

test("an update without power leaves the power and its time", () => {
  const state = started(meter("a"));
  applyEvent(state, powerUpdate("a", null));
  expect(state.meters.a?.channels["a/main"]).toMatchObject({ powerW: 5, powerTimeMs: 2 });
});

test("an update of an unknown meter is passed over", () => {
  const state = started(meter("a"));
  applyEvent(state, powerUpdate("ghost", 1));
  expect(Object.keys(state.meters)).toEqual(["a"]);
});

test("objects keep their identity through updates and a second snapshot", () => {
  const state = started(meter("a"));
  const before = { home: state.home, meter: state.meters.a, channel: state.meters.a?.channels["a/main"] };
  applyEvent(state, { ...base, event_type: "home_update", data: home(900) });
  applyEvent(state, { ...base, event_type: "meter_update", data: meter("a", { name: "Fridge" }) });
  applyEvent(state, {
    ...base,
    event_type: "snapshot",
    data: { home: home(901), meters: [meter("a"), meter("c")], version: "2" },
  });
  expect(state.home).toBe(before.home);
  expect(state.meters.a).toBe(before.meter);
  expect(state.meters.a?.channels["a/main"]).toBe(before.channel);
  expect(state.home?.now.gridW).toBe(901);
  expect(Object.keys(state.meters)).toEqual(["a", "c"]);
});

test("a snapshot without a meter, or its removal, takes it away", () => {
  const state = started(meter("a"), meter("b"));
  applyEvent(state, { ...base, event_type: "meter_removed", data: { meterId: "a" } });
  expect(Object.keys(state.meters)).toEqual(["b"]);
  applyEvent(state, { ...base, event_type: "snapshot", data: { home: home(1), meters: [], version: "1" } });
  expect(state.meters).toEqual({});
});

test("a rejection that a meter reports is taken over whole, and can go again", () => {
  const state = started(meter("a"));
  const lastRejection = { timeMs: 5, topic: "t", payload: "p", reason: "r" };
  applyEvent(state, { ...base, event_type: "meter_update", data: meter("a", { rejectedCount: 1, lastRejection }) });
  expect(state.meters.a?.lastRejection).toEqual(lastRejection);
  applyEvent(state, { ...base, event_type: "meter_update", data: meter("a") });
  expect(state.meters.a?.lastRejection).toBeNull();
});

function commandUpdate(changes: Partial<Command> = {}): LiveEvent {
  const data: Command = {
    ...{ id: "1", meterId: "a", channelId: "a/main", kind: "switch", on: true, values: null, by: "Anna" },
    ...{ state: "sent", failure: null, error: null, requestedMs: 1, sentMs: 1, endedMs: null, sends: 1 },
    ...changes,
  };
  return { ...base, event_type: "command_update", data };
}

test("a command is kept with its channel until a snapshot tells how things are", () => {
  const state = started(meter("a"));
  const channel = state.meters.a!.channels["a/main"]!;
  applyEvent(state, commandUpdate());
  expect(channel.command?.state).toBe("sent");
  applyEvent(state, { ...base, event_type: "meter_update", data: meter("a") });
  expect(channel.command?.state).toBe("sent");
  applyEvent(state, { ...base, event_type: "snapshot", data: { home: null, meters: [meter("a")], version: "1" } });
  expect(state.meters.a!.channels["a/main"]!.command).toBeNull();
});

test("commands to a whole meter, and to channels that are not here, are passed over", () => {
  const state = started(meter("a"));
  const before = structuredClone(state.meters);
  for (const changes of [{ channelId: null }, { channelId: "a/gone" }, { meterId: "ghost" }]) {
    applyEvent(state, commandUpdate(changes));
  }
  expect(state.meters).toEqual(before);
});
