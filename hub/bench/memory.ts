/** Memory of the hub, and of all processes of the home-made stack, while 50 meters send 8 quantities at 1 Hz. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Figure, slopeOf } from "./lib/figures.ts";
import { paceFleet } from "./lib/fleet.ts";
import { checkTaken, startHub } from "./lib/hub.ts";
import { startPaced } from "./lib/load.ts";
import { type DatabaseKind, databaseKinds, installedDatabases, isInstalled } from "./lib/peers.ts";
import { newFolder, type Run, type Running, stop, usageOf } from "./lib/processes.ts";
import { type Stack, startStack, stopStack } from "./lib/stack.ts";

/** A system and its memory over time. */
interface Watched {
  name: string;
  processes: Running[];
  /** Hours since the start and megabytes. */
  points: { x: number; y: number }[];
}

const sampleMs = 2_000;

/** All systems get the same messages at the same time. */
export async function* memory(run: Run): AsyncGenerator<Figure> {
  const minutes = run.isLong ? 60 : run.isQuick ? 1 : 5;
  const fleet = paceFleet(minutes * 60);
  await stop(await startHub(run, newFolder(run, "first"))); // compiling takes some 20 MB, the first time only
  const hub = await startHub(run, newFolder(run, "hub"));
  const stacks: { name: string; stack: Stack }[] = [];
  if (isInstalled(run, "mosquitto")) {
    for (const kind of installedDatabases(run)) {
      const stack = await startStack(run, [kind], { flushMs: 10_000 });
      stacks.push({ name: stackName(kind), stack });
    }
  }
  const ports = [hub.mqttPort, ...stacks.map(({ stack }) => stack.mosquitto.port)];
  const { finished } = await startPaced(run, { brokers: ports.map((port) => ({ port, qos: 0 })), fleet });
  const ours: Watched = { name: "hub", processes: [hub], points: [] };
  const theirs = stacks.map(({ name, stack }): Watched => ({ name, processes: stack.processes, points: [] }));
  await watch([ours, ...theirs], finished);
  await checkTaken(hub, fleet.meters * fleet.messages);
  await stop(hub);
  for (const { stack } of stacks) await stopStack(stack);
  yield* figures(ours, theirs);
}

function stackName(kind: DatabaseKind): string {
  return `mosquitto + collector + ${kind}`;
}

async function watch(systems: readonly Watched[], finished: Promise<unknown>): Promise<void> {
  const started = performance.now();
  let isFinished = false;
  const ended = finished.finally(() => {
    isFinished = true;
  });
  while (!isFinished) {
    for (const { processes, points } of systems) {
      points.push({ x: (performance.now() - started) / 3_600_000, y: usageOf(...processes).rssBytes / 1e6 });
    }
    await Promise.race([sleep(sampleMs), ended]);
  }
}

function* figures(ours: Watched, theirs: readonly Watched[]): Generator<Figure> {
  for (const [part, unit, of] of [
    ["start", "MB", ({ points }: Watched) => points[0]?.y ?? 0],
    ["end", "MB", ({ points }: Watched) => points.at(-1)?.y ?? 0],
    ["max", "MB", ({ points }: Watched) => Math.max(...points.map(({ y }) => y))],
    // The first half is that of filling up.
    ["slope", "MB/h", ({ points }: Watched) => slopeOf(points.slice(points.length >> 1))],
  ] as const) {
    for (const peer of databaseKinds.map(stackName)) {
      const watched = theirs.find(({ name }) => name === peer);
      const peerValue = watched ? of(watched) : null;
      yield { name: `memory_${part}`, value: of(ours), unit, peer, peerValue, better: "less" };
    }
  }
}
