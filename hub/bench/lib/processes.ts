/** Processes that a benchmark starts, what they use, and how they end. */
import { type ChildProcess, spawn } from "node:child_process";
import { on, once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What all parts of one run share. */
export interface Run {
  /** Removed at the end. */
  folder: string;
  /** Small sizes, for a first look. */
  isQuick: boolean;
  /** An hour where otherwise minutes do. */
  isLong: boolean;
  /** Running ones. */
  children: Set<ChildProcess>;
  /** True from the end on: what still runs on starts nothing more. */
  isOver: boolean;
  /** Tells people what goes on. */
  say(sentence: string): void;
}

/** Something that a benchmark needs failed; the message is a sentence. */
export class BenchError extends Error {}

/** A started process. */
export interface Running {
  name: string;
  pid: number;
  child: ChildProcess;
  exited: Promise<unknown>;
}

const stopWithinMs = 30_000;
const readyWithinMs = 60_000;
const pollMs = 2;

/** A run with an empty folder of its own. */
export function createRun({ isQuick, isLong }: { isQuick: boolean; isLong: boolean }): Run {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-bench-"));
  const say = (sentence: string) => console.error(`  ${sentence}`);
  const run: Run = { folder, isQuick, isLong, children: new Set(), isOver: false, say };
  // Whatever ends this process, nothing of the run stays behind.
  process.once("exit", () => {
    for (const child of run.children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  return run;
}

/** Ends what still runs, waits for that, and removes the folder. */
export async function endRun(run: Run): Promise<void> {
  run.isOver = true;
  await Promise.all([...run.children].map(killNow));
  rmSync(run.folder, { recursive: true, force: true });
}

async function killNow(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await exited;
}

let folders = 0;

/** A path in the run's folder that nothing else uses; peers and hub make the folder themselves. */
export function newFolder({ folder }: Run, name: string): string {
  folders += 1;
  return path.join(folder, `${name}-${folders}`);
}

/** Starts a process; what it says on stdout is dropped unless `keepsStdout`, and stderr is shown. */
export function start(
  run: Run,
  name: string,
  command: readonly string[],
  options: { env?: Record<string, string>; keepsStdout?: boolean; hasChannel?: boolean; isSilent?: boolean } = {},
): Running {
  if (run.isOver) throw new BenchError(`${name} is not started any more.`);
  const [file = "", ...args] = command;
  const stderr = options.isSilent ? "ignore" : 2;
  const stdout = options.keepsStdout ? "pipe" : "ignore";
  const child = spawn(file, args, {
    env: { ...process.env, ...options.env },
    stdio: options.hasChannel ? ["ignore", stdout, stderr, "ipc"] : ["ignore", stdout, stderr],
  });
  child.on("error", (error) => run.say(`${name} cannot be started: ${error.message}`));
  const { pid } = child;
  if (pid === undefined) throw new BenchError(`${name} cannot be started with ${file}.`);
  run.children.add(child);
  const exited = once(child, "exit").then(() => run.children.delete(child));
  return { name, pid, child, exited };
}

/** Asks the process to stop and waits for it; throws BenchError when it stays. */
export async function stop({ name, child, exited }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) throw new BenchError(`${name} ended by itself.`);
  child.kill("SIGTERM");
  const isGone = await Promise.race([exited.then(() => true), sleep(stopWithinMs, false, { ref: false })]);
  if (!isGone) throw new BenchError(`${name} did not stop within ${stopWithinMs / 1000} seconds.`);
}

/**
 * Stops a process and gives the bytes that it made the kernel write in all its life, its stop included: Linux adds what a
 * child has written to its parent's count when the parent learns of its end (wait_task_zombie in kernel/exit.c).
 */
export async function stopAndCountWritten(running: Running): Promise<number> {
  const beforeBytes = writtenBytesOf("self");
  await stop(running);
  return writtenBytesOf("self") - beforeBytes;
}

/** A program of the benchmarks in a process of its own, spoken with by messages. */
export interface Program<Said> extends Running {
  tell(message: object): void;
  /** What it says next; throws BenchError when it ends instead. */
  next(): Promise<Said>;
}

/** Starts one of `bench/programs` with its options. */
export function startProgram<Said>(run: Run, file: string, options: object): Program<Said> {
  const program = path.join(import.meta.dirname, "../programs", file);
  const running = start(run, file, [process.execPath, program, JSON.stringify(options)], { hasChannel: true });
  const messages = on(running.child, "message", { close: ["close"] });
  return {
    ...running,
    tell: (message) => void running.child.send(message),
    async next() {
      const { value, done } = await messages.next();
      if (done) throw new BenchError(`The program ${file} ended early; what it said is above.`);
      return value[0] as Said;
    },
  };
}

/** What a process has used since its start; all zero for one that is gone. */
export interface Usage {
  /** User and system time of all threads, in steps of 10 ms. */
  cpuUs: number;
  rssBytes: number;
  peakRssBytes: number;
  /** Bytes that the process made the kernel write to a disk, without the file system's own. */
  writtenBytes: number;
}

/** Linux counts CPU time for users in hundredths of a second on every machine (USER_HZ in proc(5)). */
const usPerTick = 10_000;

/** What the processes have used together. */
export function usageOf(...running: readonly Running[]): Usage {
  const sum: Usage = { cpuUs: 0, rssBytes: 0, peakRssBytes: 0, writtenBytes: 0 };
  for (const { name, pid } of running) {
    try {
      addUsage(sum, pid);
    } catch (cause) {
      throw new BenchError(`${name} (process ${pid}) is gone, or /proc cannot be read here.`, { cause });
    }
  }
  return sum;
}

function addUsage(sum: Usage, pid: number): void {
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8");
  // The name in brackets may hold spaces; user and system time are the 12th and 13th field after it.
  const stat = read("stat").split(") ").at(-1)!.split(" ");
  sum.cpuUs += (Number(stat[11]) + Number(stat[12])) * usPerTick;
  const status = read("status");
  const bytes = (key: string) => 1024 * Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  sum.rssBytes += bytes("VmRSS");
  sum.peakRssBytes += bytes("VmHWM");
  sum.writtenBytes += writtenBytesOf(pid);
}

function writtenBytesOf(pid: number | "self"): number {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? 0);
}

/** A port of the loopback that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Tries until there is a value; throws BenchError after a minute, or when the process ends meanwhile. */
export async function until<T>({ name, child }: Running, get: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const started = performance.now(); performance.now() - started < readyWithinMs; await sleep(pollMs)) {
    const value = await get().catch(() => undefined);
    if (value !== undefined) return value;
    if (child.exitCode !== null || child.signalCode !== null) throw new BenchError(`${name} ended before ${what}.`);
  }
  throw new BenchError(`${name}: waited a minute for ${what}.`);
}

/** Bytes that the files below the folder take: their length, or what is allocated of a file with holes. */
export function sizeOf(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.reduce((sum, name) => sum + fileSize(path.join(folder, name)), 0);
}

function fileSize(file: string): number {
  // A running database may remove a file at any time.
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() ? Math.min(stat.size, stat.blocks * 512) : 0;
}
