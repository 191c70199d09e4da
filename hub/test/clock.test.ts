import { describe, expect, test } from "vitest";
import type * as api from "../src/api/contract.ts";
import type { ClockWorld } from "../src/clock/clock.ts";
import { newFolder, openHub, until } from "./harness.ts";

/** A machine whose wall clock the test sets, and that says whether it is synchronized. */
function machine(errorMs: number, isSynchronized: boolean | null) {
  const state = { errorMs, isSynchronized };
  const world: ClockWorld = {
    wallMs: () => Date.now() + state.errorMs,
    monotonicMs: () => performance.now(),
    isSynchronized: () => state.isSynchronized,
  };
  return { state, world };
}

const topic = "home/home/device/plug/telemetry";
const tenYearsMs = 10 * 365 * 86_400_000;
const history = (fromMs: number, toMs: number) =>
  `/api/history?channel=customer-plug&step=raw&from=${Math.round(fromMs)}&to=${Math.round(toMs)}`;

describe("a hub that boots in the past", () => {
  test("shows what meters send at once, and stores it at the true times once it knows them", {
    timeout: 30_000,
  }, async () => {
    const { state, world } = machine(-tenYearsMs, false);
    const hub = await openHub(newFolder(), [], world);
    const client = await hub.client();
    const sentMs: number[] = [];
    for (const w of [100, 200, 300]) {
      sentMs.push(Date.now());
      await client.publishAsync(topic, JSON.stringify({ w }), { qos: 1 });
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect((await hub.get<api.Health>("/api/health")).clock).toEqual({ isTrusted: false });
    expect((await hub.get<api.Meter[]>("/api/meters"))[0]?.channels[0]?.powerW).toBe(300);
    const everything = history(0, Date.UTC(2099, 0, 1));
    expect((await hub.get<api.History>(everything)).timeMs).toEqual([]);

    Object.assign(state, { errorMs: 0, isSynchronized: true });
    await until(async () => (await hub.get<api.Health>("/api/health")).clock.isTrusted, "the true time", 15_000);
    const stored = await hub.get<api.History>(everything);
    expect(stored.mean).toEqual([100, 200, 300]);
    stored.timeMs.forEach((timeMs, index) => {
      expect(Math.abs(timeMs - sentMs[index]!)).toBeLessThan(150);
    });
    await client.publishAsync(topic, JSON.stringify({ w: 400 }), { qos: 1 });
    const latest = await hub.get<api.History>(history(Date.now() - 60_000, Date.now() + 60_000));
    expect(latest.mean).toEqual([100, 200, 300, 400]);
  });
});

describe("a clock that jumps by ten years while the hub runs", () => {
  test.each([tenYearsMs, -tenYearsMs])("(%i ms) leaves the series in its time and order", async (jumpMs) => {
    const { state, world } = machine(0, null);
    const hub = await openHub(newFolder(), [], world);
    const client = await hub.client();
    const startedMs = Date.now();
    for (const w of [1, 2, 3, 4, 5, 6]) {
      if (w === 3) state.errorMs = jumpMs;
      if (w === 5) state.errorMs = 0;
      await client.publishAsync(topic, JSON.stringify({ w }), { qos: 1 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const stored = await hub.get<api.History>(history(startedMs - 5_000, Date.now() + 5_000));
    expect(stored.mean).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
