/** The embedded MQTT broker: Aedes, with the hub's ear at the one place where a message can still be refused. */

import type { IncomingMessage } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Aedes, type Client } from "aedes";
import aedesPersistence from "aedes-persistence-level";
import type { Level } from "level";
import type { Log } from "../log.ts";
import { withWholeReads } from "./whole-reads.ts";

export interface Publication {
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
}

export interface BrokerOptions {
  /** Keeps retained and queued messages; its owner closes it. */
  level: Level;
  log: Log;
  /**
   * Takes a message before it is acknowledged. Calls back with null once it is safe to acknowledge; with an error
   * the client is disconnected without acknowledgement, and sends the message again.
   */
  onPublish(publication: Publication, done: (error: Error | null) => void): void;
}

export type Broker = Awaited<ReturnType<typeof createBroker>>;

/** A subscriber that takes nothing for so long is dropped, so that it does not hold up the others. */
const drainTimeoutMs = 5_000;
const connectTimeoutMs = 10_000;
const goodbyeMs = 1_000;

/** Starts the broker, without a port yet. */
export async function createBroker(options: BrokerOptions) {
  const aedes = await Aedes.createBroker({
    persistence: aedesPersistence(options.level),
    drainTimeout: drainTimeoutMs,
    connectTimeout: connectTimeoutMs,
    authorizePublish(_client, packet, done) {
      // The client is null for wills; they are messages like any other.
      const { topic, payload, qos, retain } = packet;
      options.onPublish({ topic, payload: bytesOf(payload), qos, retain }, done);
    },
  });
  aedes.on("clientError", (client: Client | null, error: Error) => {
    options.log.debug(`MQTT client ${client?.id ?? "(before CONNECT)"}: ${error.message}`);
  });
  aedes.on("connectionError", (client: Client | null, error: Error) => {
    options.log.debug(`MQTT connection ${client?.id ?? "(before CONNECT)"}: ${error.message}`);
  });
  const sockets = new Set<Socket>();

  /** A TCP server of MQTT, not yet listening. */
  function tcpServer(): Server {
    return createServer((socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      aedes.handle(withWholeReads(socket));
    });
  }

  return {
    tcpServer,
    /** Serves MQTT on a stream, such as that of a WebSocket. */
    handle: (stream: Duplex, request: IncomingMessage) => void aedes.handle(withWholeReads(stream), request),
    clients: () => aedes.connectedClients,
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => aedes.close(resolve));
      // A client that does not take its goodbye is not waited for.
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, goodbyeMs);
      await closed;
      clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}

function bytesOf(payload: string | Buffer): Uint8Array {
  return typeof payload === "string" ? Buffer.from(payload) : payload;
}
