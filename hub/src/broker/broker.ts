/**
 * The embedded MQTT broker: Aedes for the life of connections, our own reading, routing, sessions and retained messages
 * around it. README.md tells why, and what is limited.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Aedes, type AedesOptions, type Client } from "aedes";
import type { Level } from "level";
import type { Log } from "../log.ts";
import type { Admission, ConnectRequest, RefusedAction } from "./admission.ts";
import { createAedesQueue, createAedesStore, type InnerClient } from "./aedes-internals.ts";
import { createBacklog } from "./backlog.ts";
import { type Connection, type ConnectionWorld, type LiveClient, takeOver } from "./connection.ts";
import { createDoor, type Place } from "./door.ts";
import type { Origin, UnsupportedClient } from "./handshake.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { openMirror } from "./mirror.ts";
import type { Publication } from "./publication.ts";
import { openRetained } from "./retained.ts";
import { createRouter } from "./router.ts";
import { createSayOnce } from "./say-once.ts";
import { addressOf, createServers } from "./servers.ts";
import { openSessions } from "./sessions.ts";

export type { Admission, ConnectRequest, RefusedAction, Rights, Transport, Will } from "./admission.ts";
export { allRights } from "./admission.ts";
export type { LiveClient } from "./connection.ts";
export type { UnsupportedClient } from "./handshake.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export type { Publication } from "./publication.ts";

/** `I` is what a client is admitted as; the broker hands it back and looks at nothing in it. */
export interface BrokerOptions<I> {
  /** Keeps retained and queued messages over restarts; its owner closes it after the broker. */
  level: Level;
  log: Log;
  limits?: Partial<Limits>;
  /** Decides on a CONNECT; may take its time (a password is hashed). Absent: everybody is admitted with all rights. */
  admit?(request: ConnectRequest): Admission<I> | Promise<Admission<I>>;
  /**
   * Takes a message before it is acknowledged. Calls back once, at once or later, in the order of the messages: with null
   * when it is safe to acknowledge; with an error the client is disconnected without acknowledgement, and sends the
   * message again. Acknowledgements leave in the order of these calls, those of one turn of the event loop in one write.
   */
  onPublish(publication: Publication<I>, done: (error: Error | null) => void): void;
  /** A client did what it may not, and does not hear of it (a message), or gets a failure code (a subscription). */
  onRefused?(identity: I | null, action: RefusedAction): void;
  /** A client of another version of MQTT came, such as MQTT 5; it was told so. Called once an hour and address. */
  onUnsupported?(client: UnsupportedClient): void;
}

/** A message of the hub itself. */
export type OwnMessage = Pick<Publication, "topic" | "payload" | "qos" | "retain"> & { isFleeting?: boolean };

/** Picks clients. `identity` is null for sessions that are kept from before a restart, and when everybody is admitted. */
export type ClientPredicate<I> = (client: { clientId: string; identity: I | null }) => boolean;

export type Broker<I = unknown> = Awaited<ReturnType<typeof createBroker<I>>>;

const goodbyeMs = 1_000;
const longMs = 2 ** 31 - 1;

/** Starts the broker, without a port yet. */
export async function createBroker<I = unknown>(options: BrokerOptions<I>) {
  const { log, level, onPublish } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const connections = new Map<Client, Connection<I>>();
  const backlog = createBacklog({
    onCaughtUp() {
      for (const connection of connections.values()) connection.wake();
    },
  });
  const router = createRouter();
  const mirror = await openMirror({ level, log });
  const retained = await openRetained({ mirror, log, limits });
  const sessions = await openSessions({ mirror, router, limits, onBehind: backlog.add, onCaughtUp: backlog.remove });
  const warnOnce = createSayOnce(log.warn);
  const tellUnsupported = createSayOnce((client) => options.onUnsupported?.(JSON.parse(client)));
  const world: ConnectionWorld<I> = {
    ...{ limits, router, retained, sessions, backlog, onPublish, admit: options.admit },
    onRefused: (identity, action) => options.onRefused?.(identity, action),
    onUnsupported: (client) => tellUnsupported(JSON.stringify(client)),
    onTurnedAway: (address, why) => warnOnce(`An MQTT client at ${address} was not let in: ${why}`),
    onMistake: (error) => log.error(`An MQTT client could not be served: ${error.stack}`),
  };
  const aedes = await Aedes.createBroker({
    mq: createAedesQueue(router),
    persistence: createAedesStore(retained, sessions),
    // Both clocks are ours: Aedes does not count the time of an admission, and does not write to slow subscribers.
    ...{ connectTimeout: longMs, drainTimeout: 0 },
    maxClientsIdLength: limits.maxConnectBytes,
    authorizePublish: takeWill,
  } as unknown as AedesOptions);
  aedes.on("clientError", noteError);
  aedes.on("connectionError", noteError);
  const door = createDoor(limits);
  const servers = createServers({
    ...{ limits, door },
    serve: (conn, transport, remoteAddress, place) => serve({ conn, transport, remoteAddress, request: null }, place),
    onTlsError: (error) => log.debug(`A TLS handshake failed: ${error.message}`),
  });

  function noteError(client: Client | null, error: Error): void {
    log.debug(`MQTT client ${client?.id ?? "(before CONNECT)"}: ${error.message}`);
  }

  /** Aedes asks for the last wills of clients alone; their messages go another way. */
  function takeWill(client: Client | null, packet: Publication, done: (error?: Error | null) => void): void {
    const connection = client && connections.get(client);
    const identity = connection?.identity() ?? null;
    const { topic, payload, qos, retain } = packet;
    if (connection && !connection.mayPublishWill(topic, retain)) {
      world.onRefused(identity, { action: "publish", topic });
      done(new Error("not allowed"));
      return;
    }
    onPublish({ topic, payload: Buffer.from(payload), qos, retain, identity, clientId: client?.id ?? null }, done);
  }

  /** Serves MQTT on a connection that has its place. */
  function serve(origin: Origin, place: Place): void {
    const { conn, request } = origin;
    const client = aedes.handle(conn, request as IncomingMessage) as InnerClient;
    const timer = setTimeout(() => client.emit("error", new Error("CONNECT took too long")), limits.connectTimeoutMs);
    function admitted(): void {
      clearTimeout(timer);
      place.admitted();
    }
    connections.set(client, takeOver(client, origin, { ...place, admitted }, world));
    conn.once("close", () => {
      clearTimeout(timer);
      // Aedes publishes the will right after, and asks for whose it is.
      setImmediate(() => connections.delete(client));
    });
  }

  /** Serves MQTT on a WebSocket's stream; closes it when there are too many. */
  function handle(stream: Duplex, request?: IncomingMessage): void {
    const remoteAddress = request ? addressOf(request.socket) : null;
    const place = door.enter(remoteAddress ?? "", () => stream.destroy());
    if (!place) {
      stream.destroy();
      return;
    }
    serve({ conn: stream, transport: "websocket", remoteAddress, request: request ?? null }, place);
  }

  /** The clients that are connected. */
  function liveClients(): LiveClient<I>[] {
    return [...connections.values()].flatMap((connection) => connection.guest() ?? []).map(publicPart);
  }

  /** Ends the connections of some clients at once, and with `forget` their sessions too, connected or not. */
  function disconnect(isMeant: ClientPredicate<I>, why: string, { forget = false } = {}): void {
    const gone = new Set<string>();
    for (const connection of [...connections.values()]) {
      const guest = connection.guest();
      if (!guest || !isMeant(guest)) continue;
      gone.add(guest.clientId);
      log.info(`MQTT client ${guest.clientId} is disconnected: ${why}`);
      connection.end(why);
    }
    if (!forget) return;
    for (const session of sessions.all()) {
      const isAway =
        session.link() === null && isMeant({ clientId: session.clientId, identity: session.owner as I | null });
      if (isAway || gone.has(session.clientId)) sessions.end(session);
    }
  }

  return {
    tcpServer: servers.tcpServer,
    /** TLS 1.3; the caller's options say whose certificates count (`requestCert`, `rejectUnauthorized`, `ca`). */
    tlsServer: servers.tlsServer,
    handle,
    clients: () => liveClients().length,
    sessions: liveClients,
    disconnect,
    /** Asks again what some clients may do; subscriptions that they may not have any more end. */
    forgetRights(isMeant: ClientPredicate<I>): void {
      for (const connection of connections.values()) {
        const guest = connection.guest();
        if (guest && isMeant(guest)) connection.forgetRights();
      }
      router.forget();
    },
    /**
     * Sends a message of the hub itself: to all who may read it, and kept when it is to be retained. A fleeting one, such as
     * a command, goes to those alone who are there: who comes back later does not get it.
     */
    publish({ topic, payload, qos, retain, isFleeting = false }: OwnMessage): void {
      const message = { topic, payload: Buffer.from(payload), qos, retain, isFleeting };
      if (retain) retained.set(topic, message);
      router.deliver(message, null, null);
    },
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => aedes.close(resolve));
      // A client that does not take its goodbye is not waited for.
      const timer = setTimeout(servers.destroyAll, goodbyeMs);
      await closed;
      clearTimeout(timer);
      backlog.close();
      sessions.close();
      servers.destroyAll();
      await mirror.close();
    },
  };
}

function publicPart<I>({ clientId, identity, address, transport, sinceMs, keepaliveS }: LiveClient<I>): LiveClient<I> {
  return { clientId, identity, address, transport, sinceMs, keepaliveS };
}
