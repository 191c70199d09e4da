/** Bytes that each process makes the kernel write, for 50 meters of 8 quantities at 1 Hz in real time: what wears a card. */
import type { Figure } from "./lib/figures.ts";
import { paceFleet } from "./lib/fleet.ts";
import { checkTaken, type HubProcess, startHub } from "./lib/hub.ts";
import { startPaced } from "./lib/load.ts";
import { databaseKinds, installedDatabases, isInstalled } from "./lib/peers.ts";
import { newFolder, type Run, type Running, stop, stopAndCountWritten, usageOf } from "./lib/processes.ts";
import { allWritten, type Stack, startStack } from "./lib/stack.ts";

/** A way to send, and how often the collectors write that are compared with it. */
interface Pace {
  name: string;
  qos: 0 | 1;
  collectors: { every: string; flushMs: number; batchLines: number }[];
}

/** What runs at a pace. */
interface Side {
  pace: Pace;
  hub: HubProcess;
  stacks: Stack[];
}

const batchLines = 1_000; // Telegraf's metric_batch_size
const paces: readonly Pace[] = [
  // The hub commits what nobody waits for each 10 s, as Telegraf writes by default.
  { name: "writes_qos0", qos: 0, collectors: [{ every: "10 s", flushMs: 10_000, batchLines }] },
  // The hub acknowledges what is on the disk: a collector promises as much only when it writes each message at once.
  {
    name: "writes_qos1",
    qos: 1,
    collectors: [
      { every: "1 s", flushMs: 1_000, batchLines },
      { every: "message", flushMs: 1_000, batchLines: 1 },
    ],
  },
];
const quantities = 8;

/** All systems get the same messages at the same time; the figure has the stop in it, but not the start. */
export async function* writes(run: Run): AsyncGenerator<Figure> {
  const fleet = paceFleet((run.isQuick ? 2 : 10) * 60);
  const messages = fleet.meters * fleet.messages;
  const kinds = isInstalled(run, "mosquitto") ? installedDatabases(run) : [];
  const sides: Side[] = [];
  await stop(await startHub(run, newFolder(run, "first"))); // the first one keeps compiled code, some MB, once for all
  for (const pace of paces) {
    const hub = await startHub(run, newFolder(run, "hub"));
    const stacks: Stack[] = [];
    if (kinds.length > 0) for (const collector of pace.collectors) stacks.push(await startStack(run, kinds, collector));
    sides.push({ pace, hub, stacks });
  }
  const brokers = sides.flatMap(({ pace: { qos }, hub, stacks }) =>
    [hub.mqttPort, ...stacks.map(({ mosquitto }) => mosquitto.port)].map((port) => ({ port, qos })),
  );
  const atStart = new Map(sides.flatMap(systemsOf).map((one) => [one, usageOf(one).writtenBytes]));
  const { finished } = await startPaced(run, { brokers, fleet });
  await finished;
  for (const side of sides) {
    await checkTaken(side.hub, messages);
    for (const stack of side.stacks) await allWritten(stack, messages);
    const written = await stopAll(side, atStart);
    yield* figures(side, written, (messages * quantities) / 1e6);
  }
}

function systemsOf({ hub, stacks }: Side): Running[] {
  return [hub, ...stacks.flatMap(({ databases }) => databases)];
}

/** Stops everything; bytes written since the start, by system. */
async function stopAll(side: Side, atStart: ReadonlyMap<Running, number>): Promise<Map<Running, number>> {
  for (const { collector, mosquitto } of side.stacks) {
    collector.child.disconnect();
    await collector.exited;
    await stop(mosquitto);
  }
  const written = new Map<Running, number>();
  for (const one of systemsOf(side)) written.set(one, (await stopAndCountWritten(one)) - (atStart.get(one) ?? 0));
  return written;
}

function* figures(
  { pace, hub, stacks }: Side,
  written: ReadonlyMap<Running, number>,
  millions: number,
): Generator<Figure> {
  const megabytes = (running: Running) => (written.get(running) ?? 0) / 1e6 / millions;
  for (const [index, { every }] of pace.collectors.entries()) {
    for (const kind of databaseKinds) {
      const database = stacks[index]?.databases.find((one) => one.kind === kind);
      yield {
        ...{ name: pace.name, value: megabytes(hub), unit: "MB/M samples", better: "less" },
        ...{ peer: `${kind} each ${every}`, peerValue: database ? megabytes(database) : null },
      };
    }
  }
}
