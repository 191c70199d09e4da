/** Takes MQTT connections, throws messages away and acknowledges them: shows how fast a load could be. Says its port. */
import { type AddressInfo, createServer } from "node:net";
import { createPacketReader, packetType, pubackPacket, publishParts } from "../lib/packets.ts";

/** What the program says. */
export type NullBrokerSaid = { port: number };

const server = createServer({ noDelay: true }, (socket) => {
  const read = createPacketReader((firstByte, bytes, start) => {
    if (firstByte === 0x10) socket.write(Buffer.from([packetType.connack, 2, 0, 0]));
    if ((firstByte & 0xf0) !== packetType.publish) return;
    const { packetId } = publishParts(firstByte, bytes, start);
    if (packetId !== null) socket.write(pubackPacket(packetId));
  });
  socket.on("data", (chunk: Buffer) => {
    socket.cork();
    read(chunk);
    socket.uncork();
  });
  socket.on("error", () => socket.destroy());
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port } satisfies NullBrokerSaid);
});
