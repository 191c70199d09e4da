/** Certificates of devices: a device that shows one needs no password. */
import { type KeyObject, X509Certificate } from "node:crypto";
import { type Authority, commonName } from "./authority.ts";
import { readSigningRequest } from "./signing-request.ts";
import { type CertificateClock, deviceMs, isCurrent, validityOf } from "./validity.ts";
import { keyPem, leafExtensions, newKeyPair, purposes } from "./x509.ts";

export interface DeviceCertificates {
  /** Signs a device's own request, PEM or DER. Throws HubError BAD_REQUEST. */
  sign(credentialId: string, request: string | Uint8Array, lifeMs?: number): IssuedCertificate;
  /** Makes key and certificate for a device that cannot make a key; the key is kept nowhere. */
  generate(credentialId: string, lifeMs?: number): IssuedCertificate & { key: string };
  /** Whose the certificate is; null when it is not the authority's, not a device's, not current, or revoked. */
  identify(certificate: Uint8Array): DeviceIdentity | null;
}

export interface DeviceIdentity {
  credentialId: string;
  /** In capital hexadecimal digits, as `isRevoked` is asked for it. */
  serial: string;
}

export interface IssuedCertificate extends DeviceIdentity {
  /** The certificate, PEM. */
  cert: string;
  /** Epoch milliseconds. */
  validToMs: number;
}

export interface DeviceCertificateOptions {
  authority: Authority;
  clock: CertificateClock;
  /** Whether the certificate with that serial, in capital hexadecimal digits, is no longer valid. */
  isRevoked(serial: string): boolean;
}

const uriOf = (credentialId: string) => `urn:faiban:device:${credentialId}`;
const credentialPattern = /^[\w-]{1,64}$/;

/** What signs and recognises certificates of devices. */
export function createDeviceCertificates(options: DeviceCertificateOptions): DeviceCertificates {
  const { authority, clock, isRevoked } = options;

  function issue(credentialId: string, publicKey: KeyObject, lifeMs: number): IssuedCertificate {
    if (!credentialPattern.test(credentialId)) throw new Error(`"${credentialId}" is not the id of a credential`);
    const cert = authority.sign({
      subject: credentialId,
      publicKey,
      validity: validityOf(lifeMs, clock),
      extensions: leafExtensions("client", { uris: [uriOf(credentialId)] }),
    });
    const { serialNumber, validToDate } = new X509Certificate(cert);
    return { credentialId, serial: serialNumber, cert, validToMs: validToDate.getTime() };
  }

  return {
    sign: (credentialId, request, lifeMs = deviceMs) => issue(credentialId, readSigningRequest(request), lifeMs),
    generate(credentialId, lifeMs = deviceMs) {
      const { privateKey, publicKey } = newKeyPair();
      return { ...issue(credentialId, publicKey, lifeMs), key: keyPem(privateKey) };
    },
    identify(der) {
      const certificate = parse(der);
      if (certificate === null || !authority.hasSigned(certificate) || !isCurrent(certificate, clock)) return null;
      const credentialId = commonName(certificate);
      const isDevice =
        credentialPattern.test(credentialId) &&
        certificate.subjectAltName === `URI:${uriOf(credentialId)}` &&
        certificate.keyUsage?.join() === purposes.client;
      const serial = certificate.serialNumber;
      return isDevice && !isRevoked(serial) ? { credentialId, serial } : null;
    },
  };
}

function parse(der: Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(der);
  } catch {
    return null;
  }
}
