import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CommandMessage, commandsOf } from "../../../device-drivers/src/commands.ts";
import type * as api from "../api/control-contract.ts";
import { HubError } from "../errors.ts";
import type { Channel, Meter } from "../model.ts";
import { createControl } from "./control.ts";

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 1, 6) }));
afterEach(() => void vi.useRealTimers());

const anna = { actor: "Anna", actorId: "p1", address: "192.0.2.7" };
const on = { kind: "switch", on: true } as const;
const off = { kind: "switch", on: false } as const;
const toggle = { kind: "toggle" } as const;

function channelOf(id: string, relay: boolean | null = false): Channel {
  const meterId = id.slice(0, id.indexOf("/"));
  const rest = { name: "", isNamedByUser: false, role: "appliance", isRoleByUser: false, series: new Map() } as const;
  return { id, meterId, key: "", relay, ...rest };
}

function meterOf(dialect: string, nativeId: string, relay: boolean | null = false): Meter {
  const id = `${dialect}-${nativeId}`;
  const channel = channelOf(`${id}/main`, relay);
  return {
    ...{ id, dialect, nativeId, homeId: "home", aliases: [], name: nativeId, isNamedByUser: false, model: null },
    ...{ firmware: null, mac: null, firstSeenMs: 0, lastSeenMs: 0, signalDbm: null, uptimeS: null, rejectedCount: 0 },
    ...{ lastRejection: null, availability: "online", deviceId: null, channels: new Map([["", channel]]) },
  };
}

/** A hub's control with one Tasmota plug, or a meter of another dialect, and what becomes of it all. */
function open(meter = meterOf("tasmota", "plug")) {
  const channel = meter.channels.get("")!;
  const sent: CommandMessage[] = [];
  const sentMs: number[] = [];
  const changes: api.Command[] = [];
  const audited: string[] = [];
  const owners = new Map<string, string>();
  const control = createControl({
    ...{ homeId: "home", commandsOf, known: () => [], nowMs: Date.now },
    publish(message) {
      sent.push(message);
      sentMs.push(Date.now());
    },
    isOnline: ({ availability }) => availability !== "offline",
    ownerOf: (place) => owners.get(place) ?? null,
    onChange: (command) => void changes.push(command),
    audit: ({ actor, action, target, address, detail }) =>
      void audited.push(`${actor} ${address} ${action} ${target} ${detail}`),
  });
  const tell = (isOn: boolean, topic = "stat/plug/POWER") => {
    channel.relay = isOn;
    control.hearRelay({ channel, isOn, topic });
  };
  const say = (topic: string, payload: unknown, deviceId: string | null = null) =>
    control.hear({ topic, payload: Buffer.from(JSON.stringify(payload)), deviceId });
  return {
    ...{ control, meter, channel, sent, sentMs, changes, audited, owners, tell, say },
    send: (wish: Parameters<typeof control.send>[2], whom: Channel | null = channel) =>
      control.send(meter, whom, wish, anna),
    words: () => sent.map(({ topic, payload }) => `${topic} ${payload}`),
    stateOf: ({ id }: api.Command) => control.get(id)?.failure ?? control.get(id)?.state,
  };
}

/** The refusal that a call ends in. */
function refusalOf(call: () => unknown): HubError {
  try {
    call();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error("It was not refused");
}

describe("a switch", () => {
  test("is sent at once and confirmed by the state that the device then reports", () => {
    const hub = open();
    const command = hub.send(on);
    expect(command).toMatchObject({ state: "sent", on: true, by: "Anna", sends: 1, channelId: "tasmota-plug/main" });
    expect(hub.sent).toEqual([{ topic: "cmnd/plug/POWER", payload: "ON", qos: 1, retain: false }]);
    vi.advanceTimersByTime(300);
    hub.tell(true);
    expect(hub.control.get(command.id)).toMatchObject({ state: "confirmed", failure: null });
    expect(hub.control.get(command.id)!.endedMs! - command.sentMs!).toBe(300);
    expect(hub.changes.map(({ state }) => state)).toEqual(["waiting", "sent", "confirmed"]);
    expect(hub.audited).toEqual(["Anna 192.0.2.7 command.switch tasmota-plug/main on: confirmed"]);
    vi.advanceTimersByTime(120_000);
    expect(hub.sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is not confirmed by the other state, which is said when nothing else comes", () => {
    const hub = open();
    const command = hub.send(on);
    hub.tell(false);
    expect(hub.stateOf(command)).toBe("sent");
    vi.advanceTimersByTime(12_000);
    expect(hub.stateOf(command)).toBe("not_done");
  });

  test("without an answer is sent three times in all, then has failed, and a late report changes nothing", () => {
    const hub = open();
    const command = hub.send(on);
    vi.advanceTimersByTime(11_999);
    expect(hub.stateOf(command)).toBe("sent");
    vi.advanceTimersByTime(1);
    expect(hub.stateOf(command)).toBe("no_answer");
    hub.tell(true);
    vi.advanceTimersByTime(600_000);
    expect(hub.stateOf(command)).toBe("no_answer");
    expect(hub.words()).toEqual(Array(3).fill("cmnd/plug/POWER ON"));
  });

  test("is given up as offline when the device goes before it is sent again", () => {
    const hub = open();
    const command = hub.send(on);
    hub.meter.availability = "offline";
    vi.advanceTimersByTime(4_000);
    expect(hub.stateOf(command)).toBe("offline");
    expect(hub.sent).toHaveLength(1);
  });

  test("goes out at the latest topic under which the device told its relay", () => {
    const hub = open();
    for (const topic of ["stat/plug/POWER", "tele/plug/STATE", "plug/stat/POWER"]) hub.tell(false, topic);
    hub.send(on);
    expect(hub.words()).toEqual(["plug/cmnd/POWER ON"]);
  });

  test("of a device that is offline is refused, kept as failed, and nothing is sent", () => {
    const hub = open();
    hub.meter.availability = "offline";
    expect(refusalOf(() => hub.send(on)).hint).toContain("power and Wi-Fi");
    hub.meter.availability = "online";
    vi.advanceTimersByTime(60_000);
    expect(hub.sent).toEqual([]);
    expect(hub.control.list("tasmota-plug")).toMatchObject([{ state: "failed", failure: "offline", sends: 0 }]);
    expect(hub.audited).toEqual(["Anna 192.0.2.7 command.switch tasmota-plug/main on: offline"]);
  });
});

describe("one relay, many wishes", () => {
  test("a newer switch waits until the relay has rested, and takes the place of the one that waits", () => {
    const hub = open();
    const first = hub.send(on);
    hub.tell(true);
    const second = hub.send(off);
    const third = hub.send(on);
    const fourth = hub.send(off);
    expect([second, third, fourth].map(hub.stateOf)).toEqual(["replaced", "replaced", "waiting"]);
    vi.advanceTimersByTime(999);
    expect(hub.words()).toEqual(["cmnd/plug/POWER ON"]);
    vi.advanceTimersByTime(1);
    expect(hub.words()).toEqual(["cmnd/plug/POWER ON", "cmnd/plug/POWER OFF"]);
    hub.tell(false);
    expect([first, fourth].map(hub.stateOf)).toEqual(["confirmed", "confirmed"]);
  });

  test("a newer switch does not wait for an answer to the older one, which is never sent again", () => {
    const hub = open();
    const first = hub.send(on);
    vi.advanceTimersByTime(2_000);
    const second = hub.send(off);
    expect([first, second].map(hub.stateOf)).toEqual(["replaced", "sent"]);
    vi.advanceTimersByTime(60_000);
    expect(hub.words()).toEqual(["cmnd/plug/POWER ON", ...Array(3).fill("cmnd/plug/POWER OFF")]);
  });

  test("a report of the older command's state does not confirm the newer one", () => {
    const hub = open();
    hub.send(on);
    vi.advanceTimersByTime(1_000);
    const second = hub.send(off);
    hub.tell(true);
    expect(hub.stateOf(second)).toBe("sent");
    hub.tell(false);
    expect(hub.stateOf(second)).toBe("confirmed");
  });

  test("of a thousand requests 20 a minute are taken, one a second is sent, and the last of them holds", () => {
    const hub = open();
    const taken: api.Command[] = [];
    let refused = 0;
    for (let i = 0; i < 1_000; i++) {
      try {
        taken.push(hub.send(i % 2 === 0 ? on : off));
      } catch (error) {
        expect((error as HubError).code).toBe("TOO_MANY_ATTEMPTS");
        refused++;
      }
    }
    expect([taken.length, refused, hub.sent.length]).toEqual([20, 980, 1]);
    vi.advanceTimersByTime(1_000);
    expect(hub.words()).toEqual(["cmnd/plug/POWER ON", "cmnd/plug/POWER OFF"]);
    hub.tell(false);
    expect(hub.stateOf(taken.at(-1)!)).toBe("confirmed");
    vi.advanceTimersByTime(59_000);
    expect(hub.send(on).state).toBe("sent");
  });

  test("never more than one message a second reaches a relay that is flapped for minutes", () => {
    const hub = open();
    for (let i = 0; i < 3_000; i++) {
      try {
        hub.send(toggle);
      } catch (error) {
        expect((error as HubError).code).toBe("TOO_MANY_ATTEMPTS");
      }
      vi.advanceTimersByTime(100);
      if (i % 3 === 0) hub.tell(!hub.channel.relay);
    }
    const gaps = hub.sentMs.slice(1).map((timeMs, i) => timeMs - hub.sentMs[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
    expect(hub.sentMs.length).toBeGreaterThanOrEqual(10);
  });

  test("a switch that was sent again rests its relay too", () => {
    const hub = open();
    hub.send(on);
    vi.advanceTimersByTime(4_500);
    hub.send(off);
    expect(hub.words()).toEqual(["cmnd/plug/POWER ON", "cmnd/plug/POWER ON"]);
    vi.advanceTimersByTime(500);
    expect(hub.words().at(-1)).toBe("cmnd/plug/POWER OFF");
  });

  test("two relays of a device do not wait for each other", () => {
    const hub = open();
    const second = channelOf("tasmota-plug/2");
    hub.send(on);
    hub.send(on, second);
    expect(hub.sent).toHaveLength(2);
    hub.tell(true);
    expect(hub.control.list(null).map(({ channelId, state }) => [channelId, state])).toEqual([
      ["tasmota-plug/2", "sent"],
      ["tasmota-plug/main", "confirmed"],
    ]);
  });
});

describe("a toggle", () => {
  test("becomes the other of the state that the device has told, and is then as safe as a switch", () => {
    const hub = open();
    hub.tell(true);
    const command = hub.send(toggle);
    expect(command).toMatchObject({ kind: "toggle", on: false });
    vi.advanceTimersByTime(4_000);
    expect(hub.words()).toEqual(["cmnd/plug/POWER OFF", "cmnd/plug/POWER OFF"]);
  });

  test("of a toggle that is under way is the first state again", () => {
    const hub = open();
    hub.tell(false);
    expect([hub.send(toggle).on, hub.send(toggle).on, hub.send(toggle).on]).toEqual([true, false, true]);
  });

  test("of a state that nobody has told since the start is the device's own, sent once", () => {
    const hub = open();
    const command = hub.send(toggle);
    expect(command).toMatchObject({ kind: "toggle", on: null });
    vi.advanceTimersByTime(11_000);
    expect(hub.words()).toEqual(["cmnd/plug/POWER TOGGLE"]);
    hub.tell(true);
    expect(hub.stateOf(command)).toBe("confirmed");
  });
});

describe("a device's own answer", () => {
  const native = () => open(meterOf("customer", "m1"));
  const result = "home/home/device/m1/result";

  test("confirms the command whose id it repeats", () => {
    const hub = native();
    const command = hub.send({ kind: "reboot" }, null);
    expect(hub.sent).toMatchObject([{ topic: "home/home/cmd/m1/reboot", payload: JSON.stringify({ id: command.id }) }]);
    hub.say(result, { id: command.id, ok: true });
    expect(hub.stateOf(command)).toBe("confirmed");
  });

  test("may be no, with the device's reason", () => {
    const hub = native();
    const command = hub.send({ kind: "calibrate", values: { current_a: 0 } }, null);
    hub.say(result, { id: command.id, ok: false, error: "current_a must be 0.1 to 1000" });
    expect(hub.control.get(command.id)).toMatchObject({
      failure: "refused",
      error: "current_a must be 0.1 to 1000",
    });
    expect(hub.audited[0]).toContain("calibrate: refused, current_a must be 0.1 to 1000");
  });

  test("to an older command, of another meter, or from another device is none", () => {
    const hub = native();
    hub.meter.deviceId = "d1";
    hub.owners.set("home/home/device/m1", "d1");
    const first = hub.send(on);
    vi.advanceTimersByTime(1_000);
    const second = hub.send(off);
    hub.say(result, { id: first.id, ok: true }, "d1");
    hub.say("home/home/device/m2/result", { id: second.id, ok: true }, "d1");
    hub.say(result, { id: second.id, ok: true }, "d2");
    hub.say(result, { id: second.id, ok: true }, null);
    expect(hub.stateOf(second)).toBe("sent");
    hub.say(result, { id: second.id, ok: true }, "d1");
    expect([first, second].map(hub.stateOf)).toEqual(["replaced", "confirmed"]);
  });

  test("to a restart does not confirm a switch", () => {
    const hub = open();
    const command = hub.send(on);
    hub.say("stat/plug/RESULT", { Restart: "Restarting" });
    expect(hub.stateOf(command)).toBe("sent");
    hub.say("stat/plug/RESULT", { Command: "Unknown" });
    expect(hub.stateOf(command)).toBe("refused");
  });

  test("to a restart that does not come is waited for, and the restart is not sent again", () => {
    const hub = open();
    const command = hub.send({ kind: "reboot" }, null);
    expect(refusalOf(() => hub.send({ kind: "reboot" }, null)).code).toBe("TOO_MANY");
    vi.advanceTimersByTime(12_000);
    expect(hub.stateOf(command)).toBe("no_answer");
    expect(hub.words()).toEqual(["cmnd/plug/Restart 1"]);
  });
});

describe("a command is refused, and nothing is sent,", () => {
  test("when the channel has no relay", () => {
    const hub = open(meterOf("tasmota", "plug", null));
    expect(refusalOf(() => hub.send(on)).message).toContain("no relay");
  });

  test("when the dialect has no such command", () => {
    const meter = open(meterOf("victron", "grid"));
    expect(refusalOf(() => meter.send(on)).message).toContain("do not take the command switch");
    const plug = open();
    expect(refusalOf(() => plug.send({ kind: "config", values: { a: 1 } }, null)).message).toContain("config");
    expect([...meter.sent, ...plug.sent]).toEqual([]);
  });

  test("while it is not known where the device listens", () => {
    const hub = open(meterOf("esphome", "attic"));
    expect(refusalOf(() => hub.send(on)).message).toContain("since the hub started");
    hub.tell(false, "attic/switch/relay_1/state");
    hub.send(on);
    expect(hub.words()).toEqual(["attic/switch/relay_1/command ON"]);
  });

  test("when the meter is of another home", () => {
    const meter = { ...meterOf("customer", "m1"), homeId: "neighbour" };
    expect(refusalOf(() => open(meter).send(on)).code).toBe("NOT_ALLOWED");
  });

  test("when the topic is another device's, or nobody's while the meter has a device", () => {
    const hub = open();
    hub.owners.set("tasmota:plug", "d2");
    expect(refusalOf(() => hub.send(on)).code).toBe("NOT_ALLOWED");
    hub.meter.deviceId = "d1";
    expect(refusalOf(() => hub.send(on)).code).toBe("NOT_ALLOWED");
    hub.owners.delete("tasmota:plug");
    expect(refusalOf(() => hub.send(on)).code).toBe("NOT_ALLOWED");
    hub.owners.set("tasmota:plug", "d1");
    expect(hub.send(on).state).toBe("sent");
    expect(hub.sent).toHaveLength(1);
  });

  test.each(["cmnd/sonoffs/POWER", "home/home/system/logs", "$SYS/x", "a/+/set", "a/#", ""])(
    "when a device describes %j as its own command topic",
    (commandTopic) => {
      const meter = meterOf("ha-discovery", "fan");
      const described = { kind: "switch", meterId: "fan", commandTopic, commandOn: "ON", commandOff: "OFF" };
      const sent: CommandMessage[] = [];
      const control = createControl({
        ...{ homeId: "home", commandsOf, known: () => [described], nowMs: Date.now, isOnline: () => true },
        ...{ publish: (message) => void sent.push(message), ownerOf: () => null, onChange() {}, audit() {} },
      });
      const channel = meter.channels.get("")!;
      control.hearRelay({ channel, isOn: false, topic: "fan/is" });
      expect(refusalOf(() => control.send(meter, channel, on, anna)).code).toBe("NOT_ALLOWED");
      expect(sent).toEqual([]);
    },
  );
});

test("the last 200 commands are remembered, the newest first", () => {
  const hub = open();
  const ids: string[] = [];
  for (let minute = 0; minute < 11; minute++) {
    for (let i = 0; i < 20; i++) ids.push(hub.send(on).id);
    vi.advanceTimersByTime(60_000);
  }
  expect(hub.control.list(null).map(({ id }) => id)).toEqual(ids.slice(-200).reverse());
  expect(hub.control.list("other")).toEqual([]);
  expect(hub.control.get(ids[0]!)).toBeUndefined();
});

test("a hub that stops ends what is under way, and sends nothing any more", () => {
  const hub = open();
  const first = hub.send(on);
  const second = hub.send(off);
  hub.control.stop();
  vi.advanceTimersByTime(60_000);
  expect([first, second].map(hub.stateOf)).toEqual(["stopped", "stopped"]);
  expect(hub.sent).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
