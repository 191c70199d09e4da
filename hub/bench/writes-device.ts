/** Bytes that reach the block device, with the file system's own, for one system after the other; only on a quiet machine. */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Figure } from "./lib/figures.ts";
import { type Fleet, paceFleet } from "./lib/fleet.ts";
import { startHub } from "./lib/hub.ts";
import { startPaced } from "./lib/load.ts";
import { type DatabaseKind, databaseKinds, installedDatabases, isInstalled } from "./lib/peers.ts";
import { newFolder, type Run, stop } from "./lib/processes.ts";
import { allWritten, startStack, stopStack } from "./lib/stack.ts";

const quietMs = 5_000;
const quietTries = 12;
/** More than this from others would drown what is measured. */
const mostIdleBytesPerS = 5_000;
const quantities = 8;

/** A started system: takes its load, then stops. */
type Work = () => Promise<void>;

/** Each system alone, with its stop and a sync, but not its start; nothing when others write to the device. */
export async function* writesDevice(run: Run): AsyncGenerator<Figure> {
  const fleet = paceFleet(run.isQuick ? 60 : 300);
  const millions = (fleet.meters * fleet.messages * quantities) / 1e6;
  const hub = await measure(run, () => prepareHub(run, fleet));
  if (hub === null) return;
  const kinds = isInstalled(run, "mosquitto") ? installedDatabases(run) : [];
  for (const kind of databaseKinds) {
    const bytes = kinds.includes(kind) ? await measure(run, () => prepareStack(run, fleet, kind)) : null;
    yield {
      ...{ name: "writes_device", value: hub / 1e6 / millions, unit: "MB/M samples", better: "less" },
      ...{
        peer: `mosquitto + collector + ${kind} each 10 s`,
        peerValue: bytes === null ? null : bytes / 1e6 / millions,
      },
    };
  }
}

/** Bytes written to the device meanwhile; null when others wrote to it before or after, and so probably meanwhile. */
async function measure(run: Run, prepare: () => Promise<Work>): Promise<number | null> {
  const device = deviceOf(run.folder);
  const bytes = (await becomesQuiet(run, device)) ? await written(device, await prepare()) : null;
  if (bytes !== null && (await isQuiet(run, device))) return bytes;
  run.say("what others write would be counted too, so this is left out: stop what else runs, and try again");
  return null;
}

async function becomesQuiet(run: Run, device: string): Promise<boolean> {
  for (let tries = 1; tries <= quietTries; tries += 1) {
    if (await isQuiet(run, device)) return true;
  }
  return false;
}

async function isQuiet(run: Run, device: string): Promise<boolean> {
  const idleBytesPerS = (await written(device, () => sleep(quietMs))) / (quietMs / 1000);
  if (idleBytesPerS <= mostIdleBytesPerS) return true;
  run.say(`others write ${Math.round(idleBytesPerS / 1000)} kB/s to the device of ${run.folder}`);
  return false;
}

async function written(device: string, work: () => Promise<unknown>): Promise<number> {
  const count = () => {
    execFileSync("sync");
    return writtenBytes(device);
  };
  const before = count();
  await work();
  return count() - before;
}

/** The device's numbers, such as 254:0, of the file system that holds the folder. */
function deviceOf(folder: string): string {
  // The kernel's encoding of both numbers in one (new_encode_dev in include/linux/kdev_t.h).
  const { dev } = statSync(folder);
  return `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
}

/** The tenth field of diskstats counts written sectors of 512 bytes (Documentation/admin-guide/iostats.rst). */
function writtenBytes(device: string): number {
  const lines = readFileSync("/proc/diskstats", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const line = lines.find(([major, minor]) => `${major}:${minor}` === device);
  return Number(line?.[9] ?? Number.NaN) * 512;
}

async function prepareHub(run: Run, fleet: Fleet): Promise<Work> {
  await stop(await startHub(run, newFolder(run, "first"))); // the first one keeps compiled code, once for all
  const hub = await startHub(run, newFolder(run, "hub"));
  return async () => {
    await pace(run, hub.mqttPort, fleet);
    await stop(hub);
  };
}

async function prepareStack(run: Run, fleet: Fleet, kind: DatabaseKind): Promise<Work> {
  const stack = await startStack(run, [kind], { flushMs: 10_000 });
  return async () => {
    await pace(run, stack.mosquitto.port, fleet);
    await allWritten(stack, fleet.meters * fleet.messages);
    await stopStack(stack);
  };
}

async function pace(run: Run, port: number, fleet: Fleet): Promise<void> {
  const { finished } = await startPaced(run, { brokers: [{ port, qos: 0 }], fleet });
  await finished;
}
