import { once } from "node:events";
import { describe, expect, test } from "vitest";
import {
  holdingHub,
  newFolder,
  openBroker,
  publishPacket,
  type Received,
  received,
  subscribePacket,
  until,
} from "./harness.ts";

describe("a subscriber", () => {
  test("gets a burst of QoS 0 whole, in order and unchanged", async () => {
    const { client, raw } = await openBroker();
    const subscriber = await client();
    const messages = received(subscriber);
    await subscriber.subscribeAsync("home/#");
    const { socket } = await raw("meter");
    const count = 20_000;
    for (let i = 0; i < count; i++) socket.write(publishPacket(`home/${i % 7}`, `${i}`.padEnd(300, "x")));
    await until(() => messages.length === count, "all messages");
    expect(messages.map(({ payload }) => Number.parseInt(payload, 10))).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
    expect(messages[9]).toEqual({ topic: "home/2", payload: "9".padEnd(300, "x"), qos: 0, retain: false });
  });

  test("gets each message with the lower of the two QoS, once however many of its filters match", async () => {
    const { client } = await openBroker();
    const [atMostOnce, atLeastOnce, publisher] = [await client(), await client(), await client()];
    const [zero, one] = [received(atMostOnce), received(atLeastOnce)];
    await atMostOnce.subscribeAsync(["a/+", "a/#", "+/b"]);
    await atLeastOnce.subscribeAsync({ "a/+": { qos: 0 }, "a/#": { qos: 1 } });
    await publisher.publishAsync("a/b", "0", { qos: 0 });
    await publisher.publishAsync("a/b", "1", { qos: 1 });
    await publisher.publishAsync("a/b", "end", { qos: 1 });
    await until(() => zero.length >= 3 && one.length >= 3, "the messages");
    const brief = (list: Received[]) => list.map(({ payload, qos }) => `${payload} at QoS ${qos}`).sort();
    expect(brief(zero)).toEqual(["0 at QoS 0", "1 at QoS 0", "end at QoS 0"]);
    expect(brief(one)).toEqual(["0 at QoS 0", "1 at QoS 1", "end at QoS 1"]);
  });

  test("gets messages from when it comes until it goes", async () => {
    const { client } = await openBroker();
    const [subscriber, publisher] = [await client(), await client()];
    const messages = received(subscriber);
    const publish = (payload: string) => publisher.publishAsync("t", payload, { qos: 1 });
    await publish("before");
    await subscriber.subscribeAsync("t");
    await publish("first");
    await until(() => messages.length === 1, "the first message");
    await subscriber.unsubscribeAsync("t");
    await publish("between");
    await subscriber.subscribeAsync("+");
    await publish("second");
    await until(() => messages.length >= 2, "the second message");
    expect(messages.map(({ payload }) => payload)).toEqual(["first", "second"]);
    await subscriber.endAsync(true);
    await publish("after");
  });

  test("that is a bridge does not get its own messages back", async () => {
    const { client, raw } = await openBroker();
    const publisher = await client();
    const { socket, received: bytes } = await raw("bridge", { level: 0x84 });
    socket.write(subscribePacket("t", 0));
    await until(() => bytes().length === 5, "SUBACK");
    socket.write(publishPacket("t", "mine"));
    await until(() => publisher.connected, "the publisher");
    await publisher.publishAsync("t", "other", { qos: 1 });
    await until(() => bytes().includes("other"), "the message of the other");
    expect(bytes().includes("mine")).toBe(false);
  });
});

describe("messages of the broker itself", () => {
  test("reach only those who ask for $SYS", async () => {
    const { client } = await openBroker();
    const [all, system] = [await client(), await client()];
    const [ofAll, ofSystem] = [received(all), received(system)];
    await all.subscribeAsync("#");
    await system.subscribeAsync("$SYS/+/new/clients");
    await client({ clientId: "newcomer" });
    await until(() => ofSystem.some(({ payload }) => payload === "newcomer"), "the newcomer");
    await all.publishAsync("t", "x", { qos: 1 });
    await until(() => ofAll.length > 0, "a message");
    expect(ofAll.map(({ topic }) => topic)).toEqual(["t"]);
  });
});

describe("a retained message", () => {
  test.each([0, 1] as const)("of QoS %i is delivered now, kept for later, and deleted by an empty one", async (qos) => {
    const { client } = await openBroker();
    const [live, publisher] = [await client(), await client()];
    const messages = received(live);
    await live.subscribeAsync("state");
    await publisher.publishAsync("state", "on", { qos, retain: true });
    await until(() => messages.length === 1, "the live message");
    expect(messages[0]).toMatchObject({ payload: "on", retain: false });
    const late = await client();
    const kept = received(late);
    await late.subscribeAsync("state");
    await until(() => kept.length === 1, "the kept message");
    expect(kept[0]).toMatchObject({ payload: "on", retain: true });
    await publisher.publishAsync("state", "", { qos, retain: true });
    await until(() => messages.length === 2, "the deletion");
    const later = await client();
    const none = received(later);
    await later.subscribeAsync("state");
    await publisher.publishAsync("state", "end", { qos: 1 });
    await until(() => none.length > 0, "the end");
    expect(none.map(({ payload }) => payload)).toEqual(["end"]);
  });
});

test("the newest of many retained messages in quick succession is the one that is kept", async () => {
  const { client, raw } = await openBroker();
  const topics = Array.from({ length: 20 }, (_, i) => `state/${i}`);
  const packets = Array.from({ length: 30 }, (_, i) =>
    topics.map((topic) => publishPacket(topic, `${i}`, 1 + i)),
  ).flat();
  for (const packet of packets) packet[0] = 0x33;
  const { socket, received: bytes } = await raw("meter");
  const live = await client();
  const messages = received(live);
  await live.subscribeAsync("state/#", { qos: 1 });
  socket.write(Buffer.concat(packets));
  await until(() => bytes().length === 4 * packets.length && messages.length === packets.length, "all messages");
  const late = await client();
  const kept = received(late);
  await late.subscribeAsync("state/#");
  await until(() => kept.length === topics.length, "what is kept");
  expect(kept.map(({ payload }) => payload)).toEqual(topics.map(() => "29"));
  const ofOne = messages.filter(({ topic }) => topic === "state/7").map(({ payload }) => Number(payload));
  expect(ofOne).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

describe("a message of QoS 1", () => {
  test("is acknowledged when the hub has it, each once and in order", async () => {
    const hub = holdingHub();
    const { raw } = await openBroker(hub.onPublish);
    const { socket, received: bytes } = await raw("meter");
    const ids = Array.from({ length: 500 }, (_, i) => 1 + ((i * 131) % 65_535));
    socket.write(Buffer.concat(ids.map((id) => publishPacket("t", "x".repeat(500), id))));
    await until(() => hub.waiting() === 500, "all messages");
    expect(bytes()).toHaveLength(0);
    hub.answer(null);
    await until(() => bytes().length >= 2000, "the acknowledgements");
    const acknowledged = ids.map((_, i) => bytes().readUInt16BE(i * 4 + 2));
    expect(bytes()).toHaveLength(2000);
    expect(acknowledged).toEqual(ids);
  });

  test("that the hub refuses ends the connection without acknowledgement", async () => {
    const hub = holdingHub();
    const { raw, broker } = await openBroker(hub.onPublish);
    const [refused, other] = [await raw("refused"), await raw("other")];
    refused.socket.write(Buffer.concat([publishPacket("t", "x", 1), publishPacket("t", "y", 2)]));
    await until(() => hub.waiting() === 2, "the messages");
    hub.answer(new Error("the disk is full"));
    await once(refused.socket, "close");
    expect(refused.received()).toHaveLength(0);
    await until(() => broker.clients() === 1, "the other alone");
    expect(other.socket.destroyed).toBe(false);
  });

  test("whose sender left before it was stored still reaches the subscribers", async () => {
    const hub = holdingHub();
    const { client, raw, broker } = await openBroker(hub.onPublish);
    const subscriber = await client();
    const messages = received(subscriber);
    await subscriber.subscribeAsync("t");
    const { socket } = await raw("meter");
    socket.write(publishPacket("t", "last words", 1));
    await until(() => hub.waiting() === 1, "the message");
    socket.destroy();
    await until(() => broker.clients() === 1, "the sender to leave");
    hub.answer(null);
    await until(() => messages.length === 1, "the message");
    expect(messages[0]?.payload).toBe("last words");
  });

  test("is queued for a persistent session that is away, also on a topic that nobody subscribed to before", async () => {
    const { client } = await openBroker();
    const publisher = await client();
    const publish = (payload: string) => publisher.publishAsync("alarm", payload, { qos: 1 });
    for (const payload of ["a", "b"]) await publish(payload);
    const session = { clientId: "phone", clean: false };
    const phone = await client(session);
    await phone.subscribeAsync("alarm", { qos: 1 });
    await phone.endAsync();
    for (const payload of ["c", "d"]) await publish(payload);
    const messages = received(await client(session));
    await until(() => messages.length === 2, "the queued messages");
    await publish("live");
    await until(() => messages.length === 3, "a live message");
    expect(messages.map(({ payload }) => payload)).toEqual(["c", "d", "live"]);
  });

  test("comes in order to a persistent session that is there", async () => {
    const { client, raw } = await openBroker();
    const phone = await client({ clientId: "phone", clean: false });
    const messages = received(phone);
    await phone.subscribeAsync("t", { qos: 1 });
    const { socket } = await raw("meter");
    const count = 1_000;
    socket.write(Buffer.concat(Array.from({ length: count }, (_, i) => publishPacket("t", `${i}`, 1 + i))));
    await until(() => messages.length === count, "all messages");
    expect(messages.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test("is not queued any more after the session was ended", async () => {
    const { client } = await openBroker();
    const publisher = await client();
    const publish = (payload: string) => publisher.publishAsync("alarm", payload, { qos: 1 });
    const session = { clientId: "phone", clean: false };
    const phone = await client(session);
    await phone.subscribeAsync("alarm", { qos: 1 });
    await phone.endAsync();
    await publish("queued");
    await (await client({ clientId: "phone", clean: true })).endAsync();
    await publish("lost");
    const again = await client(session);
    const messages = received(again);
    await again.subscribeAsync("alarm", { qos: 1 });
    await publish("new");
    await until(() => messages.length > 0, "the new message");
    expect(messages.map(({ payload }) => payload)).not.toContain("lost");
  });

  test("survives a restart of the broker in the queue of a session", async () => {
    const folder = newFolder();
    const session = { clientId: "phone", clean: false };
    const first = await openBroker(undefined, folder);
    const phone = await first.client(session);
    await phone.subscribeAsync("alarm", { qos: 1 });
    await phone.endAsync();
    await first.close();
    const second = await openBroker(undefined, folder);
    await (await second.client()).publishAsync("alarm", "x", { qos: 1 });
    const messages = received(await second.client(session));
    await until(() => messages.length === 1, "the queued message");
  });
});

test("a message of QoS 2 arrives exactly once, also when its PUBLISH is sent again", async () => {
  const { client, raw } = await openBroker();
  const subscriber = await client();
  const messages = received(subscriber);
  await subscriber.subscribeAsync("t", { qos: 2 });
  const { socket, received: bytes } = await raw("meter");
  const packet = publishPacket("t", "once", 5);
  packet[0] = 0x34;
  socket.write(packet);
  await until(() => bytes().length === 4, "PUBREC");
  packet[0] = 0x3c;
  socket.write(packet);
  await until(() => bytes().length === 8, "the second PUBREC");
  socket.write(Buffer.from([0x62, 2, 0, 5]));
  await until(() => bytes().length === 12, "PUBCOMP");
  expect([...bytes()]).toEqual([0x50, 2, 0, 5, 0x50, 2, 0, 5, 0x70, 2, 0, 5]);
  await (await client()).publishAsync("t", "end", { qos: 2 });
  await until(() => messages.length >= 2, "the end");
  expect(messages.map(({ payload, qos }) => [payload, qos])).toEqual([
    ["once", 2],
    ["end", 2],
  ]);
});

test("a last will is taken by the hub and delivered", async () => {
  const taken: string[] = [];
  const { client } = await openBroker(({ topic, payload }, done) => {
    taken.push(`${topic} ${payload}`);
    done(null);
  });
  const subscriber = await client();
  const messages = received(subscriber);
  await subscriber.subscribeAsync("status");
  const meter = await client({ will: { topic: "status", payload: Buffer.from("offline"), qos: 1, retain: true } });
  meter.stream.destroy();
  await until(() => messages.length === 1, "the will");
  expect(messages[0]?.payload).toBe("offline");
  expect(taken).toEqual(["status offline"]);
});
