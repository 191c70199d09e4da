/**
 * A Mosquitto of its own, and the parts of the hub that a message passes: its own broker, the external ones, ingest and
 * store. As a program it is such a hub that takes messages and never makes them durable, to be killed.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { userInfo } from "node:os";
import path from "node:path";
import { drivers } from "@faiban/device-drivers";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { freePort } from "../bench/lib/processes.ts";
import { findPeer, installPeers } from "../scripts/peers.mjs";
import type * as api from "../src/api/broker-contract.ts";
import { allRights, createBroker } from "../src/broker/broker.ts";
import { openLevel } from "../src/broker/level.ts";
import { createCalendar } from "../src/energy/calendar.ts";
import { createIngest } from "../src/ingest/ingest.ts";
import { createRegistry } from "../src/ingest/registry.ts";
import { openExternalBrokers } from "../src/integrations/external-broker/external-brokers.ts";
import type { Log } from "../src/log.ts";
import { openSecrets } from "../src/secrets/secrets.ts";
import { openStore } from "../src/store/store.ts";

export interface Mosquitto {
  port: number;
  client(options?: IClientOptions): Promise<MqttClient>;
  /** Stops it as a power cut would not: it keeps its state. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Installs Mosquitto when it is missing. */
export async function needMosquitto(): Promise<string> {
  if (!findPeer("mosquitto")) await installPeers(["mosquitto"]);
  const program = findPeer("mosquitto");
  if (program === null) throw new Error("Mosquitto is not here");
  return program;
}

/** Starts one in a folder, with lines of its configuration file after the listener's; the caller stops it. */
export async function openMosquitto(
  folder: string,
  lines: readonly string[] = ["allow_anonymous true"],
): Promise<Mosquitto> {
  const program = await needMosquitto();
  const port = await freePort();
  const file = path.join(folder, "mosquitto.conf");
  const shared = [
    ...["persistence true", `persistence_location ${folder}/`, "log_dest none", "max_queued_messages 0"],
    `user ${userInfo().username}`, // started by root, it would become a user that may not write the folder
  ];
  writeFileSync(file, `${[`listener ${port} 127.0.0.1`, ...lines, ...shared].join("\n")}\n`);
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    child = spawn(program, ["-c", file], { stdio: "inherit" });
    await untilListening(port);
  }

  async function stop(): Promise<void> {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null) return;
    const exited = once(running, "exit");
    running.kill("SIGTERM");
    await exited;
  }

  await start();
  return {
    ...{ port, start, stop },
    client: (options = {}) => connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options }),
  };
}

async function untilListening(port: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Nothing listens on port ${port}`);
}

/** An authority, and a certificate that it signed for localhost and 127.0.0.1, as files in the folder. */
export function makeCertificates(folder: string, name = "ca") {
  const file = (one: string) => path.join(folder, `${name}-${one}.pem`);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "30"];
  openssl("req", "-x509", ...newKey, "-subj", `/CN=${name}`, "-keyout", file("key"), "-out", file("cert"));
  const sign = (one: string) =>
    openssl(
      ...["req", "-x509", ...newKey, "-subj", `/CN=${one}`, "-CA", file("cert"), "-CAkey", file("key")],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:false"],
      ...["-keyout", file(`${one}-key`), "-out", file(`${one}-cert`)],
    );
  sign("server");
  sign("hub");
  return { file, ca: file("cert"), cert: file("server-cert"), key: file("server-key") };
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Opens the parts as the hub composes them; `isStalled` keeps everything from becoming durable. */
export async function openListeningHub(folder: string, { log = quiet, isStalled = false } = {}) {
  const level = await openLevel(folder, quiet);
  const store = openStore({
    ...{ folder, calendarOf: () => createCalendar("Asia/Bangkok"), commitIntervalMs: 600_000 },
    ...{ knownTimeMs: () => Date.now(), onRepaired() {}, onRoomMade() {} },
    onDamage: (what) => log.error(what),
    onCommitFailed: (error) => log.error(error.message),
  });
  const registry = createRegistry(store, "home");
  const ingest = createIngest({
    ...{ drivers, registry, definitions: store.definitions, mayDescribe: () => true, nowMs: Date.now },
    ...{ isTimeKnown: () => true, append: store.append, hold: store.hold, onReadings() {}, onRelay() {}, onMeter() {} },
  });
  const heard: { topic: string; isKept: boolean }[] = [];
  const whenDurable = (done: (error: Error | null) => void) => {
    if (!isStalled) store.whenDurable(done);
  };
  const take = (topic: string, payload: Uint8Array, qos: number, done: (error: Error | null) => void) => {
    store.relieve();
    ingest.accept({ topic, payload, retain: false, deviceId: null });
    if (qos > 0) whenDurable(done);
    else done(null);
  };
  const broker = await createBroker({
    ...{ level, log },
    admit(request) {
      external.noteClient(request.clientId);
      return { identity: null, rights: allRights, keepsSession: true };
    },
    onPublish({ topic, payload, qos }, done) {
      if (!external.isEcho(topic, payload)) take(topic, payload, qos, done);
      else if (qos > 0) whenDurable(done);
      else done(null);
    },
  });
  const tcp = broker.tcpServer().listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const { port: mqttPort } = tcp.address() as AddressInfo;
  const external = openExternalBrokers({
    ...{ hubId: "test-hub", settings: store, log, nowMs: Date.now, whenDurable },
    secrets: openSecrets(new Uint8Array(32).fill(7), store.secrets),
    own: { ports: () => [mqttPort], names: () => [] },
    onMessage({ topic, payload, qos, isKept }, done) {
      heard.push({ topic, isKept });
      take(topic, payload, qos, done);
      if (isStalled) console.log("taken");
    },
  });
  let isOpen = true;
  return {
    ...{ mqttPort, store, registry, ingest, external, heard, broker },
    /** Values of the meter's active power, in order of time. */
    powers(meterId: string): number[] {
      const channel = registry.meter(meterId)?.channels.get("");
      const series = [...(channel?.series.values() ?? [])].find(({ quantity }) => quantity === "power_active");
      return series
        ? [...store.readings(series, 0, 4e12)].flatMap(({ values, length }) => [...values.slice(0, length)])
        : [];
    },
    state(): api.BrokerState {
      const [first] = external.list().brokers;
      if (!first) throw new Error("There is no broker");
      return first.state;
    },
    async close(): Promise<void> {
      if (!isOpen) return;
      isOpen = false;
      await external.close();
      tcp.close();
      await broker.close();
      store.close();
      await level.close();
    },
  };
}

if (import.meta.main) await openListeningHub(process.argv[2] as string, { isStalled: true });
