/**
 * Does the hub's energy agree with a recording? `node hub/bench/replay-energy.ts FILE.csv.gz [--kill]` replays it to a
 * hub of its own, which `--kill` kills meanwhile, and compares each channel's days with what the file says.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type * as api from "../src/api/contract.ts";
import {
  compare,
  createDayOf,
  dayKey,
  type FileEnergy,
  FileError,
  type HubDay,
  readFileEnergy,
} from "./daily-energy.ts";
import { type Ports, readBanner } from "./lib/banner.ts";
import { BenchError } from "./lib/processes.ts";
import { createRandom } from "./lib/random.ts";

/** What the hubs of one run share. */
interface Run {
  folder: string;
  zone: string;
  /** Running ones. */
  children: Set<ChildProcess>;
}

interface Hub extends Ports {
  child: ChildProcess;
  exited: Promise<unknown>;
}

const usage = `Usage: node hub/bench/replay-energy.ts FILE.csv.gz [flags]
  --kill        kill the hub (SIGKILL) now and then while the replay goes on, and once at its end
  --seed N      seeds the moments of killing (default 1)
  --zone NAME   time zone in which days begin (default UTC)`;
const root = path.join(import.meta.dirname, "../..");
const mostKills = 8;
/** The replay connects again each second, so a shorter life would bring no progress. */
const lifeMs = { least: 1_200, most: 3_200 };

async function main(): Promise<boolean> {
  const { file, kill, seed, zone } = readFlags();
  const recording = readFileEnergy(file, zone);
  const run: Run = { folder: mkdtempSync(path.join(tmpdir(), "faiban-bench-")), zone, children: new Set() };
  // The children stop by themselves or are killed below; this program must outlive them to clean up.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => killAll(run));
  try {
    let hub = await startHub(run, { httpPort: 0, mqttPort: 0 });
    const ended = new AbortController();
    const replaying = replay(run, file, hub.mqttPort).finally(() => ended.abort());
    replaying.catch(() => {}); // awaited below, unless the killing fails first
    if (kill) hub = await killNowAndThen(run, hub, createRandom(seed), ended.signal);
    console.log(await replaying);
    console.log(`The hub holds ${memoryOf(hub.child)}.`);
    // What was acknowledged last must be on the disk too.
    if (kill) hub = await killAndStart(run, hub);
    return compare(recording, await hubDays(hub, recording, zone));
  } finally {
    await killAll(run);
    rmSync(run.folder, { recursive: true, force: true });
  }
}

function readFlags(): { file: string; kill: boolean; seed: number; zone: string } {
  const options = {
    kill: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    zone: { type: "string", default: "UTC" },
  } as const;
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file] = positionals;
    const seed = Number(values.seed);
    if (file && positionals.length === 1 && Number.isInteger(seed))
      return { ...values, file: path.resolve(file), seed };
  } catch (error) {
    throw new BenchError(`${(error as Error).message}\n${usage}`);
  }
  throw new BenchError(`Give one recording, and whole numbers as seeds.\n${usage}`);
}

/** Ports of 0 are picked. */
async function startHub({ folder, zone, children }: Run, ports: Ports): Promise<Hub> {
  const flags = {
    data: folder,
    "time-zone": zone,
    "http-host": "127.0.0.1",
    "http-port": ports.httpPort,
    "mqtt-host": "127.0.0.1",
    "mqtt-port": ports.mqttPort,
    "log-level": "warn",
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [path.join(root, "hub/src/main.ts"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const exited = once(child, "exit").then(() => children.delete(child));
  const banner = await readBanner(child);
  if (!banner) throw new BenchError("The hub ended before it was ready; what it said is above.");
  return { child, exited, ...banner };
}

/** Replays in a process of its own; resolves to its closing sentence, which tells messages a second. */
async function replay({ children }: Run, file: string, mqttPort: number): Promise<string> {
  const program = path.join(root, "device-drivers/replay/replay.ts");
  const args = [program, file, "--to", `mqtt://127.0.0.1:${mqttPort}`, "--qos", "1", "--speed", "0"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  children.add(child);
  const closed = once(child, "close");
  let said = "It said nothing.";
  for await (const sentence of createInterface({ input: child.stderr! })) {
    said = sentence;
    console.error(`  replay: ${sentence}`);
  }
  const [code] = await closed;
  children.delete(child);
  if (code !== 0) throw new BenchError(`The replay ended with ${code === null ? "a signal" : `code ${code}`}: ${said}`);
  return said;
}

/** Kills and restarts the hub at seeded moments until `ended`; gives the hub that then runs. */
async function killNowAndThen(run: Run, hub: Hub, random: () => number, ended: AbortSignal): Promise<Hub> {
  let running = hub;
  let kills = 0;
  while (kills < mostKills) {
    const life = Math.round(lifeMs.least + random() * (lifeMs.most - lifeMs.least));
    await sleep(life, undefined, { signal: ended }).catch(() => {});
    if (ended.aborted) break;
    running = await killAndStart(run, running);
    kills += 1;
    console.error(`  killed the hub after ${life} ms and started it again`);
  }
  if (kills === 0) throw new BenchError("The replay ended before the hub was killed once; take a longer recording.");
  console.log(`The hub was killed ${kills} times in mid-replay.`);
  return running;
}

async function killAndStart(run: Run, { child, exited, ...ports }: Hub): Promise<Hub> {
  if (!child.kill("SIGKILL")) throw new BenchError("The hub ended by itself; what it said is above.");
  await exited;
  return startHub(run, ports);
}

async function killAll({ children }: Run): Promise<void> {
  const exits = [...children].map((child) => {
    const exited = once(child, "exit");
    return child.kill("SIGKILL") ? exited : undefined;
  });
  await Promise.all(exits);
}

/** The memory of a running process, as Linux tells it. */
function memoryOf({ pid }: ChildProcess): string {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const megabytes = (key: string) => Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
    return `${megabytes("VmRSS")} MB of memory (at most ${megabytes("VmHWM")} MB so far)`;
  } catch {
    return "an unknown amount of memory";
  }
}

/** What the hub says, by `dayKey`. */
async function hubDays(
  hub: Hub,
  { channels, firstMs, lastMs }: FileEnergy,
  zone: string,
): Promise<Map<string, HubDay>> {
  const dayOf = createDayOf(zone);
  const meters = await get<api.Meter[]>(hub, "/api/meters");
  const days = new Map<string, HubDay>();
  for (const channel of channels) {
    const nativeId = channel === "mains" ? "main" : channel;
    const id = meters.find((meter) => meter.nativeId === nativeId)?.channels[0]?.id;
    if (id === undefined) continue;
    const query = { channel: id, quantity: "power_active", step: "day", from: `${firstMs}`, to: `${lastMs + 1}` };
    const history = await get<api.History>(hub, `/api/history?${new URLSearchParams(query)}`);
    history.timeMs.forEach((timeMs, i) => {
      const wh = (history.importWh?.[i] ?? 0) - (history.exportWh?.[i] ?? 0);
      days.set(dayKey(channel, dayOf(timeMs)), { wh, readings: history.count?.[i] ?? 0 });
    });
  }
  return days;
}

async function get<T>({ httpPort }: Hub, address: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${httpPort}${address}`);
  if (!response.ok) throw new BenchError(`The hub answered ${response.status} to ${address}: ${await response.text()}`);
  return (await response.json()) as T;
}

main().then(
  (isRight) => process.exit(isRight ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof BenchError || error instanceof FileError ? error.message : error);
    process.exit(1);
  },
);
