/** How many bytes on disk a sample of a recorded home takes; the recordings lie beside the repository, and are not in it. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { readHeader, readRow, rowMessages } from "../../device-drivers/replay/wide-csv.ts";
import type { Figure } from "./lib/figures.ts";
import { decodeMessage, lineOf } from "./lib/fleet.ts";
import { type HubProcess, ingestCounts } from "./lib/hub.ts";
import { databaseKinds, installedDatabases } from "./lib/peers.ts";
import { BenchError, type Run, start } from "./lib/processes.ts";
import { databaseSize, hubSize } from "./lib/sizes.ts";

const root = path.join(import.meta.dirname, "../..");
const folder = path.join(root, "../shared/data/recordings");
const quickFiles = ["nilm/ukdale_h2_6s", "nilm/esp32_ar_20s"];
const files = [
  ...quickFiles,
  ...["nilm/refit_h2_8s", "nilm/composite_tracebase_1s", "events/gjw_1s_pq", "history/uci_2007h1_1min"],
  ...["nilm1m/ideal_h65_1min", "nilm1m/ukdale_h2_1min", "nilm1m/refit_h2_1min", "solar/emhass_30min"],
];

/** Replays each recording to a hub of its own, and writes the same samples to the peers. */
export async function* recordings(run: Run): AsyncGenerator<Figure> {
  const kinds = installedDatabases(run);
  for (const name of run.isQuick ? quickFiles : files) {
    const file = path.join(folder, `${name}.csv.gz`);
    if (!existsSync(file)) {
      run.say(`${file} is not here, so it is left out.`);
      continue;
    }
    const { lines, samples } = readRecording(file);
    const value = (await hubSize(run, (hub) => fill(run, file, samples, hub))) / samples;
    for (const peer of databaseKinds) {
      const peerValue = kinds.includes(peer) ? (await databaseSize(run, peer, lines)) / samples : null;
      const figure = `bytes_${path.basename(name)}`;
      yield { name: figure, value, unit: "bytes/sample", peer, peerValue, better: "less" };
    }
  }
}

/** What the replay will send, as lines. */
function readRecording(file: string): { lines: string[]; samples: number } {
  const [header = "", ...rows] = gunzipSync(readFileSync(file)).toString("utf8").split("\n").filter(Boolean);
  const layout = readHeader(header);
  if ("bad" in layout) throw new BenchError(`${file} cannot be used: ${layout.bad}.`);
  const lines: string[] = [];
  let samples = 0;
  for (const text of rows) {
    const row = readRow(text, layout);
    if ("bad" in row) continue;
    for (const { topic, payload } of rowMessages(row, row.tsS, layout, "bench")) {
      const { id, fields, timeMs } = decodeMessage(topic, payload);
      samples += fields.length;
      lines.push(lineOf(id, fields, timeMs));
    }
  }
  return { lines, samples };
}

async function fill(run: Run, file: string, samples: number, hub: HubProcess): Promise<void> {
  await replay(run, file, hub);
  const { readings, rejected } = await ingestCounts(hub);
  if (rejected === 0 && readings === samples) return;
  run.say(`${path.basename(file)}: the hub stored ${readings} of ${samples} samples and refused ${rejected}`);
}

async function replay(run: Run, file: string, { mqttPort }: HubProcess): Promise<void> {
  const program = path.join(root, "device-drivers/replay/replay.ts");
  const flags = ["--to", `mqtt://127.0.0.1:${mqttPort}`, "--home", "bench", "--qos", "1", "--speed", "0"];
  const { child, exited } = start(run, "the replay", [process.execPath, program, file, ...flags], { isSilent: true });
  await exited;
  if (child.exitCode !== 0) throw new BenchError(`The replay of ${file} ended with code ${child.exitCode}.`);
}
