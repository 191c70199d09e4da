import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { quietLog, settableClock } from "./harness.ts";
import { newPair, newPairFiles, ownAuthority } from "./own-files.harness.ts";
import { openOwnCertificate, readCertificateFiles } from "./own-files.ts";
import { dayMs } from "./validity.ts";

const clock = settableClock();
const names = ["home.example.com"];

function problemOf(change: (files: ReturnType<typeof newPairFiles>) => void): { message: string; hint: string } {
  const files = newPairFiles(names);
  change(files);
  try {
    readCertificateFiles(files, clock);
  } catch (error) {
    expect(error).toMatchObject({ code: "CERTIFICATE_INVALID", hint: expect.stringMatching(/\.$/) });
    return error as { message: string; hint: string };
  }
  throw new Error("The files were taken");
}

describe("certificate files", () => {
  test("are taken with their chain, whose parts end with a newline whatever the file has", () => {
    const files = newPairFiles(names);
    writeFileSync(
      files.certFile,
      `\uFEFFnotes\r\n${files.cert.trim()}${ownAuthority.pem.trim().replaceAll("\n", "\r\n")}`,
    );
    const { cert, key } = readCertificateFiles(files, clock);
    expect(cert.match(/-----END CERTIFICATE-----\n/g)).toHaveLength(2);
    expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  test("that are missing, or folders, are told with their name", () => {
    const missing = problemOf(({ certFile }) => rmSync(certFile));
    expect(missing.message).toMatch(/cert\.pem cannot be read.*ENOENT/);
    expect(
      problemOf((files) => {
        files.keyFile = "/";
      }).message,
    ).toContain("/ cannot be read");
  });

  test("that are no PEM, or the wrong one, are told apart", () => {
    expect(problemOf(({ certFile, key }) => writeFileSync(certFile, key)).message).toContain("is not a certificate");
    expect(problemOf(({ keyFile, cert }) => writeFileSync(keyFile, cert)).message).toContain("is not a private key");
    const damaged = problemOf(({ certFile, cert }) => writeFileSync(certFile, cert.replace(/\n\w{9}/, "\n123456789")));
    expect(damaged.message).toContain("is not a certificate");
  });

  test("with an encrypted key come with the command that decrypts it", () => {
    const encrypted = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    }).privateKey;
    const problem = problemOf(({ keyFile }) => writeFileSync(keyFile, encrypted));
    expect(problem).toMatchObject({
      message: expect.stringContaining("is encrypted"),
      hint: expect.stringContaining("openssl pkey"),
    });
  });

  test("whose key is another's are refused", () => {
    const problem = problemOf(({ keyFile }) => writeFileSync(keyFile, newPair(names).key));
    expect(problem.message).toContain("is not that of the certificate");
  });

  test("whose chain is in the wrong order are refused", () => {
    const unrelated = problemOf(({ certFile, cert }) =>
      writeFileSync(certFile, cert + newPair(names).cert + ownAuthority.pem),
    );
    expect(unrelated.message).toContain("certificate 2 did not sign certificate 1");
    const reversed = problemOf(({ certFile, cert }) => writeFileSync(certFile, ownAuthority.pem + cert));
    expect(reversed.hint).toContain("comes first");
  });

  test("that are over, or have not begun, are refused, but not begun is no fault while the time is not known", () => {
    const past = newPairFiles(names, { fromMs: Date.now() - 9 * dayMs, toMs: Date.now() - dayMs });
    const future = newPairFiles(names, { fromMs: Date.now() + dayMs, toMs: Date.now() + 9 * dayMs });
    const unknown = { ...clock, isTimeKnown: () => false };
    expect(() => readCertificateFiles(past, clock)).toThrow(/not now/);
    expect(() => readCertificateFiles(past, unknown)).toThrow(/not now/);
    expect(() => readCertificateFiles(future, clock)).toThrow(/not now/);
    expect(() => readCertificateFiles(future, unknown)).not.toThrow();
  });
});

describe("watched certificate files", () => {
  test("are read again when they change, and only then", () => {
    const files = newPairFiles(names);
    const own = openOwnCertificate(files, clock, quietLog());
    expect(own.check()).toBe(false);
    const next = newPair(names);
    writeFileSync(files.keyFile, next.key);
    writeFileSync(files.certFile, next.cert);
    expect(own.check()).toBe(true);
    expect(own.current()?.key).toBe(next.key);
    expect(own.check()).toBe(false);
  });

  test("that turn bad are told once, with the hint, and the pair from before stays until they are good again", () => {
    const files = newPairFiles(names);
    const log = quietLog();
    const own = openOwnCertificate(files, clock, log);
    writeFileSync(files.keyFile, newPair(names).key);
    expect([own.check(), own.check()]).toEqual([false, false]);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/is not that of the certificate.*stays in use/);
    expect(own.current()?.key).toBe(files.key);
    expect(own.problem()).toContain("is not that of");
    writeFileSync(files.keyFile, files.key);
    own.check();
    expect(own.problem()).toBeNull();
  });

  test("that come later are found", () => {
    const files = newPairFiles(names);
    rmSync(files.certFile);
    const own = openOwnCertificate(files, clock, quietLog());
    expect(own.current()).toBeNull();
    writeFileSync(files.certFile, files.cert);
    expect(own.check()).toBe(true);
    expect(own.current()).not.toBeNull();
  });

  test("that end within two weeks are told once", () => {
    const files = newPairFiles(names);
    const log = quietLog();
    const later = settableClock();
    const own = openOwnCertificate(files, later, log);
    own.check();
    expect(log.lines).toEqual([]);
    later.timeMs += 47 * dayMs;
    own.check();
    own.check();
    expect(log.lines).toEqual([expect.stringContaining("Renew it.")]);
  });
});
