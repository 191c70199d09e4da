/** How long a meter waits for the acknowledgement of a QoS 1 message: the hub's says that the reading is on the disk. */
import { type Figure, quantile } from "./lib/figures.ts";
import type { Fleet } from "./lib/fleet.ts";
import { checkTaken, startHub } from "./lib/hub.ts";
import { startPaced } from "./lib/load.ts";
import { isInstalled, startMosquitto } from "./lib/peers.ts";
import { newFolder, type Run, stop } from "./lib/processes.ts";

const spacingMs = 10;
const meters = 10;
const rounds = 3;

/** Alternates between hub and mosquitto, and gives p50 and p99 of all rounds. */
export async function* latency(run: Run): AsyncGenerator<Figure> {
  const seconds = run.isQuick ? 3 : 10;
  const messages = (seconds * 1000) / spacingMs;
  const fleet: Fleet = { form: "full", name: "meter", meters, messages, startMs: 0, spacingMs, jitterMs: 0 };
  const hasMosquitto = isInstalled(run, "mosquitto");
  const hubMs: number[] = [];
  const mosquittoMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    hubMs.push(...(await hubLatencies(run, fleet)));
    if (hasMosquitto) mosquittoMs.push(...(await mosquittoLatencies(run, fleet)));
  }
  const peer = "mosquitto (syncs nothing)";
  for (const [name, share] of [
    ["latency_p50", 0.5],
    ["latency_p99", 0.99],
  ] as const) {
    const peerValue = hasMosquitto ? quantile(mosquittoMs, share) : null;
    yield { name, value: quantile(hubMs, share), unit: "ms", peer, peerValue, better: "less" };
  }
}

async function hubLatencies(run: Run, fleet: Fleet): Promise<number[]> {
  const hub = await startHub(run, newFolder(run, "hub"));
  const latencies = await latenciesOf(run, hub.mqttPort, fleet);
  await checkTaken(hub, fleet.meters * fleet.messages);
  await stop(hub);
  return latencies;
}

async function mosquittoLatencies(run: Run, fleet: Fleet): Promise<number[]> {
  const mosquitto = await startMosquitto(run, { isPrompt: true });
  const latencies = await latenciesOf(run, mosquitto.port, fleet);
  await stop(mosquitto);
  return latencies;
}

async function latenciesOf(run: Run, port: number, fleet: Fleet): Promise<number[]> {
  const { finished } = await startPaced(run, { brokers: [{ port, qos: 1 }], fleet });
  const [latencies = []] = await finished;
  // The first second is that of a cold start.
  return latencies.slice((fleet.meters * 1000) / fleet.spacingMs);
}
