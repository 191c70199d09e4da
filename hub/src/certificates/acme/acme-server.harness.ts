/**
 * For tests: a small ACME server (RFC 8555) over https. It checks signatures, nonces, the order of steps and the TXT
 * value, and signs what it is asked for with the authority of own-files.harness.ts.
 */
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  type FlattenedJWS,
  flattenedVerify,
  importJWK,
  type JWK,
} from "jose";
import { newPair, ownAuthority, signFor } from "../own-files.harness.ts";
import { readSigningRequest } from "../signing-request.ts";

interface Authorization {
  name: string;
  token: string;
  status: "pending" | "processing" | "valid" | "invalid";
  error?: object;
}
interface Order {
  names: string[];
  authorizations: Authorization[];
  status: "pending" | "ready" | "processing" | "valid";
  owner: string;
  cert: string;
}
interface Payload {
  termsOfServiceAgreed?: boolean;
  contact?: string[];
  identifiers?: { type: string; value: string }[];
  csr?: string;
}
interface Answer {
  status: number;
  body?: object | string;
  headers?: Record<string, string>;
}
/** What goes wrong with requests whose path begins so, that many times. */
export interface Fault {
  path: string;
  times: number;
  status: number;
  /** Of the problem, without its prefix. */
  type: string;
  headers?: Record<string, string>;
}

const problem = (status: number, type: string, headers = {}): Answer => ({
  status,
  body: { type: `urn:ietf:params:acme:error:${type}`, detail: `no: ${type}` },
  headers,
});

/** Starts one that looks up TXT values in `dns`; this process trusts its certificate from then on. */
export async function startAcmeServer(dns: Map<string, Set<string>>) {
  setDefaultCACertificates([...getCACertificates("default"), ownAuthority.pem]);
  const nonces = new Set<string>();
  const accounts = new Map<string, { jwk: JWK; contact: string[] | undefined }>();
  const orders: Order[] = [];
  const faults: Fault[] = [];
  const requests: string[] = [];
  const made = { isForWrongKey: false };

  const server = createServer(newPair(["localhost"]), (request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `https://localhost:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests.push(request.url ?? "");
    const { status, body, headers } = await answer(request, request.url ?? "").catch(() => problem(500, "malformed"));
    const nonce = randomUUID();
    nonces.add(nonce);
    response.writeHead(status, { "replay-nonce": nonce, ...headers });
    response.end(typeof body === "object" ? JSON.stringify(body) : body);
  }

  async function answer(request: IncomingMessage, path: string): Promise<Answer> {
    const fault = faults.find((one) => path.startsWith(one.path) && one.times-- > 0);
    if (fault) return problem(fault.status, fault.type, fault.headers);
    if (path === "/directory") return { status: 200, body: directory };
    if (path === "/new-nonce") return { status: 200 };
    const signed = await verify(request, path);
    return "status" in signed ? signed : route(path, signed);
  }

  const directory = {
    newNonce: `${base}/new-nonce`,
    newAccount: `${base}/new-account`,
    newOrder: `${base}/new-order`,
  };

  /** RFC 8555 section 6: the signature, its key, the url and the nonce. */
  async function verify(request: IncomingMessage, path: string) {
    if (request.method !== "POST" || request.headers["content-type"] !== "application/jose+json") {
      return problem(415, "malformed");
    }
    const jws = JSON.parse(Buffer.concat(await request.toArray()).toString()) as FlattenedJWS;
    const header = decodeProtectedHeader(jws) as { jwk?: JWK; kid?: string; nonce?: string; url?: string };
    const jwk = header.kid === undefined ? header.jwk : accounts.get(header.kid)?.jwk;
    if (!jwk || (header.jwk !== undefined) !== (path === "/new-account")) return problem(400, "accountDoesNotExist");
    if (Object.hasOwn(jwk, "d")) return problem(400, "badPublicKey"); // the private key
    const key = await importJWK(jwk, "ES256");
    const verified = await flattenedVerify(jws, key, { algorithms: ["ES256"] }).catch(() => null);
    if (verified === null || header.url !== base + path) return problem(403, "unauthorized");
    if (!nonces.delete(header.nonce ?? "")) return problem(400, "badNonce");
    const text = Buffer.from(verified.payload).toString();
    return { payload: text === "" ? null : (JSON.parse(text) as Payload), account: header.kid ?? "", jwk };
  }

  async function route(path: string, signed: { payload: Payload | null; account: string; jwk: JWK }): Promise<Answer> {
    const { payload, account, jwk } = signed;
    const [, kind = "", orderId = "", authorizationId = ""] = path.split("/");
    if (kind === "new-account") return newAccount(payload ?? {}, jwk);
    if (kind === "new-order") return newOrder(payload ?? {}, account);
    const order = orders[Number(orderId)];
    if (order?.owner !== account) return problem(404, "malformed");
    if (kind === "finalize") return finalize(order, payload ?? {});
    const authorization = order.authorizations[Number(authorizationId)];
    if (kind === "challenge" && authorization && payload) return await prove(authorization, jwk);
    if (payload !== null) return problem(405, "malformed"); // what follows is asked for by POST-as-GET
    if (kind === "order") return { status: 200, body: shownOrder(order) };
    if (kind === "authz" && authorization) return shownAuthorization(order, authorization);
    if (kind === "cert" && order.status === "valid") return { status: 200, body: order.cert };
    return problem(404, "malformed");
  }

  function newAccount({ termsOfServiceAgreed, contact }: Payload, jwk: JWK): Answer {
    const known = [...accounts].find(([, account]) => JSON.stringify(account.jwk) === JSON.stringify(jwk))?.[0];
    if (!known && !termsOfServiceAgreed) return problem(403, "userActionRequired");
    const location = known ?? `${base}/account/${accounts.size}`;
    accounts.set(location, { jwk, contact });
    return { status: known ? 200 : 201, body: { status: "valid" }, headers: { location } };
  }

  function newOrder({ identifiers = [] }: Payload, owner: string): Answer {
    const names = identifiers.map(({ value }) => value);
    const authorizations = names.map(
      (name): Authorization => ({ name: name.replace("*.", ""), token: randomUUID(), status: "pending" }),
    );
    const order: Order = { names, authorizations, status: "pending", owner, cert: "" };
    const location = `${base}/order/${orders.push(order) - 1}`;
    return { status: 201, body: shownOrder(order), headers: { location } };
  }

  /** An order that is being signed is done at the second look. */
  function shownOrder(order: Order): object {
    const isProven = order.authorizations.every(({ status }) => status === "valid");
    if (order.status === "pending" && isProven) order.status = "ready";
    const { status } = order;
    if (order.status === "processing") order.status = "valid";
    const id = orders.indexOf(order);
    return {
      status,
      authorizations: order.authorizations.map((_, i) => `${base}/authz/${id}/${i}`),
      finalize: `${base}/finalize/${id}`,
      ...(status === "valid" && { certificate: `${base}/cert/${id}` }),
    };
  }

  /** So is a proof that is being looked at. */
  function shownAuthorization(order: Order, authorization: Authorization): Answer {
    const { status, name, token, error } = authorization;
    if (status === "processing") authorization.status = "valid";
    const id = `${orders.indexOf(order)}/${order.authorizations.indexOf(authorization)}`;
    const challenge = { type: "dns-01", url: `${base}/challenge/${id}`, token, status, error };
    const challenges = [{ ...challenge, type: "http-01", token: "other" }, challenge];
    const shown = status === "processing" ? "pending" : status;
    return {
      status: 200,
      body: { status: shown, identifier: { type: "dns", value: name }, challenges },
      headers: { "retry-after": "1" },
    };
  }

  async function prove(authorization: Authorization, jwk: JWK): Promise<Answer> {
    const expected = `${authorization.token}.${await calculateJwkThumbprint(jwk)}`;
    const value = createHash("sha256").update(expected).digest("base64url");
    const isShown = dns.get(`_acme-challenge.${authorization.name}`)?.has(value) === true;
    authorization.status = isShown ? "processing" : "invalid";
    if (!isShown) {
      authorization.error = { type: "urn:ietf:params:acme:error:unauthorized", detail: "Incorrect TXT record" };
    }
    return { status: 200, body: { status: "processing" } };
  }

  function finalize(order: Order, { csr = "" }: Payload): Answer {
    if (order.status !== "ready") return problem(403, "orderNotReady");
    const request = Buffer.from(csr, "base64url");
    const publicKey = readSigningRequest(request);
    if (order.names.some((name) => !request.includes(name))) return problem(400, "badCSR");
    const leaf = made.isForWrongKey ? newPair(order.names).cert : signFor(order.names, publicKey);
    order.cert = leaf + ownAuthority.pem;
    order.status = "processing";
    return { status: 200, body: shownOrder(order) };
  }

  return {
    directoryUrl: `${base}/directory`,
    ...{ accounts, orders, faults, requests, made },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
