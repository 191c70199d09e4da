/** Killing a hub at random moments under load, and what is left of the readings. */
import { on } from "node:events";
import { watch } from "node:fs";
import path from "node:path";
import type { Calendar } from "../../src/energy/calendar.ts";
import { type HubProcess, startHubProcess } from "./hub-process.ts";
import { connect, createMeter, type LoadMeter, usualHabits } from "./load.ts";
import { createModel, type Findings, type Model } from "./model.ts";
import { readWal } from "./wal.ts";

/** One kill. */
export interface Kill {
  /** What the kill waited for after its random delay: a write for a seal, any write, or nothing. */
  aim: Aim;
  /** Frames of the transaction that was written last, and of one that the kill cut short; 0 for none. */
  lastFrames: number;
  openFrames: number;
  /** Messages acknowledged since the start of this hub. */
  acknowledged: number;
  restartMs: number;
}

type Aim = "moment" | "write" | "seal";

export interface KillOptions {
  folder: string;
  /** Tells the meters of this block from others in the same folder. */
  suffix: string;
  kills: number;
  /** Load before each kill, milliseconds; a random part of `randomMs` is added. */
  leastMs: number;
  randomMs: number;
  calendar: Calendar;
  random: () => number;
  /** When the meters' own time begins, epoch milliseconds. */
  startMs: number;
}

export interface KillResult {
  kills: Kill[];
  model: Model;
  /** The range that holds everything sent, whole days. */
  fromMs: number;
  toMs: number;
  findings: Findings;
}

const aims: readonly Aim[] = ["moment", "seal", "write", "seal"];
/** A commit of readings is some frames; one with so many more seals series. */
const sealFrames = 6;
/** No write for so long: the load is over, or the hub has failed. */
const longestWaitMs = 2_000;

/** Whether the kill fell into a seal, or into the wait for the disk at its end. */
export function isInSeal({ aim, lastFrames, openFrames }: Kill): boolean {
  return openFrames >= sealFrames || (aim !== "moment" && openFrames === 0 && lastFrames >= sealFrames);
}

/** Kills a hub under load so many times, lets it take what is left, and compares it with the model. */
export async function killUnderLoad(options: KillOptions): Promise<KillResult> {
  const { folder, suffix, calendar, random, startMs } = options;
  const model = createModel(calendar);
  const meters = usualHabits(suffix).map((habits) => createMeter(habits, model, startMs, random));
  const kills: Kill[] = [];
  for (let number = 1; number <= options.kills; number++) {
    const hub = await startHubProcess({ folder, flags: ["--log-level", "warn", "--commit-interval-ms", "500"] });
    kills.push(await killOnce(hub, meters, options, aims[number % aims.length]!).finally(hub.kill));
  }
  const hub = await startHubProcess({ folder, flags: ["--log-level", "warn"] });
  try {
    for (const meter of meters) {
      const client = await connect(hub.mqttPort);
      await meter.finish(client);
      client.end(true);
    }
    const fromMs = calendar.spanAt("day", startMs).startMs;
    // Meters without a clock are stamped now.
    const newestMs = Math.max(Date.now(), ...meters.map((meter) => meter.newestMs()));
    const toMs = calendar.spanAt("day", newestMs).endMs;
    return { kills, model, fromMs, toMs, findings: await model.compare(hub, fromMs, toMs) };
  } finally {
    await hub.stop();
  }
}

async function killOnce(hub: HubProcess, meters: LoadMeter[], options: KillOptions, aim: Aim): Promise<Kill> {
  const { folder, leastMs, randomMs, random } = options;
  const before = acknowledgedBy(meters);
  const clients = await Promise.all(meters.map(() => connect(hub.mqttPort)));
  let isGone = false;
  const sending = meters.map((meter, index) => meter.send(clients[index]!, () => isGone));
  await new Promise((resolve) => setTimeout(resolve, leastMs + random() * randomMs));
  if (aim === "seal") askForDays(hub, options.suffix);
  if (aim !== "moment") await nextWrite(folder, aim);
  await hub.kill();
  isGone = true;
  await Promise.all(sending);
  for (const client of clients) client.end(true);
  const wal = readWal(folder);
  return {
    aim,
    lastFrames: wal.transactions.at(-1)?.frames ?? 0,
    openFrames: wal.openFrames,
    acknowledged: acknowledgedBy(meters) - before,
    restartMs: hub.startedInMs,
  };
}

/** The next write to the log, or the next that seals, with its transaction under way or waiting for the disk. */
async function nextWrite(folder: string, aim: Aim): Promise<void> {
  const watcher = watch(path.join(folder, "faiban.db-wal"));
  const changes = on(watcher, "change", { signal: AbortSignal.timeout(longestWaitMs) });
  let { salts, transactions } = readWal(folder);
  let endBytes = transactions.at(-1)?.endBytes;
  try {
    for await (const _ of changes) {
      if (aim === "write") return;
      const wal = readWal(folder, endBytes);
      if (wal.salts !== salts) endBytes = undefined;
      else if (Math.max(wal.openFrames, ...wal.transactions.map(({ frames }) => frames)) >= sealFrames) return;
      else endBytes = wal.transactions.at(-1)?.endBytes ?? endBytes;
      salts = wal.salts;
    }
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  } finally {
    watcher.close();
  }
}

/** Asks for rollups of a meter with late readings, for which the hub seals them first. */
function askForDays(hub: HubProcess, suffix: string): void {
  const address = `/api/history?channel=customer-tank${suffix}&step=day&from=0&to=4000000000000`;
  hub.get(address).catch(() => {}); // it dies before it answers
}

function acknowledgedBy(meters: readonly LoadMeter[]): number {
  return meters.reduce((sum, meter) => sum + meter.acknowledged(), 0);
}
