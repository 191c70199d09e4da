import { describe, expect, test } from "vitest";
import { type Command, type CommandTarget, commandsOf } from "./commands.ts";
import { drivers } from "./index.ts";
import { messageOf } from "./samples.ts";

const on: Command = { kind: "switch", on: true };
const off: Command = { kind: "switch", on: false };
const toggle: Command = { kind: "toggle" };
const reboot: Command = { kind: "reboot" };

type Said = [topic: string, payload: unknown];

/** What a dialect says for a command, JSON as its value; null when it says nothing. */
function said(dialect: string, command: Command, target: Partial<CommandTarget>): Said | null {
  const whole = {
    meterId: "x",
    aliases: [],
    homeId: "home",
    channel: "",
    topics: [],
    definitions: [],
    requestId: "r1",
  };
  const messages = commandsOf(dialect)?.messagesOf({ ...whole, ...target }, command);
  if (!messages) return null;
  expect(messages).toHaveLength(1);
  const [message] = messages;
  expect(message).toMatchObject({ qos: 1, retain: false });
  const { topic, payload } = message!;
  return [topic, payload.startsWith("{") ? JSON.parse(payload) : payload];
}

/** Whom a message speaks of, and of which relay, as the hub would keep it. */
function targetFrom(dialect: string, topic: string, payload: string): Partial<CommandTarget> {
  const driver = drivers.find((one) => one.dialect === dialect)!;
  const decoded = driver.decode(messageOf({ topic, payload }));
  if (!decoded || !("meters" in decoded)) throw new Error(`${topic} is not of a ${dialect}`);
  const [{ meterId, alias, relays = {} }] = decoded.meters as [(typeof decoded.meters)[0]];
  const [channel = ""] = Object.keys(relays);
  return { meterId, aliases: alias === undefined ? [] : [alias], channel, topics: [topic] };
}

/** The state as the device tells it; then the command, as the documentation of each dialect's `commands.ts` has it. */
const examples: [dialect: string, topic: string, payload: string, command: Command, ...said: Said][] = [
  ["tasmota", "stat/plug/POWER", "ON", off, "cmnd/plug/POWER", "OFF"],
  ["tasmota", "stat/plug/RESULT", '{"POWER2":"ON"}', on, "cmnd/plug/POWER2", "ON"],
  ["tasmota", "tele/plug/STATE", '{"POWER":"ON"}', toggle, "cmnd/plug/POWER", "TOGGLE"],
  // FullTopic %topic%/%prefix%/, and one with levels before.
  ["tasmota", "plug/stat/POWER1", "ON", on, "plug/cmnd/POWER1", "ON"],
  ["tasmota", "home/plug/tele/STATE", '{"POWER":"ON"}', on, "home/plug/cmnd/POWER", "ON"],
  ["tasmota", "home/stat/plug/RESULT", '{"POWER":"ON"}', on, "home/cmnd/plug/POWER", "ON"],
  // FullTopic without %prefix%.
  [
    ...(["tasmota", "plug/STATE", '{"Uptime":"0T00:00:10","Wifi":{},"POWER":"ON"}', on] as const),
    ...(["plug/cmnd/POWER", "ON"] as const),
  ],
  [
    ...(["shelly-gen2", "shellyplus1pm-a8032ab12345/status/switch:0", '{"id":0,"output":true}', off] as const),
    "shellyplus1pm-a8032ab12345/rpc",
    { id: "r1", src: "shellyplus1pm-a8032ab12345/events", method: "Switch.Set", params: { id: 0, on: false } },
  ],
  [
    ...(["shelly-gen2", "hall/lamp/status/light:1", '{"id":1,"output":true}', toggle] as const),
    "hall/lamp/rpc",
    { id: "r1", src: "hall/lamp/events", method: "Light.Toggle", params: { id: 1 } },
  ],
  [
    "shelly-gen2",
    "pump/events/rpc",
    '{"src":"shellyplus1-a8032ab12345","method":"NotifyStatus","params":{"ts":1,"switch:0":{"id":0,"output":false}}}',
    on,
    "pump/rpc",
    { id: "r1", src: "pump/events", method: "Switch.Set", params: { id: 0, on: true } },
  ],
  ["shelly-gen1", "shellies/shelly1pm-AABBCC/relay/0", "on", off, "shellies/shelly1pm-AABBCC/relay/0/command", "off"],
  [
    ...(["shelly-gen1", "shellies/shellydimmer-AABBCC/light/0/status", '{"ison":true}', on] as const),
    ...(["shellies/shellydimmer-AABBCC/light/0/command", "on"] as const),
  ],
  [
    ...(["shelly-gen1", "shellies/shelly1-AABBCC/info", '{"relays":[{"ison":true}]}', on] as const),
    ...(["shellies/shelly1-AABBCC/relay/0/command", "on"] as const),
  ],
  ["zigbee2mqtt", "zigbee2mqtt/Plug Kachel", '{"state":"ON"}', off, "zigbee2mqtt/Plug Kachel/set", { state: "OFF" }],
  ["zigbee2mqtt", "zigbee2mqtt/x/y", '{"state_left":"ON"}', off, "zigbee2mqtt/x/y/set", { state_left: "OFF" }],
  ["zigbee2mqtt", "zigbee2mqtt/z1/state", "ON", toggle, "zigbee2mqtt/z1/set", { state: "TOGGLE" }],
  ["zigbee2mqtt", "zigbee2mqtt/hall/state", '{"state":"ON"}', on, "zigbee2mqtt/hall/state/set", { state: "ON" }],
  ["zigbee2mqtt", "zigbee2mqtt-shed/z1", '{"state":"ON"}', on, "zigbee2mqtt-shed/z1/set", { state: "ON" }],
  ["esphome", "attic/switch/attic_relay_1/state", "ON", off, "attic/switch/attic_relay_1/command", "OFF"],
  ["openbeken", "obk125DAED5/1/get", "1", off, "obk125DAED5/1/set", "0"],
  ["openbeken", "obk125DAED5/3/get", "1", on, "obk125DAED5/3/set", "1"],
  ["espurna", "ESPURNA_ABC123/relay/0", "1", off, "ESPURNA_ABC123/relay/0/set", "0"],
  [
    ...(["espurna", "Coffee/data", '{"host":"Coffee","mac":"5C:CF:7F:AA:BB:CC","relay/1":"1"}', toggle] as const),
    ...(["Coffee/relay/1/set", "2"] as const),
  ],
  ["homie", "homie/lamp/light/on", "true", off, "homie/lamp/light/on/set", "false"],
  ["homie", "homie/5/lamp/relay/switch", "false", on, "homie/5/lamp/relay/switch/set", "true"],
  ["tuya-mqtt", "tuya/kitchen_plug/state", "ON", off, "tuya/kitchen_plug/command", "off"],
  ["tuya-mqtt", "tuya/heater/DPS/state", '{"1":true}', off, "tuya/heater/DPS/1/command", "false"],
  ["wirenboard", "/devices/wb-mr3_1/controls/K1", "0", on, "/devices/wb-mr3_1/controls/K1/on", "1"],
  ["openenergymonitor", "emon/smartplug1/out/ctrlmode", "On", off, "emon/smartplug1/in/ctrlmode", "0"],
  [
    "domoticz",
    "domoticz/out",
    '{"idx":7,"name":"Lamp","dtype":"Light/Switch","stype":"Switch","nvalue":1}',
    toggle,
    "domoticz/in",
    { command: "switchlight", idx: 7, switchcmd: "Toggle" },
  ],
  [
    "customer",
    "home/home/device/plug_1/telemetry",
    '{"data":{"power":{"active":5}},"status":{"relay":"closed"}}',
    off,
    "home/home/cmd/plug_1/switch",
    { on: false, id: "r1" },
  ],
];

describe("a command in the dialect's own words, where the device listens", () => {
  test.each(examples)("%s: %s %s", (dialect, topic, payload, command, ...expected) => {
    expect(said(dialect, command, targetFrom(dialect, topic, payload))).toEqual(expected);
  });

  test.each(examples)("%s does not take its own command for a state (%s)", (dialect, topic, payload, command) => {
    const [message] = commandsOf(dialect)!.messagesOf(
      {
        ...{ aliases: [], homeId: "home", definitions: [], requestId: "r1" },
        ...targetFrom(dialect, topic, payload),
      } as CommandTarget,
      command,
    )!;
    for (const driver of drivers) {
      const decoded = driver.decode(messageOf({ ...message! }));
      if (decoded && "meters" in decoded) expect([driver.dialect, decoded.meters]).toEqual([]);
    }
  });
});

describe("what the hub has not heard", () => {
  test("is taken as the firmware has it at first, where its names tell", () => {
    const named = { meterId: "AABBCCDDEEFF", aliases: ["plug"] };
    expect(said("tasmota", on, named)).toEqual(["cmnd/plug/POWER", "ON"]);
    expect(said("tasmota", on, { ...named, channel: "2" })).toEqual(["cmnd/plug/POWER2", "ON"]);
    expect(said("shelly-gen2", on, named)?.[0]).toBe("plug/rpc");
    expect(said("shelly-gen1", on, { meterId: "shelly1-AABBCC" })?.[0]).toBe("shellies/shelly1-AABBCC/relay/0/command");
    expect(said("zigbee2mqtt", on, named)).toEqual(["zigbee2mqtt/plug/set", { state: "ON" }]);
    expect(said("zigbee2mqtt", on, { meterId: "zigbee2mqtt-shed/z1" })?.[0]).toBe("zigbee2mqtt-shed/z1/set");
    expect(said("openbeken", on, { meterId: "obk1" })).toEqual(["obk1/1/set", "1"]);
    expect(said("espurna", on, { meterId: "ESPURNA_ABC123" })).toEqual(["ESPURNA_ABC123/relay/0/set", "1"]);
    expect(said("tuya-mqtt", on, { meterId: "heater" })).toEqual(["tuya/heater/command", "on"]);
  });

  test.each(["esphome", "homie", "wirenboard", "ha-discovery", "openenergymonitor"])(
    "is not guessed: %s",
    (dialect) => {
      expect(said(dialect, on, {})).toBeNull();
    },
  );

  test("a topic that is none of the device's own forms is passed over", () => {
    const topics = ["a/b", "", "/", "stat", "rpc"];
    expect(said("tasmota", on, { meterId: "plug", topics })).toEqual(["cmnd/plug/POWER", "ON"]);
    expect(said("shelly-gen2", on, { meterId: "plug", topics })?.[0]).toBe("plug/rpc");
    expect(said("esphome", on, { topics })).toBeNull();
  });
});

test("a channel that is no relay's number gets nothing, where relays have numbers", () => {
  for (const dialect of ["tasmota", "shelly-gen2", "shelly-gen1", "espurna"])
    expect(said(dialect, on, { channel: "left/../0" })).toBeNull();
});

test("a switch that Home Assistant's discovery describes takes what its configuration says", () => {
  const described = { kind: "switch", meterId: "fan", commandTopic: "fan/do", commandOn: "GO", commandOff: "STOP" };
  const target = { meterId: "fan", channel: "0", topics: ["fan/is"], definitions: [described] };
  expect(said("ha-discovery", on, target)).toEqual(["fan/do", "GO"]);
  expect(said("ha-discovery", off, { ...target, channel: "" })).toEqual(["fan/do", "STOP"]);
  expect(said("ha-discovery", toggle, target)).toBeNull();
  expect(said("ha-discovery", on, { ...target, meterId: "other" })).toBeNull();
  const second = { ...described, commandTopic: "fan2/do" };
  expect(said("ha-discovery", on, { ...target, definitions: [described, second] })).toBeNull();
  expect(said("ha-discovery", on, { ...target, definitions: [{ ...described, commandTopic: 5 }] })).toBeNull();
});

test("devices are restarted where their dialect has a word for it, and set up in the native one alone", () => {
  expect(said("tasmota", reboot, { topics: ["stat/plug/POWER"] })).toEqual(["cmnd/plug/Restart", "1"]);
  expect(said("shelly-gen2", reboot, { meterId: "plug" })).toEqual([
    "plug/rpc",
    { id: "r1", src: "plug/events", method: "Shelly.Reboot" },
  ]);
  expect(said("customer", reboot, { meterId: "m1" })).toEqual(["home/home/cmd/m1/reboot", { id: "r1" }]);
  const config: Command = { kind: "config", values: { interval_ms: 5000, id: "forged" } };
  expect(said("customer", config, { meterId: "m1" })).toEqual([
    "home/home/cmd/m1/config",
    { id: "r1", interval_ms: 5000 },
  ]);
  const calibrate: Command = { kind: "calibrate", values: { voltage_v: 230.1 } };
  expect(said("customer", calibrate, { meterId: "m1" })?.[0]).toBe("home/home/cmd/m1/calibrate");
  for (const { dialect } of drivers) if (dialect !== "customer") expect(said(dialect, config, {})).toBeNull();
});

/** Of the firmware in `firmware/esp32`, of the documentation that `commands.ts` names, and of Zigbee2MQTT's log. */
const answers: [dialect: string, topic: string, payload: unknown, answer: object | undefined][] = [
  [
    "customer",
    "home/home/device/m1/result",
    { id: "r1", command: "reboot", ok: true },
    { meterId: "m1", requestId: "r1" },
  ],
  [
    ...([
      "customer",
      "home/home/device/m1/result",
      { id: "r1", ok: false, error: "current_a must be 0.1 to 1000" },
    ] as const),
    { meterId: "m1", requestId: "r1", error: "current_a must be 0.1 to 1000" },
  ],
  ["customer", "home/home/device/m1/result", { id: "r1", ok: "yes" }, undefined],
  ["customer", "home/home/device/m1/result", { ok: true }, undefined],
  ["customer", "home/home/device/m1/telemetry", { id: "r1", ok: true }, undefined],
  [
    ...(["shelly-gen2", "pump/events/rpc"] as const),
    { id: "r1", src: "shellyplus1-a8032ab12345", dst: "pump/events", result: { was_on: false } },
    { meterId: "shellyplus1-a8032ab12345", requestId: "r1" },
  ],
  [
    ...(["shelly-gen2", "pump/events/rpc"] as const),
    { id: "r1", src: "s", error: { code: 404, message: "No handler for Switch.Set" } },
    { meterId: "s", requestId: "r1", error: "No handler for Switch.Set" },
  ],
  ["shelly-gen2", "pump/events/rpc", { src: "s", method: "NotifyStatus", params: {} }, undefined],
  ["shelly-gen2", "pump/rpc", { id: "r1", src: "s", result: {} }, undefined],
  ["tasmota", "stat/plug/RESULT", { Command: "Unknown" }, { meterId: "plug", error: "it does not know the command" }],
  ["tasmota", "stat/plug/RESULT", { Restart: "Restarting" }, { meterId: "plug", kind: "reboot" }],
  ["tasmota", "stat/plug/RESULT", { POWER: "ON" }, undefined],
  ["tasmota", "cmnd/plug/RESULT", { Command: "Unknown" }, undefined],
  [
    ...(["zigbee2mqtt", "zigbee2mqtt/bridge/logging"] as const),
    { level: "error", message: "z2m: Publish 'set' 'state' to 'Hall lamp' failed: 'Error: timed out after 10000ms'" },
    { meterId: "Hall lamp", error: "'Error: timed out after 10000ms'" },
  ],
  [
    "zigbee2mqtt",
    "zigbee2mqtt/bridge/logging",
    { level: "info", message: "Publish 'set' 'state' to 'a' failed: x" },
    undefined,
  ],
];

describe("what a device answers", () => {
  test.each(answers)("%s: %s %j", (dialect, topic, payload, answer) => {
    expect(commandsOf(dialect)?.answerIn?.(messageOf({ topic, payload: JSON.stringify(payload) }))).toEqual(answer);
  });

  test("is no answer when its bytes are none", () => {
    const topics = [...new Set(answers.map(([, topic]) => topic))];
    const payloads = [
      "",
      "null",
      "[]",
      "5",
      '"x"',
      "{",
      '{"id":{}}',
      '{"id":"r","src":5}',
      "base64://8AAA==",
      "[".repeat(9_000),
    ];
    for (const { dialect } of drivers)
      for (const topic of [...topics, "", "/", "home/home/device//result"])
        for (const payload of payloads)
          expect(commandsOf(dialect)?.answerIn?.(messageOf({ topic, payload }))).toBeUndefined();
  });
});

test("whoever says that it can be switched has commands", () => {
  const silent = drivers.filter(
    ({ dialect, switches = "" }) => !switches.startsWith("nothing") && !commandsOf(dialect),
  );
  expect(silent.map(({ dialect }) => dialect)).toEqual([]);
});
