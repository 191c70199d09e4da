/** Everything about TLS of the hub: its authorities, its certificates from all sources, and those of devices. */
import type { TLSSocket } from "node:tls";
import type { Log } from "../log.ts";
import { type AcmeCertificate, type AcmeSettings, type AcmeWorld, openAcme } from "./acme/acme.ts";
import { fingerprint, openAuthority } from "./authority.ts";
import { createDeviceCertificates, type DeviceCertificates } from "./device-certificate.ts";
import { type DevicePeer, devicePeer, deviceTls } from "./device-tls.ts";
import { shown } from "./errors.ts";
import { lanAddresses } from "./lan.ts";
import { derFile, httpsUrls, type OnboardingFile, pemFile, profileFile } from "./onboarding.ts";
import { type CertificateFiles, type OwnCertificate, openOwnCertificate } from "./own-files.ts";
import { isHomeName } from "./ranges.ts";
import type { SecretStore } from "./secrets.ts";
import { openServerCertificate } from "./server-certificate.ts";
import { createTlsPort, type TlsPort } from "./tls-port.ts";
import type { CertificateClock } from "./validity.ts";
import type { KeyAndChain } from "./x509.ts";

export interface CertificatesOptions {
  secrets: SecretStore;
  clock: CertificateClock;
  log: Log;
  /** The hub's present name on the network, then further ones; looked at in each check. Those of no home are left out. */
  names(): readonly string[];
  /** Present addresses on the home's network; by default the machine's. */
  addresses?(): readonly string[];
  /** A certificate of the user's own; null for none. */
  files: CertificateFiles | null;
  /** An own domain by ACME; null for none. */
  acme: AcmeSettings | null;
  /** Whether a device's certificate, by its serial in capital hexadecimal digits, was taken back. */
  isRevoked(serial: string): boolean;
  /** Milliseconds that go on evenly whatever the clock does. */
  monotonicMs?(): number;
  acmeWorld?: Partial<AcmeWorld>;
}

export interface Certificates {
  /** TLS 1.3 for the app and the API. */
  web: TlsPort;
  /** TLS 1.3 for MQTT, with the certificate that devices trust. */
  mqtt: TlsPort;
  /** Judges a connection to the MQTT port once its handshake is done. */
  mqttPeer(socket: TLSSocket): DevicePeer;
  devices: DeviceCertificates;
  onboarding: Onboarding;
  status(): CertificateStatus;
  /** Told after each renewal of whatever certificate; the returned function ends that. */
  onRenewed(listener: () => void): () => void;
  /** Looks at clock, addresses and files now: each minute without being asked, and of use once the time is known. */
  check(): void;
  close(): Promise<void>;
}

export interface Onboarding {
  /** Name and SHA-256 of the authority, as people compare it with what their device shows. */
  authority(): { name: string; fingerprint: string; validToMs: number };
  pem(): OnboardingFile;
  der(): OnboardingFile;
  /** For iOS. */
  profile(): OnboardingFile;
  /** What devices need to trust the MQTT port, PEM. */
  deviceAuthority(): OnboardingFile;
  urls(port: number): string[];
}

/** Why a certificate of the user's own is not in use; null when it is, or none was asked for. */
export interface CertificateStatus {
  filesProblem: string | null;
  acmeProblem: string | null;
}

const checkMs = 60_000;

/** Opens all of it. Throws HubError when an authority's secret is damaged or a setting is wrong. */
export function openCertificates(options: CertificatesOptions): Certificates {
  const { secrets, clock, log } = options;
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const addresses = options.addresses ?? (() => lanAddresses().map(({ address }) => address));
  const listeners = new Set<() => void>();

  const home = openAuthority({ kind: "home", secrets, clock, log });
  const device = openAuthority({ kind: "device", secrets, clock, log });
  const held = {
    ...{ secrets, clock, log },
    names: () => [...options.names(), "localhost"],
    addresses: () => [...addresses(), "127.0.0.1", "::1"],
  };
  const webCertificate = openServerCertificate({ ...held, authority: home, secret: "web-certificate" });
  const mqttCertificate = openServerCertificate({ ...held, authority: device, secret: "mqtt-certificate" });
  const files: OwnCertificate | null = options.files && openOwnCertificate(options.files, clock, log);
  const acme: AcmeCertificate | null =
    options.acme &&
    openAcme({
      ...{ settings: options.acme, secrets, clock, monotonicMs, log },
      onRenewed: () => renewed(),
      ...(options.acmeWorld && { world: options.acmeWorld }),
    });
  const others = () => [files?.current(), acme?.current()].filter((pair): pair is KeyAndChain => pair != null);
  const web = createTlsPort({ own: webCertificate.current, others, tls: { minVersion: "TLSv1.3" }, monotonicMs });
  const mqtt = createTlsPort({ own: mqttCertificate.current, others, tls: deviceTls(device.pem()), monotonicMs });
  const devices = createDeviceCertificates({ authority: device, clock, isRevoked: options.isRevoked });

  function acmeNames(): string[] {
    const names = acme?.current() ? (options.acme?.names ?? []) : [];
    return names.filter((name) => !name.startsWith("*"));
  }

  function renewed(): void {
    web.renew();
    mqtt.renew();
    for (const listener of listeners) listener();
  }

  function check(): void {
    try {
      const parts = [home, device, webCertificate, mqttCertificate, files];
      if (parts.map((part) => part?.check()).includes(true)) renewed();
      acme?.check();
      web.check();
      mqtt.check();
    } catch (error) {
      log.error(`Certificates could not be renewed: ${shown(error)}`); // the next check tries again
    }
  }

  check();
  const timer = setInterval(check, checkMs);
  timer.unref();
  return {
    ...{ web, mqtt, devices, check },
    mqttPeer: (socket) => devicePeer(socket, devices),
    onboarding: {
      authority() {
        const certificate = home.certificate();
        const validToMs = certificate.validToDate.getTime();
        return { name: home.name, fingerprint: fingerprint(certificate), validToMs };
      },
      pem: () => pemFile("faiban-home", home.pem()),
      der: () => derFile(home.certificate()),
      profile: () => profileFile(home.certificate(), home.name),
      deviceAuthority: () => pemFile("faiban-devices", device.pem()),
      urls: (port) => httpsUrls([...acmeNames(), ...options.names().filter(isHomeName)], addresses(), port),
    },
    status: () => ({ filesProblem: files?.problem() ?? null, acmeProblem: acme?.problem() ?? null }),
    onRenewed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      clearInterval(timer);
      listeners.clear();
      await acme?.close();
    },
  };
}
