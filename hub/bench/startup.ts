/** From the start of the process to its first answer, with an empty folder and with a day of a home. */
import { type Figure, quantile } from "./lib/figures.ts";
import type { Fleet } from "./lib/fleet.ts";
import { checkTaken, ingestCounts, startHub } from "./lib/hub.ts";
import { burst } from "./lib/load.ts";
import { type DatabaseKind, installedDatabases, isInstalled, startDatabase, startMosquitto } from "./lib/peers.ts";
import { newFolder, type Run, type Running, stop } from "./lib/processes.ts";

const rounds = 7;

/** Medians of alternating starts; the peers start with an empty folder, and the hub once with each. */
export async function* startup(run: Run): AsyncGenerator<Figure> {
  const day = await folderOfADay(run);
  const starts: Record<string, () => Promise<Running>> = {
    empty: () => startAnsweringHub(run, newFolder(run, "hub")),
    day: () => startAnsweringHub(run, day),
  };
  if (isInstalled(run, "mosquitto")) starts.mosquitto = () => startMosquitto(run);
  for (const kind of installedDatabases(run)) starts[kind] = () => startDatabase(run, kind);
  const times = new Map(Object.keys(starts).map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, startOne] of Object.entries(starts)) times.get(name)!.push(await timeOf(startOne));
  }
  const median = (name: string) => {
    const measured = times.get(name);
    return measured ? quantile(measured, 0.5) : null;
  };
  for (const name of ["empty", "day"] as const) {
    for (const peer of ["mosquitto", "victoria-metrics", "influxdb"] satisfies (DatabaseKind | "mosquitto")[]) {
      const value = median(name) ?? Number.NaN;
      yield { name: `startup_${name}`, value, unit: "ms", peer, peerValue: median(peer), better: "less" };
    }
  }
}

async function timeOf(startOne: () => Promise<Running>): Promise<number> {
  const startMs = performance.now();
  const running = await startOne();
  const elapsedMs = performance.now() - startMs;
  await stop(running);
  return elapsedMs;
}

async function startAnsweringHub(run: Run, folder: string): Promise<Running> {
  const hub = await startHub(run, folder);
  await ingestCounts(hub);
  return hub;
}

async function folderOfADay(run: Run): Promise<string> {
  const messages = (run.isQuick ? 6 : 24) * 3600;
  const startMs = Date.UTC(2026, 1, 6);
  const fleet: Fleet = { form: "full", name: "meter", meters: 1, messages, startMs, spacingMs: 1_000, jitterMs: 0 };
  const hub = await startHub(run, newFolder(run, "hub"));
  await burst(run, { port: hub.mqttPort, fleet, qos: 0, inFlight: 100 });
  await checkTaken(hub, messages);
  await stop(hub);
  return hub.folder;
}
