/**
 * What a port needs for TLS, kept current while it is open: certificates chosen by the name that a client asks for, and
 * keys of session tickets that outlive a renewal.
 */
import { randomBytes, X509Certificate } from "node:crypto";
import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
} from "node:tls";
import type { KeyAndChain } from "./x509.ts";

export interface TlsPort {
  /** For tls.createServer() or https.createServer(); then hand the server to keep(). */
  options(): TlsOptions;
  /** Gives a server new certificates and ticket keys as they come, until it closes. */
  keep(server: Server): void;
  /** The context for the name that a client asks for; without a name, that of the hub's own certificate. */
  secureContext(serverName?: string): SecureContext;
  /** To be called when a certificate is new. */
  renew(): void;
  /** Changes the keys of tickets once they are old; to be called now and then. */
  check(): void;
}

export interface TlsPortOptions {
  /** The hub's own certificate, which serves whoever asks for no other name. */
  own(): KeyAndChain;
  /** Certificates for further names, the preferred first. */
  others(): readonly KeyAndChain[];
  /** What both contexts and server get, such as TLS versions. */
  tls: SecureContextOptions & TlsOptions;
  monotonicMs(): number;
}

/**
 * A ticket key serves a day, and so do tickets. Who takes it can read the sessions that it resumed in that day, and
 * Node takes one key at a time: after a change clients make a full handshake.
 */
const ticketKeyMs = 86_400_000;

/** A small device takes some seconds; nobody may hold a connection for long without having said who it is. */
const handshakeTimeoutMs = 20_000;

/** Makes what a port needs. */
export function createTlsPort({ own, others, tls, monotonicMs }: TlsPortOptions): TlsPort {
  const servers = new Set<Server>();
  let ticketKeys = randomBytes(48);
  let ticketKeysSinceMs = monotonicMs();
  let contexts = makeContexts();

  const settings = () => ({ ...tls, ticketKeys, sessionTimeout: ticketKeyMs / 1000 });

  function makeContexts() {
    const context = (pair: KeyAndChain) => createSecureContext({ ...tls, ...pair });
    return {
      own: context(own()),
      others: others().map((pair) => ({ certificate: new X509Certificate(pair.cert), context: context(pair) })),
    };
  }

  function secureContext(serverName?: string): SecureContext {
    if (serverName === undefined) return contexts.own;
    const fitting = contexts.others.find(({ certificate }) => certificate.checkHost(serverName) !== undefined);
    return fitting?.context ?? contexts.own;
  }

  function options(): TlsOptions {
    return {
      ...settings(),
      ...own(),
      handshakeTimeout: handshakeTimeoutMs,
      SNICallback: (serverName, done) => done(null, secureContext(serverName)),
    };
  }

  return {
    options,
    secureContext,
    keep(server) {
      servers.add(server);
      server.once("close", () => servers.delete(server));
    },
    renew() {
      contexts = makeContexts();
      for (const server of servers) server.setSecureContext({ ...settings(), ...own() });
    },
    check() {
      if (monotonicMs() - ticketKeysSinceMs < ticketKeyMs) return;
      ticketKeys = randomBytes(48);
      ticketKeysSinceMs = monotonicMs();
      for (const server of servers) server.setTicketKeys(ticketKeys);
    },
  };
}
