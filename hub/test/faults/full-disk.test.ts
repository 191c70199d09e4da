import { connectAsync, type MqttClient } from "mqtt";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { createRandom } from "../../bench/lib/random.ts";
import type { Health } from "../../src/api/contract.ts";
import { createCalendar } from "../../src/energy/calendar.ts";
import type { TimedValue } from "../../src/energy/readings.ts";
import type { Level } from "../../src/energy/rollup.ts";
import { newFolder, until } from "../harness.ts";
import { type HubProcess, type HubProcessOptions, startHubProcess } from "./hub-process.ts";
import { daysAgo, differences, expectedRows, historyRows, rawReadings } from "./model.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";

const calendar = createCalendar("Asia/Bangkok");
const channel = "customer-meter/main";
const power = { channel, quantity: "power_active" as const };
const topic = "home/home/device/meter/telemetry";
const startMs = daysAgo(10);
const endMs = daysAgo(-1);
/** Readings this far apart fill a chunk in ten hours: some days of them are some chunks. */
const stepMs = 10_000;
const random = createRandom(7);
/** The newest chunk of a series is never deleted. */
const newestChunk = 3_600;

/** A disk of 14 MB; the test is skipped, with the reason, where none can be mounted. */
async function openDisk(context: TestContext): Promise<SmallDisk> {
  const disk = await mountSmallDisk(newFolder(), 14);
  if (typeof disk === "string") return context.skip(disk);
  onTestFinished(() => disk.close());
  return disk;
}

async function startOn(disk: SmallDisk, flags: HubProcessOptions["flags"] = []): Promise<HubProcess> {
  const hub = await startHubProcess({ ...disk.hub, flags: ["--commit-interval-ms", "200", ...flags] });
  onTestFinished(() => hub.kill());
  return hub;
}

async function connect(hub: HubProcess): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, { reconnectPeriod: 50 });
  client.on("error", () => {});
  onTestFinished(() => void client.end(true));
  return client;
}

/** A meter of many quantities whose digits cannot be compressed; what it has sent of its power. */
function createMeter() {
  const sent: TimedValue[] = [];
  return {
    sent,
    /** Sends the next reading; resolves when it is acknowledged. */
    send(client: MqttClient): Promise<unknown> {
      const reading = { timeMs: startMs + sent.length * stepMs, value: random() * 5_000 };
      sent.push(reading);
      const phases = (most: number) => ({ l1: random() * most, l2: random() * most, l3: random() * most });
      const others = { v: phases(240), a: phases(10), hz: 49 + random(), var: random() * 99, va: random() * 999 };
      const message = JSON.stringify({ w: reading.value, ...others, ts: reading.timeMs / 1_000 });
      return client.publishAsync(topic, message, { qos: 1 });
    },
    /** Sends many, some in flight at a time; resolves when all are acknowledged. */
    async sendMany(client: MqttClient, count: number, inFlight = 500): Promise<void> {
      for (let left = count; left > 0; left -= inFlight) {
        await Promise.all(Array.from({ length: Math.min(left, inFlight) }, () => this.send(client)));
      }
    },
  };
}

/** What the hub's rollups have wrong, by what was sent. */
async function wrongRollups(hub: HubProcess, sent: TimedValue[]): Promise<string[]> {
  const levels: [step: string, level: Level][] = [
    ["minute", "minute"],
    ["quarter_hour", "quarter"],
    ["day", "day"],
  ];
  const wrong: string[] = [];
  for (const [step, level] of levels) {
    const expected = expectedRows(new Map([[{ kind: "power" }, sent]]), level, calendar);
    wrong.push(...differences(expected, await historyRows(hub, channel, step, startMs, endMs)));
  }
  return wrong;
}

async function diskState(hub: HubProcess): Promise<string> {
  return (await hub.get<Health>("/api/health")).store.disk;
}

test("a full disk costs the oldest raw readings, and neither what is sent meanwhile nor any rollup", {
  timeout: 60_000,
}, async (context) => {
  const disk = await openDisk(context);
  const meter = createMeter();
  const first = await startOn(disk);
  await meter.sendMany(await connect(first), 20_000);
  await first.stop();

  const hub = await startOn(disk);
  const client = await connect(hub);
  disk.fill(0);
  const states = new Set<string>();
  for (let batch = 0; batch < 40; batch++) {
    await meter.sendMany(client, 50, 10);
    states.add(await diskState(hub));
  }
  expect(states).toContain("low");
  expect(hub.log()).toMatch(/error The disk is (nearly )?full: the oldest raw readings were deleted to make room/);
  const { sent } = meter;
  const stored = await rawReadings(hub, power, startMs, endMs);
  expect(stored.length).toBeGreaterThanOrEqual(3_000);
  expect(stored.length).toBeLessThan(sent.length);
  expect(stored).toEqual(sent.slice(-stored.length));
  expect(await wrongRollups(hub, sent)).toEqual([]);

  client.end(true);
  await hub.kill();
  const again = await startOn(disk);
  expect(await wrongRollups(again, sent)).toEqual([]);
  disk.empty();
  await meter.sendMany(await connect(again), 100);
  expect(await diskState(again)).toBe("ok");
  expect(await wrongRollups(again, sent)).toEqual([]);
});

test("a disk that stays full does not cost all raw readings", {
  timeout: 60_000,
}, async (context) => {
  const disk = await openDisk(context);
  const meter = createMeter();
  const first = await startOn(disk);
  await meter.sendMany(await connect(first), 36_000); // four days
  await first.stop();

  const hub = await startOn(disk);
  const client = await connect(hub);
  /** Others take whatever room the hub gives up, so that each few commits find the disk full again. */
  const sendOnFullDisk = async () => {
    for (let batch = 0; batch < 25; batch++) {
      disk.fill(40 * 1024);
      await meter.sendMany(client, 5, 1);
    }
    return (await rawReadings(hub, power, startMs, endMs)).length;
  };
  const left = await sendOnFullDisk();
  expect(hub.log()).toMatch(/The disk is (nearly )?full/);
  expect(left).toBeGreaterThan(newestChunk);
  expect(await sendOnFullDisk()).toBeGreaterThan(newestChunk);
  expect(await wrongRollups(hub, meter.sent)).toEqual([]);
});

test("with nothing left to delete no reading is acknowledged; sent again with more room, each counts once", {
  timeout: 60_000,
}, async (context) => {
  const disk = await openDisk(context);
  const meter = createMeter();
  const hub = await startOn(disk);
  const client = await connect(hub);
  await meter.sendMany(client, 200);
  const keepFull = setInterval(() => disk.fill(0), 5); // also what the hub kept in reserve
  onTestFinished(() => clearInterval(keepFull));
  const acknowledged = [...meter.sent];
  const pending: Promise<void>[] = [];
  await until(
    async () => {
      const sending = meter.send(client);
      const reading = meter.sent.at(-1)!;
      pending.push(sending.then(() => void acknowledged.push(reading)));
      pending.at(-1)!.catch(() => {}); // a test that fails ends the client
      await new Promise((resolve) => setTimeout(resolve, 50));
      const isRefused = hub.log().includes("Readings could not be stored");
      return isRefused && acknowledged.length < meter.sent.length && (await diskState(hub)) === "full";
    },
    "a reading that is not acknowledged",
    20_000,
  );
  expect(hub.log()).toMatch(/error Readings could not be stored: .*full.*Check that the disk is not full/);
  await new Promise((resolve) => setTimeout(resolve, 300)); // some redeliveries

  clearInterval(keepFull);
  disk.empty();
  await Promise.all(pending);
  await until(async () => (await diskState(hub)) === "ok", "the disk's state");
  expect(acknowledged).toHaveLength(meter.sent.length);
  expect(await rawReadings(hub, power, startMs, endMs)).toEqual(meter.sent);
  expect(await wrongRollups(hub, meter.sent)).toEqual([]);
});

test("a hub that is killed on a full disk has kept what it acknowledged", {
  timeout: 60_000,
}, async (context) => {
  const disk = await openDisk(context);
  const meter = createMeter();
  const hub = await startOn(disk);
  const client = await connect(hub);
  const keepFull = setInterval(() => disk.fill(0), 5);
  onTestFinished(() => clearInterval(keepFull));
  const acknowledged: TimedValue[] = [];
  await until(
    async () => {
      const sending = meter.send(client);
      const reading = meter.sent.at(-1)!;
      sending.then(() => acknowledged.push(reading)).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
      return hub.log().includes("Readings could not be stored");
    },
    "a reading that is refused",
    20_000,
  );
  await hub.kill();
  client.end(true);
  clearInterval(keepFull);
  disk.empty();
  const again = await startOn(disk);
  const stored = await rawReadings(again, power, startMs, endMs);
  expect(stored).toEqual(expect.arrayContaining(acknowledged));
  expect(await wrongRollups(again, stored)).toEqual([]);
});

test("a hub starts on a disk that filled up while it was away, from its reserve", {
  timeout: 60_000,
}, async (context) => {
  const disk = await openDisk(context);
  const meter = createMeter();
  const first = await startOn(disk);
  await meter.sendMany(await connect(first), 500);
  await first.kill();
  disk.fill(0);
  const hub = await startOn(disk);
  await meter.sendMany(await connect(hub), 10);
  expect(await rawReadings(hub, power, startMs, endMs)).toEqual(meter.sent);
  expect(await wrongRollups(hub, meter.sent)).toEqual([]);
});
