/** A hub's data folder with some hours of readings, to be damaged in copies. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCalendar } from "../../src/energy/calendar.ts";
import type { TimedValue } from "../../src/energy/readings.ts";
import type { TestHub } from "../harness.ts";
import { startHubProcess } from "./hub-process.ts";
import { connect } from "./load.ts";
import { daysAgo, differences, expectedRows, historyRows, rawReadings } from "./model.ts";

/** Three chunks of a reading a second. */
export const chunkReadings = 3_600;
const count = 3 * chunkReadings;
/** Messages that are sent at once. */
const batch = 400;
export const channel = "customer-plug/main";
export const power = { channel, quantity: "power_active" as const };
export const startMs = daysAgo(5);
export const endMs = daysAgo(-1);
const topic = "home/home/device/plug/telemetry";
const calendar = createCalendar("Asia/Bangkok");

/** What the meter sent, in order of time. */
export const readings: readonly TimedValue[] = Array.from({ length: count }, (_, at) => ({
  timeMs: startMs + at * 1_000,
  value: 100 + ((at * 37) % 500),
}));

/** Sends one reading of power and voltage; resolves when it is acknowledged. */
export async function send(hub: TestHub, { timeMs, value }: TimedValue): Promise<void> {
  const client = await hub.client();
  await client.publishAsync(topic, JSON.stringify({ w: value, v: 230, ts: timeMs / 1_000 }), { qos: 1 });
}

/** Fills a hub with the readings, of power and of voltage, which share their times, and stops it. */
export async function fillHome(folder: string): Promise<void> {
  const hub = await startHubProcess({ folder, flags: ["--log-level", "warn"] });
  const client = await connect(hub.mqttPort);
  for (let at = 0; at < count; at += batch) {
    const sending = readings.slice(at, at + batch).map(({ timeMs, value }, index) => {
      const message = JSON.stringify({ w: value, v: 230, ts: timeMs / 1_000 });
      return client.publishAsync(topic, message, { qos: index === batch - 1 ? 1 : 0 });
    });
    await Promise.all(sending);
  }
  client.end(true);
  await hub.stop();
}

/** An empty folder that outlives a test. */
export function newHome(): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-damage-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A copy of a stopped hub's folder. */
export function copyOf(folder: string): { folder: string; remove(): void } {
  const copy = newHome();
  cpSync(folder, copy.folder, { recursive: true });
  return copy;
}

export const rawOf = (hub: TestHub) => rawReadings(hub, power, startMs, endMs);

/** What the hub's rollups have wrong, when they should be those of these readings. */
export async function wrongRollups(
  hub: TestHub,
  of: readonly TimedValue[],
  steps: readonly ("minute" | "quarter_hour" | "day")[] = ["minute", "quarter_hour", "day"],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const step of steps) {
    const level = step === "quarter_hour" ? "quarter" : step;
    const expected = expectedRows(new Map([[{ kind: "power" }, [...of]]]), level, calendar);
    const found = await historyRows(hub, channel, step, startMs, endMs);
    for (const text of differences(expected, found).slice(0, 3)) wrong.push(`${step} ${text}`);
  }
  return wrong;
}
