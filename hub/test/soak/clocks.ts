/**
 * A hub whose machine's clock is set wrong, while it runs and between its runs: libfaketime shows it another wall clock
 * and leaves monotonic time alone (faketime(1), Debian package "faketime").
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Health, History } from "../../src/api/contract.ts";
import { type HubProcess, startHubProcess } from "../faults/hub-process.ts";
import { connect } from "../faults/load.ts";

const hourS = 3_600;
const yearS = 365 * 24 * hourS;
/** What the wall clock is off by, seconds; for how long, seconds; and whether the hub is killed and started anew first. */
const course: readonly { offS: number; lastsS: number; isRestarted: boolean }[] = [
  { offS: 0, lastsS: 5, isRestarted: false },
  { offS: -10 * yearS, lastsS: 10, isRestarted: false },
  { offS: -10 * yearS, lastsS: 5, isRestarted: true },
  { offS: -10 * yearS, lastsS: 5, isRestarted: true },
  { offS: 0, lastsS: 20, isRestarted: false },
  { offS: 0, lastsS: 5, isRestarted: true },
  { offS: 10 * yearS, lastsS: 10, isRestarted: false },
  // Last, since readings of an hour ahead make a hub that is started later wait for ten minutes.
  { offS: hourS, lastsS: 20, isRestarted: false },
  { offS: 0, lastsS: 70, isRestarted: false },
  { offS: -hourS, lastsS: 70, isRestarted: false },
  { offS: 0, lastsS: 20, isRestarted: false },
];
const betweenMs = 250;
const powerW = 1_000;
const [fromMs, toMs] = [Date.UTC(2010, 0, 1), Date.UTC(2060, 0, 1)];

/** Runs the course, prints what became of the readings, and tells whether that is all right. */
export async function soakClocks(): Promise<boolean> {
  const library = findFaketime();
  if (!library) {
    console.log("\nClocks: libfaketime could not be installed; what it tests is left out.");
    return true;
  }
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-clocks-"));
  const setting = path.join(folder, "offset");
  const environment = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: setting,
    FAKETIME_CACHE_DURATION: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  const set = (offS: number) => {
    writeFileSync(setting, `${offS < 0 ? "-" : "+"}${Math.abs(offS)}\n`);
    utimesSync(setting, new Date(), new Date());
  };
  const start = () =>
    startHubProcess({ folder: path.join(folder, "data"), environment, flags: ["--log-level", "warn"] });
  set(0);
  let hub = await start();
  const sent: number[] = [];
  const startedMs = performance.now();
  console.log("\nclock off by  trusted  sent  stored");
  for (const { offS, lastsS, isRestarted } of course) {
    set(offS);
    if (isRestarted) {
      await hub.kill();
      hub = await start();
    }
    await sendFor(hub, sent, lastsS * 1_000);
    const { clock } = await hub.get<Health>("/api/health");
    const { raw } = await read(hub);
    const cells = [`${offS} s`.padStart(12), String(clock.isTrusted).padStart(9), sent.length, raw.length];
    console.log(cells.map((cell) => String(cell).padStart(6)).join("  "));
  }
  const usedWh = (powerW * (performance.now() - startedMs)) / 3_600_000;
  const { raw, importWh, leastWh } = await read(hub);
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
  const stored = new Set(raw.map(({ value }) => value));
  const lost = sent.filter((value) => !stored.has(value)).length;
  const isInOrder = raw.every(({ timeMs }, at) => at === 0 || timeMs > raw[at - 1]!.timeMs);
  console.log(
    `${lost} lost, ${raw.length - stored.size} doubled, ${isInOrder ? "in" : "not in"} order, ` +
      `${importWh.toFixed(1)} Wh of ${usedWh.toFixed(1)} Wh used`,
  );
  // What a wrong clock put elsewhere counts there, and once more where the power before it is held until the next reading.
  const isPossible = leastWh >= 0 && importWh <= usedWh * 2;
  return lost === 0 && raw.length === stored.size && isInOrder && isPossible;
}

/** Sends readings of a meter without a clock, each acknowledged, and each with a value of its own. */
async function sendFor(hub: HubProcess, sent: number[], lastsMs: number): Promise<void> {
  const client = await connect(hub.mqttPort);
  for (const startedMs = performance.now(); performance.now() - startedMs < lastsMs; ) {
    const value = powerW + sent.length / 10_000;
    await client.publishAsync("home/home/device/plug/telemetry", JSON.stringify({ w: value }), { qos: 1 });
    sent.push(value);
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
  client.end(true);
}

async function read(hub: HubProcess) {
  const address = `/api/history?channel=customer-plug&from=${fromMs}&to=${toMs}`;
  const raw = await hub.get<History>(`${address}&step=raw`);
  const days = await hub.get<History>(`${address}&step=day`);
  const energies = [...(days.importWh ?? []), ...(days.exportWh ?? [])];
  return {
    raw: raw.timeMs.map((timeMs, index) => ({ timeMs, value: raw.mean![index]! })),
    importWh: (days.importWh ?? []).reduce((sum, wh) => sum + wh, 0),
    leastWh: Math.min(0, ...energies),
  };
}

/** The path of the library, installed when it is missing; null when that is not possible. */
function findFaketime(): string | null {
  const find = () => globSync("/usr/lib/*/faketime/libfaketime.so.1")[0] ?? null;
  const found = find();
  if (found) return found;
  console.log("\nInstalling libfaketime (Debian package, first time only)…");
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];
  const command = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"];
  const [file, ...args] = command as [string];
  try {
    execFileSync(file, [...args, "update"], { stdio: "ignore" });
    execFileSync(file, [...args, "install", "--yes", "--no-install-recommends", "libfaketime"], { stdio: "ignore" });
  } catch {
    return null;
  }
  return find();
}
