import { createServer } from "node:net";
import { connectAsync } from "mqtt";
import { describe, expect, test } from "vitest";
import type * as api from "../src/api/contract.ts";
import { newFolder, openHub, openLive, until } from "./harness.ts";

const main = "home/home/sensor/power/total";
const isPowerUpdate = (event: api.LiveEvent): event is api.PowerUpdateEvent => event.event_type === "power_update";

describe("a running hub", () => {
  test("shows a meter that it has not seen at once, in the API and to the app", async () => {
    const hub = await openHub(newFolder());
    const live = await openLive(hub);
    const plug = await hub.client();
    const payload = { w: 1250, v: 220.5, a: 5.67, pf: 0.95, ts: Math.floor(Date.now() / 1000) };
    await plug.publishAsync(main, JSON.stringify(payload), { qos: 1 });

    const update = await live.find(isPowerUpdate);
    expect(update).toMatchObject({
      ...{ home_id: "home", device_id: "main", circuit_id: "circuit_main", channel_id: "customer-main/main" },
      timestamp: new Date(payload.ts * 1000).toISOString(),
      data: {
        current_power_w: 1250,
        voltage_v: 220.5,
        current_a: 5.67,
        power_factor: 0.95,
        today_kwh: 0,
        cost_today_thb: 0,
      },
      metadata: { source: "mqtt" },
    });
    expect(live.events.map((event) => event.event_type).slice(0, 2)).toEqual(["snapshot", "power_update"]);
    const [meter] = await hub.get<api.Meter[]>("/api/meters");
    expect(meter).toMatchObject({
      id: "customer-main",
      availability: "online",
      channels: [{ role: "mains", powerW: 1250 }],
    });
    const home = await hub.get<api.Home>("/api/home");
    expect(home.now).toMatchObject({ gridW: 1250, solarW: null, usedW: 1250 });
  });

  test("counts energy over MQTT, gives it by step, and has it still after a restart", async () => {
    const folder = newFolder();
    let hub = await openHub(folder);
    const plug = await hub.client();
    const dayStart = Date.UTC(2026, 0, 4, 17); // Bangkok's 5 January
    for (let minute = 0; minute <= 120; minute++) {
      const payload = { w: 600, ts: dayStart / 1000 + minute * 60 };
      plug.publish("home/home/sensor/power/device/heater", JSON.stringify(payload), { qos: 1 });
    }
    await plug.endAsync();
    const history = (step: string, aggregate = "energy,count") =>
      hub.get<api.History>(
        `/api/history?channel=customer-heater/main&from=${dayStart}&to=${dayStart + 86_400_000}&step=${step}&aggregate=${aggregate}`,
      );
    const expectEnergy = async () => {
      const [hours, days] = [await history("hour"), await history("day")];
      expect(hours.importWh?.map((wh) => Math.round(wh * 1000) / 1000)).toEqual(
        [600, 600, 0].slice(0, hours.timeMs.length),
      );
      expect(days).toMatchObject({ timeMs: [dayStart], count: [121] });
      expect(days.importWh?.[0]).toBeCloseTo(1200, 6);
      expect(days).not.toHaveProperty("mean");
    };
    await expectEnergy();
    await hub.close();
    hub = await openHub(folder);
    await expectEnergy();
    const [meter] = await hub.get<api.Meter[]>("/api/meters");
    expect(meter).toMatchObject({ id: "customer-heater", availability: "unknown" });
  });

  test("acknowledges a redelivery only once what it repeats is on the disk", async () => {
    const folder = newFolder();
    const hub = await openHub(folder, ["--commit-interval-ms", "600000"]);
    const client = await hub.client();
    const payload = JSON.stringify({ w: 5, ts: Math.floor(Date.now() / 1000) });
    await client.publishAsync(main, payload); // QoS 0: in memory only
    await client.publishAsync(main, payload, { qos: 1 });
    expect(await hub.get<api.Health>("/api/health")).toMatchObject({ store: { pendingReadings: 0 } });
  });

  test("hears a last will, and tells the app that the meter is offline", async () => {
    const hub = await openHub(newFolder());
    const live = await openLive(hub);
    const topic = "home/home/device/plug_1/status";
    const plug = await hub.client({ will: { topic, payload: "offline" } });
    await plug.publishAsync(topic, "online", { qos: 1, retain: true });
    plug.stream.destroy();
    const isOffline = (event: api.LiveEvent): event is api.MeterUpdateEvent =>
      event.event_type === "meter_update" && event.data.availability === "offline";
    expect((await live.find(isOffline)).data.nativeId).toBe("plug_1");
  });

  test("speaks MQTT over WebSocket at /mqtt", async () => {
    const hub = await openHub(newFolder());
    const client = await connectAsync(`ws://127.0.0.1:${hub.httpPort}/mqtt`, { reconnectPeriod: 0 });
    await client.subscribeAsync("home/#");
    const heard = new Promise((resolve) => client.once("message", (topic, payload) => resolve(`${topic} ${payload}`)));
    await client.publishAsync(main, "812.5", { qos: 1 });
    expect(await heard).toBe(`${main} 812.5`);
    expect(await hub.get<api.Home>("/api/home")).toMatchObject({ now: { gridW: 812.5 } });
    await client.endAsync();
  });

  test("keeps serving through what is broken, and shows it", async () => {
    const hub = await openHub(newFolder());
    const client = await hub.client();
    const broken = ["nan", "12,5", "", "{", "[".repeat(50_000), '{"w":1e999}', "18446744073709551615"];
    for (const payload of broken) await client.publishAsync(main, payload, { qos: 1 });
    await client.publishAsync(main, Buffer.from([0xff, 0xfe, 0x00]), { qos: 1 });
    await client.publishAsync("frigate/cam1/fps", "5", { qos: 1 });
    await client.publishAsync(main, "7", { qos: 1 });
    const health = await hub.get<api.Health>("/api/health");
    expect(health.ingest).toMatchObject({ messages: 10, unknown: 1, rejected: 8, readings: 1 });
    const rejections = await hub.get<api.Rejection[]>("/api/rejections");
    expect(rejections).toHaveLength(8);
    expect(rejections.every(({ reason }) => reason.length > 10)).toBe(true);
    expect(rejections[0]?.payload).toBe("base64://4A");
    expect(await hub.get("/api/unknown-topics")).toMatchObject([{ pattern: "frigate/+/fps", count: 1 }]);
    expect(await hub.get("/api/home")).toMatchObject({ now: { gridW: 7 } });
  });

  test("renames meters, changes what channels measure, and removes meters", async () => {
    const folder = newFolder();
    const hub = await openHub(folder);
    const client = await hub.client();
    await client.publishAsync("home/home/sensor/power/device/roof", "1500", { qos: 1 });
    const send = (method: string, address: string, body?: unknown) =>
      fetch(hub.url + address, {
        method,
        ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
    const channel = `/api/channels/${encodeURIComponent("customer-roof/main")}`;
    expect((await send("PATCH", "/api/meters/customer-roof", { name: "หลังคา" })).status).toBe(200);
    expect((await send("PATCH", channel, { role: "solar" })).status).toBe(200);
    expect(await hub.get("/api/home")).toMatchObject({ now: { solarW: 1500 } });
    expect(await (await send("PATCH", "/api/meters/customer-roof", { name: " " })).json()).toMatchObject({
      code: "BAD_REQUEST",
    });
    expect((await send("PATCH", channel, { role: "garden" })).status).toBe(400);
    expect((await send("PATCH", "/api/meters/nobody", { name: "x" })).status).toBe(404);
    await hub.close();
    const again = await openHub(folder);
    expect(await again.get("/api/meters/customer-roof")).toMatchObject({
      name: "หลังคา",
      channels: [{ role: "solar" }],
    });
    expect(
      (
        await fetch(`${again.url}/api/meters/customer-roof`, {
          method: "DELETE",
          headers: { "content-type": "application/json" },
        })
      ).status,
    ).toBe(204);
    expect(await again.get("/api/meters")).toEqual([]);
  });

  test("answers bad requests with what to do", async () => {
    const hub = await openHub(newFolder());
    const answer = async (address: string) => {
      const response = await fetch(hub.url + address);
      return { status: response.status, ...((await response.json()) as api.ApiError) };
    };
    expect(await answer("/api/nothing")).toMatchObject({
      status: 404,
      code: "NOT_FOUND",
      hint: expect.stringContaining("/api/docs"),
    });
    expect(await answer("/api/history?channel=x&from=1&to=2")).toMatchObject({ status: 404, code: "NOT_FOUND" });
    expect(await answer("/api/history?channel=x&from=a&to=2")).toMatchObject({ status: 400, code: "BAD_REQUEST" });
    const client = await hub.client();
    await client.publishAsync(main, "1", { qos: 1 });
    const year = `channel=customer-main/main&from=${Date.UTC(2025, 0, 1)}&to=${Date.UTC(2026, 0, 1)}`;
    expect(await answer(`/api/history?${year}&step=minute`)).toMatchObject({ status: 400, code: "TOO_MANY_POINTS" });
    expect(await answer(`/api/history?${year}&quantity=colour`)).toMatchObject({
      status: 400,
      hint: expect.stringContaining("voltage"),
    });
    expect(await answer(`/api/history?${year}&aggregate=median`)).toMatchObject({ status: 400 });
    for (const address of ["/api/live", "/mqtt"]) {
      expect(await answer(address)).toMatchObject({ status: 426, hint: expect.stringContaining("WebSocket") });
    }
    expect(await answer("/api/meters/%E0%A4%A")).toMatchObject({
      status: 400,
      hint: expect.stringContaining("/api/docs"),
    });
    expect(await answer("/api/history?channel=customer-main/main&from=-9e15&to=8.64e15")).toMatchObject({
      status: 400,
    });
    expect(await answer(`/api/history?${year}&phase=L9`)).toMatchObject({ status: 400 });
    expect(await answer(`/api/history?channel=customer-main/main&from=5&to=1`)).toMatchObject({ status: 400 });
  });

  test("describes its whole API", async () => {
    const hub = await openHub(newFolder());
    const document = await hub.get<{ openapi: string; paths: Record<string, unknown> }>("/api/openapi.json");
    expect(document.openapi).toMatch(/^3\./);
    for (const path of ["/api/home", "/api/meters/{meterId}", "/api/history", "/api/session", "/api/devices"]) {
      expect(document.paths).toHaveProperty([path]);
    }
    const docs = await fetch(`${hub.url}/api/docs`);
    expect(docs.status).toBe(200);
    expect(await docs.text()).toContain("swagger");
  });

  test("sums phases and shows them, from a three-phase meter", async () => {
    const hub = await openHub(newFolder());
    const client = await hub.client();
    const energy = { Total: [1, 2, 3], Power: [100, 200, 300], Voltage: [230, 231, 232], Current: [1, 1, 1] };
    await client.publishAsync("tele/mains/SENSOR", JSON.stringify({ ENERGY: energy }), { qos: 1 });
    const [meter] = await hub.get<api.Meter[]>("/api/meters");
    const [channel] = meter?.channels ?? [];
    expect(channel).toMatchObject({ role: "mains", powerW: 600 });
    expect(channel?.readings).toContainEqual(expect.objectContaining({ quantity: "voltage", phase: "L2", value: 231 }));
    expect(channel?.readings).toContainEqual(
      expect.objectContaining({ quantity: "energy_active", phase: null, value: 6000 }),
    );
  });
});

describe("a hub that cannot start", () => {
  test("names the setting of a port that is taken, and leaves nothing running", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await until(() => blocker.listening, "the blocker");
    const { port } = blocker.address() as { port: number };
    const folder = newFolder();
    await expect(openHub(folder, ["--mqtt-port", `${port}`])).rejects.toMatchObject({
      code: "PORT_TAKEN",
      hint: expect.stringContaining("FAIBAN_MQTT_PORT"),
    });
    await expect(openHub(folder, ["--http-port", `${port}`])).rejects.toMatchObject({
      hint: expect.stringContaining("FAIBAN_HTTP_PORT"),
    });
    blocker.close();
    await openHub(folder);
  });

  test("says that another hub has its data", async () => {
    const folder = newFolder();
    await openHub(folder);
    await expect(openHub(folder)).rejects.toMatchObject({ code: "DATA_IN_USE" });
  });
});
