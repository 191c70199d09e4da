import { closeSync, copyFileSync, openSync, statSync, truncateSync, writeSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Health } from "../../src/api/contract.ts";
import { createCalendar } from "../../src/energy/calendar.ts";
import type { TimedValue } from "../../src/energy/readings.ts";
import { newFolder, openHub, type TestHub } from "../harness.ts";
import { daysAgo, differences, expectedRows, historyRows, rawReadings } from "./model.ts";
import { readWal } from "./wal.ts";

const calendar = createCalendar("Asia/Bangkok");
const power = { channel: "customer-plug/main", quantity: "power_active" as const };
const startMs = daysAgo(5);
const endMs = daysAgo(-1);
const walHeaderBytes = 32;

/** A reading, and where its commit ends in the log. */
type Committed = TimedValue & { endBytes: number };

/** What a hub leaves that was killed after so many commits of one reading each. */
async function killedHub(count: number): Promise<{ folder: string; readings: Committed[] }> {
  const folder = newFolder();
  const hub = await openHub(folder);
  const client = await hub.client();
  const readings: Committed[] = [];
  for (let at = 0; at < count; at++) {
    const [timeMs, value] = [startMs + at * 30_000, 100 + at];
    const message = JSON.stringify({ w: value, ts: timeMs / 1_000 });
    await client.publishAsync("home/home/device/plug/telemetry", message, { qos: 1 });
    readings.push({ timeMs, value, endBytes: readWal(folder).transactions.at(-1)!.endBytes });
  }
  const left = newFolder();
  copyDatabase(folder, left); // an idle hub's files are those that a kill leaves
  await hub.close();
  return { folder: left, readings };
}

function copyDatabase(from: string, to: string): void {
  for (const name of ["faiban.db", "faiban.db-wal"]) copyFileSync(path.join(from, name), path.join(to, name));
}

const wal = (folder: string) => path.join(folder, "faiban.db-wal");

/** What the hub writes to its log of errors. */
function watchErrors() {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  return () => written.mock.calls.map(([text]) => String(text)).join("");
}

async function expectReadings(hub: TestHub, readings: readonly TimedValue[]): Promise<void> {
  const expected = readings.map(({ timeMs, value }) => ({ timeMs, value }));
  expect(await rawReadings(hub, power, startMs, endMs)).toEqual(expected);
  const rows = expectedRows(new Map([[{ kind: "power" }, expected]]), "minute", calendar);
  expect(differences(rows, await historyRows(hub, power.channel, "minute", startMs, endMs))).toEqual([]);
}

test("a log that is cut anywhere gives back every commit before the cut, and takes readings again", async () => {
  const killed = await killedHub(40);
  const { size } = statSync(wal(killed.folder));
  const last = killed.readings.at(-1)!.endBytes;
  for (const cutAt of [size, last - 1, last - 5_000, Math.floor(last * 0.8), Math.floor(last * 0.7), walHeaderBytes]) {
    const folder = newFolder();
    copyDatabase(killed.folder, folder);
    truncateSync(wal(folder), cutAt);
    const kept = killed.readings.filter(({ endBytes }) => endBytes <= cutAt);
    const hub = await openHub(folder);
    await expectReadings(hub, kept);
    const client = await hub.client();
    const next = { timeMs: endMs - 86_400_000 - 3_600_000, value: 7 };
    const message = JSON.stringify({ w: next.value, ts: next.timeMs / 1_000 });
    await client.publishAsync("home/home/device/plug/telemetry", message, { qos: 1 });
    await expectReadings(hub, [...kept, next]);
    await hub.close();
  }
});

test("bytes written over in the log cost the commit that they hit and those behind it, none before", async () => {
  const killed = await killedHub(30);
  for (const hit of [29, 20, 5]) {
    const folder = newFolder();
    copyDatabase(killed.folder, folder);
    const file = openSync(wal(folder), "r+");
    writeSync(file, Buffer.alloc(16, 0xa5), 0, 16, killed.readings[hit]!.endBytes - 100);
    closeSync(file);
    const hub = await openHub(folder);
    await expectReadings(hub, killed.readings.slice(0, hit));
    await hub.close();
  }
});

test("a damaged record of the journal costs its own readings, and is told in the log and the hub's health", async () => {
  const killed = await killedHub(20);
  const db = new Database(path.join(killed.folder, "faiban.db"));
  const [id, data] = db.prepare("SELECT id, data FROM journal ORDER BY id LIMIT 1 OFFSET 7").raw().get() as [
    number,
    Buffer,
  ];
  data[3] = data[3]! ^ 1;
  db.prepare("UPDATE journal SET data = ? WHERE id = ?").run(data, id);
  db.close();
  const errors = watchErrors();
  const hub = await openHub(killed.folder);
  expect(errors()).toMatch(
    new RegExp(`error A part of the store is damaged and was left out: record ${id} of the jour`),
  );
  expect((await hub.get<Health>("/api/health")).store.damaged).toBe(1);
  await expectReadings(hub, killed.readings.toSpliced(7, 1));
  await hub.close();
  const again = await openHub(killed.folder);
  expect((await again.get<Health>("/api/health")).store.damaged).toBe(0); // sealed, and the record is gone
  await expectReadings(again, killed.readings.toSpliced(7, 1));
});
