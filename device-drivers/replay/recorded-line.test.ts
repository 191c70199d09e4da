import { expect, test } from "vitest";
import { readLine, writeLine } from "./recorded-line.ts";

const timeMs = Date.parse("2026-02-06T14:30:00.250Z");

test.each([
  ["text", Buffer.from('{"w":1250,"name":"ตู้เย็น"}')],
  ["a byte order mark", Buffer.from("\ufeff12")],
  ["bytes", Buffer.from([0xff, 0x00, 0x80])],
  ["text that looks like encoded bytes", Buffer.from("base64:AAAA")],
  ["nothing", Buffer.alloc(0)],
])("%s comes back as it was", (_, payload) => {
  const line = writeLine({ timeMs, topic: "a/b", payload, qos: 1, retain: true });
  expect(line).not.toContain("\n");
  expect(readLine(line)).toEqual({ topic: "a/b", payload, timeMs, retain: true });
});

test("time is milliseconds, text, or absent", () => {
  expect(readLine('{"topic":"a","payload":"1","time":1700000000000}')).toMatchObject({ timeMs: 1700000000000 });
  expect(readLine('{"topic":"a","payload":"1","id":"s1","dialect":"x"}')).toEqual({
    topic: "a",
    payload: Buffer.from("1"),
    retain: false,
  });
});

test.each([
  ["{", "it is no JSON"],
  ["[]", '"topic" must name one topic'],
  ["3", "it is no JSON object"],
  ['{"topic":"a/#","payload":"1"}', '"topic" must name one topic'],
  ['{"topic":"a","payload":1}', '"payload" must be a text'],
  ['{"topic":"a","payload":"base64:!"}', '"payload" is no valid base64'],
  ['{"topic":"a","payload":"1","time":"soon"}', '"time" must be milliseconds or as "2026-02-06T14:30:00Z"'],
])("the line %s is refused", (line, bad) => {
  expect(readLine(line)).toEqual({ bad });
});
