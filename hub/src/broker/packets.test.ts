import { describe, expect, test } from "vitest";
import { publishPacket } from "./harness.ts";
import { ackOf, decodePublish, encodeAcks, encodePublish, packetType } from "./packets.ts";
import { ProtocolViolation } from "./violation.ts";

describe("a PUBLISH", () => {
  test("of QoS 0 is read as it was written", () => {
    const payload = Buffer.from('{"power":1}'.padEnd(200));
    const frame = encodePublish({ topic: "บ้าน/มิเตอร์", payload });
    expect(decodePublish(frame)).toEqual({ topic: "บ้าน/มิเตอร์", payload, qos: 0, retain: false, messageId: 0 });
  });

  test("of QoS 1 has a message id", () => {
    expect(decodePublish(publishPacket("a", "x", 0x1234))).toMatchObject({ qos: 1, messageId: 0x1234 });
  });

  test("tells its flags", () => {
    const frame = Buffer.from([0x3d, 6, 0, 1, 0x61, 0, 7, 0x78]);
    expect(decodePublish(frame)).toMatchObject({ topic: "a", qos: 2, retain: true, messageId: 7 });
  });

  test("may have no payload", () => {
    expect(decodePublish(encodePublish({ topic: "a", payload: Buffer.alloc(0) })).payload).toHaveLength(0);
  });

  test.each([
    ["without a topic's length", [0x30, 1, 0]],
    ["with a topic longer than the packet", [0x30, 3, 0, 2, 0x61]],
    ["without the message id that its QoS asks for", [0x32, 4, 0, 1, 0x61, 0]],
    ["of QoS 3", [0x36, 5, 0, 1, 0x61, 0, 1]],
    ["that has nothing", [0x30, 0]],
    ["of QoS 0 that is marked as sent again", [0x38, 3, 0, 1, 0x61]],
    ["with the message id 0", [0x32, 5, 0, 1, 0x61, 0, 0]],
    ["with a wildcard in its topic", [0x30, 3, 0, 1, 0x2b]],
    ["with an empty topic", [0x30, 2, 0, 0]],
    ["with malformed UTF-8 in its topic", [0x30, 3, 0, 1, 0xff]],
  ])("%s is a violation", (_what, bytes) => {
    expect(() => decodePublish(Buffer.from(bytes))).toThrow(ProtocolViolation);
  });

  test("may have a topic of a hundred levels, and no more", () => {
    const of = (levels: number) =>
      encodePublish({ topic: Array(levels).fill("a").join("/"), payload: Buffer.alloc(0) });
    expect(decodePublish(of(100)).topic).toHaveLength(199);
    expect(() => decodePublish(of(101))).toThrow(ProtocolViolation);
  });

  test("tells that it was sent before", () => {
    const packet = {
      topic: "a",
      payload: Buffer.from("x"),
      qos: 2,
      retain: true,
      isDuplicate: true,
      messageId: 7,
    } as const;
    expect([...encodePublish(packet)]).toEqual([0x3d, 6, 0, 1, 0x61, 0, 7, 0x78]);
  });
});

test("acknowledgements stand one after the other", () => {
  const acks = [ackOf(packetType.puback, 1), ackOf(packetType.pubrel, 0xabcd)];
  expect([...encodeAcks(acks)]).toEqual([0x40, 2, 0, 1, 0x62, 2, 0xab, 0xcd]);
});
