/** The hub's own certificate authorities: one that people's browsers trust, and one for devices. */
import { createHash, createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import type { Log } from "../log.ts";
import { homeDomains, homeRanges } from "./ranges.ts";
import { loadPair, parsePair, type SecretStore, savePair } from "./secrets.ts";
import { type CertificateClock, deviceAuthorityMs, homeAuthorityMs, isDue, validityOf } from "./validity.ts";
import {
  authorityExtensions,
  type CertificateFields,
  type KeyAndChain,
  keyPem,
  newKeyPair,
  signCertificate,
} from "./x509.ts";

const kinds = {
  /** Whoever takes its key can still not pose as a bank: it vouches for names and addresses of a home only. */
  home: {
    secret: "home-authority",
    title: "Faiban Home",
    lifeMs: homeAuthorityMs,
    permitted: { names: homeDomains, ranges: homeRanges },
  },
  /**
   * Not constrained, since Mbed TLS, which ESP32 use, cannot load a certificate with critical name constraints
   * (https://github.com/Mbed-TLS/mbedtls/issues/8759). Browsers never see it.
   */
  device: { secret: "device-authority", title: "Faiban Devices", lifeMs: deviceAuthorityMs, permitted: null },
};

export type AuthorityKind = keyof typeof kinds;

export interface Authority {
  /** The common name of its certificate, such as "Faiban Home 3f9c". */
  name: string;
  publicKey: KeyObject;
  certificate(): X509Certificate;
  /** Its certificate as PEM, with a newline at its end. */
  pem(): string;
  /** A certificate signed by it, as PEM; its end is at most the authority's own. */
  sign(fields: CertificateFields): string;
  /** Whether it signed the certificate, by its key and not by its name only. */
  hasSigned(certificate: X509Certificate): boolean;
  /** Makes its certificate anew, with the same key and name, when that is due; true when it did. */
  check(): boolean;
}

export interface AuthorityOptions {
  kind: AuthorityKind;
  secrets: SecretStore;
  clock: CertificateClock;
  log: Log;
}

/** Opens the authority of that kind, and makes it when there is none. Throws HubError when its secret is damaged. */
export function openAuthority({ kind, secrets, clock, log }: AuthorityOptions): Authority {
  const { secret, title, lifeMs, permitted } = kinds[kind];
  const stored = loadPair(secrets, secret);
  let pair = stored ?? create(newKeyPair().privateKey);
  let { privateKey, certificate } = parsePair(pair);
  const publicKey = certificate.publicKey;
  const name = commonName(certificate);
  if (stored === null) log.info(`Made the certificate authority "${name}"`);

  function create(key: KeyObject): KeyAndChain {
    const signer = { name: uniqueName(title, createPublicKey(key)), privateKey: key, publicKey: createPublicKey(key) };
    const cert = signCertificate(
      {
        subject: signer.name,
        publicKey: signer.publicKey,
        validity: validityOf(lifeMs, clock),
        extensions: authorityExtensions(permitted),
      },
      signer,
    );
    const made = { key: keyPem(key), cert };
    savePair(secrets, secret, made);
    return made;
  }

  return {
    name,
    publicKey,
    certificate: () => certificate,
    pem: () => pair.cert,
    sign(fields) {
      const toMs = Math.min(fields.validity.toMs, certificate.validToDate.getTime());
      return signCertificate({ ...fields, validity: { ...fields.validity, toMs } }, { name, privateKey, publicKey });
    },
    hasSigned: (other) => other.checkIssued(certificate) && other.verify(publicKey),
    check() {
      // What trusts the old certificate goes on trusting until its end, as key and name stay: years to take over the new.
      if (!isDue(certificate, clock, 0.8)) return false;
      pair = create(privateKey);
      ({ privateKey, certificate } = parsePair(pair));
      log.info(`Renewed the certificate of the authority "${name}"`);
      return true;
    },
  };
}

/** Two hubs' authorities are told apart by four digits that come from their keys. */
function uniqueName(title: string, publicKey: KeyObject): string {
  const digest = createHash("sha256").update(publicKey.export({ type: "spki", format: "der" }));
  return `${title} ${digest.digest("hex").slice(0, 4)}`;
}

/** The common name of a certificate's subject; empty when it has none. */
export function commonName(certificate: X509Certificate): string {
  return certificate.toLegacyObject().subject.CN?.toString() ?? "";
}

/** SHA-256 of a certificate, in pairs of capital digits, as systems show it to people: "3F:9C:…". */
export function fingerprint(certificate: X509Certificate): string {
  return certificate.fingerprint256;
}
