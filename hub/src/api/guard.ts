/** Who may ask what: every route says what it needs, and a route that does not say it is a mistake. */
import type { FastifyRequest, RouteOptions } from "fastify";
import type { Identity, Permission } from "../access/roles.ts";
import type { NewEntry } from "../audit/audit.ts";
import { HubError } from "../errors.ts";
import type { From } from "../people/people.ts";
import { readSessionCookie } from "./cookies.ts";
import type { Api } from "./home-routes.ts";
import { deviceOf, type HostRules, isForeign, isFromHub, isOwnHost } from "./request.ts";

/**
 * `public`: everybody, before the hub is claimed too. `signed_in`: whoever has a session or a token. `self`: a person who
 * signed in, about themselves. Else a permission.
 */
export type Access = "public" | "signed_in" | "self" | Permission;

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
    /** What the audit log calls it when it was done, for routes that say no more than their parameters. */
    audit?: string;
  }
  interface FastifyRequest {
    /** null on public routes where nobody is signed in. */
    identity: Identity | null;
  }
}

export interface GuardOptions extends HostRules {
  isClaimed(): boolean;
  /** Who bears a token, null when it is nobody's. */
  identify(token: string): Promise<Identity | null>;
  localIdentity: Identity;
  audit(entry: NewEntry): void;
}

/** Routes that plugins add, which cannot say it themselves. */
const ofPlugins = /^\/api\/docs(\/|$)/;
const guarded = /^\/(api\/|mqtt$)/;

/** Puts the guard before every route; register routes after it. */
export function addGuard(api: Api, options: GuardOptions): void {
  api.decorateRequest("identity", null);
  api.addHook("onRoute", (route: RouteOptions) => {
    if (ofPlugins.test(route.url)) route.config = { ...route.config, access: "signed_in" };
    if (guarded.test(route.url) && route.config?.access === undefined) {
      throw new Error(`${String(route.method)} ${route.url} does not say who may use it`);
    }
  });
  api.addHook("onRequest", async (request) => {
    checkHost(request, options);
    const access = request.routeOptions.config?.access ?? "public";
    if (access !== "public" || changes(request) || request.headers.upgrade !== undefined) checkSite(request);
    request.identity = await identityOf(request, options);
    if (access !== "public") check(request.identity, access, options.isClaimed());
  });
  api.addHook("onResponse", async (request, reply) => {
    const { audit: action } = request.routeOptions.config ?? {};
    if (action === undefined || reply.statusCode >= 400) return;
    const target = Object.values(request.params as Record<string, string>).join(" ");
    options.audit({ ...byWhom(request), action, target });
  });
}

function checkHost(request: FastifyRequest, rules: HostRules): void {
  const hosts = request.raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host");
  const isNamed = hosts.length === 1 && request.raw.headers.host !== "";
  if (!isNamed) throw new HubError("BAD_REQUEST", "The request does not name one host", "Send one Host header.");
  if (isOwnHost(request.host, rules)) return;
  throw new HubError(
    "WRONG_HOST",
    `The hub does not answer to "${request.host}"`,
    "Use its address, or tell it the name with the setting hosts (FAIBAN_HOSTS).",
  );
}

function checkSite(request: FastifyRequest): void {
  if (!isForeign(request)) return;
  throw new HubError("FOREIGN_SITE", "A page of another site asks for this", "Open the hub's own address.");
}

function changes(request: FastifyRequest): boolean {
  return request.method !== "GET" && request.method !== "HEAD";
}

async function identityOf(request: FastifyRequest, options: GuardOptions): Promise<Identity | null> {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const token = bearer ?? readSessionCookie(request, "access");
  const identity = token === undefined ? null : await options.identify(token);
  if (identity) return identity;
  // Nobody owns the hub yet, so there is nobody to ask for leave, but for whoever is at the machine.
  return !options.isClaimed() && isFromHub(request) ? options.localIdentity : null;
}

function check(identity: Identity | null, access: Access, isClaimed: boolean): void {
  if (!identity) {
    if (!isClaimed) {
      throw new HubError(
        "UNCLAIMED",
        "The hub has no owner yet",
        "Open the app and claim it, with the code on its console.",
      );
    }
    throw new HubError(
      "SIGN_IN_NEEDED",
      "Nobody is signed in",
      "Sign in, or send a token as `Authorization: Bearer …`.",
    );
  }
  if (access === "signed_in") return;
  const isAllowed = access === "self" ? identity.kind === "person" : identity.permissions.has(access as Permission);
  if (isAllowed) return;
  const needed = access === "self" ? "signing in as a person" : `the permission ${access}`;
  throw new HubError("NOT_ALLOWED", `This needs ${needed}`, "Ask the home's owner for another role or token.");
}

/** Who asks, on a route that is not public. */
export function askerOf(request: FastifyRequest): Identity {
  if (request.identity) return request.identity;
  throw new Error("A guarded route was reached by nobody");
}

/** Who asks, for the audit log. */
export function byWhom(request: FastifyRequest): { actor: string; actorId: string | null; address: string } {
  const { name, personId } = askerOf(request);
  return { actor: name, actorId: personId, address: request.ip };
}

/** The person who asks about themselves. */
export function selfOf(request: FastifyRequest): { personId: string; sessionId: string; name: string } {
  const { personId, sessionId, name } = askerOf(request);
  if (personId === null || sessionId === null) throw new Error("A route for people was reached by a program");
  return { personId, sessionId, name };
}

export function fromOf(request: FastifyRequest): From {
  return { address: request.ip, device: deviceOf(request.headers["user-agent"]), isLocal: isFromHub(request) };
}
