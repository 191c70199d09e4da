/** The meter's core, compiled for this machine: its own tests, and what it writes read by the hub's driver. */
import { execFile } from "node:child_process";
import { generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Command } from "../src/commands.ts";
import { customerCommands } from "../src/customer/commands.ts";
import { customer } from "../src/customer/customer.ts";
import { createMessage, type Reading } from "../src/index.ts";
import { signImage } from "./sign.ts";

const run = promisify(execFile);
const project = path.join(import.meta.dirname, "esp32");
const strict = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-g", "-O1"];
const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
let folder = "";

async function compile(program: string, sources: string[]): Promise<void> {
  const includes = ["-Ilib/core/src", "-Itest"];
  const core = globSync("lib/core/src/*.cpp", { cwd: project });
  const output = path.join(folder, program);
  try {
    await run("g++", [...strict, ...sanitizers, ...includes, ...sources, ...core, "-o", output], { cwd: project });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error("The tests of the firmware need a C++ compiler: sudo apt-get install g++");
  }
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "faiban-firmware-"));
  const tests = globSync("test/*-test.cpp", { cwd: project });
  await compile("tests", ["test/main.cpp", ...tests]);
  await compile("ask-core", ["test/ask-core.cpp"]);
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the core's own tests pass, with sanitizers watching", async () => {
  const { stdout } = await run(path.join(folder, "tests"));
  expect(stdout.trim().split("\n").length).toBeGreaterThan(30);
}, 120_000);

interface Line {
  topic: string;
  payload: string;
  timeMs?: number;
  fields?: Record<string, number>;
}

/** What each field of the core means to the hub; counts of the field's unit are divided by `per`. */
const meanings: Record<string, Omit<Reading, "value"> & { per: number }> = {
  powerDeciW: { quantity: "power_active", per: 10 },
  reactivePowerDeciVar: { quantity: "power_reactive", per: 10 },
  apparentPowerDeciVa: { quantity: "power_apparent", per: 10 },
  voltageCentiV: { quantity: "voltage", per: 100 },
  currentMilliA: { quantity: "current", per: 1000 },
  powerFactorMilli: { quantity: "power_factor", per: 1000 },
  frequencyCentiHz: { quantity: "frequency", per: 100 },
  importWh: { quantity: "energy_active", direction: "import", period: "total", per: 1 },
  exportWh: { quantity: "energy_active", direction: "export", period: "total", per: 1 },
  ...phasesOf("power", "DeciW", { quantity: "power_active", per: 10 }),
  ...phasesOf("voltage", "CentiV", { quantity: "voltage", per: 100 }),
  ...phasesOf("current", "MilliA", { quantity: "current", per: 1000 }),
};

function phasesOf(name: string, unit: string, meaning: (typeof meanings)[string]): typeof meanings {
  const phases = ["L1", "L2", "L3"] as const;
  return Object.fromEntries(phases.map((phase) => [`${name}${phase}${unit}`, { ...meaning, phase }]));
}

function readingsOf(fields: Record<string, number>, channel: string | undefined): Reading[] {
  return Object.entries(fields).map(([name, count]) => {
    const { per, ...meaning } = meanings[name]!;
    return { ...meaning, value: count / per, ...(channel !== undefined && { channel }) };
  });
}

const keyOf = ({ value: _, ...place }: Reading) => JSON.stringify(Object.entries(place).sort());
const sorted = (readings: Reading[]) => readings.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

async function linesOf(seed: number): Promise<Line[]> {
  const { stdout } = await run(path.join(folder, "ask-core"), ["payloads", `${seed}`], { maxBuffer: 16e6 });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

test("what the core writes is read by the hub's driver as the very readings that went in", async () => {
  const lines = await linesOf(1);
  expect(lines.length).toBeGreaterThan(2000);
  for (const { topic, payload, timeMs, fields } of lines) {
    const decoded = customer.decode(createMessage({ topic, payload: Buffer.from(payload) }));
    if (!decoded || !("meters" in decoded)) throw new Error(`${payload}: ${JSON.stringify(decoded)}`);
    const [meter, ...others] = decoded.meters;
    expect(others).toEqual([]);
    expect(meter?.meterId).toBe("meter-1");
    expect(meter?.dropped).toBeUndefined();
    if (fields === undefined) {
      expect(meter).toMatchObject({ readings: [], signalDbm: -65, uptimeS: 86_400 });
      continue;
    }
    expect(meter?.time).toEqual(timeMs === undefined ? undefined : { timeMs });
    const channel = topic.includes("/circuit/") ? topic.split("/").at(-1) : undefined;
    expect(sorted(meter?.readings ?? [])).toEqual(sorted(readingsOf(fields, channel)));
  }
}, 60_000);

/** What the core answers to a text. */
async function askCore(args: string[], text: string): Promise<string> {
  const child = run(path.join(folder, "ask-core"), args);
  child.child.stdin?.end(text);
  return (await child).stdout;
}

test.each<[Command, string | undefined]>([
  [{ kind: "reboot" }, undefined],
  [{ kind: "config", values: { interval_ms: 5000, check_update: true } }, undefined],
  [{ kind: "calibrate", values: { voltage_v: 229.8, current_a: 4.35, input: 0 } }, undefined],
  [{ kind: "config", values: { interval_ms: 5 } }, "interval_ms must be 1000 to 300000"],
  [{ kind: "calibrate", values: {} }, "nothing to calibrate"],
  [{ kind: "switch", on: true }, "not reboot, config or calibrate"],
])("the hub's command %j is answered as the hub expects", async (command, error) => {
  const names = { meterId: "meter-1", homeId: "home", requestId: "request-7" };
  const [message] =
    customerCommands.messagesOf({ ...names, aliases: [], channel: "", topics: [], definitions: [] }, command) ?? [];
  const kind = message?.topic.split("/").at(-1) ?? "";
  const payload = await askCore(["command", kind], message?.payload ?? "");
  const answer = createMessage({ topic: "home/home/device/meter-1/result", payload: Buffer.from(payload) });
  expect(customerCommands.answerIn?.(answer)).toEqual({
    ...{ meterId: "meter-1", requestId: "request-7" },
    ...(error !== undefined && { error: expect.stringContaining(error) }),
  });
});

describe("a manifest of sign.ts", () => {
  const image = Buffer.alloc(100_000, 7);
  const about = { model: "faiban-pzem", version: "1.4.0", path: "/firmware/faiban-pzem/1.4.0.bin" };
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");

  /** What the core says of a manifest, when it runs that version. */
  async function ask(manifest: unknown, running: string) {
    return JSON.parse(await askCore(["manifest", "faiban-pzem", running], JSON.stringify(manifest)));
  }

  test("is understood, and what the meter checks is what was signed", async () => {
    const manifest = signImage(image, { ...about, privateKey });
    const answer = await ask(manifest, "1.3.9");
    expect(answer).toMatchObject({ path: about.path, signature: manifest.signature, verdict: "it is new" });
    expect(isSigned(answer, publicKey)).toBe(true);
    expect(isSigned(await ask({ ...manifest, version: "1.4.1" }, "1.3.9"), publicKey)).toBe(false);
    expect(isSigned(await ask({ ...manifest, size: 99_999 }, "1.3.9"), publicKey)).toBe(false);
    expect(isSigned(await ask({ ...manifest, model: "faiban-ct" }, "1.3.9"), publicKey)).toBe(false);
  });

  test.each([
    ["1.4.0", "it is what runs"],
    ["1.10.0", "it is older than what runs"],
  ])("is not installed where %s runs: %s", async (running, verdict) => {
    expect(await ask(signImage(image, { ...about, privateKey }), running)).toMatchObject({ verdict });
  });

  test.each([
    [{ format: 2 }, "format"],
    [{ version: "1.4" }, "version"],
    [{ sha256: "00" }, "sha256"],
    [{ signature: "zz" }, "signature"],
    [{ path: "https://other.host/x.bin" }, "path"],
    [{ path: "//other.host/x.bin" }, "path"],
    [{ size: -1 }, "size"],
  ])("with %j is rejected", async (change, name) => {
    const answer = await ask({ ...signImage(image, { ...about, privateKey }), ...change }, "1.3.9");
    expect(answer.rejected).toContain(name);
  });
});

function isSigned({ signedText = "", signature = "" }: Record<string, string>, publicKey: KeyObject): boolean {
  return verify(null, Buffer.from(signedText), publicKey, Buffer.from(signature, "hex"));
}
