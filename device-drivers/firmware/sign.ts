/**
 * Makes the keys that firmware is signed with, and signs an image into a manifest (README.md has its format).
 *
 *   node sign.ts keys FOLDER
 *   node sign.ts sign --key FILE --model MODEL --version 1.4.0 --image firmware.bin --path /firmware/MODEL/1.4.0.bin
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

/** What a meter reads before it downloads an image. */
export interface Manifest {
  format: 1;
  model: string;
  version: string;
  /** Bytes of the image. */
  size: number;
  /** SHA-256 of the image, 64 lower-case hex digits. */
  sha256: string;
  /** Where the image is, on the host that gave the manifest. */
  path: string;
  /** Ed25519 over `signedText`, 128 lower-case hex digits. */
  signature: string;
}

/** What is signed: everything that decides what will run, and on which meters. */
export function signedText({ model, version, size, sha256 }: Omit<Manifest, "format" | "path" | "signature">): string {
  return `faiban-firmware-1\n${model}\n${version}\n${size}\n${sha256}\n`;
}

/** The same limits as in the meter (esp32/lib/core/src/manifest.cpp), so that no manifest is made that none would take. */
const rules = {
  model: /^[\w.-]{1,32}$/,
  version: /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/,
  path: /^\/(?!\/)[\w/.~-]{1,127}$/,
};

/** Signs an image. Throws an Error that says which part of the input no meter would take. */
export function signImage(
  image: Uint8Array,
  { model, version, path, privateKey }: Pick<Manifest, "model" | "version" | "path"> & { privateKey: KeyObject },
): Manifest {
  for (const [name, value] of Object.entries({ model, version, path })) {
    if (!rules[name as keyof typeof rules].test(value)) throw new Error(`${name} cannot be "${value}"`);
  }
  if (version.split(".").some((part) => Number(part) > 65_535)) throw new Error(`version cannot be "${version}"`);
  if (image.length === 0) throw new Error("the image is empty");
  if (privateKey.asymmetricKeyType !== "ed25519") throw new Error("the key is not an Ed25519 key");
  const sha256 = createHash("sha256").update(image).digest("hex");
  const about = { model, version, size: image.length, sha256 };
  const signature = sign(null, Buffer.from(signedText(about)), privateKey).toString("hex");
  return { format: 1, ...about, path, signature };
}

/** The public key as the lines of `include/firmware-key.h`. */
export function publicKeyHeader(key: KeyObject): string {
  // The last 32 bytes of an Ed25519 SubjectPublicKeyInfo are the key (RFC 8410, section 4).
  const bytes = [...createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-32)];
  const hex = bytes.map((byte) => `0x${byte.toString(16).padStart(2, "0")}`);
  const lines = [0, 8, 16, 24].map((at) => `    ${hex.slice(at, at + 8).join(", ")},`);
  return [
    "#pragma once",
    "#include <cstdint>",
    "",
    "/** Firmware is installed only if it was signed with the key to this one (sign.ts makes both). */",
    "constexpr uint8_t firmwarePublicKey[32] = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}

/** Writes `firmware-key.pem`, for its owner alone, and `firmware-key.h`; refuses to write over a key. */
export function makeKeys(folder: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  mkdirSync(folder, { recursive: true });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(path.join(folder, "firmware-key.pem"), pem, { mode: 0o600, flag: "wx" });
  writeFileSync(path.join(folder, "firmware-key.h"), publicKeyHeader(privateKey));
}

const usage = "node sign.ts keys FOLDER | sign --key FILE --model MODEL --version 1.4.0 --image FILE --path /PATH";

function main(args: string[]): void {
  const [command, ...rest] = args;
  if (command === "keys" && rest.length === 1 && rest[0] !== undefined) {
    makeKeys(rest[0]);
    process.stdout.write(`Keep ${path.join(rest[0], "firmware-key.pem")} secret, and out of every repository.\n`);
    return;
  }
  if (command !== "sign") throw new Error(usage);
  const text = { type: "string" } as const;
  const options = { key: text, model: text, version: text, image: text, path: text };
  const { key, model, version, image, path: where } = parseArgs({ args: rest, options }).values;
  if (!key || !model || !version || !image || !where) throw new Error(usage);
  const privateKey = createPrivateKey(readFileSync(key));
  const manifest = signImage(readFileSync(image), { model, version, path: where, privateKey });
  process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
