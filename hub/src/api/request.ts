/** Where a request comes from, as far as a decision may rest on it. */
import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { isLoopbackHost } from "../config.ts";

/** Headers that a proxy adds: a request with one comes from further away than its socket says. */
const forwardingHeader = /^(forwarded|via|x-real-ip|x-forwarded-.+)$/;

/** Names that nobody can have on the internet: RFC 6762, RFC 8375, ICANN's .internal, and names without a dot. */
const localNames = /^([^.]*[a-z_-][^.]*|.+\.(local|localhost|home\.arpa|internal|lan))$/i;

export interface HostRules {
  /** Further names by which the hub is reached, such as its own domain. */
  hosts: readonly string[];
}

/** A program on the hub itself asks, by the hub's own address and through no proxy. */
export function isFromHub(request: FastifyRequest): boolean {
  const { socket, headers, httpVersion } = request.raw;
  // What nginx speaks to whom it stands before, when nobody told it more; programs of the machine itself speak 1.1.
  if (httpVersion === "1.0") return false;
  const isLoopback = isLoopbackHost(socket.remoteAddress ?? "") && isLoopbackHost(nameOf(headers.host));
  return isLoopback && !Object.keys(headers).some((name) => forwardingHeader.test(name));
}

/**
 * Whether the hub answers to the name in the address bar. A page of the internet whose name was pointed to the hub's
 * address (DNS rebinding) would else be the hub's own page for the browser.
 */
export function isOwnHost(host: string | undefined, { hosts }: HostRules): boolean {
  const name = nameOf(host);
  const isAddress = isIP(name) !== 0;
  return isAddress || localNames.test(name) || hosts.some((own) => own.toLowerCase() === name);
}

/**
 * Whether a browser sends the request for a page of another site. Programs other than browsers send neither header, and
 * no cookies that they were not given.
 */
export function isForeign(request: FastifyRequest): boolean {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.host.toLowerCase();
}

/** The browser and its system, as people know them, from a User-Agent. */
export function deviceOf(userAgent: string | undefined): string {
  const agent = userAgent ?? "";
  const find = (names: [pattern: RegExp, name: string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const system = find([
    [/iPhone/, "iPhone"],
    [/iPad/, "iPad"],
    [/Android/, "Android"],
    [/Windows/, "Windows"],
    [/Macintosh/, "Mac"],
    [/CrOS/, "Chromebook"],
    [/Linux/, "Linux"],
  ]);
  const browser = find([
    [/Edg\//, "Edge"],
    [/Firefox\//, "Firefox"],
    [/SamsungBrowser/, "Samsung Internet"],
    [/Chrome\//, "Chrome"],
    [/Safari\//, "Safari"],
  ]);
  if (system && browser) return `${browser}, ${system}`;
  return browser ?? system ?? (agent.replace(/[^\x20-\x7e]/g, "").slice(0, 40) || "unknown");
}

const hostForm = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::\d{1,5})?$/;

/** The host without its port, in lower case; IPv6 without brackets; empty when it is no host. */
function nameOf(host: string | undefined): string {
  const [, v6, name] = hostForm.exec((host ?? "").toLowerCase()) ?? [];
  return v6 ?? name ?? "";
}
