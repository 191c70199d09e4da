import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { MqttClient } from "mqtt";
import { describe, expect, onTestFinished, test } from "vitest";
import type * as api from "../src/api/contract.ts";
import { metersIn, passphrase, sampleFolder } from "../src/backup/sample.ts";
import { newFolder, openHub, spawnHub, until } from "./harness.ts";

const startS = Date.UTC(2026, 0, 5) / 1000;

/** Runs a command of the hub; `kill` resolves when it should be killed. */
async function run(
  command: "backup" | "restore",
  args: readonly string[],
  {
    kill,
    signal = "SIGKILL",
    secret = passphrase,
  }: { kill?: () => Promise<unknown>; signal?: NodeJS.Signals; secret?: string } = {},
): Promise<{ code: number | null; output: string }> {
  const program = path.join(import.meta.dirname, `../src/backup/${command}-cli.ts`);
  const env = { PATH: process.env.PATH, FAIBAN_BACKUP_PASSPHRASE: secret };
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const exited = once(child, "close");
  kill?.().then(
    () => child.kill(signal),
    () => {}, // it was over before
  );
  const [code] = await exited;
  return { code, output };
}

/** Publishes a reading a second of the meter's time until told to stop, ten at once; counts what was acknowledged. */
function publishSteadily(client: MqttClient) {
  const state = { acknowledged: 0, sent: 0, isStopped: false };
  const done = (async () => {
    while (!state.isStopped) {
      const values = Array.from({ length: 10 }, () => state.sent++);
      const publish = (value: number) =>
        client.publishAsync("home/home/sensor/power/device/heater", JSON.stringify({ w: value, ts: startS + value }), {
          qos: 1,
        });
      await Promise.all(values.map(publish));
      state.acknowledged = state.sent;
    }
  })();
  const stop = async () => {
    state.isStopped = true;
    await done;
  };
  return { state, stop };
}

async function valuesIn(hub: { get<T>(address: string): Promise<T> }): Promise<Set<number>> {
  const history = await hub.get<api.History>(
    "/api/history?channel=customer-heater/main&from=0&to=4000000000000&step=raw",
  );
  return new Set((history.mean ?? []).map(Number));
}

const archiveIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".backup"));

describe("a hub that meters publish to", () => {
  test("is backed up, and its readings acknowledged before that are in the restored hub", async () => {
    const data = newFolder();
    const hub = await spawnHub(data);
    const publishing = publishSteadily(await hub.client());
    await until(() => publishing.state.acknowledged >= 500, "readings");
    const before = publishing.state.acknowledged;
    const out = newFolder();
    const backup = await run("backup", ["--data", data, "--to", out]);
    await publishing.stop();
    expect(backup).toMatchObject({ code: 0, output: expect.stringContaining("Backed up 1 meter as") });
    const [name] = archiveIn(out);
    expect(name).toMatch(/^faiban-\d{4}-\d\d-\d\d-\d{6}\.backup$/);
    const archive = path.join(out, name as string);

    const inUse = await run("restore", [archive, "--data", data, "--replace"]);
    expect(inUse).toMatchObject({ code: 1, output: expect.stringContaining("DATA_IN_USE") });

    const check = await run("restore", [archive, "--check"]);
    expect(check).toMatchObject({ code: 0, output: expect.stringMatching(/Meters +1\n.*is whole/) });
    const fresh = newFolder();
    expect(await run("restore", [archive, "--data", fresh])).toMatchObject({ code: 0 });
    const restored = await valuesIn(await openHub(fresh));
    expect(Array.from({ length: before }, (_, value) => value).filter((value) => !restored.has(value))).toEqual([]);
    const running = await valuesIn(hub);
    expect([...restored].filter((value) => !running.has(value))).toEqual([]);
  });

  test("goes back to its backup with --replace, and the readings since then are set aside", async () => {
    const data = newFolder();
    const first = await spawnHub(data);
    const publishing = publishSteadily(await first.client());
    await until(() => publishing.state.acknowledged >= 50, "readings");
    await publishing.stop();
    const archive = path.join(newFolder(), "mine.backup");
    expect(await run("backup", ["--data", data, "--to", archive])).toMatchObject({ code: 0 });
    const saved = await valuesIn(first);
    const later = await first.client();
    await later.publishAsync("home/home/sensor/power/device/heater", JSON.stringify({ w: 9999, ts: startS + 9999 }), {
      qos: 1,
    });
    first.child.kill("SIGKILL"); // its last commits stay in the write-ahead log
    await once(first.child, "exit");

    const refused = await run("restore", [archive, "--data", data]);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining("--replace") });
    expect(await run("restore", [archive, "--data", data, "--replace"])).toMatchObject({ code: 0 });
    const again = await openHub(data);
    expect(await valuesIn(again)).toEqual(saved);
    const aside = readdirSync(data).find((name) => name.includes("before-restore"));
    const old = newFolder();
    writeFileSync(path.join(old, "faiban.db"), readFileSync(path.join(data, aside as string)));
    expect(await valuesIn(await openHub(old))).toContain(9999);
  });
});

describe("a command that is killed", () => {
  test("leaves no half archive, and what it left is gone after the next one", async () => {
    const data = sampleFolder("meter", 12_000);
    const out = newFolder();
    const work = path.join(data, "backup-work");
    const moments = [
      () => existsSync(path.join(work, "copy.db")),
      () => existsSync(path.join(work, "outside")),
      () => readdirSync(out).some((name) => name.endsWith(".part")),
    ];
    let killed = 0;
    for (const [index, moment] of moments.entries()) {
      const target = path.join(out, `${index}.backup`);
      const { code } = await run("backup", ["--data", data, "--to", target], {
        kill: () => until(moment, "the moment"),
      });
      expect(existsSync(target)).toBe(code === 0);
      if (code === null) killed++;
    }
    expect(killed).toBeGreaterThan(0);
    const whole = archiveIn(out);
    expect(await run("backup", ["--data", data, "--to", path.join(out, "last.backup")])).toMatchObject({ code: 0 });
    expect(readdirSync(work)).toEqual(["lock"]);
    expect(readdirSync(out)).toEqual([...whole, "last.backup"]);
  });

  test("by Ctrl-C removes what it made before it ends", async () => {
    const data = sampleFolder("meter", 30_000);
    const out = newFolder();
    const part = () => until(() => readdirSync(out).length > 0, "a temporary file");
    const stopped = await run("backup", ["--data", data, "--to", out], { kill: part, signal: "SIGINT" });
    expect(stopped).toMatchObject({ code: 1, output: "Stopped; nothing was changed.\n" });
    expect(readdirSync(out)).toEqual([]);
    expect(readdirSync(path.join(data, "backup-work"))).toEqual(["lock"]);
  });

  test("leaves the old database or the new one, whenever that is", async () => {
    const archive = path.join(newFolder(), "a.backup");
    expect(await run("backup", ["--data", sampleFolder("new", 12_000), "--to", archive])).toMatchObject({ code: 0 });
    const data = sampleFolder("old", 10);
    const database = path.join(data, "faiban.db");
    const isAside = () => readdirSync(data).some((name) => name.includes("before-restore"));
    const moments = [
      () => existsSync(path.join(data, "mqtt", "LOCK")),
      () => existsSync(path.join(data, "backup-work", "restored.db")),
      () => existsSync(path.join(data, "backup-work", "restored.db-shm")), // it is being checked
      isAside,
      isAside,
    ];
    for (const moment of moments) {
      await run("restore", [archive, "--data", data, "--replace"], { kill: () => until(moment, "the moment") });
      expect([["old"], ["new"]]).toContainEqual(metersIn(database));
    }
    expect(await run("restore", [archive, "--data", data, "--replace"])).toMatchObject({ code: 0 });
    expect(metersIn(database)).toEqual(["new"]);
    expect(readdirSync(path.join(data, "backup-work"))).toEqual(["lock"]);
    const asides = readdirSync(data).filter((name) => name.includes("before-restore"));
    expect(asides.flatMap((name) => metersIn(path.join(data, name)))).toContain("old");
  });
});

describe("a command that cannot do what it is asked", () => {
  test.each([
    ["a passphrase that is too short", "short", "12 or more"],
    ["an empty passphrase", "", "empty"],
  ])("says so for %s", async (_, secret, says) => {
    const out = newFolder();
    const refused = await run("backup", ["--data", sampleFolder("meter", 1), "--to", out], { secret });
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining(says) });
    expect(readdirSync(out)).toEqual([]);
  });

  test("tells a wrong passphrase, and reads the right one from a file", async () => {
    const folder = newFolder();
    const archive = path.join(folder, "a.backup");
    const file = path.join(folder, "passphrase.txt");
    writeFileSync(file, `${passphrase}\r\nnot this line\n`);
    await run("backup", ["--data", sampleFolder("meter", 1), "--to", archive, "--passphrase-file", file], {
      secret: "no",
    });
    const wrong = await run("restore", [archive, "--check"], { secret: "correct horse batterx" });
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining("passphrase is not the one") });
    expect(await run("restore", [archive, "--check"])).toMatchObject({ code: 0 });
  });

  test("does not take a folder for a backup, nor a flag it does not know", async () => {
    const folder = newFolder();
    mkdirSync(path.join(folder, "sub"));
    expect(await run("restore", [path.join(folder, "sub")])).toMatchObject({ code: 1 });
    const unknown = await run("backup", ["--force"]);
    expect(unknown).toMatchObject({ code: 1, output: expect.stringContaining("--help") });
  });
});
