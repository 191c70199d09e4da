/** The usual home-made stack: mosquitto, a collector, and a time-series database. */
import type { CollectorOptions, CollectorSaid } from "../programs/collector.ts";
import { type Database, type DatabaseKind, type Peer, startDatabase, startMosquitto } from "./peers.ts";
import { type Program, type Run, type Running, startProgram, stop } from "./processes.ts";

/** A started stack; `processes` are all of it. */
export interface Stack {
  mosquitto: Peer;
  collector: Program<CollectorSaid>;
  databases: Database[];
  processes: Running[];
}

/** Starts a stack whose collector writes batches to every database. */
export async function startStack(
  run: Run,
  kinds: readonly DatabaseKind[],
  { flushMs, batchLines = 1_000 }: Pick<CollectorOptions, "flushMs"> & { batchLines?: number }, // Telegraf's batch
): Promise<Stack> {
  const mosquitto = await startMosquitto(run);
  const databases: Database[] = [];
  for (const kind of kinds) databases.push(await startDatabase(run, kind));
  const targets = databases.map(({ writeUrl }) => writeUrl);
  const options: CollectorOptions = { port: mosquitto.port, targets, batchLines, flushMs };
  const collector = startProgram<CollectorSaid>(run, "collector.ts", options);
  await collector.next();
  return { mosquitto, collector, databases, processes: [mosquitto, collector, ...databases] };
}

/** Resolves when the collector has written so many messages. */
export async function allWritten({ collector }: Stack, messages: number): Promise<void> {
  collector.tell({ expect: messages });
  await collector.next();
}

/** Stops all of it, the databases last. */
export async function stopStack({ mosquitto, collector, databases }: Stack): Promise<void> {
  collector.child.disconnect();
  await collector.exited;
  for (const running of [mosquitto, ...databases]) await stop(running);
}
