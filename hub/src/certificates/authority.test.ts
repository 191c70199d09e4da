import { X509Certificate } from "node:crypto";
import { checkServerIdentity } from "node:tls";
import { describe, expect, test } from "vitest";
import { openAuthority } from "./authority.ts";
import { greet, memorySecrets, quietLog, serveTls, settableClock } from "./harness.ts";
import { dayMs, serverMs } from "./validity.ts";
import { type AltNames, keyPem, leafExtensions, newKeyPair } from "./x509.ts";

const log = quietLog();
const yearMs = 365.25 * dayMs;

function open({ secrets = memorySecrets(), clock = settableClock(), kind = "home" as "home" | "device" } = {}) {
  return { secrets, clock, authority: openAuthority({ kind, secrets, clock, log }) };
}

/** A server's certificate signed with the authority's key, whatever the authority should have signed. */
function mint({ authority, clock }: ReturnType<typeof open>, altNames: AltNames) {
  const pair = newKeyPair();
  const cert = authority.sign({
    subject: "server",
    publicKey: pair.publicKey,
    validity: { fromMs: clock.nowMs() - dayMs, toMs: clock.nowMs() + serverMs - dayMs },
    extensions: leafExtensions("server", altNames),
  });
  return { key: keyPem(pair.privateKey), cert };
}

/** A handshake of a client that trusts the authority and wants the host. */
async function handshake(opened: ReturnType<typeof open>, altNames: AltNames, host: string) {
  const { port, close } = await serveTls(mint(opened, altNames));
  try {
    const isName = /[a-z]/.test(host) && !host.includes(":");
    return await greet(port, {
      ca: opened.authority.pem(),
      ...(isName && { servername: host }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
    });
  } finally {
    await close();
  }
}

describe("a client that trusts the hub's authority", () => {
  test.each(["faiban-1a2b.local", "hub.home.arpa", "localhost"])("connects to %s", async (name) => {
    await expect(handshake(open(), { names: [name] }, name)).resolves.toMatchObject({ protocol: "TLSv1.3" });
  });

  test.each(["192.168.1.5", "10.9.8.7", "172.31.0.1", "169.254.3.4", "127.0.0.1", "fd12::5", "::1"])(
    "connects to %s",
    async (address) => {
      await expect(handshake(open(), { addresses: [address] }, address)).resolves.toBeDefined();
    },
  );

  test.each(["bank.example.com", "local.example.com", "notlocal"])("is not deceived about %s", async (name) => {
    await expect(handshake(open(), { names: [name] }, name)).rejects.toThrow("permitted subtree violation");
    await expect(handshake(open(), { names: ["faiban-1a2b.local", name] }, name)).rejects.toThrow(
      "permitted subtree violation",
    );
  });

  test.each(["8.8.8.8", "172.32.0.1", "11.0.0.1", "2001:db8::1"])("is not deceived about %s", async (address) => {
    await expect(handshake(open(), { addresses: [address] }, address)).rejects.toThrow("permitted subtree violation");
  });
});

describe("an authority", () => {
  test("is a self-signed P-256 authority for ten years that began yesterday", () => {
    const { authority, clock } = open();
    const certificate = authority.certificate();
    expect(certificate.ca).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(authority.hasSigned(certificate)).toBe(true);
    expect(certificate.validFromDate.getTime()).toBe(Math.floor((clock.nowMs() - dayMs) / 1000) * 1000);
    expect((certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / yearMs).toBeCloseTo(10, 3);
    expect(authority.pem().endsWith("-----END CERTIFICATE-----\n")).toBe(true);
  });

  test("of each hub has a name of its own", () => {
    const names = [1, 2, 3, 4].map(() => open().authority.name);
    expect(names.every((name) => /^Faiban Home [0-9a-f]{4}$/.test(name))).toBe(true);
    expect(new Set(names).size).toBeGreaterThan(1);
  });

  test("is the same after a restart, and the one for devices is another", () => {
    const { secrets, authority } = open();
    expect(open({ secrets }).authority.pem()).toBe(authority.pem());
    const device = open({ secrets, kind: "device" }).authority;
    expect(device.name).toMatch(/^Faiban Devices [0-9a-f]{4}$/);
    expect(device.publicKey.equals(authority.publicKey)).toBe(false);
  });

  test("that is damaged is not replaced behind everyone's back", () => {
    const { secrets } = open();
    secrets.save("home-authority", Buffer.from("not a key"));
    expect(() => open({ secrets })).toThrow(
      expect.objectContaining({ code: "SECRETS_UNREADABLE", hint: expect.stringContaining("backup") }),
    );
  });

  test("made anew in its last fifth keeps key and name, and who trusts the old one still connects", async () => {
    const opened = open({ clock: settableClock(Date.now() - 8.5 * yearMs) });
    const old = opened.authority.pem();
    opened.clock.timeMs = Date.now() - 2 * yearMs;
    expect(opened.authority.check()).toBe(false);
    opened.clock.timeMs = Date.now();
    expect(opened.authority.check()).toBe(true);
    expect(opened.authority.pem()).not.toBe(old);
    expect(opened.authority.certificate().subject).toBe(new X509Certificate(old).subject);
    const trustingOld = { ...opened, authority: { ...opened.authority, pem: () => old } };
    const name = "faiban-1a2b.local";
    await expect(handshake(trustingOld, { names: [name] }, name)).resolves.toBeDefined();
    await expect(handshake(opened, { names: [name] }, name)).resolves.toBeDefined();
  });

  test("that begins later than the time that became known is made anew", () => {
    const opened = open({ clock: settableClock(Date.UTC(2040, 0, 1)) });
    opened.clock.timeMs = Date.UTC(2027, 0, 1);
    opened.clock.isKnown = false;
    expect(opened.authority.check()).toBe(false);
    opened.clock.isKnown = true;
    expect(opened.authority.check()).toBe(true);
    expect(new X509Certificate(opened.authority.pem()).validFromDate.getUTCFullYear()).toBe(2026);
  });
});
