/** WebSockets: live events for the app, and MQTT for clients in a browser. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket } from "ws";
import type { Api } from "./home-routes.ts";

export interface SocketRoutes {
  addSocket(socket: WebSocket): void;
  removeSocket(socket: WebSocket): void;
  /** Serves MQTT on a stream. */
  handleMqtt(stream: Duplex, request: IncomingMessage): void;
}

/** A socket that answers no ping is gone, though the network has not said so. */
const pingEveryMs = 15_000;

export function addSocketRoutes(api: Api, options: SocketRoutes): void {
  api.get(
    "/api/live",
    {
      websocket: true,
      schema: { summary: "WebSocket: a snapshot, then events as they happen", tags: ["live"] },
    },
    (socket) => serveLive(socket, options),
  );
  api.get("/mqtt", { websocket: true, schema: { hide: true } }, (socket, request) => {
    const stream = createWebSocketStream(socket);
    stream.on("error", () => socket.terminate());
    options.handleMqtt(stream, request.raw);
  });
}

function serveLive(socket: WebSocket, options: SocketRoutes): void {
  let isAlive = true;
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, pingEveryMs);
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    clearInterval(timer);
    options.removeSocket(socket);
  });
  options.addSocket(socket);
}
