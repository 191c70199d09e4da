import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import mqtt from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRecordFlags, readReplayFlags } from "./flags.ts";
import { readLine } from "./recorded-line.ts";
import { RecordError, record } from "./run-record.ts";
import { replay } from "./run-replay.ts";

let folder = "";
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "replay-"));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(folder, { recursive: true, force: true });
});

async function openBroker(onPublish: (topic: string, payload: Buffer) => void = () => {}, port = 0) {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  });
  broker.on("publish", ({ topic, payload }, client) => {
    if (client) onPublish(topic, Buffer.from(payload));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The broker has no port.");
  /** As a process that is killed: nobody gets a goodbye. */
  const kill = async () => {
    for (const socket of sockets) socket.destroy();
    const closed = once(server, "close");
    server.close();
    await Promise.all([closed, broker.close()]);
  };
  return { url: `mqtt://127.0.0.1:${address.port}`, port: address.port, kill };
}

function play(args: string[], stop = new AbortController().signal) {
  const lines: string[] = [];
  const world = { nowMs: Date.now, print: (line: string) => lines.push(line), stop };
  return { lines, outcome: replay(readReplayFlags(args, folder)!, world) };
}

function startRecording(url: string, ...args: string[]) {
  const stop = new AbortController();
  const lines: string[] = [];
  const world = {
    nowMs: Date.now,
    print: (line: string) => lines.push(line),
    stop: stop.signal,
    stdout: process.stdout,
  };
  const done = record(readRecordFlags(["out.jsonl", "--from", url, ...args], folder)!, world);
  return { stop, lines, done };
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 8_000, interval: 10 }).toBe(true);
}

test("what was recorded is replayed byte for byte, in order", async () => {
  const broker = await openBroker();
  cleanups.push(broker.kill);
  const sent: [string, Buffer][] = [
    ["home/home/sensor/power/total", Buffer.from('{"w":1250}')],
    ["bytes", Buffer.from([0xff, 0xfe, 0x00])],
    ["ชื่อไทย/power", Buffer.from("12.5")],
  ];
  const recording = startRecording(broker.url);
  const device = await mqtt.connectAsync(broker.url);
  cleanups.push(() => device.endAsync(true));
  await until(() => recording.lines.length > 0);
  for (const [topic, payload] of sent) await device.publishAsync(topic, payload, { qos: 1 });
  await device.publishAsync("kept", "yes", { qos: 0, retain: true });
  await until(() => readFileSync(join(folder, "out.jsonl"), "utf8").split("\n").length > 4);
  recording.stop.abort();
  expect(await recording.done).toBe(4);
  const written = readFileSync(join(folder, "out.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(written.map(({ qos }) => qos)).toEqual([1, 1, 1, 0]);

  const arrived: [string, Buffer][] = [];
  const other = await openBroker((topic, payload) => arrived.push([topic, payload]));
  cleanups.push(other.kill);
  const { outcome, lines } = play(["out.jsonl", "--to", other.url]);
  expect(await outcome).toMatchObject({ complete: true, rows: 4, messages: 4, badRows: 0 });
  expect(arrived).toEqual([...sent, ["kept", Buffer.from("yes")]]);
  expect(lines.at(-1)).toMatch(/^Replayed 4 rows as 4 messages in .* s \(\d+ a second\), from 20.*Z to 20.*Z\.$/);
});

test("a retained message is recorded as such, and a file is not overwritten unasked", async () => {
  const broker = await openBroker();
  cleanups.push(broker.kill);
  const device = await mqtt.connectAsync(broker.url);
  cleanups.push(() => device.endAsync(true));
  await device.publishAsync("meter/status", "online", { qos: 1, retain: true });
  const first = startRecording(broker.url, "--topics", "meter/#", "--seconds", "0.3");
  expect(await first.done).toBe(1);
  expect(readLine(readFileSync(join(folder, "out.jsonl"), "utf8"))).toMatchObject({
    topic: "meter/status",
    retain: true,
  });
  await expect(startRecording(broker.url).done).rejects.toThrow(RecordError);
  await expect(startRecording(broker.url).done).rejects.toThrow(
    /out\.jsonl exists; choose another name or add --force\./,
  );
  expect(await startRecording(broker.url, "--force", "--seconds", "0.2").done).toBe(1);
});

test("nothing is lost when the broker is killed and comes back in mid-replay", async () => {
  const rows = 6_000;
  const lines = Array.from({ length: rows }, (_, i) => `${1_700_000_000 + i},${i}`);
  writeFileSync(join(folder, "long.csv"), `ts,mains.W\n${lines.join("\n")}\n`);
  const seen = new Set<number>();
  let backwards = 0;
  let last = -1;
  const onPublish = (_: string, payload: Buffer) => {
    const { w } = JSON.parse(payload.toString());
    if (w < last) backwards += 1;
    last = w;
    seen.add(w);
  };
  const broker = await openBroker(onPublish);
  // 1,500 rows a second, so that the broker dies in the middle.
  const { outcome, lines: said } = play(["long.csv", "--to", broker.url, "--speed", "1500", "--in-flight", "300"]);
  await until(() => seen.size > 1_000);
  await broker.kill();
  const before = seen.size;
  expect(before).toBeLessThan(rows);
  await until(() => said.some((line) => line.includes("is away")));
  const again = await openBroker(onPublish, broker.port);
  cleanups.push(again.kill);
  expect(await outcome).toMatchObject({ complete: true, rows, messages: rows });
  expect(seen.size).toBe(rows);
  // Only what was unacknowledged came twice.
  expect(backwards).toBeLessThanOrEqual(1);
  expect(said.some((line) => line.endsWith("is there."))).toBe(true);
});

test("a broker that stays away ends the replay, incomplete and in sentences", async () => {
  writeFileSync(join(folder, "a.csv"), "ts,mains.W\n1,2\n");
  const { outcome, lines } = play(["a.csv", "--to", "mqtt://127.0.0.1:1", "--patience", "0.3"]);
  expect(await outcome).toMatchObject({ complete: false });
  expect(lines[0]).toBe(
    "The broker at 127.0.0.1:1 is away (connect ECONNREFUSED 127.0.0.1:1); trying again for 0.3 seconds.",
  );
  expect(lines[1]).toMatch(/^The broker at 127\.0\.0\.1:1 stayed away for 0\.3 seconds .*; is it running\?$/);
});

test("speed keeps the distances, limit and stop end early", async () => {
  const times: number[] = [];
  const broker = await openBroker(() => times.push(performance.now()));
  cleanups.push(broker.kill);
  writeFileSync(join(folder, "a.csv"), "ts,mains.W\n100,1\n110,2\n130,3\n9999999,4\n");
  const limited = play(["a.csv", "--to", broker.url, "--speed", "100", "--limit", "3"]);
  expect(await limited.outcome).toMatchObject({ complete: true, rows: 3 });
  expect(times[2]! - times[0]!).toBeGreaterThan(250);
  expect(times[2]! - times[0]!).toBeLessThan(900);
  const stop = new AbortController();
  const stopped = play(["a.csv", "--to", broker.url, "--speed", "100"], stop.signal);
  await until(() => times.length === 6);
  stop.abort();
  expect(await stopped.outcome).toMatchObject({ complete: false, rows: 3 });
});

test("QoS 0 is sent as well, and a recording without rows is not complete", async () => {
  const topics: string[] = [];
  const broker = await openBroker((topic) => topics.push(topic));
  cleanups.push(broker.kill);
  writeFileSync(join(folder, "a.csv"), "ts,mains.W,tv.W\n100,1,2\n110,x,2\n");
  const { outcome, lines } = play(["a.csv", "--to", broker.url, "--qos", "0"]);
  expect(await outcome).toMatchObject({ complete: true, rows: 1, messages: 2, badRows: 1 });
  expect(lines).toContain('Line 3 is left out: the w of mains is "x".');
  await until(() => topics.length === 2);
  writeFileSync(join(folder, "b.csv"), "ts,mains.W\n");
  const none = play(["b.csv", "--to", broker.url]);
  expect(await none.outcome).toMatchObject({ complete: false, messages: 0 });
  expect(none.lines.at(-1)).toMatch(/b\.csv has no row that could be replayed\.$/);
});
