/** Reads signing requests (PKCS #10, RFC 2986), which come from devices and are not to be trusted. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { HubError } from "../errors.ts";
import { oid, readElements, tags } from "./der.ts";

/** A request of a device with an RSA key of 4096 bits takes some 2 kB as PEM. */
const mostBytes = 16_384;

/** Signature algorithms by their encoded identifiers, each with its digest: RFC 5758 and RFC 4055. */
const digests = new Map([
  ...(["sha256", "sha384", "sha512"] as const).map((digest, i) => [hex(oid(`1.2.840.10045.4.3.${2 + i}`)), digest]),
  ...(["sha256", "sha384", "sha512"] as const).map((digest, i) => [hex(oid(`1.2.840.113549.1.1.${11 + i}`)), digest]),
] as [string, string][]);

/**
 * The public key of a request, PEM or DER, whose signature shows that the sender has the private key. All else in it is
 * ignored. Throws HubError BAD_REQUEST.
 */
export function readSigningRequest(request: string | Uint8Array): KeyObject {
  if (request.length > mostBytes) throw refused("is too long");
  const { key, signed, digest, signature } = parse(toDer(request));
  if (!isStrong(key)) throw refused("has a key that is not EC P-256, EC P-384, or RSA of 2048 to 8192 bits");
  if (!isVerified(digest, signed, key, signature)) throw refused("is not signed with its own key");
  return key;
}

function toDer(request: string | Uint8Array): Buffer {
  const text = typeof request === "string" ? request : Buffer.from(request).toString("latin1");
  const pem = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END/.exec(text);
  return pem ? Buffer.from(pem[1] as string, "base64") : Buffer.from(text, "latin1");
}

function parse(der: Buffer) {
  try {
    const [outer, ...extra] = readElements(der);
    const [info, algorithm, signature] = readElements(contentOf(outer, tags.sequence));
    const [version, , keyInfo] = readElements(contentOf(info, tags.sequence));
    const digest = digests.get(hex(readElements(contentOf(algorithm, tags.sequence))[0]?.whole ?? Buffer.alloc(0)));
    if (extra.length > 0 || hex(contentOf(version, tags.integer)) !== "00" || digest === undefined)
      throw new RangeError();
    return {
      key: createPublicKey({ key: keyInfo?.whole ?? Buffer.alloc(0), format: "der", type: "spki" }),
      signed: info?.whole ?? Buffer.alloc(0),
      digest,
      signature: contentOf(signature, tags.bitString).subarray(1), // the first byte counts unused bits: none
    };
  } catch (cause) {
    throw refused("cannot be read, or is signed otherwise than with SHA-256, SHA-384 or SHA-512", cause);
  }
}

function contentOf(element: ReturnType<typeof readElements>[number] | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new RangeError("An element is missing");
  return element.content;
}

function isStrong(key: KeyObject): boolean {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec") return namedCurve === "prime256v1" || namedCurve === "secp384r1";
  return key.asymmetricKeyType === "rsa" && modulusLength >= 2048 && modulusLength <= 8192;
}

function isVerified(digest: string, signed: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(digest, signed, key, signature);
  } catch {
    return false; // a signature that is not even one
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function refused(what: string, cause?: unknown): HubError {
  const hint = "Make a signing request (PKCS #10, PEM or DER) with an EC P-256 key, and send it as it is.";
  return new HubError("BAD_REQUEST", `The signing request ${what}`, hint, { cause });
}
