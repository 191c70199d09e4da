import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { Publication } from "./broker.ts";
import { connectPacket, holdingHub, openBroker, openRaw, publishPacket, received, until } from "./harness.ts";

describe("a client that floods", () => {
  test.each([0, 1] as const)(
    "at QoS %i is not read while too many of its messages wait, and loses none",
    async (qos) => {
      const hub = holdingHub();
      const { raw } = await openBroker(hub.onPublish);
      const { socket } = await raw("meter");
      const count = 20_000;
      for (let i = 0; i < count; i++) socket.write(publishPacket("t", "x".repeat(500), qos === 1 ? 1 + i : undefined));
      await until(() => hub.waiting() >= 2_000, "the limit");
      for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
      // The limit, and what the read in which it was reached held: 64 KB.
      expect(hub.waiting()).toBeLessThan(2_000 + 65_536 / 500);
      const answering = setInterval(() => hub.answer(null), 1);
      await until(() => hub.taken.length === count, "all messages").finally(() => clearInterval(answering));
    },
  );

  test("does not keep the others from being read", async () => {
    const hub = holdingHub();
    const { raw } = await openBroker(hub.onPublish);
    const [flooding, quiet] = [await raw("flooding"), await raw("quiet")];
    for (let i = 0; i < 5_000; i++) flooding.socket.write(publishPacket("flood", "x".repeat(500), 1 + i));
    await until(() => hub.waiting() >= 2_000, "the limit");
    quiet.socket.write(publishPacket("quiet", "x", 1));
    await until(() => hub.taken.some(({ topic }) => topic === "quiet"), "the other's message");
  });
});

describe("what is no good", () => {
  test.each([
    ["a topic with a wildcard", publishPacket("a/#", "x")],
    ["an empty topic", publishPacket("", "x")],
    ["a topic of 101 levels", publishPacket("a/".repeat(100), "x")],
    ["a packet longer than a quarter of a megabyte", Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])],
    ["a length of five bytes", Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff])],
    ["QoS 3", Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1])],
    ["a topic longer than its packet", Buffer.from([0x30, 3, 0, 9, 0x61])],
  ])("%s ends the connection, and the hub does not see it", async (_what, bytes) => {
    const taken: Publication[] = [];
    const { raw } = await openBroker((publication) => void taken.push(publication));
    const { socket } = await raw("meter");
    socket.write(bytes);
    await once(socket, "close");
    expect(taken).toEqual([]);
  });

  test("nothing after a DISCONNECT is taken", async () => {
    const taken: string[] = [];
    const { raw } = await openBroker(({ topic }, done) => {
      taken.push(topic);
      done(null);
    });
    const { socket } = await raw("meter");
    socket.write(Buffer.concat([publishPacket("before", "x"), Buffer.from([0xe0, 0]), publishPacket("after", "x")]));
    await once(socket, "close");
    expect(taken).toEqual(["before"]);
  });
});

describe("bytes of a connection", () => {
  test("may come one by one", async () => {
    const { client, raw } = await openBroker();
    const subscriber = await client();
    const messages = received(subscriber);
    await subscriber.subscribeAsync("#");
    const { socket } = await raw("meter");
    const packets = Buffer.concat([
      publishPacket("a", "0"),
      publishPacket("b", "1", 7),
      publishPacket("c", "x".repeat(200)),
    ]);
    for (const byte of packets) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => messages.length === 3, "the messages");
    expect(messages.map(({ topic }) => topic)).toEqual(["a", "b", "c"]);
  });

  test("may come with CONNECT in front, before it is answered", async () => {
    const taken: string[] = [];
    const { port } = await openBroker(({ topic, payload }, done) => {
      taken.push(`${topic} ${payload}`);
      done(null);
    });
    const first = Buffer.concat([connectPacket("hasty"), publishPacket("a", "1"), publishPacket("b", "2", 9)]);
    const { received: bytes } = await openRaw(port, first);
    await until(() => bytes().length === 4, "PUBACK");
    expect(taken).toEqual(["a 1", "b 2"]);
  });
});

test("publishing keeps a connection alive", async () => {
  const { raw, broker } = await openBroker();
  const { socket } = await raw("meter", { keepaliveS: 1 });
  for (let i = 0; i < 10; i++) {
    socket.write(publishPacket("t", "x"));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  expect(broker.clients()).toBe(1);
  await once(socket, "close");
});
