import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecording, type Step } from "./recording.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "recording-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function read(file: string, startMs?: number) {
  const steps: Step[] = [];
  const remarks: string[] = [];
  const options = {
    file,
    homeId: "home",
    onRemark: (sentence: string) => remarks.push(sentence),
    onBadRow: (row: number, why: string) => remarks.push(`${row}: ${why}`),
    ...(startMs === undefined ? {} : { startMs }),
  };
  for await (const step of readRecording(options)) steps.push(step);
  return { steps, remarks };
}

test("a gzipped CSV with CRLF, a byte order mark, a blank line and no last line end", async () => {
  const file = write("a.csv.gz", gzipSync("\ufeffts,mains.W\r\n10,1\r\n\r\n20,2"));
  const { steps } = await read(file);
  expect(steps).toEqual([
    {
      row: 2,
      timeMs: 10_000,
      messages: [{ topic: "home/home/sensor/power/total", payload: '{"w":1,"ts":10}', retain: false }],
    },
    {
      row: 4,
      timeMs: 20_000,
      messages: [{ topic: "home/home/sensor/power/total", payload: '{"w":2,"ts":20}', retain: false }],
    },
  ]);
});

test("a bad row is told with its line number and the others go on", async () => {
  const { steps, remarks } = await read(write("b.csv", "ts,mains.W,x.dBm\n10,1,2\nten,2,2\n30,3,2\n"));
  expect(steps.map(({ row }) => row)).toEqual([2, 4]);
  expect(remarks).toEqual([
    "Left out, because their units are none of W, kW, var, VA, V, A, pf, Hz, C, kWh_total, Wh_total: x.dBm.",
    '3: ts is "ten"',
  ]);
});

test("times can be moved so that the first row is now", async () => {
  const startMs = Date.parse("2026-02-06T14:30:00Z");
  const { steps } = await read(write("c.csv", "ts,mains.W\n100,1\n160.5,2\n"), startMs);
  expect(steps.map(({ timeMs }) => timeMs! - startMs)).toEqual([0, 60_500]);
  expect(JSON.parse(String(steps[0]!.messages[0]!.payload)).ts).toBe(startMs / 1000);
});

test("JSON lines are recognised by their first one, with and without time", async () => {
  const file = write(
    "d.jsonl",
    '{"topic":"a","payload":"1","time":5}\n{"topic":"b","payload":"base64:/w=="}\nnonsense\n',
  );
  const { steps, remarks } = await read(file);
  expect(steps).toEqual([
    { row: 1, timeMs: 5, messages: [{ topic: "a", payload: Buffer.from("1"), retain: false }] },
    { row: 2, messages: [{ topic: "b", payload: Buffer.from([255]), retain: false }] },
  ]);
  expect(remarks).toEqual(["3: it is no JSON"]);
});

test("text is whole although chunks cut its letters", async () => {
  const name = "ตู้เย็น";
  const line = `${JSON.stringify({ topic: name, payload: name.repeat(500) })}\n`;
  const { steps } = await read(write("e.jsonl", line.repeat(200)));
  expect(steps.length).toBe(200);
  for (const { messages } of steps) expect(messages[0]!.payload.toString()).toBe(name.repeat(500));
});

test.each([
  ["no.csv", undefined, /^There is no file .*no\.csv\.$/],
  ["bad.csv.gz", "ts,mains.W\n", /bad\.csv\.gz is no whole gzip file: incorrect header check, after 0 lines\.$/],
  [
    "cut.csv.gz",
    gzipSync(`ts,mains.W\n${"10,1\n".repeat(9)}`).subarray(0, -9),
    /cut\.csv\.gz is no whole gzip file: unexpected end/,
  ],
  ["head.csv", "time,power\n1,2\n", /head\.csv cannot be replayed: .* column "ts" .* It begins with "time,power"\.$/],
  ["empty.csv", "", /empty\.csv is empty\.$/],
  [".", undefined, /is a folder; name one recording in it\.$/],
])("%s is refused in a sentence", async (name, content, sentence) => {
  const file = content === undefined ? join(folder, name) : write(name, content);
  await expect(read(file)).rejects.toThrow(sentence);
});
