import path from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import type { Health } from "../../src/api/contract.ts";
import { newFolder, openHub, type TestHub, until } from "../harness.ts";
import {
  checkMeter,
  clockMeters,
  createMachine,
  createSteadyUse,
  hourMs,
  secondMs,
  stepMs,
  stepWh,
  yearMs,
} from "./machine.ts";

/** A minute may hold a reading more than its share: what lay between two readings falls into the first one's minute. */
const mostW = 1_200 * 2;

async function isTrusted(hub: TestHub): Promise<boolean> {
  return (await hub.get<Health>("/api/health")).clock.isTrusted;
}

/** Half an hour of steady use, in the midst of which the wall clock is set, and set right again. */
async function afterJump(jumpMs: number) {
  const machine = createMachine(null);
  const hub = await openHub(newFolder(), [], machine.world);
  const use = createSteadyUse(await hub.client(), machine);
  await use.pass(60, 0);
  machine.state.wallErrorMs = jumpMs;
  await use.pass(120, 2);
  machine.state.wallErrorMs = 0;
  await use.pass(120, 2);
  return { hub, sentMs: use.sentMs, around: [...use.sentMs, ...use.sentMs.map((timeMs) => timeMs + jumpMs)] };
}

test("a clock that is set wrong and right again loses no reading, and makes no energy below zero and no spike", async () => {
  const jumps = [hourMs, -hourMs, 10 * yearMs, -10 * yearMs];
  const homes = await Promise.all(jumps.map(afterJump));
  for (const { hub, sentMs, around } of homes) {
    const usedWh = sentMs.length * stepWh;
    for (const meter of clockMeters) {
      const { raw, importWh } = await checkMeter(hub, meter, around, mostW);
      expect(raw.length, meter.channel).toBe(sentMs.length);
      // A register's counts stay where the wrong clock put them, among earlier or later ones: some are then held back as
      // those of a meter that steps back, and some count twice.
      const [leastShare, mostShare] = meter.kind === "power" ? [0.98, 1] : [0.3, 2];
      expect(importWh).toBeGreaterThan(usedWh * leastShare);
      expect(importWh).toBeLessThanOrEqual(usedWh * mostShare);
    }
  }
});

test("held readings are all stored once the time is known: at their true times, and in order where those are lost", async () => {
  const homes = [
    { bootErrorMs: -hourMs, meterErrorMs: 0 },
    { bootErrorMs: hourMs, meterErrorMs: 0 },
    { bootErrorMs: -10 * yearMs, meterErrorMs: 0 },
    { bootErrorMs: -hourMs, meterErrorMs: hourMs }, // a meter whose clock is ahead
  ].map(async ({ bootErrorMs, meterErrorMs }) => {
    const machine = createMachine(false, bootErrorMs);
    const hub = await openHub(newFolder(), [], machine.world);
    const use = createSteadyUse(await hub.client(), machine, meterErrorMs);
    await use.pass(30, 0);
    expect(await isTrusted(hub)).toBe(false);
    machine.state.wallErrorMs = 0;
    machine.state.isSynchronized = true;
    await use.pass(10, 2);
    await until(() => isTrusted(hub), "the true time", 10_000);
    await use.pass(10, 0);
    return { hub, sentMs: use.sentMs, meterErrorMs };
  });
  for (const { hub, sentMs, meterErrorMs } of await Promise.all(homes)) {
    for (const meter of clockMeters) {
      const { raw } = await checkMeter(hub, meter, sentMs, mostW);
      expect(raw.length, meter.channel).toBe(sentMs.length);
      if (meter.channel.includes("clocked") && meterErrorMs !== 0) continue;
      for (const [index, { timeMs }] of raw.entries()) {
        expect(Math.abs(timeMs - sentMs[index]!), meter.channel).toBeLessThan(stepMs + secondMs);
      }
    }
  }
});

test("held readings that come while the earlier ones cannot be taken over are not lost", async () => {
  const machine = createMachine(false, -10 * yearMs);
  const folder = newFolder();
  const hub = await openHub(folder, ["--commit-interval-ms", "1000", "--log-level", "error"], machine.world);
  const use = createSteadyUse(await hub.client(), machine);
  await use.pass(5, 0);
  const db = new Database(path.join(folder, "faiban.db"));
  onTestFinished(() => void db.close());
  // Stands for a disk that refuses this one write.
  db.exec("CREATE TRIGGER refuse BEFORE DELETE ON held BEGIN SELECT RAISE(ABORT, 'refused'); END");
  machine.state.wallErrorMs = 0;
  machine.state.isSynchronized = true;
  for (let look = 0; look < 3; look++) {
    machine.state.elapsedMs += 5 * secondMs;
    await use.pass(0, 1);
  }
  expect(await isTrusted(hub)).toBe(false);
  db.exec("DROP TRIGGER refuse");
  await use.pass(1, 2);
  await until(() => isTrusted(hub), "the true time", 10_000);
  for (const meter of clockMeters) {
    const { raw } = await checkMeter(hub, meter, use.sentMs, mostW);
    expect(raw.length, meter.channel).toBe(use.sentMs.length);
  }
});
