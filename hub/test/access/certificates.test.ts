/** Devices that show a certificate instead of a password, over MQTT with TLS. */
import { connect, type TLSSocket } from "node:tls";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { openAuthority } from "../../src/certificates/authority.ts";
import { createDeviceCertificates } from "../../src/certificates/device-certificate.ts";
import { memorySecrets, quietLog, settableClock } from "../../src/certificates/harness.ts";
import { createRequest, keyPem, newKeyPair, toPem } from "../../src/certificates/x509.ts";
import { type AccessHub, ask, type MovableClock, movableClock, openAccessHub, signIn } from "./harness.ts";

const yearMs = 365 * 24 * 3600_000;
let hub: AccessHub;
let clock: MovableClock;
let token: string;

beforeAll(async () => {
  clock = movableClock();
  hub = await openAccessHub({ flags: ["--tls", "on"], clock });
  token = (await signIn(hub)).token;
  return () => hub.close();
});

async function send<T>(method: string, address: string, body?: unknown): Promise<T> {
  const answer = await ask(hub, method, address, { token, body });
  if (answer.status >= 300) throw new Error(`${method} ${address}: ${answer.text}`);
  return answer.text === "" ? (undefined as T) : answer.json<T>();
}

const addDevice = async (name: string) =>
  send<api.NewDevice>("POST", "/api/devices", { name, kind: "device", dialect: "tasmota" });
const certify = (id: string, csrPem?: string) =>
  send<api.DeviceCertificate>("POST", `/api/devices/${id}/certificate`, csrPem === undefined ? {} : { csrPem });
const deviceOf = async (id: string) => (await send<api.Device[]>("GET", "/api/devices")).find((one) => one.id === id);

type Shown = { cert?: string; key?: string };
const shown = ({ certificatePem: cert, keyPem: key }: api.DeviceCertificate): Shown => ({ cert, ...(key && { key }) });

/** A client that checks the hub by the authority that it was given; rejects when the hub refuses it. */
async function connectTls(clientId: string, options: IClientOptions & { session?: Buffer }): Promise<MqttClient> {
  const client = await connectAsync(`mqtts://127.0.0.1:${hub.mqttsPort}`, {
    ...{ clientId, reconnectPeriod: 0, connectTimeout: 5_000, ...options },
  });
  client.on("error", () => {});
  onTestFinished(() => void client.end(true));
  return client;
}

const isRefused = (clientId: string, options: IClientOptions & { session?: Buffer }) =>
  connectTls(clientId, options).then(
    () => false,
    () => true,
  );

/** A TLS connection without MQTT, for what the handshake itself decides; rejects when there is none. */
function shakeHands(options: { session?: Buffer; [name: string]: unknown }) {
  return new Promise<{ socket: TLSSocket; session: Buffer | undefined }>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: hub.mqttsPort ?? 0, ...options });
    onTestFinished(() => void socket.destroy());
    // The ticket of TLS 1.3 comes after the handshake; a resumed session brings none here.
    if (options.session) socket.once("secureConnect", () => resolve({ socket, session: undefined }));
    else socket.once("session", (session) => resolve({ socket, session }));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}

/** A certificate for a device of this hub, by the authority of another. */
function forge(deviceId: string): Shown {
  const clock = settableClock();
  const authority = openAuthority({ kind: "device", secrets: memorySecrets(), clock, log: quietLog() });
  const { cert, key } = createDeviceCertificates({ authority, clock, isRevoked: () => false }).generate(deviceId);
  return { cert, key: String(key) };
}

describe("a device with a certificate", () => {
  test("that the hub made is known by it, needs no password, and publishes", async () => {
    const { device } = await addDevice("Boiler");
    const certificate = await certify(device.id);
    const client = await connectTls("boiler", { ...shown(certificate), ca: certificate.authorityPem });
    await client.publishAsync("tele/boiler/SENSOR", JSON.stringify({ ENERGY: { Power: 2000 } }), { qos: 1 });
    expect(await deviceOf(device.id)).toMatchObject({
      ...{ isOnline: true, topics: ["tasmota:boiler"], certificate: { serial: certificate.serial } },
    });
  });

  test("that it asked for with its own key (CSR) keeps its key to itself", async () => {
    const { device } = await addDevice("Heat pump");
    const pair = newKeyPair();
    const request = toPem("CERTIFICATE REQUEST", createRequest(["whatever it likes"], pair));
    const certificate = await certify(device.id, request);
    expect(certificate.keyPem).toBeNull();
    const key = keyPem(pair.privateKey);
    await connectTls("heat-pump", { cert: certificate.certificatePem, key, ca: certificate.authorityPem });
    expect(await deviceOf(device.id)).toMatchObject({ isOnline: true });
  });

  test.each(["", "no request", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"])(
    "gets none for what is no request: %j",
    async (csrPem) => {
      const { device } = await addDevice("Broken");
      const answer = await ask(hub, "POST", `/api/devices/${device.id}/certificate`, { token, body: { csrPem } });
      expect(answer).toMatchObject({ status: 400 });
    },
  );

  test("cannot take the client id of another device", async () => {
    const [first, second] = [await addDevice("First"), await addDevice("Second")];
    const credential = { username: first.device.username ?? "", password: first.password };
    const certificate = await certify(second.device.id);
    await connectTls("first", { ...credential, ca: certificate.authorityPem });
    expect(await isRefused("first", { ...shown(certificate), ca: certificate.authorityPem })).toBe(true);
  });

  test("may still use a password without showing it", async () => {
    const made = await addDevice("Both");
    const { authorityPem: ca } = await certify(made.device.id);
    await connectTls("both", { username: made.device.username ?? "", password: made.password, ca });
    expect(await isRefused("both-2", { username: "nobody", password: "wrong", ca })).toBe(true);
  });
});

describe("a certificate", () => {
  test("that is revoked ends its connection at once, and a resumed session does not help", async () => {
    const { device } = await addDevice("Revoked");
    const certificate = await certify(device.id);
    const options = { ...shown(certificate), ca: certificate.authorityPem };
    const client = await connectTls("revoked", options);
    const { session } = await shakeHands(options);
    const gone = new Promise<void>((resolve) => client.once("close", () => resolve()));
    await send("DELETE", `/api/devices/${device.id}/certificate`);
    await gone;
    expect(await isRefused("revoked", options)).toBe(true);
    expect(await isRefused("revoked", { ...options, session: session! })).toBe(true);
  });

  test("that follows another revokes it, and a removed device's is revoked for good", async () => {
    const { device } = await addDevice("Renewed");
    const first = await certify(device.id);
    const second = await certify(device.id);
    expect(await isRefused("renewed", { ...shown(first), ca: first.authorityPem })).toBe(true);
    expect(await isRefused("renewed", { ...shown(second), ca: second.authorityPem })).toBe(false);
    await send("DELETE", `/api/devices/${device.id}`);
    expect(await isRefused("renewed", { ...shown(second), ca: second.authorityPem })).toBe(true);
  });

  test("of another authority is refused, also one that says it is this hub's", async () => {
    const { device } = await addDevice("Victim");
    const good = await certify(device.id);
    const options = { ...forge(device.id), ca: good.authorityPem };
    expect(await isRefused("victim", options)).toBe(true);
    expect(await isRefused("victim", { ...options, username: "x", password: "y" })).toBe(true);
  });

  test("is resumed, so that a small device need not prove itself anew each time", async () => {
    const { device } = await addDevice("Resumed");
    const certificate = await certify(device.id);
    const options = { ...shown(certificate), ca: certificate.authorityPem };
    const { session } = await shakeHands(options);
    const again = await shakeHands({ ...options, session: session! });
    expect(again.socket.isSessionReused()).toBe(true);
    await connectTls("resumed", { ...options, session: session! });
    expect(await deviceOf(device.id)).toMatchObject({ isOnline: true });
  });

  test("of TLS before 1.3 is not even looked at", async () => {
    const { device } = await addDevice("Old");
    const options = { ...shown(await certify(device.id)), rejectUnauthorized: false };
    await expect(shakeHands({ ...options, maxVersion: "TLSv1.2" })).rejects.toThrow();
    expect((await shakeHands(options)).socket.getProtocol()).toBe("TLSv1.3");
  });

  test("is refused once it has expired, by the hub's clock", async () => {
    const { device } = await addDevice("Expired");
    const certificate = await certify(device.id);
    // By then the hub's own certificate is not good for this machine's clock.
    const options = { ...shown(certificate), rejectUnauthorized: false };
    expect(await isRefused("expired", options)).toBe(false);
    clock.advance(certificate.expiresMs - Date.now() + yearMs);
    expect(await isRefused("expired", options)).toBe(true);
  });
});
