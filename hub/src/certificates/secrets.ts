/** Keys and certificates that outlive a run; whoever owns the store keeps them encrypted. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { HubError } from "../errors.ts";
import type { KeyAndChain } from "./x509.ts";

export interface SecretStore {
  /** The secret of that name, null when there is none. */
  load(name: string): Uint8Array | null;
  save(name: string, secret: Uint8Array): void;
}

/** Saves a key and its chain as one secret, so that they never part. */
export function savePair(secrets: SecretStore, name: string, { key, cert }: KeyAndChain): void {
  secrets.save(name, Buffer.from(key + cert));
}

/** What savePair() saved; null when there is none. Throws HubError when it cannot be read. */
export function loadPair(secrets: SecretStore, name: string): KeyAndChain | null {
  const secret = secrets.load(name);
  if (secret === null) return null;
  const text = Buffer.from(secret).toString();
  const at = text.indexOf("-----BEGIN CERTIFICATE-----");
  const pair = { key: text.slice(0, Math.max(at, 0)), cert: text.slice(Math.max(at, 0)) };
  try {
    parsePair(pair);
  } catch (cause) {
    throw new HubError(
      "SECRETS_UNREADABLE",
      `The secret ${name} is damaged`,
      "Restore a backup of the hub; without one, remove the secret and set up the certificates of the home anew.",
      { cause },
    );
  }
  return pair;
}

/** Key and first certificate, ready for use. Throws what node:crypto throws. */
export function parsePair({ key, cert }: KeyAndChain): { privateKey: KeyObject; certificate: X509Certificate } {
  const privateKey = createPrivateKey(key);
  const certificate = new X509Certificate(cert);
  if (!certificate.checkPrivateKey(privateKey)) throw new Error("the key is not the certificate's");
  return { privateKey, certificate };
}
