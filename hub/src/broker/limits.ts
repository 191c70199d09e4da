/** What strangers on the home network may use up, in one place. README.md says why each is as it is. */
export interface Limits {
  /** Of one packet, once the client is admitted. */
  maxPacketBytes: number;
  /** Of the CONNECT packet, which comes from anybody: room for a token as password, and for a will. */
  maxConnectBytes: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  /** Connections that have not been admitted yet. */
  maxUnadmitted: number;
  /** From the beginning of a connection until it is admitted; also of a TLS handshake. */
  connectTimeoutMs: number;
  /** The keep-alive of clients that ask for none. */
  keepaliveOfNoneS: number;
  /** Topic filters of one client. */
  maxFilters: number;
  /** Levels of all topic filters of all clients together. */
  maxFilterLevels: number;
  /** Persistent sessions, connected or not. */
  maxSessions: number;
  /** How long a persistent session is kept while its client is away; counts while the hub runs. */
  sessionExpiryMs: number;
  /** Messages that wait for one client, of those that it has not been sent. */
  maxQueued: number;
  maxQueuedBytes: number;
  /** Of all clients together. */
  maxQueuedBytesTotal: number;
  maxRetained: number;
  maxRetainedBytes: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

export const defaultLimits: Limits = {
  maxPacketBytes: 256 * kilobyte,
  maxConnectBytes: 16 * kilobyte,
  maxConnections: 500,
  maxConnectionsPerAddress: 100,
  maxUnadmitted: 50,
  connectTimeoutMs: 10_000,
  keepaliveOfNoneS: 400, // ends a silent connection after one and a half of it: 10 minutes
  maxFilters: 1_000,
  maxFilterLevels: 200_000,
  maxSessions: 200,
  sessionExpiryMs: 7 * dayMs,
  maxQueued: 1_000,
  maxQueuedBytes: megabyte,
  maxQueuedBytesTotal: 32 * megabyte,
  maxRetained: 10_000,
  maxRetainedBytes: 16 * megabyte,
};
