import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { Admission, BrokerOptions, ConnectRequest, Publication, RefusedAction, Rights } from "./broker.ts";
import { connectPacket, holdingHub, openBroker, publishPacket, received, subscribePacket, until } from "./harness.ts";

const all: Rights = { mayPublish: () => true, maySubscribe: () => true, mayRead: () => true };
const admitted = (identity: string, rights: Partial<Rights> = {}, keepsSession = true): Admission<string> => ({
  ...{ identity, keepsSession },
  rights: { ...all, ...rights },
});

/** A broker that lets in whom `admit` lets in. */
async function openHouse(admit: BrokerOptions<string>["admit"], options: Partial<BrokerOptions<string>> = {}) {
  const taken: Publication[] = [];
  const refused: (RefusedAction & { identity: string | null })[] = [];
  const onPublish = (publication: Publication, done: (error: Error | null) => void) => {
    taken.push({ ...publication, payload: Buffer.from(publication.payload) });
    done(null);
  };
  const house = await openBroker(onPublish, undefined, {
    ...(admit && { admit }),
    onRefused: (identity, action) => void refused.push({ identity, ...action }),
    ...options,
  });
  return { ...house, taken, refused };
}

describe("who connects", () => {
  test("is described to the hub with all that CONNECT says", async () => {
    const requests: ConnectRequest[] = [];
    const { raw, broker } = await openHouse((request) => {
      requests.push(request);
      return admitted("meter 1");
    });
    const startedMs = Date.now();
    const will = { topic: "gone", payload: "x", qos: 1, retain: true } as const;
    await raw("meter", { username: "u", password: "p", will, keepaliveS: 30 });
    expect(requests).toMatchObject([
      {
        ...{ clientId: "meter", username: "u", password: Buffer.from("p"), isClean: true },
        ...{ remoteAddress: "127.0.0.1", transport: "tcp", tlsSocket: null, request: null },
        will: { topic: "gone", payload: Buffer.from("x"), qos: 1, retain: true },
      },
    ]);
    const [live] = await until(() => broker.sessions().length > 0 && broker.sessions(), "the client");
    expect(live).toMatchObject({
      clientId: "meter",
      identity: "meter 1",
      address: "127.0.0.1",
      transport: "tcp",
      keepaliveS: 30,
    });
    expect(live?.sinceMs).toBeGreaterThanOrEqual(startedMs);
  });

  test.each([
    ["identifier", 2],
    ["unavailable", 3],
    ["credentials", 4],
    ["not_authorized", 5],
  ] as const)("and is refused for %s gets code %i, and the end", async (reason, code) => {
    const { raw, broker } = await openHouse(() => ({ refused: reason, why: "a test" }));
    const meter = await raw("meter");
    expect(meter.code()).toBe(code);
    await meter.gone();
    expect(broker.clients()).toBe(0);
  });

  test("gets code 3 when the hub fails to decide, which is the hub's error to log", async () => {
    const errors: string[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (line: string) => void errors.push(line) };
    const { client } = await openHouse(() => Promise.reject(new Error("no database")), { log });
    await expect(client()).rejects.toThrow("Server unavailable");
    expect(errors.join()).toContain("no database");
  });

  test("loses its connection, and nobody else does, when the hub makes a mistake over a packet of it", async () => {
    const errors: string[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (line: string) => void errors.push(line) };
    const mayPublish = (topic: string) => {
      if (topic === "odd") throw new TypeError("a mistake");
      return true;
    };
    const { raw, client } = await openHouse(() => admitted("m", { mayPublish }), { log });
    const other = await client();
    const odd = await raw("odd");
    odd.socket.write(publishPacket("odd", "x", 1));
    await odd.gone();
    await other.publishAsync("t", "x", { qos: 1 });
    expect(errors).toEqual([expect.stringContaining("a mistake")]);
  });

  test("waits while the hub decides, and takes over from an older connection only when it may", async () => {
    const waiting: ((admission: Admission<string>) => void)[] = [];
    const decideLater = () => new Promise<Admission<string>>((resolve) => void waiting.push(resolve));
    const { raw, broker } = await openHouse(({ username }) => (username === null ? admitted("owner") : decideLater()));
    const owner = await raw("phone");
    await until(() => broker.clients() === 1, "the owner");
    const thief = raw("phone", { username: "thief" });
    await until(() => waiting.length === 1, "the question");
    waiting[0]?.({ refused: "credentials", why: "a test" });
    await (await thief).gone();
    expect(owner.socket.closed).toBe(false);
    const heir = raw("phone", { username: "heir" });
    await until(() => waiting.length === 2, "the question");
    expect(owner.socket.closed).toBe(false);
    waiting[1]?.(admitted("heir"));
    await Promise.all([owner.gone(), heir]);
    await until(() => broker.sessions()[0]?.identity === "heir", "the heir");
  });

  test("and leaves while the hub decides is forgotten", async () => {
    const waiting: ((admission: Admission<string>) => void)[] = [];
    const decideLater = () => new Promise<Admission<string>>((resolve) => void waiting.push(resolve));
    const { port, broker } = await openHouse(decideLater);
    const socket = connect(port, "127.0.0.1");
    socket.write(connectPacket("meter"));
    await until(() => waiting.length === 1, "the question");
    socket.destroy();
    await once(socket, "close");
    waiting[0]?.(admitted("meter"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(broker.sessions()).toEqual([]);
  });

  test("may be kept from having a session", async () => {
    const { client } = await openHouse(() => admitted("guest", {}, false));
    const session = { clientId: "phone", clean: false };
    const phone = await client(session);
    await phone.subscribeAsync("t", { qos: 1 });
    await phone.endAsync();
    await (await client()).publishAsync("t", "x", { qos: 1 });
    const again = await client(session);
    const messages = received(again);
    await again.publishAsync("t", "y", { qos: 1 });
    expect(messages).toEqual([]);
  });

  test("is told when it speaks MQTT 5, and the hub hears of it once", async () => {
    const lines: string[] = [];
    const told: unknown[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (line: string) => void lines.push(line) };
    const { client } = await openBroker(undefined, undefined, { log, onUnsupported: (one) => void told.push(one) });
    for (let i = 0; i < 2; i++) {
      await expect(client({ protocolVersion: 5 })).rejects.toThrow("Unsupported Protocol Version");
    }
    expect(told).toEqual([{ remoteAddress: "127.0.0.1", protocolLevel: 5 }]);
    expect(lines).toEqual([expect.stringContaining("it speaks MQTT 5; choose MQTT 3.1.1")]);
  });
});

describe("a client's rights", () => {
  const ownOnly = { mayPublish: (topic: string) => topic.startsWith("own/") };

  test.each([0, 1, 2] as const)(
    "keep a message of QoS %i from the hub, the subscribers and the retained messages",
    async (qos) => {
      const { client, taken, refused } = await openHouse(({ username }) =>
        admitted(username ?? "other", username === "meter" ? ownOnly : {}),
      );
      const subscriber = await client();
      const messages = received(subscriber);
      await subscriber.subscribeAsync("#");
      const meter = await client({ username: "meter", clientId: "m" });
      await meter.publishAsync("other/x", "bad", { qos, retain: true });
      await meter.publishAsync("own/x", "good", { qos, retain: false });
      await until(() => messages.length > 0, "the good message");
      expect(messages.map(({ payload }) => payload)).toEqual(["good"]);
      expect(taken).toMatchObject([{ topic: "own/x", identity: "meter", clientId: "m", qos }]);
      expect(refused).toEqual([{ identity: "meter", action: "publish", topic: "other/x" }]);
      const late = await client();
      const kept = received(late);
      await late.subscribeAsync("#");
      await late.publishAsync("end", "end", { qos: 1 });
      await until(() => kept.length > 0, "the end");
      expect(kept.map(({ topic }) => topic)).toEqual(["end"]);
    },
  );

  test("are asked for a retained message apart from another", async () => {
    const { raw, taken } = await openHouse(() => admitted("m", { mayPublish: (_topic, retain) => !retain }));
    const { socket, received: bytes } = await raw("m");
    const retained = publishPacket("t", "kept", 1);
    retained[0] = 0x33;
    socket.write(Buffer.concat([publishPacket("t", "a", 2), retained, publishPacket("t", "b", 3)]));
    await until(() => bytes().length === 12, "the acknowledgements");
    expect(taken.map(({ payload }) => `${payload}`)).toEqual(["a", "b"]);
  });

  test("are asked once for a topic, until they are forgotten", async () => {
    const asked: string[] = [];
    let isAllowed = true;
    const mayPublish = (topic: string) => {
      asked.push(topic);
      return isAllowed;
    };
    const { client, broker, taken } = await openHouse(() => admitted("m", { mayPublish }));
    const meter = await client({ clientId: "m" });
    for (const payload of ["1", "2", "3"]) await meter.publishAsync("t", payload, { qos: 1 });
    expect(asked).toEqual(["t"]);
    isAllowed = false;
    broker.forgetRights(({ clientId }) => clientId === "another");
    await meter.publishAsync("t", "4", { qos: 1 });
    broker.forgetRights(({ clientId, identity }) => clientId === "m" && identity === "m");
    await meter.publishAsync("t", "5", { qos: 1 });
    expect(taken.map(({ payload }) => `${payload}`)).toEqual(["1", "2", "3", "4"]);
  });

  test("decide which filters of a SUBSCRIBE are granted, also of a session that was kept", async () => {
    const isMine = (topic: string) => topic.startsWith("mine");
    let maySubscribe = isMine;
    const { client, refused } = await openHouse(() =>
      admitted("m", { maySubscribe: (filter) => maySubscribe(filter) }),
    );
    const session = { clientId: "m", clean: false };
    const meter = await client(session);
    await expect(meter.subscribeAsync(["mine/#", "yours/#"], { qos: 1 })).rejects.toThrow();
    expect(refused).toEqual([{ identity: "m", action: "subscribe", topic: "yours/#" }]);
    await meter.publishAsync("yours/x", "x", { qos: 1 });
    await meter.endAsync();
    maySubscribe = () => false;
    const again = await client(session);
    const messages = received(again);
    await again.publishAsync("mine/x", "x", { qos: 1 });
    await again.publishAsync("end", "x", { qos: 1 });
    expect(messages).toEqual([]);
  });

  test("decide what a subscriber may read: live, retained, and what waited for it", async () => {
    let mayRead = (topic: string) => !topic.startsWith("secret");
    const { client, broker } = await openHouse(({ clientId }) =>
      admitted("anybody", clientId === "reader" ? { mayRead: (topic) => mayRead(topic) } : {}),
    );
    const publisher = await client();
    for (const qos of [0, 1, 2] as const) {
      await publisher.publishAsync(`secret/${qos}`, "kept", { qos, retain: true });
      await publisher.publishAsync(`open/${qos}`, "kept", { qos, retain: true });
    }
    const session = { clientId: "reader", clean: false };
    const reader = await client(session);
    const messages = received(reader);
    await reader.subscribeAsync("#", { qos: 1 });
    for (const qos of [0, 1, 2] as const) {
      await publisher.publishAsync(`secret/${qos}`, "live", { qos });
      await publisher.publishAsync(`open/${qos}`, "live", { qos });
    }
    await until(() => messages.length === 6, "the open messages");
    expect(messages.filter(({ topic }) => topic.startsWith("secret"))).toEqual([]);
    await reader.endAsync();
    for (const topic of ["open/9", "secret/9", "late/9"]) await publisher.publishAsync(topic, "queued", { qos: 1 });
    mayRead = (topic) => topic.startsWith("open");
    const again = await client(session);
    const queued = received(again);
    await publisher.publishAsync("open/9", "end", { qos: 1 });
    await until(() => queued.some(({ payload }) => payload === "end"), "the end");
    expect(queued.map(({ topic }) => topic)).toEqual(["open/9", "open/9"]);
    mayRead = () => false;
    broker.forgetRights(() => true);
    await publisher.publishAsync("open/9", "after", { qos: 0 });
    await publisher.publishAsync("open/9", "after", { qos: 1 });
    expect(queued).toHaveLength(2);
  });

  test("refuse a message in its turn: acknowledgements keep the order of the messages", async () => {
    const hub = holdingHub();
    const admit = () => admitted("m", { mayPublish: (topic) => topic !== "no" });
    const { raw } = await openBroker(hub.onPublish, undefined, { admit });
    const { socket, received: bytes } = await raw("m");
    const [refused, taken] = [publishPacket("no", "x", 2), publishPacket("t", "x", 3)];
    refused[0] = 0x34;
    socket.write(Buffer.concat([publishPacket("t", "x", 1), refused, taken, publishPacket("no", "x", 4)]));
    await until(() => hub.waiting() === 2, "the messages");
    expect(bytes()).toHaveLength(0);
    hub.answer(null);
    await until(() => bytes().length === 16, "the acknowledgements");
    expect([3, 7, 11, 15].map((at) => bytes()[at])).toEqual([1, 2, 3, 4]);
  });

  test("that were taken away hold for a will that was allowed when it was made", async () => {
    let isAllowed = true;
    const { raw, broker, taken, refused } = await openHouse(() => admitted("m", { mayPublish: () => isAllowed }));
    const { socket } = await raw("m", { will: { topic: "gone", payload: "x", qos: 1 } });
    await until(() => broker.clients() === 1, "the client");
    isAllowed = false;
    socket.destroy();
    await until(() => refused.length === 1, "the refusal");
    expect(refused).toEqual([{ identity: "m", action: "publish", topic: "gone" }]);
    expect(taken).toEqual([]);
  });

  test("may be those of a muted client, which the hub hears and nobody else", async () => {
    const { client, raw, taken } = await openHouse(({ username }) =>
      admitted("m", username === "muted" ? { isMuted: true } : {}),
    );
    const subscriber = await client();
    const messages = received(subscriber);
    await subscriber.subscribeAsync("#");
    const will = { topic: "gone", payload: "x" };
    const muted = await raw("muted", { username: "muted", will });
    const retained = publishPacket("t", "muted", 1);
    retained[0] = 0x33;
    muted.socket.write(Buffer.concat([retained, publishPacket("t", "muted")]));
    await until(() => muted.received().length === 4 && taken.length === 2, "the messages");
    muted.socket.destroy();
    await subscriber.publishAsync("end", "end", { qos: 1 });
    await until(() => messages.length > 0, "the end");
    const late = await client();
    const kept = received(late);
    await late.subscribeAsync("#");
    await late.publishAsync("end", "end", { qos: 1 });
    await until(() => kept.length > 0, "the end");
    expect([...messages, ...kept].filter(({ topic }) => topic !== "end")).toEqual([]);
  });

  test("hold for a last will, which carries its client's identity", async () => {
    const { raw, taken, broker } = await openHouse(() => admitted("meter 7"));
    const { socket } = await raw("m", { will: { topic: "gone", payload: "x", qos: 1 } });
    await until(() => broker.clients() === 1, "the client");
    socket.destroy();
    await until(() => taken.length === 1, "the will");
    expect(taken[0]).toMatchObject({ topic: "gone", identity: "meter 7", clientId: "m", qos: 1 });
  });
});

describe("the hub", () => {
  test("publishes itself, also what nobody else may: delivered, and kept", async () => {
    const { client, broker, taken } = await openHouse(() => admitted("m", { mayPublish: () => false }));
    const subscriber = await client();
    const messages = received(subscriber);
    await subscriber.subscribeAsync("cmd/#", { qos: 1 });
    broker.publish({ topic: "cmd/plug", payload: Buffer.from("on"), qos: 1, retain: true });
    broker.publish({ topic: "cmd/plug", payload: Buffer.from("off"), qos: 0, retain: false });
    await until(() => messages.length === 2, "the commands");
    const late = await client();
    const kept = received(late);
    await late.subscribeAsync("cmd/#");
    await until(() => kept.length === 1, "the kept command");
    expect(kept[0]).toMatchObject({ topic: "cmd/plug", payload: "on", retain: true });
    expect(taken).toEqual([]);
  });

  test("disconnects whom it picks at once, and with their sessions when asked", async () => {
    const { client, raw, broker } = await openHouse(({ clientId }) => admitted(clientId));
    const session = (clientId: string) => ({ clientId, clean: false });
    const away = await client(session("away"));
    await away.subscribeAsync("t", { qos: 1 });
    await away.endAsync();
    const bad = await raw("bad", { isClean: false });
    bad.socket.write(subscribePacket("t", 1));
    const good = await raw("good");
    await until(() => broker.clients() === 2 && bad.received().length === 5, "both");
    const isMeant = ({ identity }: { identity: string | null }) => identity === "bad" || identity === "away";
    broker.disconnect(isMeant, "its account is locked", { forget: true });
    await bad.gone();
    expect(good.socket.closed).toBe(false);
    for (const clientId of ["bad", "away"]) {
      const again = await client(session(clientId));
      const messages = received(again);
      await again.publishAsync("t", "x", { qos: 1 });
      expect(messages).toEqual([]);
    }
  });
});
