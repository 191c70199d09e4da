/** Commands over real MQTT: from the API, by the broker, to devices that obey, or that do not. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { commandsOf, drivers } from "@faiban/device-drivers";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyError } from "fastify";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { describe, expect, onTestFinished, test } from "vitest";
import { startSimulator } from "../../device-drivers/simulator/simulator.ts";
import { localIdentity, type PersonRole, roles } from "../src/access/roles.ts";
import { deviceRights } from "../src/access/topic-rights.ts";
import type * as api from "../src/api/contract.ts";
import { addControlRoutes } from "../src/api/control-routes.ts";
import { addGuard } from "../src/api/guard.ts";
import { allRights, createBroker } from "../src/broker/broker.ts";
import { openLevel } from "../src/broker/level.ts";
import { createControl, type TimeLimits } from "../src/control/control.ts";
import { createCalendar } from "../src/energy/calendar.ts";
import { HubError } from "../src/errors.ts";
import { createIngest } from "../src/ingest/ingest.ts";
import { createRegistry } from "../src/ingest/registry.ts";
import type { Log } from "../src/log.ts";
import { openStore } from "../src/store/store.ts";
import { newFolder, openLive, openHub as openWholeHub, until } from "./harness.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
type Identity = { deviceId: string } | null;

/** The parts of a hub that a command passes, over real ports. A client's user name is its device. */
async function openHub(timeLimits: Partial<TimeLimits> = {}) {
  const folder = newFolder();
  const level = await openLevel(folder, log);
  const store = openStore({
    ...{ folder, calendarOf: () => createCalendar("Asia/Bangkok"), commitIntervalMs: 600_000 },
    ...{ knownTimeMs: () => Date.now(), onRepaired() {}, onRoomMade() {}, onDamage() {}, onCommitFailed() {} },
  });
  const registry = createRegistry(store, "home");
  const ingest = createIngest({
    ...{ drivers, registry, definitions: store.definitions, mayDescribe: () => true, nowMs: Date.now },
    ...{ isTimeKnown: () => true, append: store.append, hold: store.hold, onReadings() {}, onMeter() {} },
    onRelay: (heard) => control.hearRelay(heard),
  });
  const owners = new Map<string, string>();
  const broker = await createBroker<Identity>({
    ...{ level, log },
    admit({ username: deviceId }) {
      if (deviceId === null) return { identity: null, rights: allRights, keepsSession: true };
      const claim = (place: string) => owners.set(place, deviceId).has(place);
      const rights = deviceRights({ deviceId, ownerOf: (place) => owners.get(place) ?? null, claim });
      return { identity: { deviceId }, rights, keepsSession: true };
    },
    onPublish({ topic, payload, qos, identity }, done) {
      const arrival = { topic, payload, retain: false, deviceId: identity?.deviceId ?? null };
      ingest.accept(arrival);
      control.hear(arrival);
      if (qos > 0) store.whenDurable(done);
      else done(null);
    },
  });

  const audited: string[] = [];
  const isConnected = (id: string) => broker.sessions().some(({ identity }) => identity?.deviceId === id);
  const control = createControl({
    ...{ homeId: "home", commandsOf, known: () => [], nowMs: Date.now, timeLimits, onChange() {} },
    publish: (message) => broker.publish({ ...message, payload: Buffer.from(message.payload), isFleeting: true }),
    isOnline: ({ availability, deviceId }) =>
      availability !== "offline" && (deviceId === null || isConnected(deviceId)),
    ownerOf: (place) => owners.get(place) ?? null,
    audit: ({ actor, action, target, detail }) => void audited.push(`${actor} ${action} ${target} ${detail}`),
  });
  const server = Fastify().withTypeProvider<TypeBoxTypeProvider>().setValidatorCompiler(TypeBoxValidatorCompiler);
  server.setErrorHandler((error: FastifyError | HubError, _request, reply) => {
    const isOurs = error instanceof HubError;
    void reply
      .code(isOurs ? 409 : (error.statusCode ?? 500))
      .send({ code: error.code, message: error.message, hint: isOurs ? error.hint : "" });
  });
  addGuard(server, {
    ...{ hosts: [], isClaimed: () => true, localIdentity, audit() {} },
    identify: async (role) => ({
      ...{ ...localIdentity, name: role, role: role as PersonRole },
      permissions: new Set(roles[role as PersonRole]),
    }),
  });
  addControlRoutes(server, { control, findMeter: registry.meter, findChannel: registry.channel });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const tcp = broker.tcpServer().listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const mqttUrl = `mqtt://127.0.0.1:${(tcp.address() as AddressInfo).port}`;
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const clients: MqttClient[] = [];
  onTestFinished(async () => {
    control.stop();
    for (const client of clients) client.end(true);
    await server.close();
    tcp.close();
    await broker.close();
    store.close();
    await level.close();
  });

  /** What the API answers, with the status as `status`. */
  async function ask<T>(as: PersonRole, method: string, path: string, body?: object) {
    const response = await fetch(url + path, {
      ...{ method, headers: { authorization: `Bearer ${as}`, "content-type": "application/json" } },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T & { code?: string; hint?: string } };
  }
  const commandOf = (id: string) => ask<api.Command>("viewer", "GET", `/api/commands/${id}`);
  return {
    ...{ mqttUrl, registry, audited, ask, commandOf },
    async client(options: IClientOptions = {}): Promise<MqttClient> {
      const client = await connectAsync(mqttUrl, { reconnectPeriod: 0, ...options });
      client.on("error", () => {});
      clients.push(client);
      return client;
    },
    switch: (channelId: string, on: boolean | "toggle", as: PersonRole = "member") =>
      ask<api.Command>(as, "POST", `/api/channels/${encodeURIComponent(channelId)}/switch`, { on }),
    meterNamed: (name: string) => [...registry.meters()].find((meter) => meter.aliases.includes(name)),
    /** The command once it has ended. */
    ended: (id: string): Promise<api.Command> =>
      until(async () => {
        const { body } = await commandOf(id);
        return body.endedMs !== null && body;
      }, "the command's end"),
  };
}

type Hub = Awaited<ReturnType<typeof openHub>>;

/** A Tasmota plug with one relay, which hears commands and does with them what the test wants. */
async function addPlug(hub: Hub, obey: (word: string, tell: (state: string) => void) => void, username?: string) {
  const options = { clientId: "plug", clean: username === undefined, ...(username !== undefined && { username }) };
  const will = { topic: "tele/plug/LWT", payload: Buffer.from("Offline"), qos: 1, retain: true } as const;
  const client = await hub.client({ ...options, will });
  const heard: string[] = [];
  const tell = (state: string) => client.publish("stat/plug/RESULT", JSON.stringify({ POWER: state }), { qos: 1 });
  client.on("message", (_topic, payload, { retain }) => {
    heard.push(`${payload}${retain ? " retained" : ""}`);
    obey(String(payload), tell);
  });
  await client.subscribeAsync("cmnd/plug/#", { qos: 1 });
  await client.publishAsync("tele/plug/LWT", "Online", { qos: 1, retain: true });
  await client.publishAsync("stat/plug/RESULT", JSON.stringify({ POWER: "OFF" }), { qos: 1 });
  return { client, heard };
}

const channel = "tasmota-plug/main";
const obeying = (word: string, tell: (state: string) => void) => tell(word);
const deaf = () => {};

describe("a simulated home", () => {
  test("a Tasmota and a Shelly are switched and toggled, confirmed by themselves", async () => {
    const hub = await openHub();
    const simulator = startSimulator(
      { brokerUrl: hub.mqttUrl, homeId: "home", seed: 1, timeZone: "Asia/Bangkok", sinceMs: Date.now(), once: false },
      { nowMs: Date.now, print() {} },
    );
    onTestFinished(() => simulator.close());
    for (const name of ["ac_bedroom", "fridge"]) {
      const meter = await until(() => hub.meterNamed(name), name);
      const relay = await until(() => [...meter.channels.values()].find((one) => one.relay !== null), "its relay");
      const before = relay.relay as boolean;

      const { status, body } = await hub.switch(relay.id, !before);
      expect(status).toBe(202);
      expect(body).toMatchObject({ state: "sent", on: !before, by: "member", meterId: meter.id });
      expect(await hub.ended(body.id)).toMatchObject({ state: "confirmed", sends: 1 });
      await until(() => relay.relay === !before, "the new state");

      const { body: toggled } = await hub.switch(relay.id, "toggle");
      expect(toggled).toMatchObject({ kind: "toggle", on: before });
      expect(await hub.ended(toggled.id)).toMatchObject({ state: "confirmed" });
      await until(() => relay.relay === before, "the old state");
      expect(hub.audited.slice(-2)).toEqual([
        `member command.switch ${relay.id} ${before ? "off" : "on"}: confirmed`,
        `member command.toggle ${relay.id} ${before ? "on" : "off"}: confirmed`,
      ]);
    }
    // The simulated Shelly knows no Shelly.Reboot, and says so.
    const fridge = await until(() => hub.meterNamed("fridge"), "the fridge");
    const { body } = await hub.ask<api.Command>("owner", "POST", `/api/meters/${fridge.id}/command`, {
      kind: "reboot",
    });
    expect(await hub.ended(body.id)).toMatchObject({ failure: "refused", error: "No handler for Shelly.Reboot" });
  });
});

describe("a device", () => {
  test("gets a command with QoS 1 and not retained: who connects later gets none", async () => {
    const hub = await openHub();
    const plug = await addPlug(hub, obeying);
    const { body } = await hub.switch(channel, true);
    expect(await hub.ended(body.id)).toMatchObject({ state: "confirmed" });
    expect(plug.heard).toEqual(["ON"]);
    const late = await hub.client();
    const heard: string[] = [];
    late.on("message", (topic) => void heard.push(topic));
    await late.subscribeAsync("#", { qos: 1 });
    await until(() => heard.includes("tele/plug/LWT"), "what is retained");
    expect(heard.filter((topic) => topic.startsWith("cmnd"))).toEqual([]);
  });

  test("that has left gets nothing, not even when it comes back with its session", async () => {
    const hub = await openHub();
    const plug = await addPlug(hub, obeying, "d1");
    plug.client.stream.destroy();
    await until(() => hub.registry.meter("tasmota-plug")?.availability === "offline", "its last will");
    const { status, body } = await hub.switch(channel, true);
    expect(status).toBe(409);
    expect(body.hint).toContain("Nothing was sent");
    const again = await hub.client({ clientId: "plug", username: "d1", clean: false });
    const heard: string[] = [];
    again.on("message", (topic) => void heard.push(topic));
    await again.subscribeAsync("cmnd/plug/#", { qos: 1 });
    await again.publishAsync("tele/plug/LWT", "Online", { qos: 1 });
    expect(heard).toEqual([]);
    const { body: list } = await hub.ask<api.Command[]>("viewer", "GET", "/api/commands?meter=tasmota-plug");
    expect(list).toMatchObject([{ state: "failed", failure: "offline", sends: 0 }]);
  });

  test("that did not take a command in time does not find it when it is back, with its session or another hub", async () => {
    const hub = await openHub();
    const plug = await addPlug(hub, deaf, "d1");
    plug.client.stream.pause(); // its Wi-Fi is gone, and nobody has noticed yet
    const { body } = await hub.switch(channel, true);
    expect(body.state).toBe("sent");
    plug.client.stream.destroy();
    await until(() => hub.registry.meter("tasmota-plug")?.availability === "offline", "its last will");
    const again = await hub.client({ clientId: "plug", username: "d1", clean: false });
    const heard: string[] = [];
    again.on("message", (topic) => void heard.push(topic));
    await again.subscribeAsync("cmnd/plug/#", { qos: 1 });
    await again.publishAsync("stat/plug/RESULT", JSON.stringify({ POWER: "OFF" }), { qos: 1 });
    await again.publishAsync("stat/plug/RESULT", JSON.stringify({ POWER: "OFF" }), { qos: 1 });
    expect(heard).toEqual([]);
  });

  test("that does not answer is asked again, and then has failed", async () => {
    const hub = await openHub({ retryMs: 100, answerMs: 1_500, restMs: 50 });
    const plug = await addPlug(hub, deaf);
    const { body } = await hub.switch(channel, true);
    expect(await hub.ended(body.id)).toMatchObject({ failure: "no_answer", sends: 3 });
    expect(plug.heard).toEqual(["ON", "ON", "ON"]);
  });

  test("that stays as it is has not done it", async () => {
    const hub = await openHub({ answerMs: 1_000 });
    await addPlug(hub, (_word, tell) => tell("OFF"));
    const { body } = await hub.switch(channel, true);
    expect(await hub.ended(body.id)).toMatchObject({ failure: "not_done" });
  });

  test("is not spoken for by another device", async () => {
    const hub = await openHub();
    const plug = await addPlug(hub, deaf, "d1");
    const rogue = await hub.client({ clientId: "rogue", username: "d2" });
    await rogue.publishAsync("stat/rogue/RESULT", JSON.stringify({ POWER: "OFF" }), { qos: 1 });
    const { body } = await hub.switch(channel, true);
    await rogue.publishAsync("stat/plug/RESULT", JSON.stringify({ POWER: "ON" }), { qos: 1 });
    await rogue.publishAsync("stat/rogue/RESULT", JSON.stringify({ POWER: "ON" }), { qos: 1 });
    await until(() => plug.heard.length > 0, "the command");
    expect((await hub.commandOf(body.id)).body).toMatchObject({ state: "sent" });
    await plug.client.publishAsync("stat/plug/RESULT", JSON.stringify({ POWER: "ON" }), { qos: 1 });
    expect(await hub.ended(body.id)).toMatchObject({ state: "confirmed" });
  });

  test("cannot have another one switched in its place", async () => {
    const hub = await openHub();
    const plug = await addPlug(hub, obeying, "d1");
    const rogue = await hub.client({ clientId: "rogue", username: "d2" });
    // It names itself by the other's MAC address and topic, as a Tasmota announces itself.
    const announced = { mac: "AABBCCDDEEFF", t: "plug", ft: "%prefix%/%topic%/", dn: "Rogue" };
    await rogue.publishAsync("tasmota/discovery/AABBCCDDEEFF/config", JSON.stringify(announced), { qos: 1 });
    await rogue.publishAsync("stat/rogue/RESULT", JSON.stringify({ POWER: "OFF" }), { qos: 1 });
    expect(hub.registry.meter("tasmota-plug")?.deviceId).toBe("d1");
    const { status } = await hub.switch("tasmota-rogue/main", true);
    expect(status).toBe(202); // its own topic
    const { body } = await hub.switch(channel, true);
    expect(await hub.ended(body.id)).toMatchObject({ state: "confirmed" });
    expect(plug.heard).toEqual(["ON"]);
  });
});

describe("who may", () => {
  test("a viewer switches nothing, a member switches, and only keepers restart and set up", async () => {
    const hub = await openHub();
    const plug = await addPlug(hub, obeying);
    const meter = "/api/meters/tasmota-plug/command";
    expect((await hub.switch(channel, true, "viewer")).body.code).toBe("NOT_ALLOWED");
    expect((await hub.switch(channel, true, "installer")).body.code).toBe("NOT_ALLOWED");
    expect((await hub.ask("member", "POST", meter, { kind: "reboot" })).body.code).toBe("NOT_ALLOWED");
    expect(plug.heard).toEqual([]);
    expect((await hub.switch(channel, true)).status).toBe(202);
    expect((await hub.ask("installer", "POST", meter, { kind: "reboot" })).status).toBe(202);
    await until(() => plug.heard.length === 2, "both commands");
  });

  test("a request that is none is refused before a device hears of it", async () => {
    const hub = await openHub();
    const plug = await addPlug(hub, obeying);
    const bodies = [{}, { on: "on" }, { on: 1 }, { on: null }, { on: true, force: true }];
    for (const body of bodies) {
      const { status } = await hub.ask("owner", "POST", `/api/channels/${encodeURIComponent(channel)}/switch`, body);
      expect([body, status]).toEqual([body, 400]);
    }
    const orders = [
      ...[{ kind: "switch" }, { kind: "toggle" }, { kind: "format" }, { kind: "reboot", values: { a: {} } }],
      ...[
        { kind: "config", values: { "bad key": 1 } },
        { kind: "config", values: { a: "x".repeat(129) } },
      ],
      { kind: "config", values: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`k${i}`, i])) },
    ];
    for (const order of orders) {
      const { status } = await hub.ask("owner", "POST", "/api/meters/tasmota-plug/command", order);
      expect([order, status]).toEqual([order, 400]);
    }
    for (const order of [{ kind: "config" }, { kind: "reboot", values: { a: 1 } }])
      expect((await hub.ask("owner", "POST", "/api/meters/tasmota-plug/command", order)).body.code).toBe("BAD_REQUEST");
    expect((await hub.switch("nobody/main", true)).body.code).toBe("NOT_FOUND");
    expect((await hub.commandOf("nothing")).body.code).toBe("NOT_FOUND");
    expect(plug.heard).toEqual([]);
  });

  test("of a thousand requests at once a few reach the relay, and the last one that was taken holds", async () => {
    const hub = await openHub();
    const plug = await addPlug(hub, obeying);
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => hub.switch(channel, i % 2 === 0)));
    const taken = answers.filter(({ status }) => status === 202);
    expect(taken).toHaveLength(20);
    expect(answers.filter(({ body }) => body.code === "TOO_MANY_ATTEMPTS")).toHaveLength(980);
    await until(async () => {
      const { body } = await hub.ask<api.Command[]>("viewer", "GET", "/api/commands");
      return body.every(({ endedMs }) => endedMs !== null);
    }, "all ends");
    const { body: list } = await hub.ask<api.Command[]>("viewer", "GET", "/api/commands");
    expect(list.filter(({ state }) => state === "confirmed").length).toBe(plug.heard.length);
    expect(list[0]).toMatchObject({ state: "confirmed" });
    expect(plug.heard.length).toBeLessThanOrEqual(5);
  });
});

test("a native meter is set up and answers under the command's id", async () => {
  const hub = await openHub();
  const meter = await hub.client({ clientId: "m1", username: "m1" });
  await meter.publishAsync("home/home/device/m1/telemetry", JSON.stringify({ w: 5 }), { qos: 1 });
  await meter.subscribeAsync("home/home/cmd/m1/+", { qos: 1 });
  meter.on("message", (topic, payload) => {
    const { id, interval_ms: intervalMs } = JSON.parse(String(payload));
    const isFine = topic.endsWith("/config") && intervalMs >= 1_000;
    const result = { id, ok: isFine, ...(!isFine && { error: "interval_ms must be 1000 to 300000" }) };
    meter.publish("home/home/device/m1/result", JSON.stringify(result), { qos: 1 });
  });
  const config = (values: object) =>
    hub.ask<api.Command>("owner", "POST", "/api/meters/customer-m1/command", { kind: "config", values });
  const { body: good } = await config({ interval_ms: 5_000 });
  expect(await hub.ended(good.id)).toMatchObject({ state: "confirmed", values: { interval_ms: 5_000 } });
  const { body: bad } = await config({ interval_ms: 1 });
  expect(await hub.ended(bad.id)).toMatchObject({ failure: "refused", error: "interval_ms must be 1000 to 300000" });
});

test("the whole hub switches a plug, and the app hears of each step", async () => {
  const hub = await openWholeHub(newFolder());
  const plug = await hub.client();
  plug.on("message", (_topic, payload) => void plug.publish("stat/plug/POWER", String(payload), { qos: 1 }));
  await plug.subscribeAsync("cmnd/plug/POWER", { qos: 1 });
  await plug.publishAsync("stat/plug/POWER", "OFF", { qos: 1 });
  const live = await openLive(hub);
  const response = await fetch(`${hub.url}/api/channels/${encodeURIComponent(channel)}/switch`, {
    ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ on: "toggle" }) },
  });
  expect(response.status).toBe(202);
  const { id } = (await response.json()) as api.Command;
  const isEnd = (event: api.LiveEvent): event is api.CommandUpdateEvent =>
    event.event_type === "command_update" && event.data.id === id && event.data.state === "confirmed";
  expect((await live.find(isEnd)).data).toMatchObject({ kind: "toggle", on: true, by: "this machine", sends: 1 });
  const [meter] = await hub.get<api.Meter[]>("/api/meters");
  expect(meter?.channels[0]?.relay).toBe(true);
  const { entries } = await hub.get<api.AuditPage>("/api/audit");
  expect(entries[0]).toMatchObject({ action: "command.toggle", target: channel, detail: "on: confirmed" });
});
