/** Fails when an update of Aedes changes what the hot path relies on; then read `connection.ts` and `router.ts` again. */
import { Duplex } from "node:stream";
import { Aedes } from "aedes";
import aedesPersistence from "aedes-persistence-level";
import { expect, onTestFinished, test } from "vitest";
import type { ClientSubscription, InnerClient, Listener } from "./aedes-internals.ts";
import { connectPacket, newFolder, subscribePacket, until } from "./harness.ts";
import { openLevel } from "./level.ts";
import { createRouter } from "./router.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** A stock Aedes on our router, with one client. */
async function openAedes() {
  let client: InnerClient | undefined;
  const added: { filter: string; listener: Listener; noted: ClientSubscription | undefined }[] = [];
  const router = createRouter({
    subscriberOf(filter, listener) {
      added.push({ filter, listener, noted: client?.subscriptions[filter] });
      return null;
    },
  });
  const aedes = await Aedes.createBroker({ mq: router });
  onTestFinished(() => new Promise<void>((resolve) => aedes.close(resolve)));
  const conn = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  client = aedes.handle(conn, undefined as never) as InnerClient;
  return { aedes, client, conn, added };
}

test("the version is one that was looked into", async () => {
  const { aedes } = await openAedes();
  expect((aedes as unknown as { version: string }).version).toMatch(/^1\.2\./);
});

test("a client is read by the listener that the hub replaces, and parses what it is given", async () => {
  const { client, conn } = await openAedes();
  expect(conn.listeners("readable")).toContain(client._nextBatch);
  expect(client._parsingBatch).toBe(1);
  client._parsingBatch = 0;
  client._parser.parse(connectPacket("probe"));
  expect(client._parsingBatch).toBe(1);
  client._parser.parse(Buffer.from([0xc0, 0]));
  expect(client._parser._queue).toHaveLength(1);
  await until(() => client.connected, "the client to be connected");
  expect(client.connackSent).toBe(true);
  expect(client._parser._queue).toBeNull();
});

test("what the client calls when a packet is done is looked up each time", async () => {
  const { client, conn } = await openAedes();
  let calls = 0;
  conn.removeAllListeners("readable");
  client._parsingBatch = 0;
  client._nextBatch = () => void calls++;
  client._parser.parse(connectPacket("probe"));
  await until(() => client.connected && calls === 2, "the calls for CONNECT: one to resume, one when it is done");
  client._parser.parse(Buffer.from([0xc0, 0]));
  await until(() => calls === 3, "the call for PINGREQ");
});

test("a subscription is noted on its client before the message queue hears of it", async () => {
  const { client, added } = await openAedes();
  client._parsingBatch = 0;
  client._parser.parse(connectPacket("probe"));
  await until(() => client.connected, "the client to be connected");
  client._parser.parse(subscribePacket("home/#", 1));
  const own = await until(() => added.find(({ filter }) => filter === "home/#"), "the subscription");
  expect(own.noted).toMatchObject({ qos: 1 });
  expect(own.noted?.func).toBe(own.listener);
});

test("packets of the broker itself are compared by its id alone", async () => {
  const { aedes, client } = await openAedes();
  expect(Object.keys(client.duplicates)).toEqual([]);
  expect(typeof aedes.id).toBe("string");
  expect((aedes as unknown as { publish: { length: number } }).publish).toHaveLength(3);
});

test("the Level store keeps subscriptions under the keys that the hub reads, and ends sessions by the way it watches", async () => {
  const level = await openLevel(newFolder(), log);
  onTestFinished(() => level.close());
  const { asyncPersistence: store } = aedesPersistence(level);
  const client = { id: "a:b/ฟ" };
  await store.addSubscriptions(client, [{ topic: "home:1/#", qos: 1 }]);
  expect(await level.keys().all()).toEqual([`subscriptions:${encodeURIComponent(client.id)}:home:1/#`]);
  const removed: string[][] = [];
  const { removeSubscriptions } = store;
  store.removeSubscriptions = (of, filters) => {
    removed.push(filters);
    return removeSubscriptions.call(store, of, filters);
  };
  await store.cleanSubscriptions(client);
  expect(removed).toEqual([["home:1/#"]]);
  expect(await level.keys().all()).toEqual([]);
});
