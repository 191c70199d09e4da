/** Settings of external brokers: their defaults, and what cannot be right in them. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { BrokerChange, BrokerSettings } from "../../api/broker-contract.ts";
import { HubError } from "../../errors.ts";
import { isTopicFilter } from "./topic-filters.ts";

/** What the API never tells. */
export interface BrokerSecrets {
  password: string | null;
  keyPem: string | null;
}

/** Ports as the brokers' makers have them (Mosquitto and HiveMQ 1883, 8883; EMQX 8083, 8084 for WebSockets). */
const defaultPorts = { mqtt: 1883, mqtts: 8883, ws: 8083, wss: 8084 };
const mostBytes = 262_144;

/** Settings with what was left out, without secrets. */
export function withDefaults({ password, keyPem, ...change }: BrokerChange): BrokerSettings {
  const protocol = change.protocol ?? "mqtt";
  const given = {
    ...{
      name: change.host,
      isOn: true,
      protocol,
      port: defaultPorts[protocol],
      path: "/mqtt",
      version: "3.1.1" as const,
    },
    ...{ username: null, caPem: null, caFile: null, serverName: null, certificatePem: null, clientId: null },
    ...{ filters: [], isPersistent: false, keepAliveS: 45 },
    ...change,
  };
  return { ...given, name: given.name.replace(/\p{C}/gu, "").trim() || change.host };
}

/** Throws HubError BAD_REQUEST with what cannot be right. */
export function checkSettings(settings: BrokerSettings, { keyPem, password }: BrokerSecrets): void {
  const wrong = settings.filters.find(({ filter }) => !isTopicFilter(filter));
  if (wrong) {
    throw bad(
      `"${wrong.filter}" is no topic filter`,
      "+ stands for one whole level, # for all that follow at the end.",
    );
  }
  if (password !== null && settings.username === null) {
    throw bad("A password needs a user name", "MQTT 3.1.1 sends none without; give the user's name too.");
  }
  readAuthority({ ca: settings.caPem, caFile: settings.caFile });
  checkPair(settings.certificatePem, keyPem);
}

/**
 * The certificates of the authority, PEM; null when none are given. Throws HubError BAD_REQUEST when there is no
 * certificate in what is given.
 */
export function readAuthority({ ca, caFile }: { ca: string | null; caFile: string | null }): string | null {
  const texts = [ca, caFile === null ? null : readText(caFile)].filter((text) => text !== null);
  for (const text of texts) parseCertificates(text);
  return texts.length === 0 ? null : texts.join("\n");
}

function readText(file: string): string {
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > mostBytes) throw new Error("it is no file of PEM");
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw bad(
      `${file} cannot be read: ${(cause as Error).message}`,
      "Correct the path, and let the hub's user read it.",
    );
  }
}

function parseCertificates(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length === 0) throw new Error("there is no BEGIN CERTIFICATE");
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw bad(`A certificate cannot be read: ${(cause as Error).message}`, "Give it as PEM, from BEGIN to END.");
  }
}

function checkPair(certificatePem: string | null, keyPem: string | null): void {
  if (certificatePem === null && keyPem === null) return;
  if (certificatePem === null || keyPem === null) {
    throw bad("A certificate of the hub's own and its key go together", "Give both, or none.");
  }
  const [certificate] = parseCertificates(certificatePem);
  if (!certificate?.checkPrivateKey(parseKey(keyPem))) {
    throw bad("The key is not that of the certificate", "Give the key that the certificate was made with.");
  }
}

function parseKey(text: string) {
  try {
    return createPrivateKey(text);
  } catch {
    throw bad("The key cannot be read", "Give it as PEM, without a passphrase.");
  }
}

/**
 * The secrets after a change: those left out stay. But a password stays with the server that it was given for: else
 * whoever may change settings could have it sent to a server of their own. Throws HubError BAD_REQUEST.
 */
export function secretsAfter(
  change: BrokerChange,
  next: BrokerSettings,
  before: { settings: BrokerSettings; secrets: BrokerSecrets } | null,
): BrokerSecrets {
  const old = before?.secrets ?? { password: null, keyPem: null };
  if (
    before &&
    change.password === undefined &&
    old.password !== null &&
    serverOf(before.settings) !== serverOf(next)
  ) {
    throw bad(
      "The stored password was given for another server",
      "Give the password again: it is not sent where it was not meant for.",
    );
  }
  return {
    password: change.password === undefined ? old.password : change.password,
    keyPem: change.keyPem === undefined ? old.keyPem : change.keyPem,
  };
}

/** What decides who would get the password. */
function serverOf({ protocol, host, port, path, serverName, caPem, caFile }: BrokerSettings): string {
  return JSON.stringify([protocol, host.toLowerCase(), port, path, serverName, caPem, caFile]);
}

function bad(message: string, hint: string): HubError {
  return new HubError("BAD_REQUEST", message, hint);
}
