import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type BrokerOptions, defaultLimits, type Limits } from "./broker.ts";
import { createDoor } from "./door.ts";
import {
  connectPacket,
  lengthOf,
  newFolder,
  openBroker,
  publishPacket,
  received,
  subscribePacket,
  text,
  until,
} from "./harness.ts";

const open = (limits: Partial<Limits>, options: Partial<BrokerOptions<string>> = {}) =>
  openBroker(undefined, undefined, { limits, ...options });

/** A socket that says nothing by itself. */
async function silent(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  return socket;
}

const gone = (socket: Socket) => until(() => socket.closed, "the end of the connection");
const claims = (first: number, bytes: number) => Buffer.concat([Buffer.from([first]), lengthOf(bytes)]);

describe("a packet", () => {
  test("that claims 200 MB before CONNECT ends the connection at its header", async () => {
    const { port } = await open({ connectTimeoutMs: 60_000 });
    const socket = await silent(port);
    socket.write(claims(0x10, 200_000_000));
    await gone(socket);
  });

  test("may have 16 KB before the client is admitted, and no more", async () => {
    const { port, raw } = await open({ connectTimeoutMs: 60_000 });
    await raw("m", { username: "u", password: "p".repeat(16_000) });
    const socket = await silent(port);
    socket.write(claims(0x10, defaultLimits.maxConnectBytes));
    await gone(socket);
  });

  test("may have 256 KB then, and no more, and its beginning takes little memory", async () => {
    const { raw } = await open({});
    const meter = await raw("m");
    meter.socket.write(publishPacket("t", Buffer.alloc(256 * 1024 - 20), 1));
    await until(() => meter.received().length === 4, "PUBACK");
    meter.socket.write(claims(0x30, 256 * 1024));
    await meter.gone();
  });

  test("of 100 KB may come right behind CONNECT", async () => {
    const { port } = await open({});
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    let bytes = 0;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
    });
    socket.write(Buffer.concat([connectPacket("m"), publishPacket("t", Buffer.alloc(100_000), 1)]));
    await until(() => bytes === 8, "CONNACK and PUBACK");
  });
});

describe("time", () => {
  test("to say CONNECT is short, and a byte now and then does not make it longer", async () => {
    const { port } = await open({ connectTimeoutMs: 300 });
    const sockets = [await silent(port), await silent(port)];
    const bytes = [...connectPacket("m".repeat(60))];
    const dripping = setInterval(() => sockets[1]?.write(Buffer.from([bytes.shift() ?? 0])), 20);
    await Promise.all(sockets.map(gone)).finally(() => clearInterval(dripping));
    expect(bytes.length).toBeGreaterThan(30);
  });

  test("to be admitted is part of it", async () => {
    const { port, broker } = await open({ connectTimeoutMs: 200 }, { admit: () => new Promise(() => {}) });
    const socket = await silent(port);
    socket.write(connectPacket("m"));
    await gone(socket);
    expect(broker.clients()).toBe(0);
  });

  test("without a packet is one and a half keep-alives, also while bytes of a packet drip", async () => {
    const { raw } = await open({});
    const meter = await raw("m", { keepaliveS: 1 });
    meter.socket.write(claims(0x30, 200_000));
    const dripping = setInterval(() => meter.socket.write("x"), 100);
    await meter.gone().finally(() => clearInterval(dripping));
  });

  test("without a packet is limited for who asks for no keep-alive", async () => {
    const { raw } = await open({ keepaliveOfNoneS: 1 });
    const meter = await raw("m", { keepaliveS: 0 });
    await meter.gone();
  });
});

describe("connections", () => {
  test("are limited in all, and one that goes makes room", async () => {
    const { port, raw } = await open({ maxConnections: 3, connectTimeoutMs: 60_000 });
    const first = await raw("1");
    await raw("2");
    await raw("3");
    await gone(await silent(port));
    first.socket.destroy();
    await until(() => first.socket.closed, "the first to go");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await raw("4");
  });

  test("are limited from one address", async () => {
    const { port, raw } = await open({ maxConnectionsPerAddress: 2, connectTimeoutMs: 60_000 });
    await raw("1");
    await raw("2");
    await gone(await silent(port));
  });

  test("that are not admitted are limited, and those that are do not count", async () => {
    const { port, raw } = await open({ maxUnadmitted: 3, connectTimeoutMs: 60_000 });
    for (let i = 0; i < 5; i++) await raw(`${i}`);
    const waiting = [await silent(port), await silent(port), await silent(port)];
    await gone(await silent(port));
    expect(waiting.map((socket) => socket.closed)).toEqual([false, false, false]);
  });

  test("of one address that waits do not keep others out", () => {
    const door = createDoor({ ...defaultLimits, maxUnadmitted: 4 });
    const closed: string[] = [];
    const enter = (address: string, name: string) => door.enter(address, () => void closed.push(name)) !== null;
    expect(["a1", "a2", "a3", "b1"].map((name) => enter(name.charAt(0), name))).toEqual([true, true, true, true]);
    expect(enter("a", "a4")).toBe(false);
    expect(enter("c", "c1")).toBe(true);
    expect(closed).toEqual(["a1"]);
  });
});

describe("subscriptions", () => {
  test("of one client are limited: the thousand and first is refused, and the others work", async () => {
    const { client, raw } = await open({});
    const { socket, received: bytes } = await raw("many");
    for (let packet = 0; packet < 2; packet++) {
      const filters = Array.from({ length: 600 }, (_, i) =>
        Buffer.concat([text(`t/${packet}/${i}`), Buffer.from([0])]),
      );
      const body = Buffer.concat([Buffer.from([0, 1]), ...filters]);
      socket.write(Buffer.concat([Buffer.from([0x82]), lengthOf(body.length), body]));
    }
    await until(() => bytes().length === 2 * 605, "both SUBACKs");
    expect(bytes().filter((byte) => byte === 0x80)).toHaveLength(200);
    await (await client()).publishAsync("t/1/399", "last", { qos: 1 });
    await until(() => bytes().includes("last"), "the message");
  });

  test("of all clients are limited by their levels", async () => {
    const { raw } = await open({ maxFilterLevels: 150 });
    const { socket, received: bytes } = await raw("deep");
    for (const at of [1, 2]) socket.write(subscribePacket(`${at}${"/a".repeat(99)}`, 0));
    await until(() => bytes().length === 10, "both SUBACKs");
    expect([bytes()[4], bytes()[9]]).toEqual([0, 0x80]);
  });
});

describe("retained messages", () => {
  test("are limited in number; known topics go on, and a forgotten one makes room", async () => {
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (line: string) => void warnings.push(line) };
    const { client } = await open({ maxRetained: 100 }, { log });
    const publisher = await client();
    const keep = (topic: string, payload: string) => publisher.publishAsync(topic, payload, { qos: 1, retain: true });
    for (let i = 0; i < 150; i++) await keep(`t/${i}`, "old");
    await keep("t/5", "new");
    await keep("t/6", "");
    await keep("t/149", "late");
    const subscriber = await client();
    const kept = received(subscriber);
    await subscriber.subscribeAsync("#");
    await until(() => kept.length >= 100, "what is kept");
    await publisher.publishAsync("end", "", { qos: 1 });
    await until(() => kept.at(-1)?.topic === "end", "the end");
    expect(kept).toHaveLength(101);
    expect(kept.find(({ topic }) => topic === "t/5")?.payload).toBe("new");
    expect(kept.find(({ topic }) => topic === "t/149")?.payload).toBe("late");
    expect(warnings).toHaveLength(1);
  });

  test("are limited in bytes", async () => {
    const { client } = await open({ maxRetainedBytes: 50_000 });
    const publisher = await client();
    for (let i = 0; i < 10; i++) await publisher.publishAsync(`t/${i}`, "x".repeat(10_000), { qos: 1, retain: true });
    const subscriber = await client();
    const kept = received(subscriber);
    await subscriber.subscribeAsync("t/+");
    await publisher.publishAsync("t/end", "", { qos: 1 });
    await until(() => kept.at(-1)?.topic === "t/end", "the end");
    expect(kept).toHaveLength(5);
  });

  test("that have become too long for the room are forgotten, and not answered for by the older one", async () => {
    const folder = newFolder();
    const first = await openBroker(undefined, folder, { limits: { maxRetainedBytes: 5_000 } });
    const publisher = await first.client();
    for (const payload of ["old", "x".repeat(10_000)]) {
      await publisher.publishAsync("t/1", payload, { qos: 1, retain: true });
      await new Promise((resolve) => setTimeout(resolve, 50)); // until it is on the disk
    }
    const kept = async ({ client }: typeof first) => {
      const subscriber = await client();
      const messages = received(subscriber);
      await subscriber.subscribeAsync("t/+");
      await subscriber.publishAsync("t/end", "", { qos: 1 });
      await until(() => messages.at(-1)?.topic === "t/end", "the end");
      return messages.length - 1;
    };
    expect(await kept(first)).toBe(0);
    await first.close();
    expect(await kept(await openBroker(undefined, folder))).toBe(0);
  });

  test("by the thousand reach who asks, a little at a time", async () => {
    const { client, broker } = await open({});
    const payload = Buffer.alloc(1_000);
    for (let i = 0; i < 9_000; i++) broker.publish({ topic: `t/${i}`, payload, qos: i % 2 ? 1 : 0, retain: true });
    const subscriber = await client();
    const kept = received(subscriber);
    await subscriber.subscribeAsync("#", { qos: 1 });
    await until(() => kept.length === 9_000, "all");
    expect(new Set(kept.map(({ topic }) => topic)).size).toBe(9_000);
  });
});
