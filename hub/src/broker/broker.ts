/**
 * The embedded MQTT broker: Aedes, with the hub's ear at the one place where a message can still be refused, and a short
 * way for what meters send most (`connection.ts`, `router.ts`).
 */
import type { IncomingMessage } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Aedes, type Client } from "aedes";
import aedesPersistence from "aedes-persistence-level";
import type { Level } from "level";
import type { Log } from "../log.ts";
import type { InnerAedes, InnerClient, Listener } from "./aedes-internals.ts";
import { createBacklog, drainTimeoutMs } from "./backlog.ts";
import { type Connection, takeOver } from "./connection.ts";
import { watchOffline } from "./offline.ts";
import { keepOrder } from "./ordered-store.ts";
import type { Publication } from "./publication.ts";
import { createRouter, type Subscriber } from "./router.ts";

export type { Publication } from "./publication.ts";

export interface BrokerOptions {
  /** Keeps retained and queued messages; its owner closes it. */
  level: Level;
  log: Log;
  /**
   * Takes a message before it is acknowledged. Calls back once, at once or later: with null when it is safe to
   * acknowledge; with an error the client is disconnected without acknowledgement, and sends the message again.
   * Acknowledgements leave in the order of these calls, those of one turn of the event loop in one write.
   */
  onPublish(publication: Publication, done: (error: Error | null) => void): void;
}

export type Broker = Awaited<ReturnType<typeof createBroker>>;

const connectTimeoutMs = 10_000;
const goodbyeMs = 1_000;

/** Starts the broker, without a port yet. */
export async function createBroker(options: BrokerOptions) {
  const connections = new Set<Connection>();
  const router = createRouter({ subscriberOf });
  const backlog = createBacklog({ onCaughtUp: wakeAll });
  const persistence = aedesPersistence(options.level);
  keepOrder(persistence.asyncPersistence);
  const offline = await watchOffline(options.level, persistence.asyncPersistence);
  const aedes = await Aedes.createBroker({
    mq: router,
    persistence,
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
  const publish: InnerAedes["publish"] = (packet, client, done) =>
    (aedes as unknown as InnerAedes).publish(packet, client, done);
  const sockets = new Set<Socket>();

  /** Serves MQTT on a stream. */
  function handle(stream: Duplex, request?: IncomingMessage): void {
    const client = aedes.handle(stream, request as IncomingMessage) as InnerClient;
    client.duplicates = noDuplicates(aedes.id);
    const connection = takeOver(client, { publish, router, offline, backlog, onPublish: options.onPublish });
    connections.add(connection);
    stream.once("close", () => connections.delete(connection));
  }

  /** Aedes gives a listener to the message queue right after it has noted it on its client. */
  function subscriberOf(filter: string, listener: Listener): Subscriber {
    for (const { client, outbox } of connections) {
      const subscription = client.subscriptions[filter];
      if (subscription?.func !== listener) continue;
      const isPlain = !subscription.rap && !subscription.nl;
      return isPlain ? { sink: outbox, qos: subscription.qos } : null;
    }
    return null;
  }

  function wakeAll(): void {
    for (const connection of connections) connection.wake();
  }

  /** A TCP server of MQTT, not yet listening. */
  function tcpServer(): Server {
    // What is written in one turn is gathered here, so nothing is won by letting the system wait for more.
    return createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      handle(socket);
    });
  }

  return {
    tcpServer,
    /** Serves MQTT on a stream, such as that of a WebSocket. */
    handle,
    clients: () => aedes.connectedClients,
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => aedes.close(resolve));
      // A client that does not take its goodbye is not waited for.
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, goodbyeMs);
      await closed;
      clearTimeout(timer);
      backlog.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Has no packet of this broker taken for a duplicate: the router gives a packet to each client once, and one that
 * waited for the database comes after later ones without being old.
 */
function noDuplicates(brokerId: string): Record<string, number> {
  const seen: Record<string, number> = Object.create(null);
  return Object.defineProperty(seen, brokerId, { get: () => 0, set() {} });
}

function bytesOf(payload: string | Buffer): Uint8Array {
  return typeof payload === "string" ? Buffer.from(payload) : payload;
}
