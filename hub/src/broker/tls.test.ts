import { once } from "node:events";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket, type TlsOptions } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  authorityExtensions,
  keyPem,
  leafExtensions,
  newKeyPair,
  type Purpose,
  signCertificate,
} from "../certificates/x509.ts";
import type { Admission, BrokerOptions, ConnectRequest } from "./broker.ts";
import { connectPacket, openBroker, publishPacket, until } from "./harness.ts";

const validity = { fromMs: Date.now() - 3_600_000, toMs: Date.now() + 3_600_000 };

/** A certificate authority, and who has its certificates. */
function createAuthority(name: string) {
  const signer = { name, ...newKeyPair() };
  const { publicKey } = signer;
  const cert = signCertificate({ subject: name, publicKey, validity, extensions: authorityExtensions(null) }, signer);

  function issue(subject: string, purpose: Purpose) {
    const pair = newKeyPair();
    const extensions = leafExtensions(purpose, { names: ["localhost"] });
    const fields = { subject, publicKey: pair.publicKey, validity, extensions };
    return { key: keyPem(pair.privateKey), cert: signCertificate(fields, signer) };
  }

  return { cert, issue };
}

const authority = createAuthority("authority");
const server = authority.issue("localhost", "server");
const meter = authority.issue("meter 1", "client");
const stranger = createAuthority("another authority").issue("stranger", "client");

async function openTls(tlsOptions: TlsOptions = {}, options: Partial<BrokerOptions<string>> = {}) {
  /** What the hub saw of each client's certificate. */
  const shown: { isGood: boolean; name: unknown }[] = [];
  const { broker } = await openBroker(undefined, undefined, {
    admit({ tlsSocket }: ConnectRequest): Admission<string> {
      shown.push({ isGood: tlsSocket?.authorized ?? false, name: tlsSocket?.getPeerCertificate().subject?.CN });
      const rights = { mayPublish: () => true, maySubscribe: () => true, mayRead: () => true };
      return { identity: "somebody", rights, keepsSession: true };
    },
    ...options,
  });
  const listening = broker.tlsServer({ ...server, ...tlsOptions }).listen(0, "127.0.0.1");
  onTestFinished(() => void listening.close());
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;

  /** A client that has its CONNACK, or whose connection has ended. */
  async function open(clientOptions: ConnectionOptions = {}) {
    const socket: TLSSocket = connect({
      port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: authority.cert,
      ...clientOptions,
    });
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    const tickets: Buffer[] = [];
    socket.on("session", (ticket) => void tickets.push(ticket));
    let received = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    socket.write(connectPacket("m"));
    await until(() => received.length >= 4 || socket.closed, "CONNACK or the end");
    return { socket, tickets, received: () => received, isIn: () => received.length >= 4 };
  }

  return { broker, port, open, shown };
}

describe("MQTT over TLS", () => {
  test("serves as TCP does, with version 1.3", async () => {
    const { open, broker } = await openTls();
    const client = await open();
    expect(client.socket.getProtocol()).toBe("TLSv1.3");
    client.socket.write(publishPacket("t", "x", 7));
    await until(() => client.received().length === 8, "PUBACK");
    expect(broker.sessions()).toMatchObject([{ clientId: "m", transport: "tls", address: "127.0.0.1" }]);
  });

  test("does not speak an older version, whatever the caller's options say", async () => {
    const { open } = await openTls({ minVersion: "TLSv1.2" });
    const client = await open({ maxVersion: "TLSv1.2" });
    expect(client.isIn()).toBe(false);
  });

  test("shows a client's certificate to the hub, and whether it is good", async () => {
    const { open, shown } = await openTls({ requestCert: true, rejectUnauthorized: false, ca: authority.cert });
    await open(meter);
    await open(stranger);
    await open();
    expect(shown).toEqual([
      { isGood: true, name: "meter 1" },
      { isGood: false, name: "stranger" },
      { isGood: false, name: undefined },
    ]);
  });

  test("turns away whose certificate is not good, when the caller's options say so", async () => {
    const { open, shown, broker } = await openTls({
      requestCert: true,
      rejectUnauthorized: true,
      ca: authority.cert,
    });
    expect((await open(stranger)).isIn()).toBe(false);
    expect((await open(meter)).isIn()).toBe(true);
    expect(shown).toHaveLength(1);
    expect(broker.clients()).toBe(1);
  });

  test("resumes a session, and still knows the certificate", async () => {
    const { open, shown } = await openTls({ requestCert: true, rejectUnauthorized: true, ca: authority.cert });
    const first = await open(meter);
    const session = await until(() => first.tickets.at(-1), "a ticket");
    first.socket.destroy();
    const second = await open({ ...meter, session });
    expect(second.socket.isSessionReused()).toBe(true);
    expect(shown).toEqual([
      { isGood: true, name: "meter 1" },
      { isGood: true, name: "meter 1" },
    ]);
  });

  test("gives a handshake no longer than a CONNECT, and counts it as a connection", async () => {
    const { port, open } = await openTls({}, { limits: { connectTimeoutMs: 500, maxConnections: 2 } });
    const silent = [connectTcp(port, "127.0.0.1"), connectTcp(port, "127.0.0.1")];
    for (const socket of silent) {
      socket.on("error", () => {}).resume();
      onTestFinished(() => void socket.destroy());
      await once(socket, "connect");
    }
    expect((await open()).isIn()).toBe(false);
    await until(() => silent.every((socket) => socket.closed), "both handshakes to end");
    expect((await open()).isIn()).toBe(true);
  });

  test("survives what is no TLS", async () => {
    const { port, open } = await openTls();
    const socket = connectTcp(port, "127.0.0.1")
      .on("error", () => {})
      .resume();
    socket.write(connectPacket("m"));
    await until(() => socket.closed, "the end");
    expect((await open()).isIn()).toBe(true);
  });
});
