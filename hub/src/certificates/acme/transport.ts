/** Signed requests to an ACME server: nonces, problems and retries of RFC 8555 section 6. */
import type { KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, FlattenedSign, type JWK } from "jose";
import { acmeError, hintFor } from "./errors.ts";

export interface AcmeResponse {
  /** The JSON, or the text of what is none. */
  body: unknown;
  location: string | null;
  /** How long the server asks to wait, null when it does not. */
  retryAfterMs: number | null;
}

export interface AcmeTransport {
  directory: AcmeDirectory;
  /** Sends a payload, or asks for a resource with null. Throws HubError. */
  post(url: string, payload: object | null): Promise<AcmeResponse>;
  /** Signs as the account from now on, rather than with the bare key. */
  useAccount(url: string): void;
  /** The TXT value that answers a dns-01 challenge, RFC 8555 section 8.4. */
  txtValue(token: string): Promise<string>;
}

export interface AcmeDirectory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
}

const requestTimeoutMs = 30_000;
const mostBytes = 262_144;
const mostNonceRetries = 3;

/** Reads the server's directory. Throws HubError. */
export async function openTransport(
  directoryUrl: string,
  key: KeyObject,
  { nowMs, signal }: { nowMs(): number; signal: AbortSignal },
): Promise<AcmeTransport> {
  const jwk = publicJwk(await exportJWK(key));
  let nonce: string | null = null;
  let account: string | null = null;
  const directory = readDirectory(await asked(directoryUrl, { method: "GET" }));

  async function asked(url: string, init: RequestInit): Promise<AcmeResponse & { problem: Problem | null }> {
    const { response, text } = await fetchText(url, init, signal);
    nonce = response.headers.get("replay-nonce") ?? nonce;
    const body = parse(text);
    return {
      body,
      location: response.headers.get("location"),
      retryAfterMs: retryAfterMs(response.headers.get("retry-after"), nowMs()),
      problem: response.ok ? null : problemOf(response.status, body),
    };
  }

  async function signed(url: string, payload: object | null): Promise<string> {
    if (nonce === null) await asked(directory.newNonce, { method: "HEAD" });
    if (nonce === null) throw acmeError("The ACME server gives no nonce", hintFor("malformed"));
    const bytes = Buffer.from(payload === null ? "" : JSON.stringify(payload));
    const whose = account === null ? { jwk } : { kid: account };
    const header = { alg: "ES256", nonce, url, ...whose };
    nonce = null; // it is good for one request
    return JSON.stringify(await new FlattenedSign(bytes).setProtectedHeader(header).sign(key));
  }

  async function post(url: string, payload: object | null): Promise<AcmeResponse> {
    for (let attempt = 1; ; attempt++) {
      const answer = await asked(url, {
        method: "POST",
        headers: { "content-type": "application/jose+json" },
        body: await signed(url, payload),
      });
      if (answer.problem === null) return answer;
      if (answer.problem.type !== "badNonce" || attempt > mostNonceRetries) {
        throw refusedBy(answer.problem, answer.retryAfterMs);
      }
    }
  }

  return {
    directory,
    post,
    useAccount(url) {
      account = url;
    },
    async txtValue(token) {
      const authorization = Buffer.from(`${token}.${await calculateJwkThumbprint(jwk)}`);
      return Buffer.from(await crypto.subtle.digest("SHA-256", authorization)).toString("base64url");
    },
  };
}

function readDirectory({ body, problem, retryAfterMs }: AcmeResponse & { problem: Problem | null }): AcmeDirectory {
  if (problem !== null) throw refusedBy(problem, retryAfterMs);
  const { newNonce, newAccount, newOrder } = (body ?? {}) as Partial<AcmeDirectory>;
  if (newNonce && newAccount && newOrder) return { newNonce, newAccount, newOrder };
  throw acmeError(
    "There is no directory of a certificate authority at the address in the settings",
    "Correct the directory's address, or leave it out for Let's Encrypt.",
  );
}

function refusedBy({ type, detail }: Problem, retryAfterMs: number | null): Error {
  return acmeError(`The certificate authority refused: ${detail}`, hintFor(type), { problem: type, retryAfterMs });
}

function publicJwk({ kty, crv, x, y }: JWK): JWK {
  return { kty, crv, x, y } as JWK;
}

async function fetchText(url: string, init: RequestInit, signal: AbortSignal) {
  try {
    const response = await fetch(url, {
      ...init,
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
    });
    return { response, text: await limitedText(response) };
  } catch (cause) {
    signal.throwIfAborted();
    const reason = ((cause as Error).cause as Error | undefined)?.message ?? (cause as Error).message;
    const hint = "Check the hub's internet connection, and the directory's address in the settings.";
    throw acmeError(`The certificate authority at ${new URL(url).host} cannot be reached: ${reason}`, hint, { cause });
  }
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > mostBytes) throw new Error("it answers with too much");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface Problem {
  type: string;
  detail: string;
}

/** An error document (RFC 7807) as a type without its prefix and words for people. */
export function problemOf(status: number, body: unknown): Problem {
  const { type, detail } = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const name = String(type ?? "").replace("urn:ietf:params:acme:error:", "");
  const isBusy = status === 429 || status === 503;
  return {
    type: name || (isBusy ? "rateLimited" : "unknown"),
    detail: String(detail ?? `status ${status}`).slice(0, 300),
  };
}

/** Seconds or a date, RFC 9110 section 10.2.3; null for neither. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}
