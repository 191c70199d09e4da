/** A hub of its own process and folder. */
import path from "node:path";
import { memoryFlags } from "../../scripts/node.mjs";
import type * as api from "../../src/api/contract.ts";
import { type Ports, readBanner } from "./banner.ts";
import { BenchError, type Run, type Running, start } from "./processes.ts";

/** A started hub. */
export interface HubProcess extends Running, Ports {
  folder: string;
}

const root = path.join(import.meta.dirname, "../../..");
const program = path.join(root, "hub/src/main.ts");
/** Where `npm start` keeps compiled code too, so that a start costs what it costs people. */
const env = { NODE_COMPILE_CACHE: path.join(root, "node_modules/.cache/node-compile") };

/** Starts a hub as `npm start` does, on free loopback ports, with days in UTC as the peers count them. */
export async function startHub(run: Run, folder: string): Promise<HubProcess> {
  const flags = ["--data", folder, "--time-zone", "UTC", "--home-id", "bench", "--log-level", "warn"];
  const ports = ["--http-port", "0", "--mqtt-port", "0", "--http-host", "127.0.0.1", "--mqtt-host", "127.0.0.1"];
  const running = start(run, "the hub", [process.execPath, ...memoryFlags, program, ...flags, ...ports], {
    env,
    keepsStdout: true,
  });
  const banner = await readBanner(running.child);
  if (!banner) throw new BenchError("The hub ended before it was ready; what it said is above.");
  return { ...running, ...banner, folder };
}

/** An answer of the hub's API; throws BenchError when it is none. */
export async function getFrom<T>({ httpPort }: Ports, address: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${httpPort}${address}`);
  if (!response.ok) throw new BenchError(`The hub answered ${response.status} to ${address}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** What the hub has counted since its start. */
export async function ingestCounts(ports: Ports): Promise<api.Health["ingest"]> {
  return (await getFrom<api.Health>(ports, "/api/health")).ingest;
}

/** Throws BenchError unless the hub took every message, refused none, and stored as many readings of each. */
export async function checkTaken(ports: Ports, messages: number): Promise<{ readings: number }> {
  const { messages: taken, readings, rejected, unknown } = await ingestCounts(ports);
  if (taken !== messages || rejected + unknown > 0 || readings % messages !== 0) {
    const counted = `${taken} messages, ${readings} readings, ${rejected} refused and ${unknown} unknown`;
    throw new BenchError(`The hub counted ${counted} of ${messages} messages: something was lost.`);
  }
  return { readings };
}

/** The id of the only channel of the meter that calls itself so. */
export async function channelOf(ports: Ports, nativeId: string): Promise<string> {
  const meters = await getFrom<api.Meter[]>(ports, "/api/meters");
  const id = meters.find((meter) => meter.nativeId === nativeId)?.channels[0]?.id;
  if (id === undefined) throw new BenchError(`The hub does not know the meter ${nativeId}.`);
  return id;
}
