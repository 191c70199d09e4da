/** Builds what is encrypted: certificates, the ports of https and MQTT over TLS, and the hub's name on the network. */
import { createServer as createHttpsServer } from "node:https";
import type { TlsOptions, Server as TlsServer } from "node:tls";
import { type Announcement, startAnnouncing } from "./announce/announce.ts";
import { hostFor } from "./announce/host-name.ts";
import { limitConnections } from "./api/connections.ts";
import type { Trust } from "./api/contract.ts";
import type { Server } from "./api/server.ts";
import { openCertificates } from "./certificates/certificates.ts";
import { type Config, isLoopbackHost } from "./config.ts";
import { HubError } from "./errors.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";
import type { Secrets } from "./secrets/secrets.ts";

export interface EncryptionOptions {
  config: Config;
  log: Log;
  secrets: Secrets;
  clock: { nowMs(): number; isTimeKnown(): boolean };
  isRevoked(serial: string): boolean;
  /** What identifies the hub for good. */
  hubId: string;
  /** What people call the home. */
  title: string;
}

export type Encryption = ReturnType<typeof openEncryption>;

/** Whether the settings ask for encryption: on loopback alone there is nobody to hide from. */
export function isEncrypted({ tls, httpHost, mqttHost }: Config): boolean {
  return tls === "on" || (tls === "auto" && !(isLoopbackHost(httpHost) && isLoopbackHost(mqttHost)));
}

/** Opens certificates; ports are opened by `serveHttps` and `serveMqtts`. Throws HubError when a setting is wrong. */
export function openEncryption({ config, log, secrets, clock, isRevoked, hubId, title }: EncryptionOptions) {
  const { certFile, keyFile, acmeDomain } = config;
  let announcement: Announcement | null = null;
  let httpsPort: number | null = null;
  let mqttsPort: number | null = null;
  const names = () => [announcement?.name() ?? `${hostFor(hubId)}.local`, ...config.hosts];
  const certificates = openCertificates({
    ...{ secrets, clock, log, names, isRevoked },
    files: certFile !== null && keyFile !== null ? { certFile, keyFile } : null,
    acme:
      acmeDomain === null
        ? null
        : {
            directoryUrl: config.acmeDirectory,
            names: [acmeDomain],
            email: config.acmeEmail,
            provider: config.acmeProvider,
            secret: config.acmeToken ?? "",
          },
  });

  /** Listens on the port that a setting names; a default port that is taken is done without. */
  async function open(server: TlsServer, setting: "httpsPort" | "mqttsPort", usual: number, isUsual: boolean) {
    const wanted = config[setting] ?? (isUsual ? usual : 0);
    const host = setting === "httpsPort" ? config.httpHost : config.mqttHost;
    try {
      return await listen(server, { host, port: wanted, setting });
    } catch (error) {
      if (config[setting] !== null || !(error instanceof HubError)) throw error;
      log.warn(`${error.message}: the hub goes on without it. ${error.hint}`);
      return null;
    }
  }

  return {
    certificates,
    /** Serves the app over https and MQTT over TLS; a port is null when its usual number is taken. */
    async serve(server: Server, tlsServer: (options: TlsOptions) => TlsServer) {
      const https = httpsServer(server, certificates.web.options());
      certificates.web.keep(https);
      const mqtts = tlsServer(certificates.mqtt.options());
      certificates.mqtt.keep(mqtts);
      httpsPort = await open(https, "httpsPort", 8443, config.httpPort === 8080);
      mqttsPort = await open(mqtts, "mqttsPort", 8883, config.mqttPort === 1883);
      return {
        httpsPort,
        mqttsPort,
        close(): void {
          https.close();
          https.closeAllConnections();
          mqtts.close();
        },
      };
    },
    /** Makes the hub known on the network by its name. */
    announce(ports: { http: number; mqtt: number }): void {
      if (!config.mdns || isLoopbackHost(config.httpHost)) return;
      const services = [
        { type: "http", port: ports.http },
        { type: "https", port: httpsPort },
        { type: "mqtt", port: ports.mqtt },
        { type: "secure-mqtt", port: mqttsPort },
      ] as const;
      announcement = startAnnouncing({
        ...{ hubId, title },
        services: services.flatMap(({ type, port }) => (port === null ? [] : [{ type, port }])),
        onRenamed: (name) => {
          log.warn(`Another machine has the hub's name: it is ${name} now`);
          certificates.check();
        },
        onError: (error) => log.warn(`${error.message}. ${error.hint}`),
      });
    },
    /** A file that people's devices need to trust the hub, by its name; null when there is none. */
    file(name: string): { type: string; bytes: Uint8Array } | null {
      const { onboarding } = certificates;
      const files = {
        "faiban-ca.pem": onboarding.pem,
        "faiban-ca.crt": onboarding.der,
        "faiban.mobileconfig": onboarding.profile,
      };
      if (!Object.hasOwn(files, name)) return null;
      const { contentType, bytes } = files[name as keyof typeof files]();
      return { type: contentType, bytes };
    },
    url: () => (httpsPort === null ? null : (certificates.onboarding.urls(httpsPort)[0] ?? null)),
    trust(): Trust {
      const { filesProblem, acmeProblem } = certificates.status();
      const { fingerprint, validToMs } = certificates.onboarding.authority();
      return {
        mode: certFile !== null ? "files" : acmeDomain !== null ? "acme" : "own_authority",
        urls: httpsPort === null ? [] : certificates.onboarding.urls(httpsPort),
        fingerprint,
        expiresMs: validToMs,
        problem: filesProblem ?? acmeProblem,
      };
    },
    async close(): Promise<void> {
      await announcement?.close();
      await certificates.close();
    },
  };
}

/** The same routes and sockets as over http. */
function httpsServer(server: Server, options: TlsOptions) {
  const https = createHttpsServer(options, server.routing);
  limitConnections(https);
  https.on("upgrade", (...upgrade) => server.server.emit("upgrade", ...upgrade));
  const { maxConnections, headersTimeout, requestTimeout } = server.server;
  return Object.assign(https, { maxConnections, headersTimeout, requestTimeout });
}

/** What there is to say of a hub that encrypts nothing. */
export const noTrust: Trust = { mode: "off", urls: [], fingerprint: null, expiresMs: null, problem: null };
