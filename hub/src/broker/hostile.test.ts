/** Strangers on the home network who mean no good, beside a meter and an app that must not notice. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { connectPacket, lengthOf, openBroker, publishPacket, received, subscribePacket, until } from "./harness.ts";

/** Numbers that look random and are the same each time (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const will = { topic: "will", payload: "x", qos: 2, retain: true } as const;
const valid: readonly Buffer[] = [
  connectPacket("other", { username: "u", password: "p", will }),
  connectPacket("kept", { isClean: false }),
  publishPacket("a/b", "payload"),
  publishPacket("a/b", "payload", 7),
  Buffer.from([0x34, 6, 0, 1, 0x61, 0, 9, 0x78]),
  Buffer.from([0x3d, 6, 0, 1, 0x61, 0, 9, 0x78]),
  subscribePacket("#", 2),
  subscribePacket("a/+/b", 1),
  ...[0x40, 0x50, 0x62, 0x70].map((first) => Buffer.from([first, 2, 0, 1])),
  Buffer.from([0xa2, 5, 0, 1, 0, 1, 0x23]),
  Buffer.from([0xc0, 0]),
  Buffer.from([0xe0, 0]),
];

/** A valid packet with some of its bytes changed, cut out or added; or bytes that are nothing. */
function malformed(random: (below: number) => number): Buffer {
  if (random(5) === 0) return Buffer.from(Array.from({ length: 1 + random(60) }, () => random(256)));
  const packet = Buffer.from(valid[random(valid.length)] as Buffer);
  for (let times = 1 + random(3); times > 0; times--) packet[random(packet.length)] = random(256);
  const kind = random(4);
  if (kind === 0) return packet.subarray(0, random(packet.length));
  return kind === 1 ? Buffer.concat([packet, Buffer.from([random(256)])]) : packet;
}

async function openHouse() {
  const house = await openBroker();
  const app = await house.client();
  const messages = received(app);
  await app.subscribeAsync("meter/#", { qos: 1 });
  const meter = await house.client();
  let sent = 0;
  return {
    ...house,
    /** The meter sends, and the app gets it. */
    async checkHealth(): Promise<void> {
      const payload = `${sent++}`;
      await meter.publishAsync("meter/power", payload, { qos: 1 });
      await until(() => messages.some((one) => one.payload === payload), "a healthy client's message");
    },
  };
}

function attack(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}).resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

const usedMb = () => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1024 / 1024;
};

test("ten thousand malformed packets on many connections harm nobody", async () => {
  const { port, checkHealth, broker } = await openHouse();
  const random = createRandom(20_260_101);
  const beforeMb = usedMb();
  let packets = 0;
  for (let round = 0; packets < 10_000; round++) {
    const sockets = Array.from({ length: 40 }, () => attack(port));
    for (const socket of sockets) {
      const parts = Array.from({ length: 1 + random(12) }, () => malformed(random));
      packets += parts.length;
      // One in four comes without CONNECT.
      const hello = random(4) === 0 ? [] : [connectPacket(`bad-${random(20)}`, { isClean: random(2) === 0 })];
      socket.end(Buffer.concat([...hello, ...parts]));
    }
    await until(() => sockets.every((socket) => socket.closed), "the broker to be done with them");
    if (round % 5 === 0) await checkHealth();
  }
  await checkHealth();
  await until(() => broker.clients() === 2, "the strangers to be gone");
  expect(usedMb() - beforeMb).toBeLessThan(100);
});

test("lengths of megabytes that are claimed, and begun, take no memory", async () => {
  const { port, checkHealth, raw } = await openHouse();
  const beforeMb = usedMb();
  const claim = Buffer.concat([Buffer.from([0x30]), lengthOf(200_000_000)]);
  for (let i = 0; i < 20; i++) attack(port).write(claim);
  const begun = await Promise.all(Array.from({ length: 40 }, (_, i) => raw(`slow-${i}`)));
  for (const { socket } of begun)
    socket.write(Buffer.concat([Buffer.from([0x30]), lengthOf(250_000), Buffer.alloc(1_000)]));
  await checkHealth();
  expect(usedMb() - beforeMb).toBeLessThan(30);
});

test("connections that stay silent by the hundred keep nobody out who was there", async () => {
  const { port, checkHealth } = await openHouse();
  const silent = Array.from({ length: 300 }, () => attack(port));
  await until(() => silent.filter((socket) => socket.closed).length >= 240, "those that are too many to be closed");
  await checkHealth();
});

test("topics, subscriptions and sessions without end take bounded memory", async () => {
  const { port, checkHealth, broker } = await openHouse();
  const beforeMb = usedMb();
  for (let round = 0; round < 15; round++) {
    const socket = attack(port);
    const filters = Array.from({ length: 200 }, (_, i) => subscribePacket(`${round}/${i}/${"a/".repeat(80)}`, 1));
    const topics = Array.from({ length: 200 }, (_, i) => publishPacket(`${round}/${i}/${"x".repeat(2_000)}`, "x"));
    for (const packet of topics) packet[0] = 0x31;
    socket.end(Buffer.concat([connectPacket(`greedy-${round}`, { isClean: false }), ...filters, ...topics]));
    await once(socket, "close");
  }
  await checkHealth();
  await until(() => broker.clients() === 2, "the strangers to be gone");
  expect(usedMb() - beforeMb).toBeLessThan(150);
});

test("who asks for every retained message over and over holds up nobody", async () => {
  const { port, checkHealth, broker } = await openHouse();
  for (let i = 0; i < 2_000; i++) {
    broker.publish({ topic: `kept/${i}`, payload: Buffer.alloc(2_000), qos: 0, retain: true });
  }
  const beforeMb = usedMb();
  const socket = attack(port);
  socket.pause();
  socket.write(Buffer.concat([connectPacket("greedy"), ...Array.from({ length: 500 }, () => subscribePacket("#", 0))]));
  for (let i = 0; i < 10; i++) await checkHealth();
  expect(usedMb() - beforeMb).toBeLessThan(40);
});

test("who never acknowledges is sent a window of messages, and holds up nobody", async () => {
  const { raw, checkHealth, broker } = await openHouse();
  const deaf = await raw("deaf");
  deaf.socket.write(subscribePacket("#", 1));
  await until(() => deaf.received().length === 5, "SUBACK");
  for (let i = 0; i < 30_000; i++) {
    broker.publish({ topic: "flood", payload: Buffer.from("x"), qos: 1, retain: false });
  }
  await checkHealth();
  expect((deaf.received().length - 5) / publishPacket("flood", "x", 1).length).toBeLessThanOrEqual(500);
  await deaf.gone();
});
