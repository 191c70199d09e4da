import { EventEmitter } from "node:events";
import { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { InnerClient } from "./aedes-internals.ts";
import { createBacklog } from "./backlog.ts";
import { takeOver } from "./connection.ts";
import { publishPacket } from "./harness.ts";
import { createRouter } from "./router.ts";

/** A client of which Aedes handles every packet at once, as it does before a client has its CONNACK. */
function openClient() {
  const handled: Buffer[] = [];
  const conn = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const client = Object.assign(new EventEmitter(), {
    conn,
    closed: false,
    connackSent: false,
    _paused: true,
    _parsingBatch: 1,
    _nextBatch() {},
    _keepaliveTimer: null,
    _parser: {
      _queue: [],
      parse(frame: Buffer) {
        handled.push(Buffer.from(frame));
        client._parsingBatch++;
        client._nextBatch();
      },
    },
  });
  const backlog = createBacklog({ onCaughtUp() {} });
  onTestFinished(() => backlog.close());
  takeOver(client as unknown as InnerClient, {
    publish: (_packet, _client, done) => done(),
    router: createRouter({ subscriberOf: () => null }),
    offline: { hasSubscriber: () => false },
    backlog,
    onPublish: (_publication, done) => done(null),
  });
  return { client, conn, handled };
}

test("packets that are done at once do not overtake those that arrived before them", () => {
  const { client, conn, handled } = openClient();
  const packets = Array.from({ length: 40 }, (_, i) => publishPacket("t", `${i}`.padEnd(50)));
  const bytes = Buffer.concat(packets);
  for (let at = 0; at < bytes.length; at += 130) conn.push(bytes.subarray(at, at + 130));
  client._paused = false;
  client._nextBatch();
  expect(Buffer.concat(handled).equals(bytes)).toBe(true);
  expect(handled).toHaveLength(packets.length);
});

test("nothing is read while CONNECT is handled", () => {
  const { client, conn, handled } = openClient();
  conn.push(publishPacket("t", "x"));
  client._nextBatch();
  expect(handled).toEqual([]);
});
