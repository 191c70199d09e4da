import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify from "fastify";
import type { MqttClient } from "mqtt";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../bench/lib/processes.ts";
import type { BrokerChange, BrokerProblem } from "../src/api/broker-contract.ts";
import { addExternalBrokerRoutes } from "../src/api/external-broker-routes.ts";
import { openExternalBroker } from "../src/integrations/external-broker/external-broker.ts";
import {
  type Mosquitto,
  makeCertificates,
  needMosquitto,
  openListeningHub,
  openMosquitto,
} from "./external-broker.harness.ts";
import { newFolder, until } from "./harness.ts";

const topicOf = (name: string) => `home/home/sensor/power/device/${name}`;
type Hub = Awaited<ReturnType<typeof openListeningHub>>;

async function openHub(folder = newFolder(), options?: Parameters<typeof openListeningHub>[1]): Promise<Hub> {
  const hub = await openListeningHub(folder, options);
  onTestFinished(hub.close);
  return hub;
}

async function mosquitto(lines?: readonly string[], folder = newFolder()): Promise<Mosquitto> {
  const opened = await openMosquitto(folder, lines);
  onTestFinished(opened.stop);
  return opened;
}

async function meter(broker: Mosquitto, options = {}): Promise<MqttClient> {
  const client = await broker.client(options);
  client.on("error", () => {});
  onTestFinished(() => void client.end(true));
  return client;
}

const at = (port: number, change: Partial<BrokerChange> = {}): BrokerChange => ({ host: "127.0.0.1", port, ...change });
const connected = (hub: Hub) => until(() => hub.state().isConnected, "the broker", 15_000);

async function problemOf(hub: Hub): Promise<BrokerProblem> {
  return until(() => hub.state().problem, "a problem", 15_000);
}

/** Adds the broker, and hears a meter there. */
async function hears(hub: Hub, broker: Mosquitto, change: Partial<BrokerChange>, client = {}): Promise<void> {
  await hub.external.add(at(broker.port, change));
  await connected(hub);
  await (await meter(broker, client)).publishAsync(topicOf("boiler"), "1200", { qos: 1 });
  await until(() => hub.powers("customer-boiler").length === 1, "the reading");
  expect(hub.powers("customer-boiler")).toEqual([1200]);
}

beforeAll(async () => void (await needMosquitto()), 300_000);

describe("the hub listens on another broker", () => {
  test("in plain MQTT 3.1.1, from the start and after its own restart", async () => {
    const folder = newFolder();
    const broker = await mosquitto();
    const hub = await openHub(folder);
    await hears(hub, broker, { name: "Old broker" });
    expect(hub.state()).toMatchObject({ isConnected: true, problem: null, attempts: 0, messages: 1 });
    await hub.close();
    const again = await openHub(folder);
    await connected(again);
    expect(again.external.list().brokers).toMatchObject([{ name: "Old broker", isOn: true }]);
  });

  test("in MQTT 5", async () => hears(await openHub(), await mosquitto(), { version: "5", isPersistent: true }));

  test("over WebSockets", async () => {
    const port = await freePort();
    const broker = await mosquitto([`listener ${port} 127.0.0.1`, "protocol websockets", "allow_anonymous true"]);
    await hears(await openHub(), broker, { protocol: "ws", port });
  });

  test("with user and password, which it never tells and keeps over changes", async () => {
    const folder = newFolder();
    writeFileSync(path.join(folder, "passwords"), "", { mode: 0o600 });
    execFileSync("mosquitto_passwd", ["-b", path.join(folder, "passwords"), "hub", "sesame-17"]);
    const lines = ["allow_anonymous false", `password_file ${folder}/passwords`];
    const broker = await mosquitto(lines, folder);
    const hub = await openHub();
    const user = { username: "hub", password: "sesame-17" };
    await hears(hub, broker, user, user);
    const [shown] = hub.external.list().brokers;
    expect(shown).toMatchObject({ username: "hub", hasPassword: true });
    expect(JSON.stringify(hub.external.list())).not.toContain("sesame");
    expect(hub.store.setting("external_brokers")).not.toContain("sesame");

    const id = shown?.id as string;
    await hub.external.change(id, at(broker.port, { username: "hub", name: "Cellar" }));
    await connected(hub);
    // Whoever may change settings must not have the password sent to a server of their own.
    await expect(hub.external.change(id, at(broker.port, { host: "localhost", username: "hub" }))).rejects.toThrow(
      "another server",
    );
    await hub.external.change(id, at(broker.port, { username: "hub", password: "wrong" }));
    expect(await problemOf(hub)).toMatchObject({ code: expect.stringMatching(/credentials|not_allowed/) });
  });

  test("over TLS that its own authority vouches for, inline or in a file, with a certificate of the hub's own", async () => {
    const made = makeCertificates(newFolder());
    const port = await freePort();
    const tls = [`listener ${port} 127.0.0.1`, `cafile ${made.ca}`, `certfile ${made.cert}`, `keyfile ${made.key}`];
    const broker = await mosquitto([...tls, "require_certificate true", "allow_anonymous true"]);
    const hub = await openHub();
    const [certificatePem, keyPem] = ["hub-cert", "hub-key"].map((one) => readFileSync(made.file(one), "utf8"));
    const own = { protocol: "mqtts" as const, certificatePem: certificatePem as string };
    await hears(hub, broker, { ...own, port, keyPem: keyPem as string, caPem: readFileSync(made.ca, "utf8") });
    const [{ id = "" } = {}] = hub.external.list().brokers;
    await hub.external.change(id, { ...at(port), ...own, caFile: made.ca });
    await connected(hub);
    expect(hub.external.list().brokers).toMatchObject([{ hasKey: true }]);
    expect(JSON.stringify(hub.external.list())).not.toContain("PRIVATE KEY");

    const other = makeCertificates(newFolder(), "other");
    await hub.external.change(id, { ...at(port), ...own, caFile: other.ca });
    expect(await problemOf(hub)).toMatchObject({ code: "certificate" });
    await hub.external.change(id, {
      ...at(port),
      protocol: "mqtts",
      caFile: made.ca,
      certificatePem: null,
      keyPem: null,
    });
    expect(await problemOf(hub)).toMatchObject({ code: "client_certificate" });
    await hub.external.change(id, {
      ...at(port),
      ...{ ...own, keyPem: keyPem as string, caFile: made.ca, serverName: "elsewhere" },
    });
    expect(await problemOf(hub)).toMatchObject({ code: "certificate_name" });
  });

  test("again once it is back, and says once that it was lost", async () => {
    const said: string[] = [];
    const note = (line: string) => void said.push(line);
    const broker = await mosquitto();
    const hub = await openHub(newFolder(), { log: { debug() {}, info: note, warn: note, error: note } });
    await hears(hub, broker, { name: "cellar" });
    await broker.stop();
    await until(() => hub.state().attempts >= 3, "some attempts", 20_000);
    expect(hub.state()).toMatchObject({ isConnected: false, problem: { code: "unreachable" } });
    expect(hub.external.isAnyLost()).toBe(true);
    await broker.start();
    await until(() => hub.state().isConnected, "the broker", 30_000);
    expect(hub.external.isAnyLost()).toBe(false);
    expect(hub.state()).toMatchObject({ attempts: 0, problem: null });
    const about = said.filter((line) => line.includes("cellar"));
    expect(about.map((line) => /listens|lost|Nothing answers/.exec(line)?.[0])).toEqual([
      ...["listens", "lost", "Nothing answers", "listens"],
    ]);
  }, 60_000);
});

describe("messages of QoS 1", () => {
  test("are acknowledged when they are durable: a hub that is killed before hears them again", async () => {
    const folder = newFolder();
    const broker = await mosquitto();
    const hub = await openHub(folder);
    await hub.external.add(at(broker.port, { isPersistent: true }));
    await connected(hub);
    await hub.close();

    const program = path.join(import.meta.dirname, "external-broker.harness.ts");
    const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    const taken = once(createInterface(child.stdout), "line");
    const boiler = await meter(broker);
    const timeS = Math.floor(Date.now() / 1000) - 60;
    await boiler.publishAsync(topicOf("boiler"), JSON.stringify({ w: 900, ts: timeS }), { qos: 1 });
    await taken;
    await new Promise((resolve) => setTimeout(resolve, 300)); // an acknowledgement that it sent too early would arrive
    child.kill("SIGKILL");
    await exited;

    const again = await openHub(folder);
    await until(() => again.powers("customer-boiler").length > 0, "the message again", 15_000);
    expect(again.powers("customer-boiler")).toEqual([900]);
    await again.close();
    const third = await openHub(folder);
    await connected(third);
    // It is acknowledged now: what comes next comes alone.
    await boiler.publishAsync(topicOf("boiler"), JSON.stringify({ w: 901, ts: timeS + 1 }), { qos: 1 });
    await until(() => third.powers("customer-boiler").length === 2, "the next message");
    expect(third.state().messages).toBe(1);
  });

  test("wait at the broker while the hub is away, and come in their order", async () => {
    const folder = newFolder();
    const broker = await mosquitto();
    const hub = await openHub(folder);
    await hub.external.add(at(broker.port, { isPersistent: true }));
    await connected(hub);
    await hub.close();
    const boiler = await meter(broker);
    const wanted = Array.from({ length: 300 }, (_, i) => 1_000 + i);
    for (const watts of wanted) await boiler.publishAsync(topicOf("boiler"), String(watts), { qos: 1 });
    const again = await openHub(folder);
    await until(() => again.powers("customer-boiler").length >= wanted.length, "what was missed", 15_000);
    expect(again.powers("customer-boiler")).toEqual(wanted);
  });
});

describe("no message counts twice", () => {
  test("when the broker is bridged to the hub's own", async () => {
    const hub = await openHub();
    const bridge = ["connection to-hub", `address 127.0.0.1:${hub.mqttPort}`, "topic # out 1", "try_private false"];
    const broker = await mosquitto(["allow_anonymous true", ...bridge, "notifications false"]);
    await until(() => hub.broker.clients() > 0, "the bridge", 15_000);
    await hub.external.add(at(broker.port));
    await connected(hub);
    const boiler = await meter(broker);
    const wanted = [500, 500, 500, 620, 500];
    for (const watts of wanted) {
      await boiler.publishAsync(topicOf("boiler"), String(watts), { qos: 1 });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await until(() => hub.ingest.counts().messages >= wanted.length, "all of them");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(hub.powers("customer-boiler")).toEqual(wanted);
    expect(hub.state().messages).toBe(wanted.length);
  });

  test("and what comes from outside is not published on the hub's own broker", async () => {
    const hub = await openHub();
    const broker = await mosquitto();
    const own = await meter({ ...broker, client: (options) => broker.client({ ...options, port: hub.mqttPort }) });
    const seen: string[] = [];
    own.on("message", (topic) => void seen.push(topic));
    await own.subscribeAsync("#");
    await hears(hub, broker, {});
    await own.publishAsync("the/last", "1", { qos: 1 });
    await until(() => seen.includes("the/last"), "its own message");
    expect(seen).toEqual(["the/last"]);
  });

  test("and the hub does not listen to itself, by address or in disguise", async () => {
    const hub = await openHub();
    await expect(hub.external.add(at(hub.mqttPort))).rejects.toMatchObject({ code: "BAD_REQUEST" });
    const relay = createServer((socket) => {
      const inner = connect(hub.mqttPort, "127.0.0.1");
      socket.on("error", () => inner.destroy());
      inner.on("error", () => socket.destroy());
      socket.pipe(inner).pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(relay, "listening");
    onTestFinished(() => void relay.close());
    await hub.external.add(at((relay.address() as { port: number }).port));
    expect(await problemOf(hub)).toMatchObject({ code: "self" });
    expect(hub.state().isConnected).toBe(false);
  });
});

describe("a flood of 10,000 retained messages", () => {
  async function flooded(): Promise<Mosquitto> {
    const broker = await mosquitto();
    const publisher = await meter(broker);
    const filler = " ".repeat(2_000);
    for (let i = 0; i < 10_000; i++) {
      const qos = (i % 2) as 0 | 1;
      publisher.publish(`home/home/device/d${i % 100}/x${i}`, `${filler}${i}`, { retain: true, qos });
    }
    await publisher.publishAsync("last", "", { qos: 1 });
    return broker;
  }

  test("is taken whole, and known as kept from before", async () => {
    const broker = await flooded();
    const hub = await openHub();
    await hub.external.add(at(broker.port, { filters: [{ filter: "home/#", qos: 1 }] }));
    await until(() => hub.state().messages >= 10_000, "all of them", 25_000);
    expect(hub.heard).toHaveLength(10_000);
    expect(hub.heard.every(({ isKept }) => isKept)).toBe(true);
    await (await meter(broker)).publishAsync(topicOf("boiler"), "7", { qos: 1, retain: true });
    await until(() => hub.heard.length > 10_000, "a fresh one");
    expect(hub.heard.at(-1)).toEqual({ topic: topicOf("boiler"), isKept: false });
  });

  test("waits outside while the hub cannot answer", async () => {
    const broker = await flooded();
    const waiting: (() => void)[] = [];
    let count = 0;
    let isSlow = true;
    const listening = openExternalBroker({
      settings: {
        ...{ name: "flood", protocol: "mqtt", host: "127.0.0.1", port: broker.port, path: "/", version: "5" },
        ...{ username: null, password: null, serverName: null, ca: null, caFile: null, certificate: null, key: null },
        ...{ isPersistent: false, keepAliveS: 30, clientId: "flood", filters: [{ filter: "home/#", qos: 1 }] },
      },
      onMessage(_message, done) {
        count++;
        if (isSlow) waiting.push(() => done(null));
        else done(null);
      },
      log: { info() {}, warn() {} },
      nowMs: Date.now,
    });
    onTestFinished(() => listening.close());
    await until(() => count >= 500, "the first");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(count).toBe(500);
    isSlow = false;
    for (const answer of waiting) answer();
    await until(() => count === 10_000, "all of them", 25_000);
    expect(listening.state()).toMatchObject({ isConnected: true, messages: 10_000 });
  });
});

describe("settings that are wrong become a sentence, and the hub goes on", () => {
  const cases: [what: string, change: () => Promise<BrokerChange>, code: string][] = [
    ["a host that nobody knows", async () => at(1883, { host: "nobody.invalid" }), "unknown_host"],
    ["a port where nothing listens", async () => at(await freePort()), "unreachable"],
    ["TLS where there is none", async () => at((await mosquitto()).port, { protocol: "mqtts" }), "no_tls"],
    ["WebSockets where there are none", async () => at((await mosquitto()).port, { protocol: "ws" }), "not_mqtt"],
    ["a server of another kind", async () => at(await serveOnce("HTTP/1.1 400 Bad Request\r\n\r\n")), "not_mqtt"],
    [
      "MQTT 5 at a broker of 3.1.1",
      async () => at(await serveOnce("\x20\x02\x00\x01"), { version: "5" }),
      "protocol_version",
    ],
  ];
  test.each(cases)("%s", async (_what, change, code) => {
    const hub = await openHub();
    await hub.external.add(await change());
    expect(await problemOf(hub)).toMatchObject({
      code,
      message: expect.stringContaining(" "),
      hint: expect.stringMatching(/.{10}/),
    });
    expect(hub.state().isConnected).toBe(false);
  });

  test("topics that the broker keeps to itself are named, while the hub listens on the others", async () => {
    const port = await serveOnce("\x20\x02\x00\x00", (bytes) =>
      bytes[0] === 0x82 ? Buffer.from([0x90, 4, bytes[2] as number, bytes[3] as number, 1, 0x80]) : null,
    );
    const hub = await openHub();
    const filters = ["home/#", "secret/#"].map((filter) => ({ filter, qos: 1 as const }));
    await hub.external.add(at(port, { filters }));
    expect(await problemOf(hub)).toMatchObject({
      code: "topics_refused",
      message: expect.stringContaining("secret/#"),
    });
    expect(hub.state().isConnected).toBe(true);
  });

  test("a broker that sends rubbish harms nobody", async () => {
    const hub = await openHub();
    const connack = "\x20\x02\x00\x00";
    for (const rubbish of [
      `${connack}\x30\x05`,
      `${connack}\xff\xff\xff\xff\xff`,
      `${connack}\x34\x07\x00\x01a\x00\x01xx`,
      "\x00",
    ]) {
      await hub.external.add(at(await serveOnce(rubbish), { name: "rubbish" }));
      await problemOf(hub);
      await hub.external.remove(hub.external.list().brokers[0]?.id as string);
    }
    const huge = await serveOnce(`${connack}\x30\xff\xff\xff\x7f${"x".repeat(9 * 1024 * 1024)}`);
    await hub.external.add(at(huge));
    expect(await problemOf(hub)).toMatchObject({ code: "too_large" });
  });

  test("are refused at once where that can be seen", async () => {
    const hub = await openHub();
    const wrong: Partial<BrokerChange>[] = [
      { filters: [{ filter: "tele/#/x", qos: 0 }] },
      { caPem: "rubbish" },
      { caFile: "/nowhere/ca.pem" },
      { password: "alone" },
      { certificatePem: "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----", keyPem: "x" },
      { keyPem: "x" },
    ];
    for (const change of wrong) {
      await expect(hub.external.add(at(1883, change))).rejects.toMatchObject({ code: "BAD_REQUEST" });
    }
    expect(hub.external.list().brokers).toEqual([]);
  });

  test("five brokers are as many as it takes", async () => {
    const hub = await openHub();
    for (let i = 0; i < 5; i++) await hub.external.add(at(1883, { isOn: false }));
    await expect(hub.external.add(at(1883))).rejects.toMatchObject({ code: "TOO_MANY" });
  });
});

test("trying a broker out tells what there is to hear, and keeps nothing", async () => {
  const broker = await mosquitto();
  const publisher = await meter(broker);
  await publisher.publishAsync(topicOf("boiler"), "5", { retain: true });
  await publisher.publishAsync("tele/plug/LWT", "Online", { retain: true });
  await publisher.publishAsync("frigate/fps", "5", { retain: true });
  const hub = await openHub();
  const everything = { filters: [{ filter: "#", qos: 0 as const }] };
  const found = hub.external.test("new", at(broker.port, everything));
  await expect(hub.external.test("new", at(broker.port))).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
  expect(await found).toMatchObject({ isConnected: true, problem: null, messages: 3, topics: 3, unknownTopics: 1 });
  expect((await found).dialects.map(({ dialect }) => dialect).toSorted()).toEqual(["customer", "tasmota"]);
  expect(hub.heard).toEqual([]);
  expect(hub.external.list().brokers).toEqual([]);
  expect(await hub.external.test("new", at(await freePort()))).toMatchObject({
    ...{ isConnected: false, problem: { code: "unreachable" } },
  });
});

/** A server that answers the first bytes of each connection, and with `answer` later ones. */
async function serveOnce(bytes: string, answer: (bytes: Buffer) => Buffer | null = () => null): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(Buffer.from(bytes, "latin1"));
      socket.on("data", (later) => {
        const found = answer(Buffer.from(later));
        if (found) socket.write(found);
      });
    });
    const timer = setTimeout(() => socket.destroy(), 1_000);
    socket.once("close", () => clearTimeout(timer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

describe("the API", () => {
  test("keeps secrets to itself, takes defaults for what is left out, and refuses what it does not know", async () => {
    const hub = await openHub();
    const api = Fastify().withTypeProvider<TypeBoxTypeProvider>().setValidatorCompiler(TypeBoxValidatorCompiler);
    onTestFinished(() => void api.close());
    api.setErrorHandler(({ message }: Error, _request, reply) => reply.code(400).send({ code: "", message, hint: "" }));
    addExternalBrokerRoutes(api, { externalBrokers: hub.external });
    const send = (method: "GET" | "POST" | "PUT" | "DELETE", url: string, payload?: object) =>
      api.inject({ method, url, ...(payload && { payload }) });
    const made = await send("POST", "/api/brokers", { host: "cellar.invalid", username: "hub", password: "sesame-17" });
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ name: "cellar.invalid", port: 1883, version: "3.1.1", hasPassword: true });
    const { id } = made.json();
    const changed = await send("PUT", `/api/brokers/${id}`, { host: "cellar.invalid", isOn: false, username: "hub" });
    expect(changed.json()).toMatchObject({ id, isOn: false, hasPassword: true, state: { isConnected: false } });
    const listed = await send("GET", "/api/brokers");
    expect(listed.json()).toMatchObject({ brokers: [{ id }], most: 5 });
    expect(made.body + changed.body + listed.body).not.toContain("sesame");
    for (const wrong of [
      {},
      { host: "a b" },
      { host: "a", port: 0 },
      { host: "a", keepAliveS: 5 },
      { host: "a", x: 1 },
    ]) {
      expect((await send("POST", "/api/brokers", wrong)).statusCode).toBe(400);
    }
    expect((await send("DELETE", `/api/brokers/${id}`)).statusCode).toBe(204);
    expect((await send("GET", "/api/brokers")).json()).toMatchObject({ brokers: [] });
  });
});
