import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { createOutbox } from "./outbox.ts";
import { packetType } from "./packets.ts";

/** A connection that takes a write only when the test lets it. */
function openOutbox() {
  const writes: Buffer[] = [];
  const events: string[] = [];
  let take: (() => void) | null = null;
  let isOpen = true;
  const conn = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      writes.push(chunk);
      take = done;
    },
  });
  const outbox = createOutbox({
    conn,
    isOpen: () => isOpen,
    onBehind: () => void events.push("behind"),
    onCaughtUp: () => void events.push("caught up"),
    onWritten: () => {},
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** Takes one write after the other until none is left. */
  async function takeAll(): Promise<void> {
    await turn();
    for (let done = take; done; done = take) {
      take = null;
      done();
      await turn();
    }
  }
  const close = () => {
    isOpen = false;
  };
  return { outbox, writes, events, turn, takeAll, close };
}

const frame = Buffer.alloc(1024);

test("what is queued in one turn leaves in one write, acknowledgements last", async () => {
  const { outbox, writes, takeAll } = openOutbox();
  outbox.acknowledge(packetType.puback, 7);
  outbox.send(Buffer.from("a"));
  outbox.send(Buffer.from("b"));
  outbox.acknowledge(packetType.puback, 8);
  await takeAll();
  expect(writes.map((bytes) => bytes.toString("latin1"))).toEqual(["ab\x40\x02\x00\x07\x40\x02\x00\x08"]);
});

test("nothing is lost while a subscriber is behind, and that it caught up is told once", async () => {
  const { outbox, writes, events, takeAll } = openOutbox();
  for (let i = 0; i < 2_000; i++) outbox.send(frame);
  expect(events).toEqual(["behind"]);
  await takeAll();
  expect(events).toEqual(["behind", "caught up"]);
  expect(Buffer.concat(writes)).toHaveLength(2_000 * 1024);
});

test("a subscriber that was given up is not waited for, and no more than a megabyte waits for it", async () => {
  const { outbox, writes, events, takeAll } = openOutbox();
  for (let i = 0; i < 1_024; i++) outbox.send(frame);
  outbox.giveUp();
  expect(events).toEqual(["behind", "caught up"]);
  for (let i = 0; i < 5_000; i++) outbox.send(frame);
  await takeAll();
  expect(Buffer.concat(writes)).toHaveLength(1_024 * 1024);
  expect(events).toEqual(["behind", "caught up"]);
  outbox.send(frame);
  await takeAll();
  expect(Buffer.concat(writes)).toHaveLength(1_025 * 1024);
});

test("a connection that is gone holds up nobody", async () => {
  const { outbox, events, turn, close, writes } = openOutbox();
  for (let i = 0; i < 2_000; i++) outbox.send(frame);
  close();
  await turn();
  expect(events).toEqual(["behind", "caught up"]);
  expect(writes).toEqual([]);
});

test("tells since when a write is not taken", async () => {
  const { outbox, turn, takeAll } = openOutbox();
  expect(outbox.writingSinceMs()).toBeNull();
  outbox.send(frame);
  await turn();
  expect(outbox.writingSinceMs()).toBeLessThanOrEqual(performance.now());
  await takeAll();
  expect(outbox.writingSinceMs()).toBeNull();
});
