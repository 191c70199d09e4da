import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openAuthority } from "./authority.ts";
import { type CertificatesOptions, openCertificates } from "./certificates.ts";
import { createDeviceCertificates } from "./device-certificate.ts";
import { greet, memorySecrets, quietLog, serveTls, settableClock } from "./harness.ts";
import { newPairFiles, ownAuthority } from "./own-files.harness.ts";
import { dayMs } from "./validity.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.reverse().splice(0)) await close();
});

function open(more: Partial<CertificatesOptions> = {}) {
  const world = { monotonicMs: 0, addresses: ["192.168.1.5"], names: ["faiban-1a2b.local"], clock: settableClock() };
  const revoked = new Set<string>();
  const secrets = memorySecrets();
  const log = quietLog();
  const certificates = openCertificates({
    ...{ secrets, clock: world.clock, log, files: null, acme: null },
    names: () => world.names,
    addresses: () => world.addresses,
    isRevoked: (serial) => revoked.has(serial),
    monotonicMs: () => world.monotonicMs,
    ...more,
  });
  closers.push(certificates.close);
  const homePem = certificates.onboarding.pem().bytes.toString();
  const devicePem = certificates.onboarding.deviceAuthority().bytes.toString();
  return { ...certificates, world, revoked, secrets, log, homePem, devicePem };
}

type Opened = ReturnType<typeof open>;

async function serveWeb(opened: Opened) {
  const served = await serveTls(opened.web.options());
  opened.web.keep(served.server);
  closers.push(served.close);
  const trusting = { ca: opened.homePem, servername: "faiban-1a2b.local" };
  return { ...served, greet: (options = {}) => greet(served.port, { ...trusting, ...options }) };
}

async function serveMqtt(opened: Opened) {
  const peers: (string | null)[] = [];
  const served = await serveTls(opened.mqtt.options(), (socket) => {
    const peer = opened.mqttPeer(socket);
    peers.push(peer.kind === "device" ? peer.device.credentialId : peer.kind);
    return peer.kind !== "refused";
  });
  opened.mqtt.keep(served.server);
  closers.push(served.close);
  const trusting = { ca: opened.devicePem, servername: "faiban-1a2b.local" };
  return { ...served, peers, greet: (options = {}) => greet(served.port, { ...trusting, ...options }) };
}

describe("the web port", () => {
  test("serves a name, and without a name an address, to who trusts the home's authority", async () => {
    const { greet, port } = await serveWeb(open());
    await expect(greet()).resolves.toMatchObject({ protocol: "TLSv1.3" });
    await expect(greet({ maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/);
    await expect(greet({ servername: "", host: "127.0.0.1", port })).resolves.toBeDefined();
    await expect(greet({ servername: "localhost" })).resolves.toBeDefined();
    await expect(greet({ servername: "other.local" })).rejects.toThrow(/does not match/);
    await expect(greet({ ca: open().homePem })).rejects.toThrow();
    await expect(
      greet({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
    ).rejects.toThrow();
  });

  test("shows a new certificate at once when the address changes, with and without a name, and says so", async () => {
    const opened = open();
    const { greet } = await serveWeb(opened);
    let renewals = 0;
    const forget = opened.onRenewed(() => renewals++);
    const before = await greet();
    opened.world.addresses = ["10.0.0.9"];
    opened.check();
    const after = await greet();
    expect(after.serial).not.toBe(before.serial);
    expect((await greet({ servername: "" })).serial).toBe(after.serial);
    opened.check();
    expect(renewals).toBe(1);
    forget();
    opened.world.addresses = ["10.0.0.10"];
    opened.check();
    expect(renewals).toBe(1);
  });

  test.each(["faiban-1a2b.local", ""])(
    "resumes sessions over a renewal, but not over a change of keys: %j",
    async (servername) => {
      const opened = open();
      const { greet } = await serveWeb(opened);
      const { session } = await greet({ servername });
      expect((await greet({ servername, session })).isReused).toBe(true);
      opened.world.addresses = ["10.0.0.9"];
      opened.check();
      const renewed = await greet({ servername, session });
      expect(renewed.isReused).toBe(true);
      opened.world.monotonicMs += dayMs;
      opened.check();
      const changed = await greet({ servername, session });
      expect(changed.isReused).toBe(false);
      expect((await greet({ servername, session: changed.session })).isReused).toBe(true);
      opened.world.addresses = ["10.0.0.10"];
      opened.check();
      expect((await greet({ servername, session: changed.session })).isReused).toBe(true);
    },
  );

  test("gives a certificate of the user's own to who asks for its name, and the hub's to all others", async () => {
    const files = newPairFiles(["home.example.com"]);
    const opened = open({ files });
    const { greet } = await serveWeb(opened);
    const own = { ca: ownAuthority.pem, servername: "home.example.com" };
    const first = await greet(own);
    await expect(greet()).resolves.toBeDefined();
    const renewedFiles = newPairFiles(["home.example.com"]);
    writeFileSync(files.keyFile, renewedFiles.key);
    writeFileSync(files.certFile, renewedFiles.cert);
    opened.check();
    const second = await greet(own);
    expect(second.serial).not.toBe(first.serial);
    writeFileSync(files.certFile, "junk");
    opened.check();
    expect((await greet(own)).serial).toBe(second.serial);
    expect(opened.status().filesProblem).toContain("is not a certificate");
  });

  test("works with the hub's own certificate when the user's cannot be used", async () => {
    const missing = path.join("/nonexistent", "x.pem");
    const opened = open({ files: { certFile: missing, keyFile: missing } });
    await expect((await serveWeb(opened)).greet()).resolves.toBeDefined();
    expect(opened.log.lines.filter((line) => line.includes("cannot be read"))).toHaveLength(1);
    opened.check();
    expect(opened.log.lines.filter((line) => line.includes("cannot be read"))).toHaveLength(1);
  });
});

describe("the MQTT port", () => {
  test("speaks TLS 1.3 and nothing older", async () => {
    const { greet } = await serveMqtt(open());
    await expect(greet()).resolves.toMatchObject({ protocol: "TLSv1.3" });
    await expect(greet({ maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/);
  });

  test("knows a device by its certificate, and lets in who has none, to log in with a password", async () => {
    const opened = open();
    const { greet, peers } = await serveMqtt(opened);
    const { cert, key } = opened.devices.generate("meter-1");
    await greet({ cert, key });
    await greet();
    await greet({ cert, key, servername: "" });
    expect(peers).toEqual(["meter-1", "anonymous", "meter-1"]);
  });

  test("refuses a certificate of another authority, an old one, and one that was taken back", async () => {
    const opened = open();
    const { greet, peers } = await serveMqtt(opened);
    const good = opened.devices.generate("meter-1");
    await greet(good);
    await expect(greet(open().devices.generate("meter-1"))).rejects.toThrow();
    const home = openAuthority({ kind: "home", secrets: opened.secrets, clock: opened.world.clock, log: opened.log });
    const forgers = createDeviceCertificates({ authority: home, clock: opened.world.clock, isRevoked: () => false });
    await expect(greet(forgers.generate("meter-1"))).rejects.toThrow();
    opened.revoked.add(good.serial);
    await expect(greet(good)).rejects.toThrow();
    opened.revoked.clear();
    await greet(good);
    const short = opened.devices.generate("meter-1", 2 * dayMs);
    opened.world.clock.timeMs += 1.5 * dayMs;
    await expect(greet(short)).rejects.toThrow();
    expect(peers).toEqual(["meter-1", "refused", "refused", "refused", "meter-1", "refused"]);
  });

  test("resumes a device's session, over a renewal too, and knows it again", async () => {
    const opened = open();
    const { greet, peers } = await serveMqtt(opened);
    const { cert, key } = opened.devices.generate("meter-1");
    const { session } = await greet({ cert, key });
    expect((await greet({ session })).isReused).toBe(true);
    opened.world.addresses = ["10.0.0.9"];
    opened.check();
    expect((await greet({ session })).isReused).toBe(true);
    expect(peers).toEqual(["meter-1", "meter-1", "meter-1"]);
  });

  test("judges a resumed session anew: taken back and grown old since, it is refused", async () => {
    const opened = open();
    const { greet, peers } = await serveMqtt(opened);
    const { cert, key, serial } = opened.devices.generate("meter-1", 2 * dayMs);
    const { session } = await greet({ cert, key });
    opened.revoked.add(serial);
    await expect(greet({ session })).rejects.toThrow();
    opened.revoked.clear();
    opened.world.clock.timeMs += 1.5 * dayMs;
    await expect(greet({ session })).rejects.toThrow();
    expect(peers).toEqual(["meter-1", "refused", "refused"]);
  });

  test("does not resume a session of the web port", async () => {
    const opened = open();
    const { session } = await (await serveWeb(opened)).greet();
    const mqtt = await serveMqtt(opened);
    expect((await mqtt.greet({ session, ca: [opened.devicePem, opened.homePem] })).isReused).toBe(false);
  });
});

test("a disk that is full when a certificate should be kept leaves the one from before in use", async () => {
  const secrets = memorySecrets();
  const opened = open({ secrets });
  const { greet } = await serveWeb(opened);
  const { serial } = await greet();
  const { save } = secrets;
  secrets.save = () => {
    throw new Error("no space left");
  };
  opened.world.addresses = ["10.0.0.9"];
  opened.check();
  expect((await greet()).serial).toBe(serial);
  expect(opened.log.lines.at(-1)).toContain("no space left");
  secrets.save = save;
  opened.check();
  expect((await greet()).serial).not.toBe(serial);
});

test("a restart shows the same certificates and knows the same devices", async () => {
  const secrets = memorySecrets();
  const first = open({ secrets });
  const before = await (await serveWeb(first)).greet();
  const device = first.devices.generate("meter-1");
  const second = open({ secrets });
  expect(await (await serveWeb(second)).greet({ ca: first.homePem })).toMatchObject({ serial: before.serial });
  const mqtt = await serveMqtt(second);
  await mqtt.greet({ ...device, ca: first.devicePem });
  expect(mqtt.peers).toEqual(["meter-1"]);
});
