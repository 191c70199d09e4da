import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveEvent } from "../api/contract.ts";
import { createFanout } from "./fanout.ts";

const event = (key: string, version: number) => ({ event_type: key, version }) as unknown as LiveEvent;

function setUp() {
  const made: string[] = [];
  const state = { version: 0, allSent: 0 };
  const fanout = createFanout({
    snapshot: () => event("snapshot", state.version),
    event(key) {
      made.push(key);
      return key === "gone" ? null : event(key, state.version);
    },
    onAllSent: () => state.allSent++,
  });
  const socket = () => {
    const sent: string[] = [];
    const seen = () => sent.map((frame) => JSON.parse(frame)).map((e) => `${e.event_type} ${e.version}`);
    return { bufferedAmount: 0, send: (frame: string) => void sent.push(frame), seen };
  };
  return { fanout, made, state, socket };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the fan-out", () => {
  test("sends a snapshot first, then what changed", () => {
    const { fanout, socket } = setUp();
    const app = socket();
    fanout.add(app);
    fanout.touch("channel a");
    vi.runOnlyPendingTimers();
    expect(app.seen()).toEqual(["snapshot 0", "channel a 0"]);
  });

  test("sends the newest state once for many changes, and builds it once for all sockets", () => {
    const { fanout, socket, state, made } = setUp();
    const apps = [socket(), socket()];
    for (const app of apps) fanout.add(app);
    for (state.version = 1; state.version < 5; state.version++) fanout.touch("channel a");
    vi.runOnlyPendingTimers();
    for (const app of apps) expect(app.seen()).toEqual(["snapshot 0", "channel a 5"]);
    expect(made).toEqual(["channel a"]);
  });

  test("skips a slow socket without holding up the others, and gives it the newest state later", () => {
    const { fanout, socket, state } = setUp();
    const [quick, slow] = [socket(), socket()];
    fanout.add(quick);
    fanout.add(slow);
    slow.bufferedAmount = 1e6;
    fanout.touch("channel a");
    vi.advanceTimersByTime(50);
    state.version = 7;
    fanout.touch("channel b");
    vi.advanceTimersByTime(300);
    expect(quick.seen()).toEqual(["snapshot 0", "channel a 0", "channel b 7"]);
    expect(slow.seen()).toEqual(["snapshot 0"]);
    expect(state.allSent).toBe(0);
    slow.bufferedAmount = 0;
    vi.advanceTimersByTime(300);
    expect(slow.seen()).toEqual(["snapshot 0", "channel a 7", "channel b 7"]);
    expect(state.allSent).toBe(1);
  });

  test("sends nothing of what is gone, nor to who has left", () => {
    const { fanout, socket } = setUp();
    const [left, stayed] = [socket(), socket()];
    fanout.add(left);
    fanout.add(stayed);
    fanout.touch("gone");
    fanout.remove(left);
    fanout.touch("channel a");
    vi.runOnlyPendingTimers();
    expect(left.seen()).toEqual(["snapshot 0"]);
    expect(stayed.seen()).toEqual(["snapshot 0", "channel a 0"]);
  });
});
