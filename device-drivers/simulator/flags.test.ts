import { expect, test } from "vitest";
import { readFlags } from "./flags.ts";

const nowMs = Date.parse("2026-02-06T14:30:00Z");
const read = (...args: string[]) => readFlags(args, nowMs);

test("without flags it simulates one home in Bangkok, live only", () => {
  expect(read()).toEqual({
    brokerUrl: "mqtt://127.0.0.1:1883",
    homeId: "home",
    seed: 1,
    timeZone: "Asia/Bangkok",
    sinceMs: Date.parse("2025-07-01T00:00:00+07:00"),
    once: false,
  });
});

test("history begins some days ago or at a time", () => {
  expect(read("--days", "30")?.fillFromMs).toBe(nowMs - 30 * 86_400_000);
  expect(read("--fill-from", "2026-02-01")?.fillFromMs).toBe(Date.parse("2026-02-01T00:00:00+07:00"));
  expect(read("--fill-from", "2026-02-01T06:00:00Z")?.fillFromMs).toBe(Date.parse("2026-02-01T06:00:00Z"));
});

test("help asks for nothing else", () => {
  expect(read("--help")).toBeUndefined();
});

test.each([
  [["--days", "x"], '--days is "x"; give a whole number from 1 to 3660.'],
  [["--seed", "1.5"], '--seed is "1.5"; give a whole number from 0 to 2147483647.'],
  [["--time-zone", "Mars/Base"], '--time-zone "Mars/Base" is not known; give a name such as Asia/Bangkok.'],
  [["--since", "soon"], '--since is "soon", which is no time; write it as 2026-02-06 or 2026-02-06T14:30:00Z.'],
  [["--since", "2027-01-01"], "--since 2027-01-01 lies ahead; give a time that has passed."],
  [["--home", "a/b"], '--home is "a/b"; it becomes part of topics, so leave out "/", "+", "#" and spaces.'],
  [["--to", "broker"], '--to is "broker"; give a broker as mqtt://127.0.0.1:1883 (also mqtts, ws, wss).'],
  [["--once"], "--once stops after the history is filled in; add --days N, for example --days 30."],
  [
    ["--days", "1", "--fill-from", "2026-02-01"],
    "--days and --fill-from both say where the history begins; give one of them.",
  ],
  [
    ["--days", "400"],
    "The history would begin on 2025-01-02, before the meters were installed (--since 2025-07-01); " +
      "add --since 2025-01-02 or fill in fewer days.",
  ],
])("%j is refused with a sentence that says what to do", (args, sentence) => {
  expect(() => read(...args)).toThrow(sentence);
});

test("an unknown flag is named", () => {
  expect(() => read("--speed", "3")).toThrow(/'--speed'.*--help lists all flags\.$/);
});
