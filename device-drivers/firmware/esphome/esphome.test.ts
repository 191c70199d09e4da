/** The examples as ESPHome would take them, and what they publish as the hub would read it. */
import { globSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createDefinitions, createMessage, decode, type MeterMessage, type Reading } from "../../src/index.ts";
import { type Config, isMap, loadConfig, parseYaml, type Value } from "./config.harness.ts";

const folder = import.meta.dirname;
const examples = globSync("examples/*.yaml", { cwd: folder }).filter((file) => !file.includes("secrets"));
const load = (name: string) => loadConfig(path.join(folder, "examples", `${name}.yaml`));

/**
 * What ESPHome's platforms themselves say of the sensors that our files leave to them, from their schemas in
 * github.com/esphome/esphome, esphome/components/{pzemac,atm90e32,wifi_signal}/sensor.py.
 */
const defaults: Record<string, [unit: string, deviceClass: string]> = {
  power: ["W", "power"],
  voltage: ["V", "voltage"],
  current: ["A", "current"],
  power_factor: ["", "power_factor"],
  frequency: ["Hz", "frequency"],
  energy: ["Wh", "energy"],
  forward_active_energy: ["Wh", "energy"],
  reverse_active_energy: ["Wh", "energy"],
  wifi_signal: ["dBm", "signal_strength"],
};

interface Sensor {
  name: string;
  unit: string;
  deviceClass: string;
}

/** Every sensor that has a name, which are those that are published. */
function sensorsOf(value: Value, kind = ""): Sensor[] {
  if (Array.isArray(value)) return value.flatMap((one) => sensorsOf(one, isMap(one) ? String(one.platform) : ""));
  if (!isMap(value)) return [];
  const { name, unit_of_measurement: unit, device_class: deviceClass } = value;
  const [usualUnit, usualClass] = defaults[kind] ?? ["", ""];
  const own = { unit: String(unit ?? usualUnit), deviceClass: String(deviceClass ?? usualClass) };
  const inner = Object.entries(value).flatMap(([key, one]) => sensorsOf(one, key));
  return [...(typeof name === "string" ? [{ name, ...own }] : []), ...inner];
}

/** As ESPHome makes an object id of a name: lower case, and a place-holder for each other character. */
const objectIdOf = (name: string) => name.toLowerCase().replace(/[^a-z0-9_-]/g, "_");

/** What the hub makes of that value of each sensor, after the configurations that ESPHome announces on connecting. */
function readBy(config: Config, value = "2"): MeterMessage[] {
  const { device_name: prefix = "", friendly_name: friendlyName } = config.substitutions as Record<string, string>;
  const definitions = createDefinitions();
  const messages = sensorsOf(config.sensor ?? []).map((sensor) => {
    const objectId = objectIdOf(sensor.name);
    const topic = `${prefix}/sensor/${objectId}/state`;
    const { name, unit, deviceClass } = sensor;
    const announced = {
      ...{ name, dev_cla: deviceClass, stat_t: topic, avty_t: `${prefix}/status`, uniq_id: `a1b2-sensor-${objectId}` },
      ...(unit !== "" && { unit_of_meas: unit }),
      dev: { ids: "a1b2c3d4e5f6", name: friendlyName, mf: "Espressif", cns: [["mac", "a1b2c3d4e5f6"]] },
    };
    const source = `homeassistant/sensor/${prefix}/${objectId}/config`;
    const said = decode(createMessage({ topic: source, payload: Buffer.from(JSON.stringify(announced)) }));
    if (said && "defines" in said.decoded && said.decoded.defines)
      definitions.learn(said.dialect, said.decoded.defines);
    return { topic, payload: Buffer.from(value), known: definitions.known };
  });
  return messages.flatMap((message) => {
    const result = decode(createMessage(message));
    return result && "meters" in result.decoded ? result.decoded.meters : [];
  });
}

const place = ({ quantity, channel, direction, value }: Reading) =>
  [channel ?? "-", quantity, ...(direction ? [direction] : []), value].join(" ");

function readingsOf(name: string): string[] {
  return readBy(load(name))
    .flatMap(({ readings }) => readings.map(place))
    .sort();
}

test("there are examples of every meter", () => {
  expect(examples).toHaveLength(4);
});

describe.each(examples)("%s", (file) => {
  const config = loadConfig(path.join(folder, file));
  const { mqtt } = config;
  const prefix = (config.substitutions as Record<string, string>).device_name ?? "";

  test("is whole: every substitution is made, every id that is used is there", () => {
    const text = JSON.stringify(config);
    expect(text).not.toContain("${");
    const ids = new Set([...text.matchAll(/"id":"(\w+)"/g)].map(([, id]) => id));
    const used = [...text.matchAll(/"(?:\w+_id|sensor|component\.update)":"(\w+)"|id\((\w+)\)/g)];
    for (const [, one, other] of used) expect(ids).toContain(one ?? other);
    const secrets = parseYaml(path.join(folder, "examples/secrets.example.yaml"));
    for (const [, secret = ""] of text.matchAll(/!secret (\w+)/g)) expect(secrets).toHaveProperty(secret);
  });

  test("has a birth, a last will and a keep-alive as the hub asks for", () => {
    const status = { topic: `${prefix}/status`, qos: "1", retain: "true" };
    expect(mqtt).toMatchObject({
      ...{ keepalive: "45s", discovery: "true", client_id: prefix, topic_prefix: prefix, log_topic: null },
      birth_message: { ...status, payload: "online" },
      will_message: { ...status, payload: "offline" },
    });
    const decoded = decode(createMessage({ topic: `${prefix}/status`, payload: Buffer.from("offline") }));
    expect(decoded).toMatchObject({ dialect: "esphome", decoded: { meters: [{ availability: "offline" }] } });
  });

  test("names each sensor once", () => {
    const names = sensorsOf(config.sensor ?? []).map(({ name }) => objectIdOf(name));
    expect(new Set(names).size).toBe(names.length);
  });
});

test("a PZEM is read as one input with a register in Wh", () => {
  expect(readingsOf("kitchen-pzem")).toEqual([
    "- current 2",
    "- energy_active import 2",
    "- frequency 2",
    "- power_active 2",
    "- power_factor 2",
    "- voltage 2",
  ]);
});

test("a clamp is read as current, estimated power, and a register in kWh", () => {
  expect(readingsOf("water-heater-clamp")).toEqual(["- current 2", "- energy_active import 2000", "- power_active 2"]);
});

test("a pulse meter is read as power and a register in kWh, of the supply", () => {
  expect(readingsOf("utility-meter")).toEqual(["- energy_active import 2000", "- power_active 2"]);
  const roles = readBy(load("utility-meter")).map(({ roles }) => roles?.[""]);
  expect(new Set(roles)).toEqual(new Set(["mains"]));
});

test("six clamps are read as six channels with their roles, import and export apart", () => {
  const meters = readBy(load("consumer-unit"));
  const ofChannel = Map.groupBy(
    meters.flatMap(({ readings }) => readings),
    ({ channel }) => channel,
  );
  const perCircuit = ["current 2", "energy_active export 2", "power_active 2", "power_factor 2"];
  for (const channel of ["mains", "kitchen", "air_con", "lights", "ev_charger"]) {
    const found = (ofChannel.get(channel) ?? []).map((reading) => place(reading).slice(channel.length + 1)).sort();
    expect(found).toEqual(expect.arrayContaining([...perCircuit, "energy_active import 2"]));
  }
  const roles = Object.assign({}, ...meters.map(({ roles }) => roles));
  expect(roles).toMatchObject({ mains: "mains", solar: "solar", ev_charger: "ev", kitchen: "appliance" });
  expect(new Set(meters.map(({ meterId }) => meterId))).toEqual(new Set(["consumer-unit"]));
});
