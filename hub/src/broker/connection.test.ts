import { EventEmitter } from "node:events";
import { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { InnerClient } from "./aedes-internals.ts";
import { createBacklog } from "./backlog.ts";
import { takeOver } from "./connection.ts";
import { connectPacket, log, newFolder, publishPacket } from "./harness.ts";
import { openLevel } from "./level.ts";
import { defaultLimits } from "./limits.ts";
import { openMirror } from "./mirror.ts";
import { openRetained } from "./retained.ts";
import { createRouter } from "./router.ts";
import { openSessions } from "./sessions.ts";

/** A connection whose CONNECT is answered when the test says so. */
async function openConnection() {
  const level = await openLevel(newFolder(), log);
  onTestFinished(() => level.close());
  const mirror = await openMirror({ level, log });
  const limits = defaultLimits;
  const router = createRouter();
  const backlog = createBacklog({ onCaughtUp() {} });
  onTestFinished(() => backlog.close());
  const sessions = await openSessions({ mirror, router, limits, onBehind() {}, onCaughtUp() {} });
  onTestFinished(() => sessions.close());
  const conn = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const client = Object.assign(new EventEmitter(), {
    ...{ conn, id: "meter", closed: false, _parsingBatch: 1, _keepaliveTimer: null },
    _nextBatch() {},
    _parser: { parse: () => 0 },
  });
  const payloads: string[] = [];
  takeOver(
    client as unknown as InnerClient,
    { conn, transport: "tcp", remoteAddress: null, request: null },
    { admitted() {}, leave() {} },
    {
      ...{ limits, router, sessions, backlog, admit: undefined },
      retained: await openRetained({ mirror, log, limits }),
      onPublish(publication, done) {
        payloads.push(`${Buffer.from(publication.payload)}`.trim());
        done(null);
      },
      ...{ onRefused() {}, onUnsupported() {}, onTurnedAway() {}, onMistake() {} },
    },
  );
  return { conn, client, payloads };
}

test("what comes with CONNECT and what comes later keep their order", async () => {
  const { conn, client, payloads } = await openConnection();
  const packets = Array.from({ length: 40 }, (_, i) => publishPacket("t", `${i}`.padEnd(50)));
  const bytes = Buffer.concat([connectPacket("meter"), ...packets]);
  for (let at = 0; at < bytes.length; at += 130) conn.push(bytes.subarray(at, at + 130));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(payloads).toEqual([]);
  client.emit("connected");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(payloads).toEqual(packets.map((_, i) => `${i}`));
});
