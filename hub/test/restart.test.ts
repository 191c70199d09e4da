import { once } from "node:events";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { MqttClient } from "mqtt";
import { describe, expect, test } from "vitest";
import type * as api from "../src/api/contract.ts";
import { newFolder, openHub, spawnHub } from "./harness.ts";

const startS = Date.UTC(2026, 0, 5) / 1000;
const forever = "from=0&to=4000000000000";

/** Publishes a reading a second until the hub is gone; the values that the hub acknowledged. */
async function publishUntilGone(
  client: MqttClient,
  from: number,
  onAcknowledged: (count: number) => void,
): Promise<{ acknowledged: number[]; sent: number }> {
  const acknowledged: number[] = [];
  let sent = 0;
  while (client.connected && sent < 20_000) {
    const value = from + sent++;
    const payload = JSON.stringify({ w: value, ts: startS + value });
    client.publish("home/home/sensor/power/device/heater", payload, { qos: 1 }, (error) => {
      if (!error) onAcknowledged(acknowledged.push(value));
    });
    if (sent % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return { acknowledged, sent };
}

describe("a hub killed at any moment", () => {
  test("has every reading that it acknowledged, once, and energy that agrees with them", async () => {
    const folder = newFolder();
    const acknowledged = new Set<number>();
    let next = 0;
    for (const killAfter of [1, 150, 900]) {
      const hub = await spawnHub(folder);
      const client = await hub.client();
      const exited = once(hub.child, "exit");
      const { acknowledged: list, sent } = await publishUntilGone(client, next, (count) => {
        if (count === killAfter) hub.child.kill("SIGKILL");
      });
      await exited;
      expect(list.length).toBeGreaterThanOrEqual(killAfter);
      for (const value of list) acknowledged.add(value);
      // What was not acknowledged is sent again, as a real client does.
      next = Math.min(
        next + sent,
        ...Array.from({ length: sent }, (_, i) => next + i).filter((v) => !acknowledged.has(v)),
      );
    }
    const hub = await openHub(folder);
    const query = `/api/history?channel=customer-heater/main&${forever}`;
    const minutes = await hub.get<api.History>(
      `${query.replace(forever, `from=${startS * 1000}&to=${(startS + 86_400) * 1000}`)}&step=minute`,
    );
    const raw = await hub.get<api.History>(`${query}&step=raw`);
    const stored = new Set(raw.mean);
    expect([...acknowledged].filter((value) => !stored.has(value))).toEqual([]);
    expect(stored.size).toBe(raw.timeMs.length);
    expect(minutes.count?.reduce((sum, count) => sum + count, 0)).toBe(raw.timeMs.length);
    const held = raw.timeMs.slice(1).reduce((sum, timeMs, i) => {
      const elapsedMs = timeMs - (raw.timeMs[i] as number);
      return sum + (elapsedMs <= 600_000 ? ((raw.mean?.[i] as number) * elapsedMs) / 3_600_000 : 0);
    }, 0);
    expect(minutes.importWh?.reduce((sum, wh) => sum + wh, 0)).toBeCloseTo(held, 1); // minutes are kept to 0.1 mWh
  });

  test("starts though the broker's own memory is damaged", async () => {
    const folder = newFolder();
    const hub = await openHub(folder);
    const client = await hub.client();
    await client.publishAsync("home/home/device/plug/status", "online", { qos: 1, retain: true });
    await hub.close();
    const level = path.join(folder, "mqtt");
    for (const name of readdirSync(level)) {
      if (name.startsWith("MANIFEST")) writeFileSync(path.join(level, name), "not a manifest");
      if (name.endsWith(".log")) rmSync(path.join(level, name));
    }
    const again = await openHub(folder);
    expect(await again.get("/api/meters")).toMatchObject([{ nativeId: "plug" }]);
    expect(readdirSync(folder).some((name) => name.startsWith("mqtt.damaged-"))).toBe(true);
  });
});
