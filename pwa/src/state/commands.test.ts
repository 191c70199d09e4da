import { expect, test } from "vitest";
import type { Command } from "../../../hub/src/api/contract.ts";
import { latestCommand, switchingOf } from "./commands.ts";

function command(changes: Partial<Command> = {}): Command {
  const ends = changes.state === "confirmed" || changes.state === "failed";
  return {
    ...{ id: "first", meterId: "plug", channelId: "plug/main", kind: "switch", on: true, values: null, by: "มาลี" },
    ...{ state: "sent", failure: null, error: null, requestedMs: 1_000, sentMs: 1_000, sends: 1 },
    endedMs: ends ? 2_000 : null,
    ...changes,
  };
}

const failed = (failure: Command["failure"], changes: Partial<Command> = {}) =>
  command({ state: "failed", failure, ...changes });
const ageMs = (timeMs: number) => 10_000 - timeMs;

test("a command goes forward only, in whatever order its states arrive", () => {
  const states = [command({ state: "waiting" }), command(), command({ state: "confirmed" })];
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [2, 1, 0],
  ];
  for (const order of orders) {
    const last = order.map((at) => states[at]!).reduce<Command | null>(latestCommand, null);
    expect(last?.state, order.join()).toBe("confirmed");
  }
});

test("a newer command takes the place of an older, whose end changes nothing", () => {
  const newer = command({ id: "second", requestedMs: 1_500, on: false });
  expect(latestCommand(command(), newer)).toBe(newer);
  expect(latestCommand(newer, failed("no_answer"))).toBe(newer);
  expect(latestCommand(newer, failed("replaced", { requestedMs: 1_500 }))).toBe(newer);
});

test.each<[string, boolean | null, Command | null, object]>([
  ["no command", false, null, { phase: "still" }],
  ["one that waits", false, command({ state: "waiting" }), { phase: "moving" }],
  ["one that is sent", false, command(), { phase: "moving" }],
  ["one whose state is there before its end", true, command(), { phase: "moving" }],
  ["one that is confirmed", true, command({ state: "confirmed" }), { phase: "confirmed" }],
  ["a toggle that is confirmed", true, command({ state: "confirmed", on: null }), { phase: "confirmed" }],
  ["one that a hand at the device has undone", false, command({ state: "confirmed" }), { phase: "still" }],
  ["one without an answer", false, failed("no_answer"), { phase: "failed", failure: "no_answer", error: null }],
  ["a toggle without an answer", false, failed("no_answer", { on: null }), { phase: "failed", failure: "no_answer" }],
  ["a refusal", false, failed("refused", { error: "locked" }), { phase: "failed", error: "locked" }],
  ["a failure that the device made good later", true, failed("no_answer"), { phase: "still" }],
  ["a failure of long ago", false, failed("no_answer", { endedMs: -60_000 }), { phase: "still" }],
])("after %s, a relay that is %s is shown so", (_name, relay, last, expected) => {
  expect(switchingOf(relay, last, ageMs)).toMatchObject(expected);
});
