/** A real hub on free loopback ports, in this process or in one of its own, for tests of the whole. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { readBanner } from "../bench/lib/banner.ts";
import type * as api from "../src/api/contract.ts";
import type { ClockWorld } from "../src/clock/clock.ts";
import { readConfig } from "../src/config.ts";
import { startHub } from "../src/hub.ts";
import { createLog } from "../src/log.ts";

/** This machine's clocks, taken to be right. */
const rightClock: ClockWorld = {
  wallMs: Date.now,
  monotonicMs: () => performance.now(),
  isSynchronized: () => null,
};

const loopback = ["--http-host", "127.0.0.1", "--mqtt-host", "127.0.0.1", "--log-level", "warn"];

export interface TestHub {
  httpPort: number;
  mqttPort: number;
  url: string;
  get<T>(address: string): Promise<T>;
  /** An MQTT client, ended with the test. */
  client(options?: { will?: { topic: string; payload: string } }): Promise<MqttClient>;
  close(): Promise<void>;
}

/** An empty folder, removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-hub-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a hub in this process; closed with the test at the latest. */
export async function openHub(
  folder: string,
  flags: readonly string[] = [],
  world: ClockWorld = rightClock,
): Promise<TestHub> {
  const config = readConfig({
    flags: [...loopback, "--data", folder, "--http-port", "0", "--mqtt-port", "0", ...flags],
    environment: {},
    folder,
  });
  const hub = await startHub({ config, log: createLog("warn"), world, bootId: null, machineStartedMs: null });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await hub.close();
    isOpen = false;
  };
  onTestFinished(close);
  return { ...face(hub.httpPort, hub.mqttPort), close };
}

/** Starts the hub's own program, so that it can be killed. */
export async function spawnHub(
  folder: string,
  flags: readonly string[] = [],
): Promise<TestHub & { child: ChildProcess }> {
  const main = path.join(import.meta.dirname, "../src/main.ts");
  const ports = ["--http-port", "0", "--mqtt-port", "0"];
  const args = [main, ...loopback, "--data", folder, ...ports, ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  onTestFinished(() => void child.kill("SIGKILL"));
  const banner = await readBanner(child);
  if (!banner) throw new Error("The hub stopped before it was ready");
  const close = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  return { ...face(banner.httpPort, banner.mqttPort), child, close };
}

function face(httpPort: number, mqttPort: number): Omit<TestHub, "close"> {
  const url = `http://127.0.0.1:${httpPort}`;
  return {
    httpPort,
    mqttPort,
    url,
    async get<T>(address: string): Promise<T> {
      const response = await fetch(url + address);
      if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    async client(options = {}) {
      const will = options.will && {
        ...options.will,
        payload: Buffer.from(options.will.payload),
        qos: 1 as const,
        retain: true,
      };
      const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { reconnectPeriod: 0, ...(will && { will }) });
      client.on("error", () => {}); // a hub that is killed resets the connection
      onTestFinished(() => void client.end(true));
      return client;
    },
  };
}

/** Live events of a hub as they come. */
export async function openLive(hub: { httpPort: number }) {
  const socket = new WebSocket(`ws://127.0.0.1:${hub.httpPort}/api/live`);
  const events: api.LiveEvent[] = [];
  socket.on("message", (data) => void events.push(JSON.parse(String(data))));
  await once(socket, "open");
  onTestFinished(() => socket.terminate());
  /** The first event, past or to come, that is what the test waits for. */
  const find = <E extends api.LiveEvent>(is: (event: api.LiveEvent) => event is E): Promise<E> =>
    until(() => events.find(is), "a live event");
  return { socket, events, find };
}

/** Tries until there is a value; throws after five seconds, or `withinMs`. */
export async function until<T>(
  get: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  what: string,
  withinMs = 5_000,
): Promise<T> {
  for (const started = performance.now(); performance.now() - started < withinMs; ) {
    const value = await get();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Waited ${withinMs / 1000} seconds for ${what}`);
}
