import { Level } from "level";
import { describe, expect, onTestFinished, test } from "vitest";
import { type BrokerOptions, defaultLimits, type Limits } from "./broker.ts";
import { log, newFolder, openBroker, publishPacket, received, until } from "./harness.ts";
import { openLevel } from "./level.ts";
import { openMirror } from "./mirror.ts";
import { createRouter } from "./router.ts";
import { openSessions } from "./sessions.ts";

const phone = { clientId: "phone", clean: false };

async function openHouse(
  limits: Partial<Limits> = {},
  folder = newFolder(),
  options: Partial<BrokerOptions<string>> = {},
) {
  const house = await openBroker(undefined, folder, { limits, ...options });
  /** A persistent session that subscribes, and whose client is away then. */
  async function leaveBehind(filter: string | string[] = "t/#", clientId = "phone"): Promise<void> {
    const client = await house.client({ clientId, clean: false });
    await client.subscribeAsync(filter, { qos: 1 });
    await client.endAsync();
  }
  async function publish(topic: string, payload: string): Promise<void> {
    const client = await house.client();
    await client.publishAsync(topic, payload, { qos: 1 });
    await client.endAsync();
  }
  return { ...house, folder, leaveBehind, publish };
}

/** Sessions without a broker around them. */
async function openBare(limits: Partial<Limits> = {}) {
  const level = await openLevel(newFolder(), log);
  const mirror = await openMirror({ level, log });
  const router = createRouter();
  const sessions = await openSessions({
    ...{ mirror, router, limits: { ...defaultLimits, ...limits }, onBehind() {}, onCaughtUp() {} },
  });
  onTestFinished(async () => {
    sessions.close();
    await mirror.close();
    await level.close();
  });
  const newLink = () => {
    const pushed: Buffer[] = [];
    return {
      ...{ pushed, push: (frame: Buffer) => void pushed.push(frame), send() {}, acknowledge() {} },
      ...{ isBridge: false, hasRoom: () => true, mayRead: () => true },
    };
  };
  return { sessions, router, newLink };
}

describe("what waits for a client that is away", () => {
  test("is limited in number: the oldest goes", async () => {
    const { client, leaveBehind, broker } = await openHouse({ maxQueued: 10 });
    await leaveBehind();
    for (let i = 0; i < 25; i++) broker.publish({ topic: "t/x", payload: Buffer.from(`${i}`), qos: 1, retain: false });
    const messages = received(await client(phone));
    await until(() => messages.at(-1)?.payload === "24", "the newest");
    expect(messages.map(({ payload }) => Number(payload))).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
  });

  test("is limited in bytes, of one and of all", async () => {
    const { client, leaveBehind, broker } = await openHouse({ maxQueuedBytes: 30_000, maxQueuedBytesTotal: 40_000 });
    await leaveBehind();
    await leaveBehind("t/#", "tablet");
    const payload = (i: number) => Buffer.from(`${i}`.padEnd(9_000));
    for (let i = 0; i < 9; i++) broker.publish({ topic: "t/x", payload: payload(i), qos: 1, retain: false });
    const [one, two] = [received(await client(phone)), received(await client({ ...phone, clientId: "tablet" }))];
    await until(() => [one, two].every((list) => list.at(-1)?.payload.startsWith("8")), "the newest");
    expect(one.length).toBeLessThanOrEqual(3);
    expect(one.length + two.length).toBeLessThanOrEqual(4);
  });

  test("survives a restart in its order, and what comes after stands behind it", async () => {
    const first = await openHouse();
    await first.leaveBehind();
    for (const payload of ["a", "b", "c"]) await first.publish("t/x", payload);
    await first.close();
    const second = await openHouse({}, first.folder);
    for (const payload of ["d", "e"]) await second.publish("t/x", payload);
    await second.close();
    const third = await openHouse({}, first.folder);
    const messages = received(await third.client(phone));
    await until(() => messages.length === 5, "the messages");
    expect(messages.map(({ payload }) => payload)).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("and was sent but not acknowledged before a restart comes with its id and marked as sent again", async () => {
    const first = await openHouse();
    await first.leaveBehind("t");
    await first.publish("t", "x");
    await first.close(); // it is on the disk, not sent
    const second = await openHouse({}, first.folder);
    const reader = await second.raw("phone", { isClean: false });
    const sent = await until(() => reader.received().length > 0 && reader.received(), "the message");
    await second.close();
    const third = await openHouse({}, first.folder);
    const again = await third.raw("phone", { isClean: false });
    const resent = await until(() => again.received().length >= sent.length && again.received(), "the message again");
    expect(resent[0]).toBe((sent[0] as number) | 8);
    expect(resent.subarray(1)).toEqual(sent.subarray(1));
  });

  test("comes once and loses nothing when filters overlap", async () => {
    const { client, leaveBehind, publish } = await openHouse();
    await leaveBehind(["t/#", "t/+", "t/x", "+/x"]);
    for (let i = 0; i < 20; i++) await publish("t/x", `${i}`);
    const messages = received(await client(phone));
    await until(() => messages.at(-1)?.payload === "19", "the newest");
    expect(messages.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("leaves no trace on the disk once it is acknowledged", async () => {
    const { client, leaveBehind, publish, close, folder } = await openHouse();
    await leaveBehind();
    for (let i = 0; i < 20; i++) await publish("t/x", `${i}`);
    const reader = await client(phone);
    const messages = received(reader);
    await until(() => messages.length === 20, "the messages");
    await reader.endAsync();
    await close();
    const level = new Level(`${folder}/mqtt`);
    onTestFinished(() => level.close());
    expect(await level.keys().all()).toEqual(["format", "session:phone"]);
  });
});

describe("a message of QoS 2", () => {
  test("that was taken before a restart is not taken again", async () => {
    const taken: string[] = [];
    const folder = newFolder();
    const onPublish = ({ payload }: { payload: Uint8Array }, done: (error: Error | null) => void) => {
      taken.push(`${payload}`);
      done(null);
    };
    const packet = publishPacket("t", "x", 7);
    packet[0] = 0x34;
    const first = await openBroker(onPublish, folder);
    const meter = await first.raw("m", { isClean: false });
    meter.socket.write(packet);
    await until(() => meter.received().length === 4, "PUBREC");
    await first.close();
    const second = await openBroker(onPublish, folder);
    const again = await second.raw("m", { isClean: false });
    packet[0] = 0x3c;
    again.socket.write(packet);
    await until(() => again.received().length === 4, "PUBREC again");
    expect(taken).toHaveLength(1);
    again.socket.write(Buffer.from([0x62, 2, 0, 7]));
    await until(() => again.received().length === 8, "PUBCOMP");
    await second.close();
    const third = await openBroker(onPublish, folder);
    (await third.raw("m", { isClean: false })).socket.write(packet);
    await until(() => taken.length === 2, "the next message with the id");
  });
});

describe("persistent sessions", () => {
  test("end when their client has been away for too long", async () => {
    const { client, leaveBehind, publish } = await openHouse({ sessionExpiryMs: 200 });
    const here = await client({ clientId: "here", clean: false });
    const messages = received(here);
    await here.subscribeAsync("t/#", { qos: 1 });
    await leaveBehind();
    await publish("t/x", "lost");
    await new Promise((resolve) => setTimeout(resolve, 600));
    const again = await client(phone);
    const lost = received(again);
    await publish("t/x", "after");
    await until(() => messages.length === 2, "who was here all the time");
    expect(lost).toEqual([]);
  });

  test("are limited: the one that has been away longest goes, and one whose client is there never does", async () => {
    const { sessions, newLink } = await openBare({ maxSessions: 3 });
    const link = newLink();
    for (const id of ["a", "b", "c"]) {
      expect(sessions.hasRoomFor(id)).toBe(true);
      sessions.open(id, false).attach(link);
    }
    expect(sessions.hasRoomFor("d")).toBe(false);
    expect(sessions.hasRoomFor("a")).toBe(true);
    for (const session of sessions.all()) if (session.clientId === "b") sessions.leave(session, link);
    expect(sessions.hasRoomFor("d")).toBe(true);
    sessions.open("d", false);
    expect(sessions.all().map(({ clientId }) => clientId)).toEqual(["a", "c", "d"]);
  });

  test("that give way to a clean one get no messages any more", async () => {
    const { sessions, router } = await openBare();
    const kept = sessions.open("phone", false);
    sessions.subscribe(kept, "t", 1);
    const message = { topic: "t", payload: Buffer.from("x"), qos: 1, retain: false } as const;
    router.deliver(message, null, null);
    expect(kept.waiting()).toBe(1);
    sessions.open("phone", true);
    router.deliver(message, null, null);
    expect([kept.waiting(), kept.subscriptions.size]).toEqual([0, 0]);
  });

  test("stay with the newer connection when the older one ends late", async () => {
    const { sessions, newLink } = await openBare();
    const [older, newer] = [newLink(), newLink()];
    const session = sessions.open("phone", false);
    session.attach(older);
    session.deliver({ topic: "t", payload: Buffer.from("x"), qos: 1, retain: false });
    expect(sessions.open("phone", false)).toBe(session);
    session.attach(newer);
    expect([older.pushed.length, newer.pushed.length]).toEqual([1, 1]);
    sessions.leave(session, older);
    expect(session.link()).toBe(newer);
    sessions.leave(session, newer);
    expect(session.link()).toBeNull();
  });
});

describe("the database of the broker", () => {
  test("that fails stops no message and crashes nothing", async () => {
    const warnings: string[] = [];
    const quiet = { debug() {}, info() {}, error() {}, warn: (line: string) => void warnings.push(line) };
    const { client, leaveBehind, publish, level } = await openHouse({}, newFolder(), { log: quiet });
    await leaveBehind();
    level.batch = (() => Promise.reject(new Error("the disk is gone"))) as unknown as typeof level.batch;
    const live = await client();
    const messages = received(live);
    await live.subscribeAsync("#");
    for (let i = 0; i < 50; i++) await publish("t/x", `${i}`);
    await (await client()).publishAsync("kept", "x", { qos: 1, retain: true });
    const queued = received(await client(phone));
    await until(() => messages.length === 51 && queued.length === 50, "all messages");
    expect(warnings).toEqual([expect.stringContaining("the disk is gone")]);
  });

  test("that cannot be read is no reason not to start", async () => {
    const folder = newFolder();
    const warnings: string[] = [];
    const quiet = { debug() {}, info() {}, error() {}, warn: (line: string) => void warnings.push(line) };
    const level = await openLevel(folder, log);
    onTestFinished(() => level.close());
    level.get = (() => Promise.reject(new Error("corrupt"))) as unknown as typeof level.get;
    level.iterator = (() => {
      throw new Error("corrupt");
    }) as unknown as typeof level.iterator;
    const mirror = await openMirror({ level, log: quiet });
    const sessions = await openSessions({
      ...{ mirror, router: createRouter(), limits: defaultLimits, onBehind() {}, onCaughtUp() {} },
    });
    onTestFinished(() => sessions.close());
    expect(sessions.all()).toEqual([]);
    expect(warnings.length).toBeGreaterThan(0);
    await mirror.close();
  });

  test("of another form is begun anew, and a damaged value costs that value", async () => {
    const folder = newFolder();
    const level = await openLevel(folder, log);
    await level.put("subscriptions:phone:t", "of a former version");
    await level.close();
    const first = await openHouse({}, folder);
    await first.leaveBehind();
    await first.publish("t/x", "1");
    await first.publish("t/x", "2");
    await first.close();
    const damaged = new Level(`${folder}/mqtt`);
    expect(await damaged.keys().all()).not.toContain("subscriptions:phone:t");
    await damaged.put(`queued:phone:${"1".padStart(16, "0")}`, "{");
    await damaged.put("session:tablet", "nonsense");
    await damaged.put("retained:x", "nonsense");
    await damaged.close();
    const second = await openHouse({}, folder);
    const messages = received(await second.client(phone));
    await until(() => messages.length === 1, "the other message");
    expect(messages[0]?.payload).toBe("2");
  });
});
