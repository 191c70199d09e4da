import aedesPersistence, { type MessageStore } from "aedes-persistence-level";
import { describe, expect, onTestFinished, test } from "vitest";
import { newFolder } from "./harness.ts";
import { openLevel } from "./level.ts";
import { keepOrder } from "./ordered-store.ts";

/** A store whose calls end when the test says so. */
function openStore() {
  const calls: { packet: { topic: string }; end: (error?: Error) => void }[] = [];
  const call = (packet: { topic: string }) =>
    new Promise((resolve, reject) => {
      calls.push({ packet, end: (error) => (error ? reject(error) : resolve(null)) });
    });
  const store: MessageStore = {
    storeRetained: call,
    outgoingEnqueueCombi: (_subscriptions, packet) => call(packet),
    outgoingUpdate: (_client, packet) => call(packet),
  };
  keepOrder(store);
  const ended: string[] = [];
  /** Notes how a call ended. */
  const note = (name: string, result: Promise<unknown>) =>
    void result.then(
      () => ended.push(name),
      () => ended.push(`${name} failed`),
    );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { store, calls, ended, note, turn };
}

const packet = (topic: string, payload: string) => ({ topic, payload });

describe("retained messages of one topic", () => {
  test("are written one at a time, and of those that wait only the newest", async () => {
    const { store, calls, ended, note, turn } = openStore();
    for (const name of ["1", "2", "3", "4"]) note(name, store.storeRetained(packet("t", name)));
    expect(calls.map((call) => call.packet)).toEqual([packet("t", "1")]);
    calls[0]?.end();
    await turn();
    expect(ended).toEqual(["1"]);
    expect(calls.map((call) => call.packet)).toEqual([packet("t", "1"), packet("t", "4")]);
    note("5", store.storeRetained(packet("t", "5")));
    calls[1]?.end();
    await turn();
    expect(ended).toEqual(["1", "2", "3", "4"]);
    calls[2]?.end();
    await turn();
    expect(ended.at(-1)).toBe("5");
    note("6", store.storeRetained(packet("t", "6")));
    expect(calls).toHaveLength(4);
  });

  test("are written also after a write that failed", async () => {
    const { store, calls, ended, note, turn } = openStore();
    note("1", store.storeRetained(packet("t", "1")));
    note("2", store.storeRetained(packet("t", "2")));
    calls[0]?.end(new Error("disk full"));
    await turn();
    calls[1]?.end();
    await turn();
    expect(ended).toEqual(["1 failed", "2"]);
  });

  test("do not wait for other topics", () => {
    const { store, calls } = openStore();
    void store.storeRetained(packet("a", "1"));
    void store.storeRetained(packet("b", "1"));
    expect(calls).toHaveLength(2);
  });
});

test.each(["outgoingEnqueueCombi", "outgoingUpdate"] as const)("%s ends in the order of its calls", async (name) => {
  const { store, calls, ended, note, turn } = openStore();
  for (const payload of ["1", "2", "3"]) note(payload, store[name]([] as never, packet("t", payload)));
  expect(calls).toHaveLength(3);
  calls[2]?.end();
  calls[1]?.end(new Error("disk full"));
  await turn();
  expect(ended).toEqual([]);
  calls[0]?.end();
  await turn();
  expect(ended).toEqual(["1", "2 failed", "3"]);
});

test("a message that left the queue meanwhile ends no connection at QoS 1, but may not come twice at QoS 2", async () => {
  const level = await openLevel(newFolder(), { debug() {}, info() {}, warn() {}, error() {} });
  onTestFinished(() => level.close());
  const { asyncPersistence: store } = aedesPersistence(level);
  keepOrder(store);
  const gone = { topic: "t", brokerId: "hub", brokerCounter: 1, messageId: 1 };
  await store.outgoingUpdate({ id: "phone" }, { ...gone, qos: 1 });
  await expect(store.outgoingUpdate({ id: "phone" }, { ...gone, qos: 2 })).rejects.toThrow("no such packet");
});
