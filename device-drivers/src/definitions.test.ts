import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { createDefinitions, type StoredDefinitions } from "./definitions.ts";
import type { Decoded, Definition } from "./driver.ts";
import { createMessage, createPlan, type DefinitionRegistry, decode, drivers } from "./index.ts";

const kilowatts: Definition = { topics: ["a/power"], data: { unit: "kW" } };

/** Decodes a message with what is remembered, and remembers what it defines, as the hub does. */
function hear(definitions: DefinitionRegistry, topic: string, payload: unknown): Decoded | undefined {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const result = decode(createMessage({ topic, payload: Buffer.from(text), known: definitions.known }));
  if (result && "defines" in result.decoded && result.decoded.defines) {
    definitions.learn(result.dialect, result.decoded.defines);
  }
  return result?.decoded;
}

function readingsOf(decoded: Decoded | undefined) {
  return decoded && "meters" in decoded ? decoded.meters.flatMap(({ readings }) => readings) : [];
}

describe("definitions", () => {
  test("are known by topic and dialect", () => {
    const definitions = createDefinitions();
    expect(definitions.learn("homie", { source: "a/power/$unit", list: [kilowatts] })).toEqual(["a/power"]);
    expect(definitions.known("a/power", "homie")).toEqual([{ unit: "kW" }]);
    expect(definitions.known("a/power", "wirenboard")).toEqual([]);
    expect(definitions.known("a/energy", "homie")).toEqual([]);
  });

  test("of a source take the place of its former ones, and say which topics mean something else now", () => {
    const definitions = createDefinitions();
    definitions.learn("homie", { source: "s", list: [kilowatts, { topics: ["a/energy"], data: { unit: "Wh" } }] });
    const changed = definitions.learn("homie", { source: "s", list: [{ topics: ["a/power"], data: { unit: "W" } }] });
    expect(changed).toEqual(["a/power", "a/energy"]);
    expect(definitions.known("a/power", "homie")).toEqual([{ unit: "W" }]);
    expect(definitions.known("a/energy", "homie")).toEqual([]);
  });

  test("that are said again change nothing and are not stored again", () => {
    const saved: StoredDefinitions[] = [];
    const definitions = createDefinitions({ load: () => [], save: (one) => saved.push(one) });
    definitions.learn("homie", { source: "s", list: [kilowatts] });
    expect(definitions.learn("homie", { source: "s", list: [{ topics: ["a/power"], data: { unit: "kW" } }] })).toEqual(
      [],
    );
    expect(saved).toHaveLength(1);
  });

  test("are forgotten when their source defines nothing any more", () => {
    const definitions = createDefinitions();
    definitions.learn("homie", { source: "s", list: [kilowatts] });
    definitions.learn("homie", { source: "t", list: [{ topics: ["a/power"], data: { unit: "W" } }] });
    expect(definitions.learn("homie", { source: "s", list: [] })).toEqual(["a/power"]);
    expect(definitions.known("a/power", "homie")).toEqual([{ unit: "W" }]);
    expect(definitions.size()).toBe(1);
  });

  test("survive a restart", () => {
    const stored = new Map<string, StoredDefinitions>();
    const store = { load: () => stored.values(), save: (one: StoredDefinitions) => void stored.set(one.source, one) };
    createDefinitions(store).learn("homie", { source: "s", list: [kilowatts] });
    expect(createDefinitions(store).known("a/power", "homie")).toEqual([{ unit: "kW" }]);
  });

  test.each([
    ["data that is too large", [{ topics: ["a"], data: { text: "x".repeat(5_000) } }]],
    ["too many of one source", Array.from({ length: 65 }, () => kilowatts)],
    ["too many topics", [{ topics: Array.from({ length: 129 }, (_, i) => `${i}`), data: {} }]],
    ["a topic that is too long", [{ topics: ["x".repeat(2_000)], data: {} }]],
  ])("are refused with %s, and what was known stays", (_, list) => {
    const definitions = createDefinitions();
    definitions.learn("homie", { source: "s", list: [kilowatts] });
    expect(definitions.learn("homie", { source: "s", list })).toEqual({ refused: expect.any(String) });
    expect(definitions.known("a/power", "homie")).toEqual([{ unit: "kW" }]);
  });

  test("are bounded in number, and a known source may still change", () => {
    const definitions = createDefinitions();
    for (let i = 0; i < 5_000; i++) definitions.learn("homie", { source: `s${i}`, list: [kilowatts] });
    expect(definitions.learn("homie", { source: "more", list: [kilowatts] })).toEqual({ refused: expect.any(String) });
    expect(definitions.learn("homie", { source: "s7", list: [{ topics: ["b"], data: {} }] })).toEqual(["a/power", "b"]);
    expect(definitions.known("a/power", "homie").length).toBeLessThanOrEqual(256);
  });
});

describe("a configuration of Home Assistant", () => {
  const config = {
    name: "Oven Power",
    stat_t: "~/state",
    avty_t: "~/online",
    "~": "kitchen/box",
    uniq_id: "box_oven",
    unit_of_meas: "kW",
    val_tpl: "{{ value_json.oven.p | float }}",
    dev: { ids: ["box1"], name: "Kitchen", cns: [["mac", "84:0D:8E:52:28:51"]] },
  };

  test("says what later messages mean, until it is removed", () => {
    const definitions = createDefinitions();
    expect(hear(definitions, "kitchen/box/state", { oven: { p: 1.5 } })).toBeUndefined();
    hear(definitions, "homeassistant/sensor/box/oven/config", config);
    const decoded = hear(definitions, "kitchen/box/state", { oven: { p: 1.5 } });
    expect(decoded).toEqual({
      meters: [
        {
          meterId: "box1",
          name: "Kitchen",
          mac: "840D8E522851",
          readings: [{ quantity: "power_active", value: 1500, channel: "oven" }],
          roles: { oven: "appliance" },
        },
      ],
    });
    expect(hear(definitions, "kitchen/box/online", "offline")).toMatchObject({ meters: [{ availability: "offline" }] });
    hear(definitions, "homeassistant/sensor/box/oven/config", "");
    expect(hear(definitions, "kitchen/box/state", { oven: { p: 1.5 } })).toBeUndefined();
  });

  test("gives the sensors of an ESPHome device their units", () => {
    const definitions = createDefinitions();
    const topic = "plug/sensor/washer_energy/state";
    expect(readingsOf(hear(definitions, topic, "1.25"))).toEqual([]);
    hear(definitions, "homeassistant/sensor/plug/washer_energy/config", {
      stat_t: topic,
      name: "Washer Energy",
      unit_of_meas: "kWh",
      dev_cla: "energy",
      dev: { ids: "18de50e14433", name: "plug" },
    });
    expect(readingsOf(hear(definitions, topic, "1.25"))).toEqual([
      { quantity: "energy_active", value: 1250, channel: "washer", direction: "import", period: "total" },
    ]);
  });

  test("does not speak over a driver that knows the device better", () => {
    const definitions = createDefinitions();
    hear(definitions, "homeassistant/sensor/x/power/config", {
      stat_t: "zigbee2mqtt/plug",
      unit_of_meas: "W",
      val_tpl: "{{ value_json.power * 1000 }}",
      dev: { ids: ["zigbee2mqtt_0x1"] },
    });
    expect(hear(definitions, "zigbee2mqtt/plug", { power: 5 })).toMatchObject({ meters: [{ meterId: "plug" }] });
    expect(readingsOf(hear(definitions, "zigbee2mqtt/plug", { power: 5 }))).toMatchObject([{ value: 5 }]);
  });

  test("is not made a plan of, since its messages mean something else when it changes", () => {
    const definitions = createDefinitions();
    hear(definitions, "homeassistant/sensor/box/oven/config", config);
    const message = createMessage({
      topic: "kitchen/box/state",
      payload: Buffer.from('{"oven":{"p":1.5}}'),
      known: definitions.known,
    });
    const knowing = drivers.find((driver) => driver.decode(message) !== undefined);
    expect(knowing?.dialect).toBe("ha-discovery");
    expect(knowing && createPlan(knowing, message)).toBeNull();
  });

  test("of a device describes all its components at once", () => {
    const definitions = createDefinitions();
    hear(definitions, "homeassistant/device/inv/config", {
      dev: { ids: ["inv"], name: "Roof" },
      o: { name: "inv2mqtt" },
      "~": "inv",
      stat_t: "~/state",
      cmps: {
        a: { p: "sensor", name: "Power", unit_of_meas: "W", val_tpl: "{{ value_json.p }}" },
        b: { p: "sensor", name: "Energy today", unit_of_meas: "kWh", val_tpl: "{{ value_json.e }}" },
        c: { p: "switch", name: "Output", val_tpl: "{{ value_json.on }}", stat_on: "1", stat_off: "0" },
      },
    });
    const decoded = hear(definitions, "inv/state", { p: 500, e: 1.5, on: 1 });
    expect(decoded).toMatchObject({ meters: [{ meterId: "inv", relays: { "0": true } }] });
    expect(readingsOf(decoded)).toEqual([
      { quantity: "power_active", value: 500 },
      { quantity: "energy_active", value: 1500, direction: "import", period: "today" },
    ]);
  });
});

describe("the list of devices of Zigbee2MQTT", () => {
  test("ties a device's address to its name, and tells clamps from phases", () => {
    const definitions = createDefinitions();
    const exposes = (names: string[]) => names.map((property) => ({ type: "numeric", property }));
    const decoded = hear(definitions, "zigbee2mqtt/bridge/devices", [
      {
        ieee_address: "0xa4c138322e1741bc",
        friendly_name: "clamps",
        definition: { vendor: "Tuya", model: "PJ-1203A", exposes: exposes(["power_a", "power_b", "voltage"]) },
      },
      {
        ieee_address: "0x90395efffe185436",
        friendly_name: "supply",
        definition: {
          vendor: "Tuya",
          model: "SPM02",
          exposes: exposes(["power_a", "voltage_a", "voltage_b", "voltage_c"]),
        },
      },
    ]);
    expect(decoded).toMatchObject({
      meters: [
        { meterId: "0xa4c138322e1741bc", alias: "clamps", model: "Tuya PJ-1203A" },
        { meterId: "0x90395efffe185436", alias: "supply", model: "Tuya SPM02" },
      ],
    });
    const clamp = readingsOf(hear(definitions, "zigbee2mqtt/clamps", { power_a: 5 }));
    const phase = readingsOf(hear(definitions, "zigbee2mqtt/supply/power_a", "5"));
    expect(clamp).toEqual([{ quantity: "power_active", value: 5, channel: "a" }]);
    expect(phase).toEqual([{ quantity: "power_active", value: 5, phase: "L1" }]);
  });
});
