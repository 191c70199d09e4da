import { execFileSync, spawnSync } from "node:child_process";
import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Manifest, publicKeyHeader, signedText, signImage } from "./sign.ts";

const program = path.join(import.meta.dirname, "sign.ts");
const image = Buffer.from("the firmware");
const about = { model: "faiban-pzem", version: "1.4.0", path: "/firmware/faiban-pzem/1.4.0.bin" };
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "faiban-sign-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keyFile = () => path.join(folder, "firmware-key.pem");

function run(...args: string[]): string {
  return execFileSync(process.execPath, [program, ...args], { encoding: "utf8" });
}

function signedByProgram(): Manifest {
  run("keys", folder);
  writeFileSync(path.join(folder, "firmware.bin"), image);
  const { model, version, path: where } = about;
  const options = { key: keyFile(), model, version, image: path.join(folder, "firmware.bin"), path: where };
  return JSON.parse(run("sign", ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])));
}

describe("the program", () => {
  test("makes keys and a manifest whose signature is of model, version, size and hash", () => {
    const manifest = signedByProgram();
    const { signature, ...rest } = manifest;
    const sha256 = createHash("sha256").update(image).digest("hex");
    expect(rest).toEqual({ format: 1, ...about, size: 12, sha256 });
    const text = `faiban-firmware-1\nfaiban-pzem\n1.4.0\n12\n${sha256}\n`;
    expect(signedText(manifest)).toBe(text);
    const publicKey = createPublicKey(readFileSync(keyFile()));
    const isGood = (message: string) => verify(null, Buffer.from(message), publicKey, Buffer.from(signature, "hex"));
    expect(isGood(text)).toBe(true);
    expect(isGood(text.replace("1.4.0", "1.5.0"))).toBe(false);
  });

  test("keeps the key for its owner, and never writes over one", () => {
    run("keys", folder);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    const before = readFileSync(keyFile(), "utf8");
    const again = spawnSync(process.execPath, [program, "keys", folder], { encoding: "utf8" });
    expect(again.status).toBe(1);
    expect(again.stderr).toContain("EEXIST");
    expect(readFileSync(keyFile(), "utf8")).toBe(before);
  });

  test("says how it is used", () => {
    const { status, stderr } = spawnSync(process.execPath, [program, "sign"], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toContain("--model");
  });
});

test("the header has the 32 bytes of the public key", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const bytes = [...publicKeyHeader(privateKey).matchAll(/0x([0-9a-f]{2})/g)].map(([, hex]) => hex).join("");
  const { x = "" } = publicKey.export({ format: "jwk" });
  expect(bytes).toBe(Buffer.from(x, "base64url").toString("hex"));
});

test.each([
  [{ model: "a b" }, "model"],
  [{ version: "1.4" }, "version"],
  [{ version: "1.4.65536" }, "version"],
  [{ path: "//other.host/x" }, "path"],
  [{ path: "https://other.host/x" }, "path"],
])("%j is refused, since no meter would take it", (change, name) => {
  const { privateKey } = generateKeyPairSync("ed25519");
  expect(() => signImage(image, { ...about, ...change, privateKey })).toThrow(name);
});

test("a key of another kind and an empty image are refused", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  expect(() => signImage(image, { ...about, privateKey })).toThrow("Ed25519");
  const keys = generateKeyPairSync("ed25519");
  expect(() => signImage(Buffer.alloc(0), { ...about, privateKey: keys.privateKey })).toThrow("empty");
});
