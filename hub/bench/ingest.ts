/** How many messages a second are stored, and what one costs, beside brokers that do not store and stacks that do. */
import type { Figure } from "./lib/figures.ts";
import type { Fleet } from "./lib/fleet.ts";
import { checkTaken, startHub } from "./lib/hub.ts";
import { burst } from "./lib/load.ts";
import { type DatabaseKind, databaseKinds, installedDatabases, isInstalled, startMosquitto } from "./lib/peers.ts";
import { newFolder, type Run, type Running, startProgram, stop, usageOf } from "./lib/processes.ts";
import { allWritten, startStack, stopStack } from "./lib/stack.ts";
import type { NullBrokerSaid } from "./programs/null-broker.ts";
import type { SinkSaid } from "./programs/sink.ts";

/** What one system made of the load. */
interface Result {
  messagesPerS: number;
  cpuUs: number;
  peakMb: number;
}

type Qos = 0 | 1;

/** Twenty meters of the full form, each with a time of its own in every message. */
function fleetOf(meters: number, messages: number): Fleet {
  const startMs = Date.UTC(2026, 1, 6, 0, 0, 0, 123);
  return { form: "full", name: "meter", meters, messages, startMs, spacingMs: 1_000, jitterMs: 0 };
}

/** Gives figures for QoS 0 and QoS 1, with 100 messages of a connection in flight. */
export async function* ingest(run: Run): AsyncGenerator<Figure> {
  const fleet = fleetOf(20, run.isQuick ? 1_000 : 5_000);
  const hasMosquitto = isInstalled(run, "mosquitto");
  const databases = hasMosquitto ? installedDatabases(run) : [];
  for (const qos of [0, 1] as const) {
    const limit = await nullBroker(run, fleet, qos);
    run.say(`QoS ${qos}: the load alone makes ${Math.round(limit)} messages a second`);
    const hub = await hubResult(run, fleet, qos);
    const sink = "mosquitto (stores nothing)";
    yield* figures(qos, hub, sink, hasMosquitto ? await mosquittoResult(run, fleet, qos) : null);
    for (const kind of databaseKinds) {
      const result = databases.includes(kind) ? await stackResult(run, fleet, qos, kind) : null;
      yield* figures(qos, hub, `mosquitto + collector + ${kind}`, result);
    }
    yield { ...figure(qos, "load_limit", limit, "messages/s"), better: "more" };
  }
}

function* figures(qos: Qos, hub: Result, peer: string, peerResult: Result | null): Generator<Figure> {
  const common = { peer, better: "less" } as const;
  const peerOf = (pick: (result: Result) => number) => (peerResult ? pick(peerResult) : null);
  yield {
    ...figure(qos, "", hub.messagesPerS, "messages/s"),
    ...{ peer, peerValue: peerOf(({ messagesPerS }) => messagesPerS), better: "more" },
  };
  yield { ...figure(qos, "cpu_us", hub.cpuUs, "CPU µs/message"), ...common, peerValue: peerOf(({ cpuUs }) => cpuUs) };
  yield { ...figure(qos, "peak_rss", hub.peakMb, "MB"), ...common, peerValue: peerOf(({ peakMb }) => peakMb) };
}

function figure(qos: Qos, part: string, value: number, unit: string): Figure {
  const name = part === "" ? `ingest_qos${qos}` : `ingest_qos${qos}_${part}`;
  return { name, value, unit, peer: null, peerValue: null, better: "less" };
}

async function hubResult(run: Run, fleet: Fleet, qos: Qos): Promise<Result> {
  const hub = await startHub(run, newFolder(run, "hub"));
  const result = await measure(run, { port: hub.mqttPort, fleet, qos }, [hub]);
  await checkTaken(hub, messagesOf(fleet) + messagesOf(warmUpOf(fleet)));
  await stop(hub);
  return result;
}

async function mosquittoResult(run: Run, fleet: Fleet, qos: Qos): Promise<Result> {
  const mosquitto = await startMosquitto(run);
  const sink = startProgram<SinkSaid>(run, "sink.ts", { port: mosquitto.port });
  await sink.next();
  // The sink is the load's other half, so only the broker is counted.
  const result = await measure(run, { port: mosquitto.port, fleet, qos }, [mosquitto], (messages) => {
    sink.tell({ expect: messages });
    return sink.next();
  });
  sink.child.disconnect();
  await sink.exited;
  await stop(mosquitto);
  return result;
}

async function stackResult(run: Run, fleet: Fleet, qos: Qos, kind: DatabaseKind): Promise<Result> {
  const stack = await startStack(run, [kind], { flushMs: 100, batchLines: 5_000 });
  const written = (messages: number) => allWritten(stack, messages);
  const result = await measure(run, { port: stack.mosquitto.port, fleet, qos }, stack.processes, written);
  await stopStack(stack);
  return result;
}

async function nullBroker(run: Run, fleet: Fleet, qos: Qos): Promise<number> {
  const broker = startProgram<NullBrokerSaid>(run, "null-broker.ts", {});
  const { port } = await broker.next();
  const { messagesPerS } = await measure(run, { port, fleet, qos }, [broker]);
  broker.child.disconnect();
  await broker.exited;
  return messagesPerS;
}

/** Loads a broker and counts what the processes used meanwhile; `received` resolves when all of so many have arrived. */
async function measure(
  run: Run,
  load: { port: number; fleet: Fleet; qos: Qos },
  processes: readonly Running[],
  received: (messages: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<Result> {
  const warmUp = warmUpOf(load.fleet);
  const options = { ...load, inFlight: 100 };
  await burst(run, { ...options, fleet: warmUp }, { isReceived: () => received(messagesOf(warmUp)) });
  let beforeUs = 0;
  const { elapsedMs } = await burst(run, options, {
    onStart() {
      beforeUs = usageOf(...processes).cpuUs;
    },
    isReceived: () => received(messagesOf(warmUp) + messagesOf(load.fleet)),
  });
  const after = usageOf(...processes);
  const messages = messagesOf(load.fleet);
  return {
    messagesPerS: (messages * 1000) / elapsedMs,
    cpuUs: (after.cpuUs - beforeUs) / messages,
    peakMb: after.peakRssBytes / 1e6,
  };
}

/** The day before, for a moment: a hub and a broker run for years, and are compiled by then. */
function warmUpOf(fleet: Fleet): Fleet {
  const messages = fleet.messages / 5;
  return { ...fleet, messages, startMs: fleet.startMs - messages * fleet.spacingMs };
}

function messagesOf({ meters, messages }: Fleet): number {
  return meters * messages;
}
