/** A lock file that names its holders, so that one left behind by a killed process is recognised. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Problem, say } from "./node.mjs";

const POLL_MS = 200;
const WAIT_LIMIT_MS = 15 * 60_000;
const GUARD_LIMIT_MS = 10_000; // the guard is held for microseconds

/**
 * Calls `work` while holding the lock, waiting for another holder first.
 * `work` gets `alsoHeldBy(pid)`: a child that would outlive us when we are killed keeps the lock too.
 */
export async function withLock(file, work, { waitLimitMs = WAIT_LIMIT_MS, onWait = tellToWait } = {}) {
  makeFolder(dirname(file));
  const holders = [identify(process.pid)];
  const giveUpAtMs = Date.now() + waitLimitMs;
  for (let told = false; !tryTake(file, holders); told = true) {
    if (!told) onWait();
    if (Date.now() > giveUpAtMs) throw new Problem(`Another start does not finish. If there is none, delete ${file}.`);
    await delay(POLL_MS);
  }
  const alsoHeldBy = (pid) => {
    holders.push(identify(pid));
    writeHolders(file, holders);
  };
  try {
    return await work({ alsoHeldBy });
  } finally {
    rmSync(file, { force: true });
  }
}

function tellToWait() {
  say("Waiting for another start that is installing or building…");
}

function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    const probe = `${folder}/.writable-${process.pid}`;
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (cause) {
    throw new Problem(`Cannot write in ${folder} (${cause.code}): check its owner, and that the disk is not full.`, {
      cause,
    });
  }
}

function tryTake(file, holders) {
  const guard = `${file}.guard`;
  if (!enterGuard(guard)) return false;
  try {
    if (readHolders(file).some(isRunning)) return false;
    writeHolders(file, holders);
    return true;
  } finally {
    rmdirSync(guard);
  }
}

/** Looking at the old lock and writing the new one must be one step: making a folder succeeds for only one process. */
function enterGuard(guard) {
  try {
    mkdirSync(guard);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const ageMs = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > GUARD_LIMIT_MS) rmSync(guard, { recursive: true, force: true });
    return false;
  }
}

function readHolders(file) {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

function writeHolders(file, holders) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${holders.join("\n")}\n`);
  renameSync(draft, file);
}

/** "pid start-time": after a restart of the machine, another program may have got the same pid. */
export function identify(pid) {
  return `${pid} ${startTime(pid) ?? "unknown"}`;
}

export function isRunning(holder) {
  const [pid, startedAt] = holder.split(" ");
  if (existsSync("/proc/self/stat")) return startTime(pid) === startedAt;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Clock ticks from boot to the start of a process; null when it has ended (or is not Linux). */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses, which may hold anything; the third is the state.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : fields[19];
  } catch {
    return null;
  }
}
