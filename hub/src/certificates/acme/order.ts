/** One certificate from an ACME server, RFC 8555 section 7, proven by TXT records (dns-01). */
import { type KeyObject, X509Certificate } from "node:crypto";
import { createRequest, type KeyAndChain, keyPem, newKeyPair } from "../x509.ts";
import type { DnsProvider } from "./dns-provider.ts";
import { acmeError, hintFor } from "./errors.ts";
import { type AcmeResponse, type AcmeTransport, type Problem, problemOf } from "./transport.ts";

export interface OrderOptions {
  transport: AcmeTransport;
  /** DNS names, the first one the certificate's own; "*." for all below a name. */
  names: readonly string[];
  provider: DnsProvider;
  /** Resolves once the domain's name servers show the value. */
  waitForTxt(name: string, value: string): Promise<void>;
  sleep(durationMs: number): Promise<void>;
}

interface Order {
  status: string;
  authorizations: string[];
  finalize: string;
  certificate?: string;
  error?: unknown;
}
interface Authorization {
  status: string;
  identifier: { value: string };
  challenges: { type: string; url: string; token: string; status: string; error?: unknown }[];
}

/** Polls are 2 s apart or what Retry-After says, up to 30 s; a busy authority takes minutes. */
const pollMs = 2000;
const longestPollMs = 30_000;
const mostPolls = 90;

/** The account's address, made when the server does not know the key yet. */
export async function openAccount(transport: AcmeTransport, email: string | null): Promise<string> {
  const contact = email === null ? {} : { contact: [`mailto:${email}`] };
  const { location } = await transport.post(transport.directory.newAccount, { termsOfServiceAgreed: true, ...contact });
  if (location === null) throw acmeError("The certificate authority gave no account", hintFor("malformed"));
  transport.useAccount(location);
  return location;
}

/** Gets a certificate with a new key. Throws HubError; TXT records are removed in any case. */
export async function orderCertificate(options: OrderOptions): Promise<KeyAndChain> {
  const { transport, names } = options;
  const identifiers = names.map((value) => ({ type: "dns", value }));
  const { body, location } = await transport.post(transport.directory.newOrder, { identifiers });
  if (location === null) throw acmeError("The certificate authority gave no order", hintFor("malformed"));
  const order = body as Order;
  // One after another: some providers hold a single TXT value, and a name and its wildcard share one record.
  for (const url of order.authorizations) await authorize(url, options);
  await poll<Order>(options, location, ({ status }) => status === "ready" || status === "valid");
  const pair = newKeyPair();
  const csr = createRequest(names, pair).toString("base64url");
  await transport.post(order.finalize, { csr });
  const done = await poll<Order>(options, location, ({ status }) => status === "valid");
  const { body: cert } = await transport.post(done.certificate ?? "", null);
  return { key: keyPem(pair.privateKey), cert: checkedChain(cert, pair.privateKey) };
}

async function authorize(url: string, options: OrderOptions): Promise<void> {
  const { transport, provider, waitForTxt } = options;
  const authorization = (await transport.post(url, null)).body as Authorization;
  if (authorization.status === "valid") return; // proven for an earlier certificate
  const challenge = authorization.challenges.find(({ type }) => type === "dns-01");
  if (challenge === undefined) {
    throw acmeError("The certificate authority offers no proof by DNS", hintFor("malformed"));
  }
  const name = `_acme-challenge.${authorization.identifier.value}`;
  const value = await transport.txtValue(challenge.token);
  try {
    await provider.add(name, value);
    await waitForTxt(name, value);
    await transport.post(challenge.url, {});
    await poll<Authorization>(options, url, ({ status }) => status === "valid");
  } finally {
    await provider.remove(name, value).catch(() => {}); // what remains proves nothing to anyone
  }
}

async function poll<T extends Order | Authorization>(
  { transport, sleep }: OrderOptions,
  url: string,
  isDone: (resource: T) => boolean,
): Promise<T> {
  for (let count = 0; count < mostPolls; count++) {
    const answer = await transport.post(url, null);
    const resource = answer.body as T;
    if (isDone(resource)) return resource;
    if (resource.status === "invalid" || resource.status === "expired") throw refusal(resource);
    await sleep(pause(answer));
  }
  throw acmeError("The certificate authority did not decide in time", hintFor("unknown"));
}

function pause({ retryAfterMs }: AcmeResponse): number {
  return Math.min(Math.max(retryAfterMs ?? pollMs, 1000), longestPollMs);
}

function refusal(resource: Order | Authorization): Error {
  const of = "challenges" in resource ? resource.identifier.value : "the order";
  const error = "challenges" in resource ? resource.challenges.find((one) => one.error)?.error : resource.error;
  const { type, detail }: Problem = problemOf(0, error ?? { detail: resource.status });
  return acmeError(`The certificate authority refused ${of}: ${detail}`, hintFor(type), { problem: type });
}

function checkedChain(cert: unknown, key: KeyObject): string {
  const blocks = String(cert).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const isOurs = blocks[0] !== undefined && new X509Certificate(blocks[0]).checkPrivateKey(key);
  if (!isOurs) throw acmeError("The certificate authority sent no certificate for the hub's key", hintFor("malformed"));
  return blocks.map((block) => `${block}\n`).join("");
}
