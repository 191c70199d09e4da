import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type * as api from "../src/api/contract.ts";
import { checkFolder, unwritable } from "../src/store/folder.ts";
import { newFolder, openHub, openLive, spawnHub } from "./harness.ts";

function errorOf(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
}

const main = "home/home/sensor/power/total";

describe("a hub that is stopped", () => {
  test("waits neither for half a request nor for a reader that sleeps", async () => {
    const hub = await spawnHub(newFolder());
    const half = connect(hub.httpPort, "127.0.0.1");
    half.on("error", () => {});
    half.write(
      "POST /api/meters HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    );
    const live = await openLive(hub);
    live.socket.pause();
    const mqtt = connect(hub.mqttPort, "127.0.0.1"); // never says CONNECT
    mqtt.on("error", () => {});
    await once(mqtt, "connect");
    hub.child.kill("SIGTERM");
    const [code] = await once(hub.child, "exit");
    expect(code).toBe(0);
    half.destroy();
    mqtt.destroy();
  });

  test("stores what nobody waited for, and the last will of a client that is still there", async () => {
    const folder = newFolder();
    const failures = vi.spyOn(process.stderr, "write");
    onTestFinished(() => failures.mockRestore());
    const hub = await openHub(folder, ["--commit-interval-ms", "600000"]);
    const client = await hub.client({ will: { topic: "home/home/device/plug/status", payload: "offline" } });
    await client.publishAsync(main, "42");
    await expect.poll(() => hub.get("/api/home")).toMatchObject({ now: { gridW: 42 } });
    await hub.close();
    expect(failures).not.toHaveBeenCalled();
    const again = await openHub(folder);
    expect(await again.get("/api/home")).toMatchObject({ now: { gridW: 42 } });
    expect((await again.get<api.Meter[]>("/api/meters")).map((meter) => meter.nativeId)).toContain("main");
  });
});

describe("a hub that cannot write", () => {
  test.each(["is a file", "is under a file"])("says so when its data folder %s", async (where) => {
    const folder = newFolder();
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    const data = where === "is a file" ? file : path.join(file, "data");
    await expect(openHub(data)).rejects.toMatchObject({
      code: "DATA_UNWRITABLE",
      hint: expect.stringContaining("FAIBAN_DATA"),
    });
  });

  test("says so at once for a folder below /proc", async () => {
    const refused = expect.objectContaining({ code: "DATA_UNWRITABLE" });
    expect(process.platform === "linux" ? errorOf(() => checkFolder("/proc/faiban/data")) : refused).toEqual(refused);
  });

  test("keeps a database that is none, and says so", async () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      path.join(folder, "faiban.db"),
      "this is no database, and long enough to be looked at as one".repeat(100),
    );
    await expect(openHub(folder)).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
  });

  test("does not call a full disk damage", () => {
    const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
    expect(unwritable("/data", full)).toMatchObject({
      code: "DATA_UNWRITABLE",
      hint: expect.stringContaining("space"),
    });
  });
});

test("a simulated home ends with the hub that started it", async () => {
  const simulator = path.join(import.meta.dirname, "../../device-drivers/simulator/main.ts");
  const child: ChildProcess = fork(simulator, ["--to", "mqtt://127.0.0.1:1"], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stderr as NodeJS.EventEmitter, "data"); // it runs, and misses its broker
  child.disconnect();
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});
