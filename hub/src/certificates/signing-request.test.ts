import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readSigningRequest } from "./signing-request.ts";
import { createRequest, newKeyPair, toPem } from "./x509.ts";

const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, "fixtures", `${name}.csr`), "utf8");
const refused = expect.objectContaining({ code: "BAD_REQUEST", hint: expect.any(String) });

describe("a signing request", () => {
  test.each([
    ["rsa2048", "rsa"],
    ["p384", "ec"],
  ])("of OpenSSL with %s is taken", (name, type) => {
    expect(readSigningRequest(fixture(name)).asymmetricKeyType).toBe(type);
  });

  test("is taken as PEM, as bytes of PEM, and as DER", () => {
    const pair = newKeyPair();
    const der = createRequest(["ignored.example"], pair);
    const pem = toPem("CERTIFICATE REQUEST", der);
    for (const form of [der, pem, Buffer.from(pem), `words before\r\n${pem.replaceAll("\n", "\r\n")}`]) {
      expect(readSigningRequest(form).equals(pair.publicKey)).toBe(true);
    }
  });

  test.each(["rsa1024", "p521", "ed", "sha1"])("with %s is refused", (name) => {
    expect(() => readSigningRequest(fixture(name))).toThrow(refused);
  });

  test("for a key that the sender does not have is refused", () => {
    const der = createRequest([], { privateKey: newKeyPair().privateKey, publicKey: newKeyPair().publicKey });
    expect(() => readSigningRequest(der)).toThrow(/not signed with its own key/);
  });

  test("that was changed anywhere is refused, or is not changed for what counts", () => {
    const pair = newKeyPair();
    const der = createRequest(["a.local"], pair);
    const outcomes = Array.from(der, (_, at) => {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] as number) ^ 0x01;
      try {
        return readSigningRequest(changed).equals(pair.publicKey);
      } catch (error) {
        expect(error).toEqual(refused);
        return null;
      }
    });
    expect(outcomes).not.toContain(false);
    expect(outcomes.filter((outcome) => outcome === null).length).toBeGreaterThan(der.length - 5);
  });

  test.each<[string | Buffer, string]>([
    ["", "nothing"],
    ["-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", "an empty request"],
    ["x".repeat(20_000), "too much"],
    [
      generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }).toString(),
      "a key",
    ],
    [createHash("sha256").update("x").digest(), "a digest"],
  ])("that is none is refused: %#, %s", (request) => {
    expect(() => readSigningRequest(request)).toThrow(refused);
  });
});
