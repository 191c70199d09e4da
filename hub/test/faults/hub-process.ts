/** The hub's own program in a process that a test kills, fills the disk of, or shows another time. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { readBanner } from "../../bench/lib/banner.ts";

const root = path.join(import.meta.dirname, "../../..");
const main = path.join(root, "hub/src/main.ts");
/** As with `npm start`: a hub that is started often need not be compiled anew each time. */
const compileCache = path.join(root, "node_modules/.cache/node-compile");

export interface HubProcess {
  child: ChildProcess;
  mqttPort: number;
  /** From the start of the process until it serves, milliseconds. */
  startedInMs: number;
  get<T>(address: string): Promise<T>;
  /** Everything logged so far. */
  log(): string;
  /** Stops it in order; the exit code, null when a signal ended it. */
  stop(): Promise<number | null>;
  /** As a power cut that spares the disk's cache. */
  kill(): Promise<void>;
}

export interface HubProcessOptions {
  folder: string;
  flags?: readonly string[];
  /** A program and its arguments that runs the hub, such as one that shows it another time. */
  through?: readonly string[];
  environment?: Record<string, string>;
}

/** Starts a hub on free ports. Throws, with what it logged, when it ends before it serves. */
export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const { folder, flags = [], through = [], environment = {} } = options;
  const hosts = ["--http-host", "127.0.0.1", "--mqtt-host", "127.0.0.1", "--http-port", "0", "--mqtt-port", "0"];
  const [command, ...args] = [...through, process.execPath, main, ...hosts, "--data", folder, ...flags] as [string];
  const startedMs = performance.now();
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...environment },
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const endToo = () => child.kill("SIGKILL"); // a test that fails half-way leaves no hub behind
  process.once("exit", endToo);
  child.once("exit", () => process.off("exit", endToo));
  let log = "";
  child.stderr!.on("data", (chunk) => {
    log += chunk;
  });
  child.stdout!.on("data", (chunk) => {
    log += chunk;
  });
  const banner = await readBanner(child);
  if (!banner) {
    const [code] = await exited;
    throw new Error(`The hub ended with ${code} before it was ready: ${log}`);
  }
  const url = `http://127.0.0.1:${banner.httpPort}`;
  return {
    child,
    mqttPort: banner.mqttPort,
    startedInMs: performance.now() - startedMs,
    log: () => log,
    async get<T>(address: string): Promise<T> {
      const response = await fetch(url + address);
      if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    async stop() {
      child.kill("SIGTERM");
      const [code] = await exited;
      return code;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
