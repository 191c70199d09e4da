/** Fails when an update of Aedes changes what the broker relies on; then read `connection.ts` and `aedes-internals.ts` again. */
import { Duplex } from "node:stream";
import { Aedes, type AedesOptions } from "aedes";
import { expect, onTestFinished, test } from "vitest";
import { createAedesQueue, createAedesStore, type InnerClient } from "./aedes-internals.ts";
import { connectPacket, until } from "./harness.ts";
import type { Retained } from "./retained.ts";
import { createRouter } from "./router.ts";
import type { Sessions } from "./sessions.ts";

/** A stock Aedes on our store and queue, with one client that is not read. */
async function openAedes(isKept = false) {
  const retained = new Map<string, unknown>();
  const aedes = await Aedes.createBroker({
    mq: createAedesQueue(createRouter()),
    persistence: createAedesStore(retained as unknown as Retained, { isKept: () => isKept } as unknown as Sessions),
  } as unknown as AedesOptions);
  onTestFinished(() => new Promise<void>((resolve) => aedes.close(resolve)));
  const written: Buffer[] = [];
  let onWrite = () => {};
  function open() {
    const conn = new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        written.push(chunk);
        onWrite();
        done();
      },
    });
    const client = aedes.handle(conn, undefined as never) as InnerClient;
    client._parsingBatch = 0;
    return { conn, client };
  }
  return {
    aedes,
    open,
    retained,
    written: () => Buffer.concat(written),
    onWrite(act: () => void): void {
      onWrite = act;
    },
  };
}

test("the version is one that was looked into", async () => {
  const { aedes } = await openAedes();
  expect((aedes as unknown as { version: string }).version).toMatch(/^1\.2\./);
});

test("a client is read by the listener that the hub replaces, and handles the CONNECT that it is given", async () => {
  const { open, written } = await openAedes();
  const { conn, client } = open();
  expect(conn.listeners("readable")).toContain(client._nextBatch);
  let calls = 0;
  let connected = 0;
  client._nextBatch = () => void calls++;
  client.once("connected", () => void connected++);
  client._parser.parse(connectPacket("probe"));
  await until(() => connected === 1 && calls >= 2, "CONNECT to be done");
  expect(written()).toEqual(Buffer.from([0x20, 2, 0, 0]));
  expect(client.id).toBe("probe");
});

test("a client of an older session is told so, though it has no subscription", async () => {
  const { open, written } = await openAedes(true);
  const packet = connectPacket("probe");
  packet[9] = 0; // no clean session
  open().client._parser.parse(packet);
  await until(() => written().length === 4, "CONNACK");
  expect(written()).toEqual(Buffer.from([0x20, 2, 1, 0]));
});

test("the keep-alive ends after one and a half of it, and its timer can be begun anew", async () => {
  const { open } = await openAedes();
  const { client } = open();
  const packet = connectPacket("probe");
  packet[11] = 10;
  client._parser.parse(packet);
  await until(() => client.connected, "the client to be connected");
  expect((client._keepaliveTimer as unknown as { _idleTimeout: number })._idleTimeout).toBe(15_001);
  expect(client._keepaliveTimer?.refresh).toBeTypeOf("function");
});

test("a newer client with the same id closes the older one before it has its CONNACK", async () => {
  const { open, onWrite } = await openAedes();
  const older = open();
  older.client._parser.parse(connectPacket("probe"));
  await until(() => older.client.connected, "the older client");
  const newer = open().client;
  const isOlderGone: boolean[] = [];
  onWrite(() => void isOlderGone.push(older.conn.destroyed));
  newer._parser.parse(connectPacket("probe"));
  await until(() => newer.connected, "the newer client");
  expect(isOlderGone[0]).toBe(true);
});

test("a DISCONNECT that it is given closes the connection without the will", async () => {
  const { open, aedes } = await openAedes();
  const topics: string[] = [];
  aedes.on("publish", ({ topic }) => void topics.push(topic));
  const { client, conn } = open();
  client._parser.parse(connectPacket("probe", { will: { topic: "gone", payload: "x" } }));
  await until(() => client.connected, "the client to be connected");
  client._parser.parse(Buffer.from([0xe0, 0]));
  await until(() => topics.some((topic) => topic.endsWith("/disconnect/clients")), "the end");
  expect(conn.destroyed).toBe(true);
  expect(topics).not.toContain("gone");
});

test("a retained will goes to the store that it is given", async () => {
  const { open, retained } = await openAedes();
  const { client, conn } = open();
  client._parser.parse(connectPacket("probe", { will: { topic: "gone", payload: "x", retain: true } }));
  await until(() => client.connected, "the client to be connected");
  conn.destroy();
  await until(() => retained.has("gone"), "the will");
});
