/** How long typical queries take through each system's HTTP API, over a home with a year of history. */
import type * as api from "../src/api/contract.ts";
import { askHub, askInflux, askVictoria } from "./lib/askers.ts";
import { type Figure, quantile } from "./lib/figures.ts";
import { type Fleet, meterLines } from "./lib/fleet.ts";
import { checkTaken, getFrom, type HubProcess, startHub } from "./lib/hub.ts";
import { burst } from "./lib/load.ts";
import { type Database, databaseKinds, installedDatabases, request, startDatabase, writeLines } from "./lib/peers.ts";
import { BenchError, newFolder, type Run, stop } from "./lib/processes.ts";
import { type Asker, createHome, type Home, rangeQuestions } from "./lib/questions.ts";

const warmUps = 5;
const rounds = 25;
/** What systems may differ by, as they count the edges of a range in their own ways. */
const mostDifference = 0.02;

/** Medians of alternating questions, each of another range; all systems must give the same answers. */
export async function* queries(run: Run): AsyncGenerator<Figure> {
  const home = createHome(run.isQuick);
  const hub = await startHub(run, newFolder(run, "hub"));
  await loadHub(run, hub, home);
  const databases: Database[] = [];
  for (const kind of installedDatabases(run)) {
    const database = await startDatabase(run, kind);
    await loadDatabase(database, home);
    databases.push(database);
    run.say(`${kind} is loaded`);
  }
  const askers = [
    askHub(hub, await channelIds(hub)),
    ...databases.map((one) => (one.kind === "influxdb" ? askInflux(one) : askVictoria(one))),
  ];
  for (const [name, questionOf] of Object.entries(rangeQuestions)) {
    yield* figures(name, await medians(run, name, askers, (asker, round) => asker.range(questionOf(home, round))));
  }
  yield* figures("query_top_10_today", await medians(run, "query_top_10_today", askers, (asker) => asker.top(home)));
  for (const one of [hub, ...databases]) await stop(one);
}

function fleetsOf({ year, seconds, today }: Home): Fleet[] {
  return [year, seconds, today];
}

async function loadHub(run: Run, hub: HubProcess, home: Home): Promise<void> {
  let messages = 0;
  for (const fleet of fleetsOf(home)) {
    const { elapsedMs } = await burst(run, { port: hub.mqttPort, fleet, qos: 0, inFlight: 100 });
    messages += fleet.meters * fleet.messages;
    run.say(`the hub took ${fleet.meters} × ${fleet.messages} messages in ${(elapsedMs / 1000).toFixed(1)} s`);
  }
  await checkTaken(hub, messages);
}

async function loadDatabase(database: Database, home: Home): Promise<void> {
  for (const fleet of fleetsOf(home)) {
    for (let meter = 0; meter < fleet.meters; meter += 1) await writeLines(database, meterLines(fleet, meter));
  }
  if (database.kind === "victoria-metrics") await request(`http://127.0.0.1:${database.port}/internal/force_flush`);
}

async function channelIds(hub: HubProcess): Promise<Map<string, string>> {
  const meters = await getFrom<api.Meter[]>(hub, "/api/meters");
  return new Map(meters.map(({ nativeId, channels }) => [nativeId, channels[0]?.id ?? ""]));
}

/** Milliseconds by the name of the system. */
async function medians(
  run: Run,
  question: string,
  askers: readonly Asker[],
  ask: (asker: Asker, round: number) => Promise<number[]>,
): Promise<Map<string, number>> {
  await checkAnswers(run, question, askers, (asker) => ask(asker, 0));
  const times = new Map(askers.map(({ name }) => [name, [] as number[]]));
  for (let round = 1; round <= warmUps + rounds; round += 1) {
    for (const asker of askers) {
      const startMs = performance.now();
      await ask(asker, round);
      if (round > warmUps) times.get(asker.name)!.push(performance.now() - startMs);
    }
  }
  return new Map([...times].map(([name, list]) => [name, quantile(list, 0.5)]));
}

/** Throws BenchError when a system does not answer what the first one does: then their times say nothing. */
async function checkAnswers(
  run: Run,
  question: string,
  askers: readonly Asker[],
  ask: (asker: Asker) => Promise<number[]>,
): Promise<void> {
  let first: { mean: number; name: string } | undefined;
  for (const asker of askers) {
    const values = await ask(asker);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    run.say(`${question}: ${asker.name} gives ${values.length} values of ${mean.toPrecision(5)} on average`);
    first ??= { mean, name: asker.name };
    if (Math.abs(mean - first.mean) <= mostDifference * first.mean) continue;
    throw new BenchError(`${question}: ${asker.name} and ${first.name} differ by more than ${mostDifference * 100} %.`);
  }
}

function* figures(name: string, medianMs: ReadonlyMap<string, number>): Generator<Figure> {
  const value = medianMs.get("hub") ?? Number.NaN;
  for (const peer of databaseKinds) {
    yield { name, value, unit: "ms", peer, peerValue: medianMs.get(peer) ?? null, better: "less" };
  }
}
