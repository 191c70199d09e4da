/** A certificate for an own domain by ACME, renewed at two thirds of its life. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HubError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { shown } from "../errors.ts";
import { isDnsName } from "../ranges.ts";
import { loadPair, type SecretStore, savePair } from "../secrets.ts";
import { type CertificateClock, isDue } from "../validity.ts";
import { type KeyAndChain, keyPem, newKeyPair } from "../x509.ts";
import { createDnsProvider, type DnsProviderName } from "./dns-provider.ts";
import { failureOf } from "./errors.ts";
import { createView, realResolvers, type ViewTxt, waitForTxt } from "./propagation.ts";

export interface AcmeSettings {
  /** The server's directory, such as letsEncrypt. */
  directoryUrl: string;
  /** DNS names; "*." for all below a name. At least one. */
  names: readonly string[];
  /** Where the authority may write to, null for nowhere. */
  email: string | null;
  provider: DnsProviderName;
  /** The provider's API token; for `command` the path of the program. */
  secret: string;
}

export const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

export interface AcmeOptions {
  settings: AcmeSettings;
  secrets: SecretStore;
  clock: CertificateClock;
  monotonicMs(): number;
  log: Log;
  onRenewed(): void;
  /** The world outside, for tests. */
  world?: Partial<AcmeWorld>;
}

export interface AcmeWorld {
  view: ViewTxt;
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
  /** Where the provider's API is, null for its real address. */
  providerUrl: string | null;
}

export interface AcmeCertificate {
  /** The newest certificate for the names in the settings; null while there is none. */
  current(): KeyAndChain | null;
  /** Why the last attempt failed; null when it did not. */
  problem(): string | null;
  /** Begins an attempt when one is due. */
  check(): void;
  /** Resolves when no attempt is under way. */
  settled(): Promise<void>;
  /** Ends an attempt that is under way. */
  close(): Promise<void>;
}

/** Let's Encrypt allows five failed proofs per name and hour: https://letsencrypt.org/docs/rate-limits/ */
const firstPauseMs = 15 * 60_000;
const longestPauseMs = 24 * 3_600_000;

/** Holds the kept certificate; attempts begin with check(). Throws HubError when a setting is wrong. */
export function openAcme({
  settings,
  secrets,
  clock,
  monotonicMs,
  log,
  onRenewed,
  world = {},
}: AcmeOptions): AcmeCertificate {
  const closing = new AbortController();
  const provider = createDnsProvider({
    ...{ provider: settings.provider, secret: settings.secret, signal: closing.signal },
    apiUrl: world.providerUrl ?? null,
  });
  checkNames(settings.names);
  let pair = loadKept(secrets, settings.names, log);
  let running: Promise<void> | null = null;
  let problem: string | null = null;
  let nextMs = Number.NEGATIVE_INFINITY;
  let pauseMs = firstPauseMs;

  async function order(): Promise<KeyAndChain> {
    const { openTransport } = await import("./transport.ts"); // with jose, 11 MB that only ACME needs
    const { openAccount, orderCertificate } = await import("./order.ts");
    const key = accountKey(secrets);
    const transport = await openTransport(settings.directoryUrl, key, { nowMs: clock.nowMs, signal: closing.signal });
    await openAccount(transport, settings.email);
    const view = world.view ?? createView(realResolvers());
    const pause = (durationMs: number) => (world.sleep ?? sleepUntilClosed)(durationMs, closing.signal);
    return await orderCertificate({
      ...{ transport, names: settings.names, provider, sleep: pause },
      waitForTxt: (name, value) => waitForTxt(name, value, { view, sleep: pause }),
    });
  }

  async function attempt(): Promise<void> {
    try {
      pair = await order();
      problem = null;
      pauseMs = firstPauseMs;
      log.info(`Got a certificate for ${settings.names.join(", ")}`);
      onRenewed();
      savePair(secrets, secretName, pair); // last: it serves though it cannot be kept
    } catch (error) {
      if (closing.signal.aborted) return;
      problem = shown(error);
      const waitMs = Math.max(pauseMs, failureOf(error).retryAfterMs ?? 0);
      nextMs = monotonicMs() + waitMs;
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      log.warn(
        `No certificate for ${settings.names.join(", ")} yet: ${problem} Next try in ${Math.ceil(waitMs / 60_000)} min.`,
      );
    }
  }

  return {
    current: () => pair,
    problem: () => problem,
    check() {
      if (running !== null || closing.signal.aborted || !clock.isTimeKnown() || monotonicMs() < nextMs) return;
      if (pair !== null && !isDue(new X509Certificate(pair.cert), clock)) return;
      running = attempt().finally(() => {
        running = null;
      });
    },
    settled: async () => (await running) ?? undefined,
    async close() {
      closing.abort();
      await running;
    },
  };
}

const secretName = "acme-certificate";
const accountSecretName = "acme-account";

function sleepUntilClosed(durationMs: number, signal: AbortSignal): Promise<void> {
  return sleep(durationMs, undefined, { signal });
}

function checkNames(names: readonly string[]): void {
  const wrong = names.find((name) => !isDnsName(name) || !name.includes("."));
  if (names.length > 0 && wrong === undefined) return;
  throw new HubError(
    "CONFIG_INVALID",
    `"${wrong ?? ""}" is not a domain`,
    "Set the domain to one of your own, such as home.example.com.",
  );
}

/** A kept certificate is of use when it is for the very names that are wanted now. */
function loadKept(secrets: SecretStore, names: readonly string[], log: Log): KeyAndChain | null {
  try {
    const pair = loadPair(secrets, secretName);
    if (pair === null) return null;
    const held = new X509Certificate(pair.cert).subjectAltName?.split(", ").sort().join();
    const wanted = [...new Set(names)].map((name) => `DNS:${name}`).sort();
    return held === wanted.join() ? pair : null;
  } catch (error) {
    log.warn(`${shown(error)} A new certificate is asked for.`);
    return null;
  }
}

/** The server knows the account by this key, so that a restart makes no second one. */
function accountKey(secrets: SecretStore): KeyObject {
  const kept = secrets.load(accountSecretName);
  if (kept !== null) return createPrivateKey(Buffer.from(kept));
  const { privateKey } = newKeyPair();
  secrets.save(accountSecretName, Buffer.from(keyPem(privateKey)));
  return privateKey;
}
