/** Subscribes to everything and only counts. Says `ready`, then answers `{ expect }` with `done` once it has so many messages. */
import { openConnection } from "../lib/connection.ts";
import { packetType, subscribePacket } from "../lib/packets.ts";

/** What the program is started with. */
export interface SinkOptions {
  port: number;
}

/** What the program says. */
export type SinkSaid = { ready: true } | { done: true };

const { port } = JSON.parse(process.argv[2] ?? "") as SinkOptions;
let counted = 0;
let expected = Number.POSITIVE_INFINITY;

function tellWhenDone(): void {
  if (counted < expected) return;
  expected = Number.POSITIVE_INFINITY;
  process.send?.({ done: true } satisfies SinkSaid);
}

const socket = await openConnection(port, "bench-sink", (firstByte) => {
  if (firstByte === packetType.suback) process.send?.({ ready: true } satisfies SinkSaid);
  if ((firstByte & 0xf0) !== packetType.publish) return;
  counted += 1;
  tellWhenDone();
});
process.on("message", ({ expect }: { expect: number }) => {
  expected = expect;
  tellWhenDone();
});
process.on("disconnect", () => process.exit(0));
socket.write(subscribePacket("#", 0));
