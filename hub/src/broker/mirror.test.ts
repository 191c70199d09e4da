import { expect, onTestFinished, test } from "vitest";
import { log, newFolder, until } from "./harness.ts";
import { openLevel } from "./level.ts";
import { decodeRecord, encodeRecord, openMirror } from "./mirror.ts";

async function open(folder = newFolder()) {
  const level = await openLevel(folder, log);
  const warnings: string[] = [];
  const mirror = await openMirror({ level, log: { ...log, warn: (line: string) => void warnings.push(line) } });
  let isOpen = true;
  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await mirror.close();
    await level.close();
  }
  onTestFinished(close);
  async function all(prefix: string): Promise<string[]> {
    const list: string[] = [];
    for await (const { key, value } of mirror.read(prefix)) list.push(`${key} ${value}`);
    return list;
  }
  return { level, mirror, warnings, close, all, folder };
}

const value = (text: string) => () => Buffer.from(text);

test("what is put is there after a restart, the newest of each key, and what is removed is not", async () => {
  const { mirror, close, folder } = await open();
  for (let i = 0; i < 2_000; i++) mirror.put(`a:${i % 10}`, value(`${i}`));
  mirror.put("b:1", value("other"));
  await until(() => mirror.pending() === 0, "the first writes");
  mirror.remove("a:3");
  mirror.put("a:4", value("last"));
  await close();
  const again = await open(folder);
  expect(await again.all("a:")).toEqual([
    ...["a:0 1990", "a:1 1991", "a:2 1992", "a:4 last", "a:5 1995", "a:6 1996", "a:7 1997", "a:8 1998", "a:9 1999"],
  ]);
});

test("a value is asked for only when it is written", async () => {
  const { mirror } = await open();
  let asked = 0;
  const count = () => {
    asked++;
    return Buffer.from("x");
  };
  for (let i = 0; i < 100; i++) mirror.put("a:1", count);
  expect(asked).toBe(0);
  await until(() => mirror.pending() === 0, "the write");
  expect(asked).toBe(1);
});

test("keys in any language are found, and those of a longer prefix are not", async () => {
  const { mirror, close, folder } = await open();
  for (const key of ["a:ฟ", "a:😀", "a:a:b", "ab:c", "a;"]) mirror.put(key, value("x"));
  await close();
  const again = await open(folder);
  expect(await again.all("a:")).toEqual(["a:a:b x", "a:ฟ x", "a:😀 x"]);
});

test("while the disk fails, what comes and goes takes no memory, and the rest is written once it works", async () => {
  const { mirror, level, warnings, close, folder } = await open();
  mirror.put("a:before", value("x"));
  await until(() => mirror.pending() === 0, "the first write");
  const { batch } = level;
  level.batch = (() => Promise.reject(new Error("the disk is full"))) as unknown as typeof level.batch;
  mirror.put("a:kept", value("x"));
  await until(() => warnings.length === 1, "the warning");
  for (let i = 0; i < 10_000; i++) {
    mirror.put(`a:${i}`, value("x"));
    mirror.remove(`a:${i}`);
  }
  mirror.remove("a:before");
  expect(mirror.pending()).toBeLessThan(10);
  level.batch = batch;
  await close();
  const again = await open(folder);
  expect(await again.all("a:")).toEqual(["a:kept x"]);
  expect(warnings).toHaveLength(1);
});

test("a record is read as it was written, and a damaged one is none", () => {
  const record = encodeRecord({ topic: "a\nb", qos: 1 }, Buffer.from([10, 0, 255]));
  expect(decodeRecord(record)).toEqual({ head: { topic: "a\nb", qos: 1 }, payload: Buffer.from([10, 0, 255]) });
  expect(decodeRecord(record.subarray(3))).toBeNull();
  expect(decodeRecord(Buffer.alloc(0))).toBeNull();
});
