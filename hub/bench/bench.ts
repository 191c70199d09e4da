/** The benchmarks' command line: `npm run bench -- [NAME…] [--json] [--quick]`; see README.md beside it. */
import { parseArgs } from "node:util";
import { installPeers, Problem } from "../scripts/peers.mjs";
import { bytes } from "./bytes.ts";
import { ingest } from "./ingest.ts";
import { latency } from "./latency.ts";
import { type Figure, jsonLine, tableHead, tableLine } from "./lib/figures.ts";
import { BenchError, createRun, endRun, type Run } from "./lib/processes.ts";
import { memory } from "./memory.ts";
import { queries } from "./queries.ts";
import { recordings } from "./recordings.ts";
import { startup } from "./startup.ts";
import { writes } from "./writes.ts";
import { writesDevice } from "./writes-device.ts";

/** A benchmark: gives each figure as soon as it is measured. */
interface Benchmark {
  about: string;
  run(run: Run): AsyncIterable<Figure>;
}

const benchmarks: Record<string, Benchmark> = {
  ingest: { about: "messages a second to stored, CPU time a message, memory", run: ingest },
  latency: { about: "milliseconds to the acknowledgement at 1,000 messages a second", run: latency },
  bytes: { about: "bytes on disk a sample, for a home of 20 metrics at 1 Hz", run: bytes },
  recordings: { about: "bytes on disk a sample, for recorded homes", run: recordings },
  writes: { about: "bytes written a million samples at the pace of real time", run: writes },
  "writes-device": { about: "the same at the block device, one system after the other", run: writesDevice },
  queries: { about: "milliseconds of typical queries over a year", run: queries },
  memory: { about: "memory with 50 meters of 8 quantities at 1 Hz", run: memory },
  startup: { about: "milliseconds from start to the first answer", run: startup },
};

const usage = `Usage: npm run bench -- [NAME…] [--json] [--quick | --long]
  NAME             one or more of the list; all without one
  --json           one object a line: {"name","value","unit","peer","peer_value","ratio"}
  --quick          small sizes, for a first look
  --long           an hour for memory instead of minutes
  --list           lists the benchmarks
  --install-peers  installs mosquitto, influxdb and victoria-metrics (Debian packages; no service is started)
A ratio above 1 means that the hub is better. A peer that is not installed has the value null.`;

async function main(): Promise<void> {
  const flags = readFlags();
  if (flags.help) return console.log(usage);
  if (flags.list) return list();
  if (flags["install-peers"]) await installPeers();
  if (flags["install-peers"] && flags.names.length === 0) return;
  const run = createRun({ isQuick: flags.quick, isLong: flags.long });
  const stopped = stopOnSignal(run);
  try {
    await Promise.race([runAll(run, flags.names, flags.json), stopped]);
  } finally {
    await endRun(run);
  }
}

function readFlags() {
  const flag = { type: "boolean", default: false } as const;
  const options = { json: flag, quick: flag, long: flag, list: flag, help: flag, "install-peers": flag };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const unknown = positionals.filter((name) => !Object.hasOwn(benchmarks, name));
    if (unknown.length === 0) return { ...values, names: positionals };
    throw new BenchError(`There is no benchmark ${unknown.join(", ")}; --list shows all.`);
  } catch (error) {
    throw error instanceof BenchError ? error : new BenchError(`${(error as Error).message}\n${usage}`);
  }
}

function list(): void {
  for (const [name, { about }] of Object.entries(benchmarks)) console.log(`${name.padEnd(14)} ${about}`);
}

async function runAll(run: Run, names: readonly string[], isJson: boolean): Promise<void> {
  if (!isJson) console.log(tableHead);
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    run.say(`${name}: ${benchmark.about}`);
    for await (const figure of benchmark.run(run)) console.log(isJson ? jsonLine(figure) : tableLine(figure));
  }
}

/** Rejects at the first signal, so that everything is ended and removed; a second signal ends at once. */
function stopOnSignal(run: Run): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => reject(new BenchError(`Stopped by ${signal}; ${run.children.size} processes ended.`)));
  }
  promise.catch(() => {}); // raced by main, if it comes to that
  return promise;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof BenchError || error instanceof Problem ? error.message : error);
    process.exit(1);
  },
);
