/** A raw MQTT connection of a load program. */
import { connect, type Socket } from "node:net";
import { connectPacket, createPacketReader, type OnPacket, packetType } from "./packets.ts";

/** Connects and waits for the broker's yes; each packet after it goes to `onPacket`. Throws when there is no yes. */
export async function openConnection(port: number, clientId: string, onPacket: OnPacket): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const accepted = Promise.withResolvers<void>();
  socket.on(
    "data",
    createPacketReader((firstByte, bytes, start, end) => {
      if (firstByte !== packetType.connack) return onPacket(firstByte, bytes, start, end);
      if (bytes[start + 1] === 0) accepted.resolve();
      else accepted.reject(new Error(`The broker refuses connections with code ${bytes[start + 1]}.`));
    }),
  );
  socket.on("close", () => accepted.reject(new Error("The broker closed the connection.")));
  socket.on("error", (error) => accepted.reject(error));
  socket.write(connectPacket(clientId));
  await accepted.promise;
  return socket;
}
