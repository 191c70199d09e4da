import { expect, test } from "vitest";
import {
  connectPacket,
  createPacketReader,
  pubackPacket,
  publishPacket,
  publishParts,
  subscribePacket,
} from "./packets.ts";

test("packets have the bytes that MQTT 3.1.1 gives them", () => {
  const hex = (packet: Buffer) => packet.toString("hex");
  // [MQTT-3.1.2]: name, level 4, clean session, keep-alive 0, then the client id.
  expect(hex(connectPacket("a"))).toBe("100d00044d51545404020000000161");
  expect(hex(publishPacket("a/b", "12"))).toBe("30070003612f623132");
  expect(hex(publishPacket("a/b", "12", 513))).toBe("32090003612f6202013132");
  expect(hex(subscribePacket("#", 1))).toBe("8206000100012301");
  expect(hex(pubackPacket(513))).toBe("40020201");
});

test("the length of a packet takes as many bytes as it needs", () => {
  const headerOf = (bodyBytes: number) => publishPacket("a", "x".repeat(bodyBytes - 3)).subarray(1, 5);
  // Section 2.2.3, table 2.4.
  expect([...headerOf(127)].slice(0, 1)).toEqual([0x7f]);
  expect([...headerOf(128)].slice(0, 2)).toEqual([0x80, 0x01]);
  expect([...headerOf(16_384)].slice(0, 3)).toEqual([0x80, 0x80, 0x01]);
});

test("a stream is cut into the same packets wherever its chunks end", () => {
  const packets = [publishPacket("a", "1"), publishPacket("b/c", "y".repeat(20_000), 7), pubackPacket(9)];
  const stream = Buffer.concat(packets);
  for (const length of [1, 2, 7, 150, stream.length]) {
    const seen: Buffer[] = [];
    const read = createPacketReader(
      (_firstByte, bytes, start, end) => void seen.push(Buffer.from(bytes.subarray(start, end))),
    );
    for (let at = 0; at < stream.length; at += length) read(stream.subarray(at, at + length));
    expect(seen.map(({ length }) => length)).toEqual([4, 20_007, 2]);
  }
});

test("the parts of a PUBLISH are found, with and without a packet id", () => {
  const partsOf = (packet: Buffer) => {
    let found: object = {};
    createPacketReader((firstByte, bytes, start, end) => {
      const { topicStart, topicEnd, payloadStart, packetId } = publishParts(firstByte, bytes, start);
      const text = (from: number, to: number) => bytes.toString("utf8", from, to);
      found = { topic: text(topicStart, topicEnd), payload: text(payloadStart, end), packetId };
    })(packet);
    return found;
  };
  expect(partsOf(publishPacket("a/b", "12"))).toEqual({ topic: "a/b", payload: "12", packetId: null });
  expect(partsOf(publishPacket("a/b", "12", 300))).toEqual({ topic: "a/b", payload: "12", packetId: 300 });
});
