/**
 * X.509 certificates as the hub makes them, by RFC 5280: EC P-256 keys sign with SHA-256. Written by hand because it is a
 * page of code, where a library would keep 24 MB for a job of two milliseconds a year. Reading is left to node:crypto.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { bits, element, integer, octets, oid, sequence, set, tags, time, yes } from "./der.ts";
import { addressBytes, type Range, rangeBytes } from "./ranges.ts";

/** From when to when a certificate is valid, epoch milliseconds. */
export interface Validity {
  fromMs: number;
  toMs: number;
}

/** The private key of a certificate and the chain that begins with it, as PEM that ends with a newline. */
export interface KeyAndChain {
  key: string;
  cert: string;
}

export interface CertificateFields {
  /** Common name of whom it is about. */
  subject: string;
  publicKey: KeyObject;
  validity: Validity;
  extensions: Buffer[];
}

export interface Signer {
  /** Common name in the signer's own certificate. */
  name: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const ids = {
  ecdsaSha256: oid("1.2.840.10045.4.3.2"),
  commonName: oid("2.5.4.3"),
  subjectKey: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  authorityKey: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
};

/** Object identifiers of what a certificate is for, as node:crypto shows them too. */
export const purposes = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;
export type Purpose = keyof typeof purposes;

/** A new key pair on the curve P-256. */
export function newKeyPair(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** A private key as PEM (PKCS #8). */
export function keyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** DER as PEM, with the newline at its end that a chain needs. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The certificate as PEM, with a random serial of 128 bits. */
export function signCertificate(fields: CertificateFields, signer: Signer): string {
  const { subject, publicKey, validity, extensions } = fields;
  const version3 = element(0xa0, integer(Uint8Array.of(2)));
  const keyIds = [
    extension(ids.subjectKey, octets(keyId(publicKey))),
    extension(ids.authorityKey, sequence(element(0x80, keyId(signer.publicKey)))),
  ];
  const toSign = sequence(
    ...[version3, integer(randomBytes(16)), sequence(ids.ecdsaSha256), commonName(signer.name)],
    ...[sequence(time(validity.fromMs), time(validity.toMs)), commonName(subject), spki(publicKey)],
    element(0xa3, sequence(...extensions, ...keyIds)),
  );
  return toPem("CERTIFICATE", signed(toSign, signer.privateKey));
}

/** A signing request (PKCS #10, RFC 2986) for DNS names, as DER. */
export function createRequest(names: readonly string[], pair: { privateKey: KeyObject; publicKey: KeyObject }): Buffer {
  const extensionRequest = oid("1.2.840.113549.1.9.14");
  const attributes = sequence(extensionRequest, set(sequence(subjectAltName({ names }))));
  const info = sequence(integer(Uint8Array.of(0)), sequence(), spki(pair.publicKey), element(0xa0, attributes));
  return signed(info, pair.privateKey);
}

function signed(toSign: Buffer, privateKey: KeyObject): Buffer {
  return sequence(toSign, sequence(ids.ecdsaSha256), bits(sign("sha256", toSign, privateKey)));
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

/** Any digest serves, as long as authority and certificates agree, RFC 5280 section 4.2.1.2. */
function keyId(key: KeyObject): Buffer {
  return createHash("sha256").update(spki(key)).digest().subarray(0, 20);
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(ids.commonName, element(tags.utf8, Buffer.from(name)))));
}

function extension(id: string, content: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [yes] : []), octets(content));
}

/** An authority that signs certificates, but no further authorities. */
export function authorityExtensions(
  permitted: { names: readonly string[]; ranges: readonly Range[] } | null,
): Buffer[] {
  const pathLength = integer(Uint8Array.of(0));
  const signsCertificatesAndLists = Buffer.from([tags.bitString, 2, 1, 0b0000_0110]);
  const own = [
    extension(ids.basicConstraints, sequence(yes, pathLength), true),
    extension(ids.keyUsage, signsCertificatesAndLists, true),
  ];
  if (permitted === null) return own;
  const names = permitted.names.map((name) => sequence(element(0x82, Buffer.from(name))));
  const ranges = permitted.ranges.map((range) => sequence(element(0x87, rangeBytes(range))));
  return [...own, extension(ids.nameConstraints, sequence(element(0xa0, ...names, ...ranges)), true)];
}

/** A certificate that serves one purpose for the names in it. */
export function leafExtensions(purpose: Purpose, altNames: AltNames): Buffer[] {
  const digitalSignature = Buffer.from([tags.bitString, 2, 7, 0b1000_0000]);
  return [
    extension(ids.basicConstraints, sequence(), true),
    extension(ids.keyUsage, digitalSignature, true),
    extension(ids.extendedKeyUsage, sequence(oid(purposes[purpose]))),
    subjectAltName(altNames),
  ];
}

export interface AltNames {
  names?: readonly string[];
  addresses?: readonly string[];
  uris?: readonly string[];
}

function subjectAltName({ names = [], addresses = [], uris = [] }: AltNames): Buffer {
  return extension(
    ids.subjectAltName,
    sequence(
      ...names.map((name) => element(0x82, Buffer.from(name))),
      ...uris.map((uri) => element(0x86, Buffer.from(uri))),
      ...addresses.map((address) => element(0x87, addressBytes(address))),
    ),
  );
}
