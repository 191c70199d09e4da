import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openAuthority } from "./authority.ts";
import { createDeviceCertificates } from "./device-certificate.ts";
import { memorySecrets, quietLog, settableClock } from "./harness.ts";
import { dayMs } from "./validity.ts";
import { type CertificateFields, createRequest, leafExtensions, newKeyPair, signCertificate } from "./x509.ts";

function open() {
  const clock = settableClock();
  const revoked = new Set<string>();
  const options = { secrets: memorySecrets(), clock, log: quietLog() };
  const authority = openAuthority({ ...options, kind: "device" });
  const devices = createDeviceCertificates({ authority, clock, isRevoked: (serial) => revoked.has(serial) });
  const identify = (pem: string) => devices.identify(new X509Certificate(pem).raw);
  return { ...devices, identify, identifyBytes: devices.identify, authority, clock, revoked };
}

const credential = (credentialId: string) => expect.objectContaining({ credentialId });

describe("a device's certificate", () => {
  test("names the credential, serves clients only, and lives five years", () => {
    const { generate } = open();
    const { cert, key, serial, validToMs } = generate("meter-1");
    const certificate = new X509Certificate(cert);
    expect(certificate.subject).toBe("CN=meter-1");
    expect(certificate.subjectAltName).toBe("URI:urn:faiban:device:meter-1");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.serialNumber).toBe(serial);
    expect(certificate.validToDate.getTime()).toBe(validToMs);
    expect(Math.round((validToMs - certificate.validFromDate.getTime()) / dayMs)).toBe(1826);
    expect(key).toContain("BEGIN PRIVATE KEY");
  });

  test("is made for a device's own key, and nothing of its request's names is taken over", () => {
    const { sign, identify } = open();
    const pair = newKeyPair();
    const { cert } = sign("meter_2", createRequest(["bank.example.com"], pair), 30 * dayMs);
    const certificate = new X509Certificate(cert);
    expect(certificate.publicKey.equals(pair.publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe("URI:urn:faiban:device:meter_2");
    expect(identify(cert)).toEqual(credential("meter_2"));
  });

  test("is recognised from a day before it was made until its end", () => {
    const { generate, identify, clock } = open();
    const { cert, serial } = generate("meter-1", 10 * dayMs);
    const madeMs = clock.timeMs;
    const at = (timeMs: number) => {
      clock.timeMs = timeMs;
      return identify(cert);
    };
    expect(at(madeMs)).toEqual({ credentialId: "meter-1", serial });
    expect(at(madeMs - 0.9 * dayMs)).not.toBeNull();
    expect(at(madeMs - 1.1 * dayMs)).toBeNull();
    expect(at(madeMs + 8.9 * dayMs)).not.toBeNull();
    expect(at(madeMs + 9.1 * dayMs)).toBeNull();
  });

  test("is recognised by a hub that does not know the time yet and thinks it is earlier", () => {
    const { generate, identify, clock } = open();
    const { cert } = generate("meter-1");
    clock.timeMs -= 400 * dayMs;
    clock.isKnown = false;
    expect(identify(cert)).toEqual(credential("meter-1"));
  });

  test("is not recognised once it was taken back", () => {
    const { generate, identify, revoked } = open();
    const [one, other] = [generate("meter-1"), generate("meter-1")];
    revoked.add(one.serial);
    expect(identify(one.cert)).toBeNull();
    expect(identify(other.cert)).toEqual(credential("meter-1"));
  });

  test("of another authority with the same name is not recognised", () => {
    const { authority, identify, clock } = open();
    const forger = newKeyPair();
    const device = newKeyPair();
    const fields = {
      subject: "meter-1",
      publicKey: device.publicKey,
      validity: { fromMs: clock.timeMs - dayMs, toMs: clock.timeMs + dayMs },
      extensions: leafExtensions("client", { uris: ["urn:faiban:device:meter-1"] }),
    };
    expect(identify(signCertificate(fields, { name: authority.name, ...forger }))).toBeNull();
    // The forger may also claim the authority's key id.
    const signer = { name: authority.name, privateKey: forger.privateKey, publicKey: authority.publicKey };
    expect(identify(signCertificate(fields, signer))).toBeNull();
    expect(identify(authority.sign(fields))).toEqual(credential("meter-1"));
  });

  test.each<[string, Partial<CertificateFields>]>([
    ["is for servers", { extensions: leafExtensions("server", { uris: ["urn:faiban:device:meter-1"] }) }],
    ["names another credential", { extensions: leafExtensions("client", { uris: ["urn:faiban:device:meter-2"] }) }],
    [
      "has a second name",
      { extensions: leafExtensions("client", { uris: ["urn:faiban:device:meter-1"], names: ["x.local"] }) },
    ],
    ["has no purpose", { extensions: [] }],
  ])("that %s is not recognised, though the authority signed it", (_, wrong) => {
    const { authority, identify, clock } = open();
    const cert = authority.sign({
      subject: "meter-1",
      publicKey: newKeyPair().publicKey,
      validity: { fromMs: clock.timeMs - dayMs, toMs: clock.timeMs + dayMs },
      extensions: leafExtensions("client", { uris: ["urn:faiban:device:meter-1"] }),
      ...wrong,
    });
    expect(identify(cert)).toBeNull();
  });

  test("that is the authority's own, or no certificate, is not recognised", () => {
    const { authority, identify, identifyBytes } = open();
    expect(identify(authority.pem())).toBeNull();
    expect(identifyBytes(Buffer.from("junk"))).toBeNull();
    expect(identifyBytes(Buffer.alloc(0))).toBeNull();
  });

  test.each(["", "a b", "a,URI:b", "é", "x".repeat(65)])("is not made for the credential %j", (credentialId) => {
    expect(() => open().generate(credentialId)).toThrow();
  });
});
