import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fingerprint, openAuthority } from "./authority.ts";
import { memorySecrets, quietLog, settableClock } from "./harness.ts";
import { derFile, httpsUrls, pemFile, profileFile } from "./onboarding.ts";

const authority = () =>
  openAuthority({ kind: "home", secrets: memorySecrets(), clock: settableClock(), log: quietLog() });

describe("the authority's certificate", () => {
  test("comes as PEM, DER and profile with the types that systems know", () => {
    const { certificate, pem, name } = authority();
    expect(new X509Certificate(pemFile("faiban-home", pem()).bytes).raw).toEqual(certificate().raw);
    expect(new X509Certificate(derFile(certificate()).bytes).raw).toEqual(certificate().raw);
    const files = [pemFile("faiban-home", pem()), derFile(certificate()), profileFile(certificate(), name)];
    expect(files.map(({ name, contentType }) => [name, contentType])).toEqual([
      ["faiban-home.pem", "application/x-pem-file"],
      ["faiban-home.crt", "application/x-x509-ca-cert"],
      ["faiban-home.mobileconfig", "application/x-apple-aspen-config"],
    ]);
  });

  test("has a fingerprint in the form in which systems show it", () => {
    expect(fingerprint(authority().certificate())).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });
});

describe("the profile for iOS", () => {
  const uuids = (text: string) => [...text.matchAll(/<key>PayloadUUID<\/key><string>([^<]+)/g)].map(([, uuid]) => uuid);

  test("holds the certificate as a root, and its ids stay the same for the same certificate only", () => {
    const { certificate } = authority();
    const text = profileFile(certificate(), "Home").bytes.toString();
    const data = /<data>([^<]+)<\/data>/.exec(text)?.[1] ?? "";
    expect(Buffer.from(data, "base64")).toEqual(certificate().raw);
    expect(text).toContain("<string>com.apple.security.root</string>");
    expect(text).toContain(fingerprint(certificate()));
    expect(uuids(text)).toEqual(uuids(profileFile(certificate(), "Other").bytes.toString()));
    expect(uuids(text)).not.toEqual(uuids(profileFile(authority().certificate(), "Home").bytes.toString()));
    expect(new Set(uuids(text)).size).toBe(2);
    for (const uuid of uuids(text))
      expect(uuid).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
  });

  test("survives any name", () => {
    const text = profileFile(authority().certificate(), `</string>&<b>"ไฟบ้าน"\u0000\ud800`).bytes.toString();
    expect(text).toContain(`<string>&lt;/string&gt;&amp;&lt;b&gt;"ไฟบ้าน"</string>`);
  });
});

test("the hub's addresses are names first, and the home's only", () => {
  expect(httpsUrls(["faiban-1a2b.local"], ["192.168.1.5", "8.8.8.8", "fd12::5"], 8443)).toEqual([
    "https://faiban-1a2b.local:8443/",
    "https://192.168.1.5:8443/",
    "https://[fd12::5]:8443/",
  ]);
  expect(httpsUrls(["faiban-1a2b.local"], [], 443)).toEqual(["https://faiban-1a2b.local/"]);
});
