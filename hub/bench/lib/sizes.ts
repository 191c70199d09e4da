/** What samples take on the disk of a system at rest, beyond what it takes without any. */
import { setTimeout as sleep } from "node:timers/promises";
import { type HubProcess, startHub } from "./hub.ts";
import { type Database, type DatabaseKind, request, startDatabase, writeLines } from "./peers.ts";
import { BenchError, newFolder, type Run, sizeOf, stop } from "./processes.ts";

const settleMs = 3_000;
const settleWithinMs = 120_000;

/** Bytes that a hub's folder has more than an empty hub's, after `fill` and a clean stop. */
export async function hubSize(run: Run, fill: (hub: HubProcess) => Promise<unknown>): Promise<number> {
  const sizeAfter = async (work: (hub: HubProcess) => Promise<unknown>) => {
    const hub = await startHub(run, newFolder(run, "hub"));
    await work(hub);
    await stop(hub);
    return sizeOf(hub.folder);
  };
  return (await sizeAfter(fill)) - (await sizeAfter(() => Promise.resolve()));
}

/** Bytes that the lines add to a new database's folder, moved to their final form, after a clean stop. */
export async function databaseSize(run: Run, kind: DatabaseKind, lines: Iterable<string>): Promise<number> {
  const sizeWith = async (all: Iterable<string>) => {
    const database = await startDatabase(run, kind, { isEager: true });
    await writeLines(database, all);
    await settle(database);
    await stop(database);
    return sizeOf(database.folder);
  };
  return (await sizeWith(lines)) - (await sizeWith([]));
}

/** VictoriaMetrics merges when it is told to; InfluxDB, set to be eager, by itself. */
async function settle({ kind, folder, port, name }: Database): Promise<void> {
  if (kind === "victoria-metrics") {
    await request(`http://127.0.0.1:${port}/internal/force_flush`);
    await request(`http://127.0.0.1:${port}/internal/force_merge`);
  }
  let bytes = -1;
  for (let waitedMs = 0; waitedMs < settleWithinMs; waitedMs += settleMs) {
    await sleep(settleMs);
    const now = sizeOf(folder);
    if (now === bytes) return;
    bytes = now;
  }
  throw new BenchError(`${name} was still rewriting its files after ${settleWithinMs / 1000} seconds.`);
}
