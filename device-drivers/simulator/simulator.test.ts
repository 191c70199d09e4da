import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { Aedes } from "aedes";
import mqtt from "mqtt";
import { afterEach, expect, test } from "vitest";
import { createMessage, decode } from "../src/index.ts";
import { readFlags } from "./flags.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

interface Arrived {
  topic: string;
  payload: string;
  retain: boolean;
  qos: number;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function openBroker() {
  const broker = await Aedes.createBroker();
  const server: Server = createServer(broker.handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const arrived: Arrived[] = [];
  broker.on("publish", ({ topic, payload, retain, qos }, client) => {
    if (client) arrived.push({ topic, payload: payload.toString(), retain, qos });
  });
  cleanups.push(
    () => broker.close(),
    () => server.close(),
  );
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The broker has no port.");
  return { url: `mqtt://127.0.0.1:${address.port}`, arrived };
}

function start(url: string, nowMs: () => number, ...args: string[]) {
  const lines: string[] = [];
  const flags = readFlags(["--to", url, ...args], nowMs())!;
  const simulator: Simulator = startSimulator(flags, { nowMs, print: (line) => lines.push(line) });
  cleanups.push(() => simulator.close());
  return { simulator, lines };
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 8_000, interval: 20 }).toBe(true);
}

/** Aedes acknowledges before it tells of a message: waits until nothing more has come for a while. */
async function quiet(arrived: readonly Arrived[]): Promise<void> {
  let seen = { count: -1, times: 0 };
  await until(() => {
    seen = arrived.length === seen.count ? { ...seen, times: seen.times + 1 } : { count: arrived.length, times: 0 };
    return seen.times >= 10;
  });
}

test("history arrives whole, dated, understood by the drivers, and forward in time for each meter", async () => {
  const { url, arrived } = await openBroker();
  const nowMs = Date.parse("2026-02-06T14:30:30Z");
  const { simulator, lines } = start(url, () => nowMs, "--days", "2", "--once", "--since", "2026-01-20");
  await simulator.filled;
  await quiet(arrived);
  const lastMs = new Map<string, number>();
  const steps = new Map<string, number>();
  for (const message of arrived) {
    const decoded = decode(createMessage({ ...message, payload: Buffer.from(message.payload) }))?.decoded;
    expect(decoded, message.topic).toBeDefined();
    expect(decoded, message.topic).not.toHaveProperty("rejected");
    if (message.retain || !decoded || !("meters" in decoded)) continue;
    for (const meter of decoded.meters) {
      expect(meter.dropped).toBeUndefined();
      if (!meter.time || !("timeMs" in meter.time)) continue;
      expect(meter.time.timeMs).toBeGreaterThanOrEqual(lastMs.get(meter.meterId) ?? 0);
      lastMs.set(meter.meterId, meter.time.timeMs);
      if (message.qos === 1) steps.set(meter.meterId, (steps.get(meter.meterId) ?? 0) + 1);
    }
  }
  expect(steps.size).toBe(12);
  for (const timeMs of lastMs.values()) expect(timeMs).toBe(Date.parse("2026-02-06T14:30:00Z"));
  // A day of hours (or quarter hours), then a day of five-minute steps that begins on a quarter hour.
  expect(Math.min(...steps.values())).toBeGreaterThan(24 + 288 - 5);
  expect(lines.at(-1)).toMatch(/^History: \d+ messages filled in/);
});

test("a Tasmota relay and a Shelly relay switch by command, and the devices leave offline behind them", async () => {
  const { url, arrived } = await openBroker();
  // Half past eleven in the evening: the bedroom is cooled.
  const shiftMs = Date.parse("2026-04-06T23:30:00+07:00") - Date.now();
  const { simulator, lines } = start(url, () => Date.now() + shiftMs, "--since", "2026-04-01");
  await until(() => lines.some((line) => line.endsWith("are live.")));
  const hub = await mqtt.connectAsync(url);
  cleanups.push(() => hub.endAsync(true));
  const last = (topic: string) => arrived.findLast((message) => message.topic === topic)?.payload ?? "";
  await until(() => last("tele/ac_bedroom/SENSOR") !== "");
  expect(JSON.parse(last("tele/ac_bedroom/SENSOR")).ENERGY.Power).toBeGreaterThan(100);

  hub.publish("cmnd/ac_bedroom/POWER", "off");
  await until(() => last("stat/ac_bedroom/RESULT") === '{"POWER":"OFF"}');
  await until(() => JSON.parse(last("tele/ac_bedroom/SENSOR")).ENERGY.Power === 0);

  const request = { id: 7, src: "hub-1", method: "Switch.Set", params: { id: 0, on: false } };
  hub.publish("fridge/rpc", JSON.stringify(request));
  await until(() => last("hub-1/rpc") !== "");
  expect(JSON.parse(last("hub-1/rpc"))).toMatchObject({ id: 7, dst: "hub-1", result: { was_on: true } });
  await until(() => last("fridge/events/rpc").includes('"output":false'));
  hub.publish("fridge/rpc", JSON.stringify({ ...request, method: "Cover.Open" }));
  await until(() => last("hub-1/rpc").includes('"code":404'));

  await simulator.close();
  expect(last("tele/ac_bedroom/LWT")).toBe("Offline");
  expect(last("fridge/online")).toBe("false");
  expect(last("home/home/device/meter_main_001/status")).toBe("offline");
});

test("a broker that is missing is told once, in a sentence", async () => {
  const { lines } = start("mqtt://127.0.0.1:1", Date.now, "--since", "2026-01-01");
  await until(() => lines.length > 0);
  expect(lines).toEqual([
    "The broker at 127.0.0.1:1 cannot be reached (connect ECONNREFUSED 127.0.0.1:1); " +
      "the devices try again every 2 seconds.",
  ]);
});
