/** WebSockets: live events for the app, and MQTT for clients in a browser. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { createWebSocketStream, type WebSocket } from "ws";
import type { Identity } from "../access/roles.ts";
import { askerOf } from "./guard.ts";
import type { Api } from "./home-routes.ts";

export interface SocketRoutes {
  addSocket(socket: WebSocket, seesHome: boolean): void;
  removeSocket(socket: WebSocket): void;
  /** Serves MQTT on a stream; `opener` is who opened its WebSocket, null when that is nobody we know. */
  handleMqtt(stream: Duplex, request: IncomingMessage, opener: Identity | null): void;
  /** Is told of a socket's identity; the returned function ends the watch. Ends the socket when the identity ends. */
  watchIdentity(identity: Identity, end: () => void): () => void;
}

/** A socket that answers no ping is gone, though the network has not said so. */
const pingEveryMs = 15_000;

export function addSocketRoutes(api: Api, options: SocketRoutes): void {
  api.route({
    method: "GET",
    url: "/api/live",
    config: { access: "meters.view" },
    schema: { hide: true }, // OpenAPI has no word for WebSockets; its introduction tells of it
    handler: askForWebSocket,
    wsHandler: (socket, request) => serveLive(socket, askerOf(request), options),
  });
  api.route({
    method: "GET",
    url: "/mqtt",
    config: { access: "public" }, // MQTT asks for a name and password itself
    schema: { hide: true },
    handler: askForWebSocket,
    wsHandler(socket, request) {
      const stream = createWebSocketStream(socket);
      stream.on("error", () => socket.terminate());
      options.handleMqtt(stream, request.raw, request.identity);
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

/** The code that tells an app that its session has ended, from the range for applications [RFC 6455, 7.4.2]. */
const sessionEnded = 4_401;

function serveLive(socket: WebSocket, identity: Identity, options: SocketRoutes): void {
  let isAlive = true;
  const unwatch = options.watchIdentity(identity, () => socket.close(sessionEnded, "the session has ended"));
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
    unwatch();
    options.removeSocket(socket);
  });
  options.addSocket(socket, identity.permissions.has("home.view"));
}
