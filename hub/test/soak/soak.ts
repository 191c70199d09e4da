/**
 * The long form of the fault tests: a hub killed hundreds of times under load, and one whose machine's clock is set
 * wrong while it runs and between its runs. Usage: `npm run test:soak -- [--kills 200] [--minutes 60] [--seed 1]`; the
 * minutes end the kills, and the clocks take four more.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../../bench/lib/random.ts";
import { createCalendar } from "../../src/energy/calendar.ts";
import { startHubProcess } from "../faults/hub-process.ts";
import { isInSeal, type Kill, type KillResult, killUnderLoad } from "../faults/kills.ts";
import { daysAgo, type Findings } from "../faults/model.ts";
import { soakClocks } from "./clocks.ts";

const calendar = createCalendar("Asia/Bangkok");
/** Kills after which what the hub has is compared with the model, and new meters begin. */
const killsPerBlock = 10;

const { values: flags } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
// Ends the hub that runs, too.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
const folder = mkdtempSync(path.join(tmpdir(), "faiban-soak-"));
const untilMs = performance.now() + Number(flags.minutes) * 60_000;
const isGood = [await soakKills(Number(flags.kills), Number(flags.seed)), await soakClocks()].every(Boolean);
rmSync(folder, { recursive: true, force: true });
console.log(isGood ? "\nAll is as it must be." : "\nSomething is not as it must be: see above.");
process.exitCode = isGood ? 0 : 1;

/** Kills hubs under load, prints what became of the readings, and tells whether that is all right. */
async function soakKills(kills: number, seed: number): Promise<boolean> {
  console.log(`${kills} kills under load, for ${flags.minutes} minutes at most, seed ${seed}\n`);
  console.log(
    "kills  in seals  cut short  acknowledged  stored  lost  doubled  invented  wrong rollups  slowest start",
  );
  const random = createRandom(seed);
  const results: KillResult[] = [];
  for (let done = 0; done < kills && performance.now() < untilMs; done += killsPerBlock) {
    const result = await killUnderLoad({
      ...{ folder, suffix: `-${done}`, kills: Math.min(killsPerBlock, kills - done), leastMs: 50, randomMs: 1_500 },
      ...{ calendar, random, startMs: daysAgo(40) },
    });
    results.push(result);
    printRow(result.kills, result.findings);
  }
  console.log("\nall, once more:");
  const total: Findings = { acknowledged: 0, stored: 0, lost: 0, doubled: 0, invented: 0, wrongRollups: [] };
  const hub = await startHubProcess({ folder, flags: ["--log-level", "warn"] });
  for (const { model, fromMs, toMs } of results) addTo(total, await model.compare(hub, fromMs, toMs));
  await hub.stop();
  const all = results.flatMap((result) => result.kills);
  printRow(all, total);
  return [total, ...results.map(({ findings }) => findings)].every(isRight);
}

function printRow(kills: readonly Kill[], findings: Findings): void {
  const slowestMs = Math.max(...kills.map(({ restartMs }) => restartMs));
  const cells: [value: number | string, width: number][] = [
    [kills.length, 5],
    [kills.filter(isInSeal).length, 10],
    [kills.filter(({ openFrames }) => openFrames > 0).length, 11],
    [findings.acknowledged, 14],
    [findings.stored, 8],
    [findings.lost, 6],
    [findings.doubled, 9],
    [findings.invented, 10],
    [findings.wrongRollups.length, 15],
    [`${(slowestMs / 1_000).toFixed(2)} s`, 15],
  ];
  console.log(cells.map(([value, width]) => String(value).padStart(width)).join(""));
  for (const text of findings.wrongRollups.slice(0, 5)) console.log(`  ${text}`);
}

function isRight({ lost, doubled, invented, wrongRollups }: Findings): boolean {
  return lost + doubled + invented + wrongRollups.length === 0;
}

function addTo(total: Findings, more: Findings): void {
  for (const key of ["acknowledged", "stored", "lost", "doubled", "invented"] as const) total[key] += more[key];
  total.wrongRollups.push(...more.wrongRollups);
}
