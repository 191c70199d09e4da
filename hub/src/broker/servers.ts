/** The ports of MQTT: TCP, and TLS 1.3. */
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from "node:tls";
import type { Door, Place } from "./door.ts";
import type { Limits } from "./limits.ts";

/** After so long without a byte the system asks whether the other side is still there. */
const tcpKeepAliveMs = 60_000;
// What is written in one turn is gathered by the outbox, so nothing is won by letting the system wait for more.
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs };

export interface ServersOptions {
  limits: Limits;
  door: Door;
  /** Serves MQTT on a connection that has its place. */
  serve(conn: Duplex, transport: "tcp" | "tls", remoteAddress: string | null, place: Place): void;
  /** A handshake of TLS failed. */
  onTlsError(error: Error): void;
}

/** Makes servers that are not yet listening. */
export function createServers({ limits, door, serve, onTlsError }: ServersOptions) {
  const sockets = new Set<Socket>();

  /** Gives a new connection its place, or closes it. */
  function receive(socket: Socket): Place | null {
    const place = door.enter(addressOf(socket) ?? "", () => socket.destroy());
    if (!place) {
      socket.destroy();
      return null;
    }
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      place.leave();
    });
    return place;
  }

  function tcpServer(): Server {
    return createServer(socketOptions, (socket) => {
      const place = receive(socket);
      if (place) serve(socket, "tcp", addressOf(socket), place);
    });
  }

  function tlsServer(options: TlsOptions): TlsServer {
    /** Of connections whose handshake is not done, by both ends' ports: the secured socket does not say what it is on. */
    const places = new Map<string, Place>();
    const server = createTlsServer(
      { ...options, ...socketOptions, minVersion: "TLSv1.3", handshakeTimeout: limits.connectTimeoutMs },
      (socket) => {
        const place = places.get(peerOf(socket));
        if (place) serve(socket, "tls", addressOf(socket), place);
        else socket.destroy();
      },
    );
    server.prependListener("connection", (socket: Socket) => {
      const peer = peerOf(socket);
      const place = receive(socket);
      if (!place) return;
      places.set(peer, place);
      socket.once("close", () => places.delete(peer));
    });
    server.on("tlsClientError", (error, socket) => {
      onTlsError(error);
      socket.destroy();
    });
    return server;
  }

  return {
    tcpServer,
    tlsServer,
    destroyAll(): void {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function peerOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}

/** Where a socket comes from; null when it is already gone. */
export function addressOf({ remoteAddress }: { remoteAddress?: string | undefined }): string | null {
  return remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? null;
}
