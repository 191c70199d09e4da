import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { openBroker, publishPacket, subscribePacket, until } from "./harness.ts";

const count = 40_000;
const payloadBytes = 600;

/** A raw subscriber that stops reading once it has its SUBACK. */
async function freeze(raw: Awaited<ReturnType<typeof openBroker>>["raw"], qos: 0 | 1) {
  const frozen = await raw("frozen");
  frozen.socket.write(subscribePacket("#", qos));
  await until(() => frozen.received().length === 5, "SUBACK");
  frozen.socket.pause();
  return frozen.socket;
}

describe("beside a subscriber that stops reading", () => {
  test.each([0, 1] as const)(
    "the others get every message of a burst of QoS %i, in order, and it is dropped",
    async (qos) => {
      const { client, raw, broker } = await openBroker();
      const frozen = await freeze(raw, qos);
      const healthy = await client();
      const numbers: number[] = [];
      healthy.on("message", (_topic, payload) => void numbers.push(Number.parseInt(payload.toString(), 10)));
      await healthy.subscribeAsync("#", { qos });
      const { socket } = await raw("meter");
      for (let i = 0; i < count; i++) {
        const id = qos === 0 ? undefined : 1 + (i % 65_000);
        socket.write(publishPacket("home/power", `${i}`.padEnd(payloadBytes), id));
      }
      await until(() => numbers.length >= count, "all messages");
      expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i));
      await until(() => broker.clients() === 2, "the frozen one to be dropped");
      frozen.resume();
      await once(frozen, "close");
    },
  );

  test("publishers are held up once, for a moment, and not again", async () => {
    let taken = 0;
    const { raw, broker } = await openBroker((_publication, done) => {
      taken++;
      done(null);
    });
    await freeze(raw, 0);
    const { socket } = await raw("meter");
    for (let i = 0; i < count; i++) socket.write(publishPacket("home/power", "x".repeat(payloadBytes)));
    let standstills = 0;
    for (let before = -1; taken < count; before = taken) {
      if (taken === before && taken > 0) standstills++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // It stood still for the second of patience, of which a busy machine may see less.
    expect(standstills).toBeGreaterThan(5);
    expect(broker.clients()).toBe(2);
  });
});
