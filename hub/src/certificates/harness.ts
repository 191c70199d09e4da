/** For tests: secrets in memory, a clock to set, and real handshakes over loopback. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type ConnectionOptions, connect, createServer, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import type { Log } from "../log.ts";
import type { SecretStore } from "./secrets.ts";

export function memorySecrets(): SecretStore & { all: Map<string, Uint8Array> } {
  const all = new Map<string, Uint8Array>();
  return { all, load: (name) => all.get(name) ?? null, save: (name, secret) => void all.set(name, secret) };
}

/** By default the real time, since handshakes go by that. */
export function settableClock(nowMs = Date.now()) {
  const clock = { timeMs: nowMs, isKnown: true, nowMs: () => clock.timeMs, isTimeKnown: () => clock.isKnown };
  return clock;
}

export function quietLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const add = (text: string) => void lines.push(text);
  return { lines, debug: add, info: add, warn: add, error: add };
}

export interface TestServer {
  server: Server;
  port: number;
  close(): Promise<void>;
}

/** A TLS server that greets whom `judge` lets in. */
export async function serveTls(
  options: TlsOptions,
  judge: (socket: TLSSocket) => boolean = () => true,
): Promise<TestServer> {
  const server = createServer(options, (socket) => {
    socket.on("error", () => {});
    if (judge(socket)) socket.write("hello");
    else socket.destroy();
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.close();
    await once(server, "close");
  };
  return { server, port: (server.address() as AddressInfo).port, close };
}

export interface Greeted {
  isReused: boolean;
  protocol: string | null;
  /** Of the server's certificate. */
  serial: string;
  session: Buffer | undefined;
}

/**
 * Connects, waits for the greeting, and says what came about. Rejects when the handshake fails or nobody greets. An
 * `address` in the options is what the certificate must be for, though the connection goes to loopback.
 */
export async function greet(port: number, options: ConnectionOptions): Promise<Greeted> {
  const socket = connect({ host: "127.0.0.1", port, ...options });
  let session: Buffer | undefined;
  socket.on("session", (ticket) => {
    session = ticket;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("data", () => resolve());
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("closed without a greeting")));
    });
    const serial = socket.getPeerCertificate().serialNumber;
    return { isReused: socket.isSessionReused(), protocol: socket.getProtocol(), serial, session };
  } finally {
    socket.destroy();
  }
}
