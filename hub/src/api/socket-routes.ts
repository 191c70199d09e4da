/** WebSockets: live events for the app, and MQTT for clients in a browser. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
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
  api.route({
    method: "GET",
    url: "/api/live",
    schema: { hide: true }, // OpenAPI has no word for WebSockets; its introduction tells of it
    handler: askForWebSocket,
    wsHandler: (socket) => serveLive(socket, options),
  });
  api.route({
    method: "GET",
    url: "/mqtt",
    schema: { hide: true },
    handler: askForWebSocket,
    wsHandler(socket, request) {
      const stream = createWebSocketStream(socket);
      stream.on("error", () => socket.terminate());
      options.handleMqtt(stream, request.raw);
    },
  });
}

/** The answer to a plain request, as of a browser's address bar. */
function askForWebSocket(request: FastifyRequest, reply: FastifyReply): void {
  const hint = "Connect with a WebSocket client, as ws:// and the same address.";
  const message = `${request.url} is a WebSocket`;
  // RFC 9110, 15.5.22: the answer names the protocol.
  void reply.code(426).header("upgrade", "websocket").header("connection", "upgrade");
  void reply.send({ code: "BAD_REQUEST", message, hint });
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
