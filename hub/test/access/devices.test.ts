/** Meters, plugs and programs over real MQTT: who is let in, how a new one is, and where each may publish and read. */
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { until } from "../harness.ts";
import {
  type AccessHub,
  addPerson,
  ask,
  makeToken,
  movableClock,
  openAccessHub,
  openHubForTest,
  signIn,
} from "./harness.ts";

let hub: AccessHub;
let token: string;

beforeAll(async () => {
  hub = await openAccessHub();
  token = (await signIn(hub)).token;
  return () => hub.close();
});

afterEach(() => send("DELETE", "/api/pairing"));

const energy = (powerW: number) => JSON.stringify({ ENERGY: { Total: 1, Power: powerW } });

async function send<T>(method: string, address: string, body?: unknown, of = { hub, token }): Promise<T> {
  const answer = await ask(of.hub, method, address, { token: of.token, body });
  if (answer.status >= 300) throw new Error(`${method} ${address}: ${answer.text}`);
  return answer.text === "" ? (undefined as T) : answer.json<T>();
}

/** A client, ended with the test; rejects when the hub refuses it. */
async function connectTo(target: AccessHub, options: IClientOptions): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${target.mqttPort}`, { reconnectPeriod: 0, ...options });
  client.on("error", () => {});
  onTestFinished(() => void client.end(true));
  return client;
}

/** CONNACK's code [MQTT 3.1.1, table 3.1] of a client that the hub refuses; 0 when it lets it in. */
async function refusalOf(options: IClientOptions, target = hub): Promise<number> {
  try {
    await connectTo(target, options);
    return 0;
  } catch (error) {
    return (error as { code: number }).code;
  }
}

const badCredentials = 4;
const notAuthorized = 5;
const badClientId = 2;

/** A device with a credential of its own, connected as `clientId`. */
async function addDevice(clientId: string, kind: api.DeviceKind = "device", more: IClientOptions = {}) {
  const made = await send<api.NewDevice>("POST", "/api/devices", { name: clientId, kind, dialect: "tasmota" });
  const credential = { username: made.device.username ?? "", password: made.password };
  const client = await connectTo(hub, { clientId, ...credential, ...more });
  return { id: made.device.id, client, credential };
}

const deviceOf = async (id: string) => (await send<api.Device[]>("GET", "/api/devices")).find((one) => one.id === id);
const meters = () => send<api.Meter[]>("GET", "/api/meters");
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once("close", () => resolve()));

/** Everything that a client receives. */
function heard(client: MqttClient): string[] {
  const list: string[] = [];
  client.on("message", (topic, payload) => void list.push(`${topic} ${payload}`));
  return list;
}

/** A program that sees what is delivered to whom may read it, to know when a message has gone round. */
async function openWitness(): Promise<string[]> {
  const { token: password } = await makeToken(hub, token, ["read"]);
  const client = await connectTo(hub, { clientId: `witness-${Math.random()}`, username: "token", password });
  const list = heard(client);
  await client.subscribeAsync("#");
  return list;
}

describe("an unknown client", () => {
  test("is refused, with or without a name, and the audit log has it", async () => {
    expect(await refusalOf({ clientId: "stranger" })).toBe(notAuthorized);
    expect(await refusalOf({ clientId: "stranger", username: "admin", password: "admin" })).toBe(badCredentials);
    const { entries } = await send<api.AuditPage>("GET", "/api/audit");
    expect(entries).toContainEqual(expect.objectContaining({ action: "device.refused", target: "stranger" }));
  });

  test("on the hub itself is let in while nobody owns the hub, and from elsewhere it is not", async () => {
    const own = await openHubForTest({ isClaimed: false });
    const program = await connectTo(own, { clientId: "program" });
    await program.publishAsync("tele/plug/SENSOR", energy(5), { qos: 1 });
    expect((await ask(own, "GET", "/api/meters")).json()).toHaveLength(1);
  });
});

describe("pairing", () => {
  const pairing = () => send<api.Pairing>("GET", "/api/pairing");
  const waiting = async (clientId: string) =>
    until(async () => (await pairing()).pending.find((one) => one.clientId === clientId), `${clientId} to wait`);

  test("shows who waits and what it says, and stores nothing of it", async () => {
    await send("POST", "/api/pairing");
    const client = await connectTo(hub, { clientId: "waits-1", username: "plug", password: "its own" });
    const list = heard(client);
    await client.subscribeAsync("#");
    const witness = await openWitness();
    await client.publishAsync("tele/waits-1/SENSOR", energy(1234), { qos: 1, retain: true });
    await client.publishAsync("cmnd/plug-9/POWER", "ON", { qos: 1 });
    expect(await waiting("waits-1")).toMatchObject({
      ...{ isConnected: true, hasPassword: true, dialect: "tasmota", messages: 2, address: "127.0.0.1" },
      topics: ["tele/waits-1/SENSOR", "cmnd/plug-9/POWER"],
      readings: expect.arrayContaining([{ quantity: "power_active", value: 1234, unit: "W" }]),
    });
    expect((await meters()).map(({ nativeId }) => nativeId)).not.toContain("waits-1");
    await send("DELETE", "/api/pairing/waits-1");
    const plug = await addDevice("plug-after-waiting");
    await plug.client.publishAsync("tele/plug-after-waiting/LWT", "Online", { qos: 1 });
    await until(() => witness.some((line) => line.includes("plug-after-waiting")), "the witness");
    expect(
      witness.filter((line) => /waits-1|plug-9/.test(line)),
      "what others hear",
    ).toEqual([]);
    expect(list, "what it hears").toEqual([]);
  });

  test("approved, the device comes back as itself, is stored, and keeps its password", async () => {
    await send("POST", "/api/pairing");
    const credential = { clientId: "waits-2", username: "plug", password: "brought along" };
    const client = await connectTo(hub, credential);
    await client.publishAsync("tele/waits-2/SENSOR", energy(1), { qos: 1 });
    await waiting("waits-2");
    const gone = closed(client);
    const device = await send<api.Device>("POST", "/api/pairing/waits-2", { name: "เครื่องซักผ้า" });
    expect(device).toMatchObject({ name: "เครื่องซักผ้า", clientId: "waits-2", hasPassword: true, dialect: "tasmota" });
    await gone;
    await send("DELETE", "/api/pairing");
    const again = await connectTo(hub, credential);
    await again.publishAsync("tele/waits-2/SENSOR", energy(777), { qos: 1 });
    expect(await meters()).toContainEqual(expect.objectContaining({ nativeId: "waits-2" }));
    expect(await refusalOf({ ...credential, password: "another" })).toBe(badCredentials);
    expect(await refusalOf({ ...credential, username: "other" })).toBe(badCredentials);
    expect(await refusalOf({ clientId: "waits-2" })).toBe(badCredentials);
  });

  test("refused, the device is sent away and stays out while pairing is open", async () => {
    await send("POST", "/api/pairing");
    const client = await connectTo(hub, { clientId: "waits-3" });
    await waiting("waits-3");
    const gone = closed(client);
    await send("DELETE", "/api/pairing/waits-3");
    await gone;
    expect(await refusalOf({ clientId: "waits-3" })).toBe(notAuthorized);
    expect(await refusalOf({ clientId: "waits-4" }), "another").toBe(0);
  });

  test("closed, it lets nobody in and sends away who waits; who waited may still be approved", async () => {
    await send("POST", "/api/pairing");
    const client = await connectTo(hub, { clientId: "waits-5" });
    await waiting("waits-5");
    const gone = closed(client);
    expect(await send<api.Pairing>("DELETE", "/api/pairing")).toMatchObject({ openUntilMs: null });
    await gone;
    expect(await refusalOf({ clientId: "waits-6" })).toBe(notAuthorized);
    await send("POST", "/api/pairing/waits-5", { name: "Late" });
    expect(await refusalOf({ clientId: "waits-5" })).toBe(0);
  });

  test("open for an unknown client, it is no way to push out a person or a program by its client id", async () => {
    const program = await addDevice("node-red", "program");
    const { token: password } = await makeToken(hub, token, ["read"]);
    const person = await connectTo(hub, { clientId: "phone", username: "x", password });
    await send("POST", "/api/pairing");
    expect(await refusalOf({ clientId: "node-red" })).toBe(badClientId);
    expect(await refusalOf({ clientId: "phone" })).toBe(badClientId);
    expect([program.client.connected, person.connected]).toEqual([true, true]);
  });
});

describe("a device's credential", () => {
  test("is bound to the first client id that uses it, and refused for a second", async () => {
    const { id, credential } = await addDevice("plug-10");
    expect(await deviceOf(id)).toMatchObject({ clientId: "plug-10", isOnline: true, unusedUntilMs: null });
    expect(await refusalOf({ clientId: "plug-11", ...credential })).toBe(badCredentials);
    expect(await refusalOf({ clientId: "plug-10", ...credential, password: "wrong" })).toBe(badCredentials);
    expect(await refusalOf({ clientId: "plug-10" })).toBe(badCredentials);
    expect(await refusalOf({ clientId: "plug-10", ...credential }), "the device itself").toBe(0);
  });

  test("that nobody used within an hour is of no use", async () => {
    const clock = movableClock();
    const own = await openHubForTest({ clock });
    const of = { hub: own, token: (await signIn(own)).token };
    const body = { name: "Slow", kind: "device", dialect: null };
    const { device, password } = await send<api.NewDevice>("POST", "/api/devices", body, of);
    clock.advance(61 * 60_000);
    const credential = { clientId: "slow", username: device.username ?? "", password };
    expect(await refusalOf(credential, own)).toBe(badCredentials);
  });

  test("that is renewed ends the old one and its connection at once", async () => {
    const { id, client, credential } = await addDevice("plug-12");
    const gone = closed(client);
    const renewed = await send<api.NewDevice>("POST", `/api/devices/${id}/password`);
    await gone;
    expect(await refusalOf({ clientId: "plug-12", ...credential })).toBe(badCredentials);
    expect(await refusalOf({ clientId: "plug-12", ...credential, password: renewed.password })).toBe(0);
  });

  test("that is removed ends its connection at once and frees its topics", async () => {
    const first = await addDevice("plug-13");
    await first.client.publishAsync("tele/plug-13/SENSOR", energy(1), { qos: 1 });
    expect(await deviceOf(first.id)).toMatchObject({ topics: ["tasmota:plug-13"], meters: ["tasmota-plug-13"] });
    const gone = closed(first.client);
    await send("DELETE", `/api/devices/${first.id}`);
    await gone;
    expect(await refusalOf({ clientId: "plug-13", ...first.credential })).toBe(badCredentials);
    const heir = await addDevice("plug-13");
    await heir.client.publishAsync("tele/plug-13/SENSOR", energy(2), { qos: 1 });
    expect(await deviceOf(heir.id)).toMatchObject({ topics: ["tasmota:plug-13"], meters: ["tasmota-plug-13"] });
  });

  test("of a program is good for any client id, many topics, and no command", async () => {
    const program = await addDevice("zigbee2mqtt-1", "program");
    const second = await connectTo(hub, { clientId: "zigbee2mqtt-2", ...program.credential });
    await second.publishAsync("zigbee2mqtt/kitchen plug", JSON.stringify({ power: 3 }), { qos: 1 });
    const names = Array.from({ length: 70 }, (_, i) => `bridge-${i}`);
    for (const name of names) await program.client.publishAsync(`tele/${name}/SENSOR`, energy(1), { qos: 1 });
    expect((await deviceOf(program.id))?.topics).toHaveLength(71);
  });
});

describe("a second device", () => {
  async function addTwo(first: string, second: string) {
    const a = await addDevice(first);
    await a.client.publishAsync(`tele/${first}/SENSOR`, energy(100), { qos: 1 });
    await a.client.publishAsync(`tele/${first}/LWT`, "Online", { qos: 1, retain: true });
    return { a, b: await addDevice(second) };
  }

  test("publishes nothing at the first one's topics, nor a command, nor anything of the hub's", async () => {
    const { a, b } = await addTwo("plug-20", "plug-21");
    const [witness, commands] = [await openWitness(), heard(a.client)];
    await a.client.subscribeAsync("cmnd/plug-20/#");
    for (const topic of [
      ...["tele/plug-20/SENSOR", "stat/plug-20/RESULT", "plug-20/tele/SENSOR", "tele/plug-20/LWT"],
      ...["cmnd/plug-20/POWER", "cmnd/tasmotas/POWER", "home/home/cmd/plug-20/reboot", "home/home/system/alerts"],
      ...["home/home/device/status/all", "$SYS/broker/uptime"],
    ]) {
      await b.client.publishAsync(topic, energy(6666), { qos: 1 }).catch(() => {});
    }
    await b.client.publishAsync("tele/plug-21/SENSOR", energy(5), { qos: 1 });
    await until(() => witness.some((line) => line.startsWith("tele/plug-21/SENSOR")), "the witness");
    expect(witness.filter((line) => line.includes("6666"))).toEqual([]);
    expect(commands).toEqual([]);
    const meter = (await meters()).find(({ nativeId }) => nativeId === "plug-20");
    expect(meter?.channels[0]?.powerW).toBe(100);
  });

  test("reads nothing of the first one's, live or retained, by whatever filter", async () => {
    const { a, b } = await addTwo("plug-22", "plug-23");
    const list = heard(b.client);
    for (const filter of ["#", "+/#", "tele/plug-22/#", "tele/+/LWT", "cmnd/#", "cmnd/plug-22/#", "home/#", "$SYS/#"]) {
      await b.client.subscribeAsync(filter, { qos: 1 }).catch(() => {}); // 0x80 in SUBACK rejects
    }
    await b.client.subscribeAsync("cmnd/plug-23/#");
    await a.client.publishAsync("tele/plug-22/SENSOR", energy(9), { qos: 1 });
    await a.client.publishAsync("stat/plug-22/POWER", "ON", { qos: 1 });
    await b.client.publishAsync("tele/plug-23/STATE", "{}", { qos: 1 }); // everything before it has gone round
    expect(list.filter((line) => line.includes("plug-22"))).toEqual([]);
  });

  test("leaves no will at the first one's topics", async () => {
    const { b } = await addTwo("plug-24", "plug-25");
    const will = { topic: "tele/plug-24/LWT", payload: Buffer.from("Offline"), qos: 1 as const, retain: true };
    await b.client.endAsync();
    expect(await refusalOf({ clientId: "plug-25", ...b.credential, will })).toBe(notAuthorized);
    const meter = (await meters()).find(({ nativeId }) => nativeId === "plug-24");
    expect(meter?.availability).toBe("online");
  });

  test("does not speak for the first one's meter by naming it in a payload", async () => {
    const a = await addDevice("meter-a");
    const b = await addDevice("meter-b");
    const topic = (id: string) => `home/home/device/${id}/telemetry`;
    await a.client.publishAsync(topic("meter-a"), JSON.stringify({ device_id: "meter-a", w: 100 }), { qos: 1 });
    await b.client.publishAsync(topic("meter-b"), JSON.stringify({ device_id: "meter-a", w: 6666 }), { qos: 1 });
    await b.client.publishAsync("home/home/sensor/power/b", JSON.stringify({ device_id: "meter-a", w: 6666 }), {
      qos: 1,
    });
    const meter = (await meters()).find(({ nativeId }) => nativeId === "meter-a");
    expect(meter?.channels[0]?.powerW).toBe(100);
  });

  test("does not take the first one's client id", async () => {
    const { a, b } = await addTwo("plug-26", "plug-27");
    expect(await refusalOf({ clientId: "plug-26", ...b.credential })).toBe(badCredentials);
    const program = await addDevice("program-26", "program");
    expect(await refusalOf({ clientId: "plug-26", ...program.credential })).toBe(badCredentials);
    const { token: password } = await makeToken(hub, token, ["read"]);
    expect(await refusalOf({ clientId: "plug-26", username: "x", password })).toBe(badCredentials);
    expect(a.client.connected).toBe(true);
  });

  test("that tried is in the audit log", async () => {
    const { b } = await addTwo("plug-28", "plug-29");
    await b.client.publishAsync("tele/plug-28/SENSOR", energy(1), { qos: 1 });
    await b.client.subscribeAsync("tele/plug-28/#").catch(() => {});
    const { entries } = await send<api.AuditPage>("GET", "/api/audit?limit=500");
    const tried = (action: string, target: string) => expect.objectContaining({ actor: "plug-29", action, target });
    expect(entries).toContainEqual(tried("device.no_publish", "tele/plug-28/SENSOR"));
    expect(entries).toContainEqual(tried("device.no_subscribe", "tele/plug-28/#"));
  });
});

describe("a person", () => {
  const connectWeb = async (options: IClientOptions & { cookie?: string }) => {
    const { cookie, ...rest } = options;
    const client = await connectAsync(`ws://127.0.0.1:${hub.httpPort}/mqtt`, {
      ...{ reconnectPeriod: 0, ...rest },
      ...(cookie !== undefined && { wsOptions: { headers: { cookie } } }),
    });
    client.on("error", () => {});
    onTestFinished(() => void client.end(true));
    return client;
  };

  test.each(["token", "cookie"])("sees the home's topics in a browser by a %s, and publishes nothing", async (by) => {
    const { token: password } = await makeToken(hub, token, ["read"]);
    const client = await connectWeb(
      by === "token"
        ? { clientId: `web-${by}`, username: "x", password }
        : { clientId: `web-${by}`, cookie: `faiban_access=${token}` },
    );
    const list = heard(client);
    await client.subscribeAsync("#");
    const plug = await addDevice(`plug-web-${by}`);
    const commands = heard(plug.client);
    await plug.client.subscribeAsync(`cmnd/plug-web-${by}/#`);
    await client.publishAsync(`cmnd/plug-web-${by}/POWER`, "ON", { qos: 1 }).catch(() => {});
    await client.publishAsync(`tele/plug-web-${by}/SENSOR`, energy(6666), { qos: 1 }).catch(() => {});
    await plug.client.publishAsync(`tele/plug-web-${by}/SENSOR`, energy(5), { qos: 1 });
    const ofPlug = () => list.filter((line) => line.includes(`plug-web-${by}`));
    await until(() => ofPlug().length > 0, "the plug's message");
    expect(ofPlug()).toEqual([`tele/plug-web-${by}/SENSOR ${energy(5)}`]);
    expect(commands).toEqual([]);
  });

  test("who does not see the home is refused, and so is one without a token or cookie", async () => {
    const { token: installer } = await addPerson(hub, token, "Electrician", "installer");
    await expect(connectWeb({ clientId: "w1", cookie: `faiban_access=${installer}` })).rejects.toThrow(/authorized/i);
    await expect(connectWeb({ clientId: "w2" })).rejects.toThrow(/authorized/i);
    await expect(connectWeb({ clientId: "w3", username: "x", password: "faiban_x_y" })).rejects.toThrow();
  });

  test("is cut off when the token or session ends, and by no other person's client id", async () => {
    const made = await makeToken(hub, token, ["read"]);
    const client = await connectWeb({ clientId: "cut", username: "x", password: made.token });
    const malee = await addPerson(hub, token, "Malee", "viewer");
    const hers = await makeToken(hub, malee.token, ["read"]);
    expect(await refusalOf({ clientId: "cut", username: "x", password: hers.token })).toBe(badClientId);
    const gone = closed(client);
    await send("DELETE", `/api/me/tokens/${made.id}`);
    await gone;
    const { token: session } = await signIn(hub);
    const byCookie = await connectWeb({ clientId: "cut-2", cookie: `faiban_access=${session}` });
    const ended = closed(byCookie);
    await ask(hub, "DELETE", "/api/session", { token: session });
    await ended;
  });
});
