import { drivers, type StoredDefinitions } from "@faiban/device-drivers";
import { describe, expect, test } from "vitest";
import type { Meter, Series } from "../model.ts";
import { createIngest } from "./ingest.ts";
import { createRegistry, type MeterStore } from "./registry.ts";

const arrivalMs = Date.UTC(2026, 1, 6, 14, 30);

/** Ingest on a store that keeps what it is given in memory. */
function setUp() {
  const stored: { series: Series; timeMs: number; value: number }[] = [];
  const told = { meters: [] as Meter[], readings: [] as Series[], relays: [] as string[] };
  let nextId = 1;
  const store: MeterStore = {
    loadMeters: () => [],
    saveMeter: () => {},
    saveChannel: () => {},
    saveSeries: () => {},
    newSeriesId: () => nextId++,
    cutEnergy: (series, side, fromMs) => {
      series.cut[`${side}UntilMs`] = fromMs;
    },
    removeMeter: () => {},
  };
  const definitions: StoredDefinitions[] = [];
  const registry = createRegistry(store, "home");
  const ingest = createIngest({
    drivers,
    registry,
    definitions: { load: () => definitions, save: (stored) => void definitions.push(stored) },
    mayDescribe: (deviceId, topic) => deviceId === null || !topic.startsWith("house/other/"),
    nowMs: () => arrivalMs,
    isTimeKnown: () => true,
    hold: () => {},
    append(series, timeMs, value) {
      if (stored.some((one) => one.series === series && one.timeMs === timeMs)) return false;
      stored.push({ series, timeMs, value });
      return true;
    },
    onReadings: (_meter, _channel, changed) => void told.readings.push(...changed),
    onRelay: ({ channel, isOn, topic }) => void told.relays.push(`${topic} ${channel.id} ${isOn ? "on" : "off"}`),
    onMeter: (meter) => void told.meters.push(meter),
  });
  const publish = (topic: string, payload: unknown, deviceId: string | null = null) => {
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    return ingest.accept({ topic, payload: Buffer.from(text), retain: false, deviceId });
  };
  const meter = (id: string): Meter => {
    const found = registry.meter(id);
    if (!found) throw new Error(`no ${id}, only ${[...registry.meters()].map((one) => one.id)}`);
    return found;
  };
  return { ingest, publish, stored, told, meter, registry, definitions };
}

const main = "home/home/sensor/power/total";

describe("a device", () => {
  const full = (w: number) => ({ device_id: "boiler", data: { power: { active: w } } });

  test("speaks for its meter; another that names it is refused", () => {
    const { publish, stored, ingest, registry } = setUp();
    publish("home/home/sensor/power/total", full(100), "one");
    publish("home/home/sensor/power/circuit/x", full(9_999), "two");
    expect(stored.map(({ value }) => value)).toEqual([100]);
    expect(ingest.rejections().at(-1)?.reason).toContain("another device speaks for this meter");
    registry.freeMeters("one");
    publish("home/home/sensor/power/circuit/x", full(200), "two");
    expect(stored.map(({ value }) => value)).toEqual([100, 200]);
  });
});

describe("a device of a dialect for anything", () => {
  test("is no meter until it measures, and then has the name that it gave before", () => {
    const { publish, registry, meter } = setUp();
    publish("zigbee2mqtt/lamp/availability", { state: "online" });
    publish("zigbee2mqtt/plug/availability", { state: "online" });
    expect([...registry.meters()]).toEqual([]);
    publish("zigbee2mqtt/plug", { power: 12, state: "ON" });
    expect([...registry.meters()]).toHaveLength(1);
    expect(meter("zigbee2mqtt-plug")).toMatchObject({ availability: "online" });
  });
});

describe("what a message says of other topics", () => {
  const config = (topic: string) => ({
    ...{ state_topic: topic, unit_of_measurement: "kW", device_class: "power", unique_id: "u1", name: "Power" },
    device: { identifiers: ["pump"], name: "Pump" },
  });

  test("is kept, and gives the messages there their meaning, those that nobody knew too", () => {
    const { publish, stored, definitions } = setUp();
    publish("house/pump/p", "1.5");
    publish("homeassistant/sensor/pump/power/config", config("house/pump/p"));
    publish("house/pump/p", "1.5");
    expect(stored.at(-1)).toMatchObject({ value: 1_500 });
    expect(definitions).toHaveLength(1);
  });

  test("is not taken from a device about the topics of another", () => {
    const { publish, definitions } = setUp();
    publish("homeassistant/sensor/pump/power/config", config("house/other/p"), "one");
    expect(definitions).toEqual([]);
  });
});

describe("ingest", () => {
  test("makes a meter that it has not seen, with its readings at the meter's time", () => {
    const { publish, stored, told, meter } = setUp();
    publish(main, { w: 1250, v: 220.5, a: 5.67, pf: 0.95, ts: arrivalMs / 1000 - 5 });
    expect(meter("customer-main")).toMatchObject({ availability: "online", lastSeenMs: arrivalMs });
    expect(stored.map(({ series, value, timeMs }) => [series.quantity, value, timeMs])).toEqual([
      ["power_active", 1250, arrivalMs - 5_000],
      ["voltage", 220.5, arrivalMs - 5_000],
      ["current", 5.67, arrivalMs - 5_000],
      ["power_factor", 0.95, arrivalMs - 5_000],
    ]);
    expect(told.meters).toHaveLength(1);
    expect(told.readings).toHaveLength(4);
  });

  test("stores a redelivered message once", () => {
    const { publish, stored } = setUp();
    publish(main, { w: 1, ts: 1_707_234_567 });
    publish(main, { w: 1, ts: 1_707_234_567 });
    expect(stored).toHaveLength(1);
  });

  test("uses the arrival time where the meter's clock cannot be right, and says so", () => {
    const { publish, stored, meter } = setUp();
    publish(main, { w: 1, ts: 5_000 });
    publish("home/home/sensor/power/device/tv", { w: 2, ts: arrivalMs / 1000 + 7_200 });
    expect(stored.map(({ timeMs }) => timeMs)).toEqual([arrivalMs, arrivalMs]);
    expect(meter("customer-tv").lastRejection?.reason).toContain("clock");
  });

  test("refuses an impossible value and keeps the rest of the message", () => {
    const { publish, stored, meter } = setUp();
    publish(main, { w: 5e9, v: 229 });
    expect(stored.map(({ series }) => series.quantity)).toEqual(["voltage"]);
    expect(meter("customer-main")).toMatchObject({ rejectedCount: 1 });
    expect(meter("customer-main").lastRejection).toMatchObject({ topic: main, payload: '{"w":5000000000,"v":229}' });
  });

  test("counts a broken message on the meter whose topic it came on", () => {
    const { publish, meter, ingest } = setUp();
    publish(main, "1250");
    publish(main, "12,5");
    expect(meter("customer-main").rejectedCount).toBe(1);
    expect(ingest.rejections().map((rejection) => rejection.payload)).toEqual(["12,5"]);
  });

  test("counts topics nobody knows by their pattern", () => {
    const { publish, ingest } = setUp();
    for (const index of [1, 2, 3]) publish(`frigate/camera${index}/fps`, `${index}`);
    expect(ingest.unknownTopics()).toMatchObject([
      { pattern: "frigate/+/fps", count: 3, lastTopic: "frigate/camera3/fps", lastPayload: "3" },
    ]);
    expect(ingest.counts()).toMatchObject({ messages: 3, unknown: 3, readings: 0 });
  });

  test("turns a meter offline by its last will, and online by its next reading", () => {
    const { publish, meter } = setUp();
    publish("home/home/device/plug/status", "online");
    publish("home/home/device/plug/status", "offline");
    expect(meter("customer-plug").availability).toBe("offline");
    publish("home/home/sensor/power/device/plug", "3");
    expect(meter("customer-plug").availability).toBe("online");
  });

  test("knows a meter again by the topic prefix that its user chose", () => {
    const { publish, registry } = setUp();
    publish("kitchen/status/switch:0", { id: 0, output: true, apower: 5, voltage: 230 });
    publish("kitchen/events/rpc", {
      ...{ src: "shellyplus1pm-a8032abe2f18", dst: "kitchen/events", method: "NotifyStatus" },
      params: { ts: arrivalMs / 1000, "switch:0": { id: 0, apower: 6 } },
    });
    publish("kitchen/status/switch:0", { id: 0, output: true, apower: 7 });
    const meters = [...registry.meters()];
    expect(meters).toHaveLength(1);
    expect(meters[0]).toMatchObject({ nativeId: "shellyplus1pm-a8032abe2f18", aliases: ["kitchen"] });
  });

  test("gives the relay of a meter with one input to that input, whichever is heard first", () => {
    const { publish, meter } = setUp();
    publish("tele/lamp/STATE", { POWER: "ON" });
    publish("tele/lamp/SENSOR", { ENERGY: { Total: 1, Power: 5 } });
    expect([...meter("tasmota-lamp").channels]).toMatchObject([["", { relay: true }]]);
    publish("stat/lamp/RESULT", { POWER1: "OFF" });
    expect([...meter("tasmota-lamp").channels]).toMatchObject([["", { relay: false }]]);
  });

  test("names a meter by its topic when its user chose that, else by its model", () => {
    const { publish, meter } = setUp();
    const status = (src: string, prefix: string) =>
      publish(`${prefix}/events/rpc`, {
        ...{ src, dst: `${prefix}/events`, method: "NotifyStatus" },
        params: { ts: arrivalMs / 1000, "switch:0": { id: 0, apower: 6 } },
      });
    status("shellyplusplugs-80646f1b1302", "coffee_machine");
    status("shellyplusplugs-80646f1b1303", "shellyplusplugs-80646f1b1303");
    expect(meter("shelly-gen2-shellyplusplugs-80646f1b1302").name).toBe("Coffee machine");
    expect(meter("shelly-gen2-shellyplusplugs-80646f1b1303").name).toBe("Shelly Plus Plug S 1303");
  });

  test("takes energy from the register once it has two readings, and from power until then", () => {
    const { publish, stored } = setUp();
    const at = (second: number) => arrivalMs / 1000 - 60 + second;
    publish(main, { w: 100, ts: at(0) });
    publish(main, { w: 100, kwh: 12.5, ts: at(10) });
    const power = stored.find(({ series }) => series.kind === "power")?.series;
    expect(power?.cut).toEqual({ importUntilMs: null, exportUntilMs: null });
    publish(main, { w: 100, kwh: 12.6, ts: at(20) });
    expect(power?.cut).toEqual({ importUntilMs: at(10) * 1000, exportUntilMs: null });
    const register = stored.find(({ series }) => series.kind === "import_register")?.series;
    expect(register?.cut.importUntilMs).toBeNull();
  });

  test("keeps both readings of a burst that came within one millisecond, the later one as the newest", () => {
    const { publish, stored, meter } = setUp();
    publish(main, { w: 2000 });
    publish(main, { w: 0 });
    expect(stored.map(({ value, timeMs }) => [value, timeMs - arrivalMs])).toEqual([
      [2000, 0],
      [0, 1],
    ]);
    const [channel] = meter("customer-main").channels.values();
    expect([...(channel?.series.values() ?? [])][0]?.latest?.value).toBe(0);
  });

  test("knows the home's supply by its topic and by its device's id as one meter", () => {
    const { publish, registry } = setUp();
    publish(main, { w: 1000 });
    publish(main, { device_id: "meter_main_001", data: { power: { active: 1000 } } });
    publish(main, "900");
    expect([...registry.meters()]).toMatchObject([{ nativeId: "meter_main_001", aliases: ["main"] }]);
  });

  test("does not make a second meter of the supply the mains too", () => {
    const { publish, meter } = setUp();
    publish(main, "1000");
    publish("home/home/device/grid_meter/telemetry", { data: { power: { active: 1000 } } });
    expect([...meter("customer-grid_meter").channels.values()]).toMatchObject([{ role: "circuit" }]);
  });

  test("says so when a meter has more circuits than it takes", () => {
    const { publish, meter } = setUp();
    for (let index = 0; index < 66; index++) publish(`home/home/sensor/power/circuit/c${index}`, "1");
    expect(meter("customer-main").channels.size).toBe(64);
    expect(meter("customer-main")).toMatchObject({
      rejectedCount: 2,
      lastRejection: { reason: expect.stringContaining("64") },
    });
  });

  test("forgets a removed meter, whatever comes on its topic", () => {
    const { publish, meter, registry, ingest } = setUp();
    publish("home/home/device/old/telemetry", { w: 5 });
    registry.remove(meter("customer-old"));
    publish("home/home/device/old/telemetry", { w: "nan" });
    expect([...registry.meters()]).toEqual([]);
    expect(ingest.rejections()).toHaveLength(1);
  });

  test("takes no more than 500 meters, and says what to do", () => {
    const { publish, registry, ingest } = setUp();
    for (let index = 0; index <= 500; index++) publish(`home/home/sensor/power/device/d${index}`, "1");
    expect([...registry.meters()]).toHaveLength(500);
    expect(ingest.rejections().at(-1)?.reason).toContain("500");
  });

  test("tells of a relay each time that a message does, whether it has changed or not", () => {
    const { publish, told } = setUp();
    const status = (relay: string, w: number) =>
      publish("home/home/device/plug/telemetry", { data: { power: { active: w } }, status: { relay } });
    for (const w of [1, 2, 3]) status("closed", w);
    status("open", 4);
    const heard = (state: string) => `home/home/device/plug/telemetry customer-plug/main ${state}`;
    expect(told.relays).toEqual([...Array(3).fill(heard("on")), heard("off")]);
  });

  test("is not disturbed by names that objects have of themselves", () => {
    const { publish, stored } = setUp();
    publish("home/home/device/d/telemetry", '{"__proto__":{"w":1},"data":{"power":{"active":5}}}');
    publish("home/home/device/constructor/status", "online");
    expect(stored.map(({ value }) => value)).toEqual([5]);
    expect(({} as { w?: number }).w).toBeUndefined();
  });
});
