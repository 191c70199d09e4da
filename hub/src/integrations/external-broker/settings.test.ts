import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkSettings, readAuthority, secretsAfter, withDefaults } from "./settings.ts";

const none = { password: null, keyPem: null };
const change = { host: "cellar", protocol: "mqtts" as const, username: "hub" };
const before = { settings: withDefaults(change), secrets: { password: "sesame", keyPem: null } };

test("what is left out takes its default", () => {
  expect(withDefaults({ host: "cellar" })).toMatchObject({
    name: "cellar",
    port: 1883,
    version: "3.1.1",
    keepAliveS: 45,
  });
  expect(withDefaults(change)).toMatchObject({ port: 8883, isPersistent: false, filters: [] });
  expect(withDefaults({ host: "cellar", name: " \u0007 " }).name).toBe("cellar");
  expect(JSON.stringify(withDefaults({ ...change, password: "sesame", keyPem: "key" }))).not.toMatch(/sesame|key"/);
});

test("a password stays while the server does, is replaced, or removed", () => {
  const after = (more: object) => secretsAfter({ ...change, ...more }, withDefaults({ ...change, ...more }), before);
  expect(after({ name: "new", filters: [] }).password).toBe("sesame");
  expect(after({ password: null }).password).toBeNull();
  expect(after({ host: "garage", password: "other" }).password).toBe("other");
  for (const other of [{ host: "garage" }, { port: 1 }, { protocol: "mqtt" }, { caPem: "x" }, { serverName: "y" }]) {
    expect(() => after(other)).toThrow("another server");
  }
});

test("a password without a user is refused, as MQTT 3.1.1 has none", () => {
  expect(() => checkSettings(withDefaults({ host: "cellar" }), { ...none, password: "x" })).toThrow("user name");
});

test("the authority's file must be a file with a certificate in it", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-ca-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "ca.pem");
  writeFileSync(file, "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----");
  const message = (caFile: string) => {
    try {
      return readAuthority({ ca: null, caFile });
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(message(file)).toContain("no BEGIN CERTIFICATE");
  expect(message(folder)).toContain("cannot be read");
  expect(message("/dev/zero")).toContain("cannot be read");
  expect(readAuthority({ ca: null, caFile: null })).toBeNull();
});
