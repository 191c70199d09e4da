/** Who is at the other end of a TLS connection to the MQTT port. */
import type { TLSSocket, TlsOptions } from "node:tls";
import type { DeviceCertificates, DeviceIdentity } from "./device-certificate.ts";

/**
 * Asks for a certificate and lets the handshake succeed without: devices may log in with a password instead. What is
 * shown is judged by devicePeer(). `ca` tells devices which certificate to choose.
 */
export function deviceTls(deviceAuthorityPem: string): TlsOptions {
  return {
    ca: deviceAuthorityPem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
  };
}

/** A device that showed its certificate, nobody in particular, or one whose certificate is not good. */
export type DevicePeer = { kind: "device"; device: DeviceIdentity } | { kind: "anonymous" } | { kind: "refused" };

/**
 * Judges a connection after its handshake, a resumed one too: its ticket holds the certificate, which is checked anew. A
 * connection that is refused must be closed, whatever password it might send.
 */
export function devicePeer(socket: TLSSocket, devices: DeviceCertificates): DevicePeer {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { kind: "anonymous" };
  const device = devices.identify(certificate.raw);
  return device === null ? { kind: "refused" } : { kind: "device", device };
}
