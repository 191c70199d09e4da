import { describe, expect, test } from "vitest";
import type * as api from "../src/api/contract.ts";
import { newFolder, openHub, until } from "./harness.ts";

const startMs = Date.UTC(2026, 1, 6, 0);
const topic = "home/home/device/plug/telemetry";

/** A hub with some hours of power each second, told by its meter's own clock. */
async function hubWithSeconds(hours: number) {
  const hub = await openHub(newFolder());
  const client = await hub.client();
  const count = hours * 3_600;
  for (let at = 0; at < count; at++) {
    const w = at === 5_000 ? 9_000 : 100 + (at % 50);
    const message = JSON.stringify({ w, ts: startMs / 1000 + at });
    if (at === count - 1) await client.publishAsync(topic, message, { qos: 1 });
    else client.publish(topic, message);
  }
  return { hub, client, count };
}

const range = (fromMs: number, toMs: number) => `channel=customer-plug&from=${fromMs}&to=${toMs}`;

describe("history with as many points as a chart has pixels", () => {
  test("has each span's mean and bounds, and no peak is lost", async () => {
    const { hub, count } = await hubWithSeconds(3);
    const toMs = startMs + count * 1_000;
    const history = await hub.get<api.History>(`/api/history?${range(startMs, toMs)}&points=400`);
    expect(history.step).toBe("raw");
    expect(history.timeMs).toHaveLength(400);
    expect(history.count?.reduce((sum, one) => sum + one, 0)).toBe(count);
    expect(Math.max(...(history.max as number[]))).toBe(9_000);
    expect(history.min?.every((least) => least !== null && least >= 100 && least <= 150)).toBe(true);
    const coarse = await hub.get<api.History>(`/api/history?${range(startMs, toMs)}&points=100`);
    expect(coarse.step).toBe("minute");
    expect(Math.max(...(coarse.max as number[]))).toBe(9_000);
    const few = await hub.get<api.History>(`/api/history?${range(startMs, startMs + 50_000)}&points=100`);
    expect(few.timeMs).toHaveLength(50); // the readings themselves
    expect(few.timeMs[7]).toBe(startMs + 7_000);
    const minutes = await hub.get<api.History>(`/api/history?${range(startMs, toMs)}&step=minute&points=60`);
    expect(minutes.timeMs).toHaveLength(60);
    expect(minutes.importWh?.reduce((sum, one) => sum + one, 0)).toBeCloseTo(
      (await hub.get<api.History>(`/api/history?${range(startMs, toMs)}&step=day`)).importWh?.[0] ?? 0,
      1,
    );
  });
});

describe("the export of readings", () => {
  test("streams every reading, those not sealed too, in order of time", async () => {
    const { hub, client, count } = await hubWithSeconds(3);
    await client.publishAsync(topic, JSON.stringify({ w: 1, ts: startMs / 1000 + count + 60 }), { qos: 1 });
    const response = await fetch(`${hub.url}/api/export/readings.csv?${range(startMs, startMs + 1e8)}`);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const lines = (await response.text()).trimEnd().split("\r\n");
    expect(lines[0]).toBe("time,power_active (W)");
    expect(lines[1]).toBe("2026-02-06T00:00:00.000Z,100");
    expect(lines).toHaveLength(1 + count + 1);
    expect(lines.slice(1)).toEqual(lines.slice(1).toSorted());
    expect(lines.at(-1)).toBe("2026-02-06T03:01:00.000Z,1");
  });

  test("says what is missing", async () => {
    const { hub } = await hubWithSeconds(0.01);
    const answer = async (query: string) => {
      const response = await fetch(`${hub.url}/api/export/readings.csv?${query}`);
      return { status: response.status, body: await response.json() };
    };
    expect(await answer("channel=nobody&from=0&to=1")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    expect(await answer(`${range(0, 1)}&quantity=soc`)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    expect(await answer(`${range(0, 1)}&quantity=love`)).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" } });
  });
});

describe("what the hub keeps", () => {
  test("is told with a forecast, and its rules can be set", async () => {
    const { hub } = await hubWithSeconds(2);
    const storage = await until(async () => {
      const found = await hub.get<api.Storage>("/api/storage");
      return found.quantities.some(({ bytes }) => bytes > 0) && found;
    }, "a sealed chunk");
    expect(storage.retention).toEqual({ default: { rawDays: 90, minuteDays: 730 }, quantities: {} });
    expect(storage.disk.freeBytes).toBeGreaterThan(0);
    expect(storage.forecast.bytesInTenYears).toBeGreaterThan(storage.forecast.bytesPerDay);
    expect(storage.forecast).toMatchObject({ fits: true, daysUntilFull: null });

    const put = async (retention: unknown) =>
      fetch(`${hub.url}/api/storage/retention`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(retention),
      });
    const rules = {
      default: { rawDays: 30, minuteDays: null },
      quantities: { voltage: { rawDays: 7, minuteDays: 90 } },
    };
    expect(await (await put(rules)).json()).toMatchObject({ retention: rules });
    expect((await put({ default: { rawDays: 0, minuteDays: 1 }, quantities: {} })).status).toBe(400);
    expect((await put({ default: rules.default, quantities: { love: rules.default } })).status).toBe(400);
    expect((await hub.get<api.Storage>("/api/storage")).retention).toEqual(rules);
  });

  test("can have its rollups made anew", async () => {
    const { hub, count } = await hubWithSeconds(1);
    const day = () => hub.get<api.History>(`/api/history?${range(startMs, startMs + 1e8)}&step=day`);
    const before = await day();
    const response = await fetch(`${hub.url}/api/storage/rebuild/customer-plug`, { method: "POST" });
    expect(response.status).toBe(204);
    expect(await day()).toEqual(before);
    expect(before.count).toEqual([count]);
    expect((await fetch(`${hub.url}/api/storage/rebuild/nobody`, { method: "POST" })).status).toBe(404);
  });
});
