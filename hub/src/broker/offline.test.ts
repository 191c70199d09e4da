import aedesPersistence from "aedes-persistence-level";
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "./harness.ts";
import { openLevel } from "./level.ts";
import { watchOffline } from "./offline.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const phone = { id: "a phone: ฟ" };

async function openStore(folder: string) {
  const level = await openLevel(folder, log);
  onTestFinished(() => level.close());
  const { asyncPersistence: store } = aedesPersistence(level);
  return { level, store, offline: await watchOffline(level, store) };
}

test("a session's subscription counts from the call that adds it until the call that removes it", async () => {
  const { store, offline } = await openStore(newFolder());
  expect(offline.hasSubscriber("home/1")).toBe(false);
  const added = store.addSubscriptions(phone, [{ topic: "home/+", qos: 1 }]);
  expect(offline.hasSubscriber("home/1")).toBe(true);
  expect(offline.hasSubscriber("garden/1")).toBe(false);
  await added;
  const removed = store.removeSubscriptions(phone, ["home/+"]);
  expect(offline.hasSubscriber("home/1")).toBe(false);
  await removed;
});

test("a session that is ended has no subscriptions any more", async () => {
  const { store, offline } = await openStore(newFolder());
  await store.addSubscriptions(phone, [{ topic: "home/#", qos: 1 }]);
  await store.cleanSubscriptions(phone);
  expect(offline.hasSubscriber("home")).toBe(false);
});

test("subscriptions of before a restart count, and can be removed", async () => {
  const folder = newFolder();
  const before = await openStore(folder);
  await before.store.addSubscriptions(phone, [{ topic: "home:1/#", qos: 1 }]);
  await before.level.close();
  const { store, offline } = await openStore(folder);
  expect(offline.hasSubscriber("home:1/power")).toBe(true);
  await store.removeSubscriptions(phone, ["home:1/#"]);
  expect(offline.hasSubscriber("home:1/power")).toBe(false);
});
