/** Which Node runs Faiban, and how a child program runs under it as if it were the parent. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

/** A small nursery for young objects: 15 MB less, and a hub's objects die young as well. */
export const memoryFlags = ["--max-semi-space-size=4"];

const WANTED_MAJOR = 26;
/** The pinned Node is linked against glibc: without its loader (Alpine Linux), the file is there but cannot start. */
const GLIBC_LOADER = { x64: "/lib64/ld-linux-x86-64.so.2", arm64: "/lib/ld-linux-aarch64.so.1" };
const PARENT_POLL_MS = 500;
const STDERR_KEPT = 64 * 1024; // characters

/** Something the user can do something about: shown as a sentence, without a stack. */
export class Problem extends Error {}

/** The user stopped us, so nothing needs to be explained. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Returns a function that tells the seconds since now, such as "2.1". */
export function stopwatch() {
  const startMs = performance.now();
  return () => ((performance.now() - startMs) / 1000).toFixed(1);
}

/** The Node of package-lock.json, else the current one when it is new enough, else null. */
export function chooseNode({ root, machine = process, exists = existsSync }) {
  const { platform, arch, execPath } = machine;
  const pinned = join(root, "node_modules", `node-${platform}-${arch}`, "bin", "node");
  if (exists(pinned) && exists(GLIBC_LOADER[arch])) return pinned;
  return Number.parseInt(machine.versions.node, 10) >= WANTED_MAJOR ? execPath : null;
}

export function pinnedNode(root) {
  const node = chooseNode({ root });
  if (node) return node;
  throw new Problem(
    `Faiban runs on 64-bit Linux (x64 or arm64); this is ${process.platform} ${process.arch} with Node ${process.versions.node}. ` +
      `On macOS or another Linux, install Node ${WANTED_MAJOR} yourself and start again.`,
  );
}

/**
 * Runs a program to its end, passing on the signals that ask us to stop.
 * Rejects with Interrupted when such a signal came, unless `ownsSignals` (the program decides what they mean).
 */
export async function runChild(file, args, { onStart, ownsSignals = false, ...options }) {
  const child = spawn(file, args, { stdio: "inherit", ...options });
  if (child.pid !== undefined) onStart?.(child.pid);

  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });

  const signals = passSignalsTo(child);
  try {
    const { code, signal } = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
    if (signals.received && !ownsSignals) throw new Interrupted(signals.received);
    return { code, signal, stderr };
  } finally {
    signals.stop();
  }
}

function passSignalsTo(child) {
  const state = { received: null, stop };
  const handlers = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => [signal, () => receive(signal)]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  // npm passes on SIGINT and SIGTERM only: when it ended by anything else, its program must not stay behind.
  const parent = process.ppid;
  const watch = process.env.npm_lifecycle_event ? setInterval(stopWithParent, PARENT_POLL_MS) : undefined;
  return state;

  function stopWithParent() {
    if (process.ppid === parent) return;
    clearInterval(watch);
    receive("SIGTERM");
  }

  function receive(signal) {
    state.received ??= signal;
    // At a terminal the system has already sent Ctrl-C and hang-up to the child too; a second one would mean "at once".
    if (process.stdin.isTTY && signal !== "SIGTERM") return;
    child.kill(signal);
  }

  function stop() {
    clearInterval(watch);
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}

/** Ends this process the way the child ended, so that whoever started us sees the same. */
export function endLike({ code, signal }) {
  process.exitCode = code ?? 128 + constants.signals[signal];
  if (signal) process.kill(process.pid, signal);
}

/** Runs a command line's main function and turns what it throws into a message and an exit code. */
export async function runMain(main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    if (error instanceof Interrupted) return endLike({ code: null, signal: error.signal });
    say(error instanceof Problem ? error.message : (error.stack ?? String(error)));
    process.exitCode = 1;
  }
}
