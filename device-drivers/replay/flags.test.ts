import { expect, test } from "vitest";
import { readRecordFlags, readReplayFlags } from "./flags.ts";

test("a replay needs a file and nothing else", () => {
  expect(readReplayFlags(["a.csv.gz"], "/tmp")).toEqual({
    file: "/tmp/a.csv.gz",
    brokerUrl: "mqtt://127.0.0.1:1883",
    homeId: "home",
    qos: 1,
    speed: 0,
    limit: Infinity,
    inFlightMax: 1000,
    patienceMs: 30_000,
    now: false,
  });
  expect(readReplayFlags(["-h"], "/tmp")).toBeUndefined();
});

test("a record needs a file, too", () => {
  expect(readRecordFlags(["out.jsonl", "--topics", "a/#", "--topics", "b", "--seconds", "2"], "/tmp")).toEqual({
    file: "/tmp/out.jsonl",
    brokerUrl: "mqtt://127.0.0.1:1883",
    topics: ["a/#", "b"],
    seconds: 2,
    force: false,
  });
  expect(readRecordFlags(["-"], "/tmp")?.file).toBe("-");
});

test.each([
  [[], "Say which recording to replay; --help shows how."],
  [["a", "b"], "One file at a time: a, b are too many."],
  [["a", "--qos", "2"], '--qos is "2"; give a whole number from 0 to 1.'],
  [["a", "--speed", "-1"], "--help lists all flags."],
  [["a", "--speed=-1"], '--speed is "-1"; give a number from 0 to 1000000.'],
  [["a", "--limit", "0"], '--limit is "0"; give a whole number from 1 to'],
  [["a", "--to", "1883"], '--to is "1883"; give a broker as mqtt://127.0.0.1:1883 (also mqtts, ws, wss).'],
  [["a", "--home", "#"], '--home is "#"; it becomes part of topics'],
])("%j is refused with a sentence that says what to do", (args, sentence) => {
  expect(() => readReplayFlags(args, "/tmp")).toThrow(sentence);
});
