/** The web server: the API with its documentation, the live socket, MQTT over WebSocket, and the app's files. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import fastifyCookie from "@fastify/cookie";
import fastifyHelmet from "@fastify/helmet";
import fastifyRateLimit from "@fastify/rate-limit";
import fastifyStatic from "@fastify/static";
import fastifySwagger from "@fastify/swagger";
import fastifySwaggerUi from "@fastify/swagger-ui";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import fastifyWebsocket from "@fastify/websocket";
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from "fastify";
import { HubError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type AuditRoutes, addAuditRoutes } from "./audit-routes.ts";
import { addBillRoutes, type BillRoutes } from "./bill-routes.ts";
import { endRefusedUpgrades, limitConnections } from "./connections.ts";
import { addControlRoutes, type ControlRoutes } from "./control-routes.ts";
import { addDeviceRoutes, type DeviceRoutes } from "./device-routes.ts";
import { addExportRoutes, type ExportRoutes } from "./export-routes.ts";
import { addExternalBrokerRoutes, type ExternalBrokerRoutes } from "./external-broker-routes.ts";
import { addGuard, type GuardOptions } from "./guard.ts";
import { type Api, addHomeRoutes, type HomeRoutes } from "./home-routes.ts";
import { addMeterRoutes, type MeterRoutes } from "./meter-routes.ts";
import { addPeopleRoutes, type PeopleRoutes } from "./people-routes.ts";
import { isFromHub } from "./request.ts";
import { addSessionRoutes, type SessionRoutes } from "./session-routes.ts";
import { addSocketRoutes, type SocketRoutes } from "./socket-routes.ts";
import { addStorageRoutes, type StorageRoutes } from "./storage-routes.ts";
import { addTrustRoutes, type TrustRoutes } from "./trust-routes.ts";

export interface ServerOptions
  extends HomeRoutes,
    MeterRoutes,
    ControlRoutes,
    SocketRoutes,
    StorageRoutes,
    ExportRoutes,
    GuardOptions,
    SessionRoutes,
    PeopleRoutes,
    DeviceRoutes,
    AuditRoutes,
    BillRoutes,
    TrustRoutes,
    ExternalBrokerRoutes {
  version: string;
  /** Folder of the built app; without it only the API is served. */
  appFolder: string;
  log: Log;
  /** Proxies in front of the hub, by address or CIDR: what they say of the request is believed. */
  trustedProxies: readonly string[];
  /** Requests a minute from one address. */
  requestsPerMinute: number;
  /** Tells browsers to use https only; of use where everybody's browser trusts the certificate. */
  isHttpsForced: boolean;
}

export type Server = Awaited<ReturnType<typeof createServer>>;

/** Bodies of API calls are small; a longer one is refused. */
const bodyLimit = 64 * 1024;
const httpStatus: Partial<Record<HubError["code"], number>> = {
  BAD_REQUEST: 400,
  TOO_MANY_POINTS: 400,
  NOT_FOUND: 404,
  STORE_FAILED: 503,
  STORE_BACKLOG: 503,
  SIGN_IN_NEEDED: 401,
  SIGN_IN_FAILED: 401,
  NOT_ALLOWED: 403,
  UNCLAIMED: 403,
  CODE_WRONG: 403,
  FOREIGN_SITE: 403,
  WRONG_HOST: 421,
  TOO_MANY_ATTEMPTS: 429,
  ALREADY_CLAIMED: 409,
  NAME_TAKEN: 409,
  LAST_OWNER: 409,
  TOO_MANY: 409,
  INVITATION_ENDED: 404,
  CERTIFICATE_INVALID: 400,
  CANNOT_COMMAND: 400,
  DEVICE_OFFLINE: 409,
};

/** A client that sends its request a byte at a time is not waited for. */
const patience = { headersMs: 10_000, requestMs: 60_000, checkEveryMs: 2_000 };
/** Far more than a home's phones and programs open. */
const mostConnections = 1_000;

/** Builds the server; `server.server` is the HTTP server, not yet listening. */
export async function createServer(options: ServerOptions) {
  const server = Fastify({
    bodyLimit,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, options.log),
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: true,
    requestTimeout: patience.requestMs,
    http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: patience.checkEveryMs },
    trustProxy: options.trustedProxies.length > 0 && [...options.trustedProxies],
    rewriteUrl: ({ url = "/" }) => withoutBase(url, options.basePath),
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler);
  const parseJson = server.getDefaultJsonParser("error", "error");
  // Many clients name a type though they send nothing, as with DELETE.
  server.removeContentTypeParser("application/json");
  server.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else parseJson(request, String(body), done);
  });
  server.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, options.log));
  server.server.maxConnections = mostConnections;
  limitConnections(server.server);
  endRefusedUpgrades(server);
  await server.register(fastifyCookie);
  await addHeaders(server, options);
  await server.register(fastifyRateLimit, {
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    allowList: isFromHub,
    keyGenerator: ({ ip }) => ip ?? "", // the connection may be gone already
    errorResponseBuilder: (_request, { ttl }) => tooManyRequests(ttl),
  });
  addGuard(server, options);
  await server.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Faiban",
        description:
          "The home's electricity: meters, latest readings, history. Times are epoch milliseconds in UTC, energies Wh, " +
          "powers W, positive is import. Live events come over the WebSocket /api/live.",
        version: options.version,
      },
      servers: [{ url: options.basePath }],
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
    },
  });
  await server.register(fastifySwaggerUi, { routePrefix: "/api/docs", staticCSP: true });
  await server.register(fastifyWebsocket, { options: { maxPayload: 256 * 1024 } });
  addHomeRoutes(server, options);
  addMeterRoutes(server, options);
  addControlRoutes(server, options);
  addSocketRoutes(server, options);
  addStorageRoutes(server, options);
  addExportRoutes(server, options);
  addSessionRoutes(server, options);
  addPeopleRoutes(server, options);
  addDeviceRoutes(server, options);
  addAuditRoutes(server, options);
  addBillRoutes(server, options);
  addTrustRoutes(server, options);
  addExternalBrokerRoutes(server, options);
  const openapi = { config: { access: "signed_in" }, schema: { hide: true } } as const;
  server.get("/api/openapi.json", openapi, () => server.swagger());
  await addApp(server, options);
  await server.ready();
  return server;
}

/** Open requests and sockets get this long to end. */
const goodbyeMs = 1_000;

/** Stops listening and closes every connection, those that do not end by themselves too. */
export async function closeServer(server: Server): Promise<void> {
  const timer = setTimeout(() => {
    for (const socket of server.websocketServer.clients) socket.terminate();
    server.server.closeAllConnections();
  }, goodbyeMs);
  await server.close();
  clearTimeout(timer);
}

/**
 * Headers that keep a browser from doing what the app never asks for. `upgrade-insecure-requests` is left out: on the
 * home's network the app is served over plain http too.
 */
async function addHeaders(server: Api, { isHttpsForced }: ServerOptions): Promise<void> {
  await server.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'self'"],
        "base-uri": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
      },
    },
    crossOriginOpenerPolicy: false, // browsers heed these two on https only, and complain elsewhere
    originAgentCluster: false,
    hsts: isHttpsForced && { maxAge: 180 * 24 * 3600, includeSubDomains: false },
    referrerPolicy: { policy: "same-origin" },
    xFrameOptions: { action: "deny" },
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.header("permissions-policy", "camera=(), microphone=(), geolocation=()");
    if (request.url.startsWith("/api/")) reply.header("cache-control", "no-store");
  });
}

function tooManyRequests(ttlMs: number): HubError {
  const seconds = Math.ceil(ttlMs / 1_000);
  return new HubError("TOO_MANY_ATTEMPTS", "Too many requests came from your address", `Wait ${seconds} seconds.`);
}

/** A proxy may pass its own path on: what it serves the hub under is taken off. */
function withoutBase(url: string, basePath: string): string {
  if (basePath === "/") return url;
  if (url === basePath.slice(0, -1)) return "/";
  return url.startsWith(basePath) ? url.slice(basePath.length - 1) : url;
}

/** The app's files; any other page address is the app's own, which shows its "not found". */
async function addApp(server: Api, { appFolder, basePath }: ServerOptions): Promise<void> {
  const indexFile = path.join(appFolder, "index.html");
  const hasApp = existsSync(indexFile);
  // The app finds its files, and the API, from where it is served.
  const index = hasApp ? readFileSync(indexFile, "utf8").replace('<base href="/">', `<base href="${basePath}">`) : "";
  const sendIndex = (reply: FastifyReply) =>
    reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(index);
  if (hasApp) {
    server.get("/", { schema: { hide: true } }, (_request, reply) => sendIndex(reply));
    await server.register(fastifyStatic, {
      root: appFolder,
      index: false,
      setHeaders(response, file) {
        // Vite names assets by their content, so they never change.
        const isAsset = file.startsWith(path.join(appFolder, "assets"));
        response.header("cache-control", isAsset ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  server.setNotFoundHandler((request, reply) => {
    if (hasApp && isPage(request)) return sendIndex(reply);
    const hint = "See /api/docs for what there is.";
    return reply.code(404).send({ code: "NOT_FOUND", message: `There is no ${request.method} ${request.url}`, hint });
  });
}

function isPage(request: FastifyRequest): boolean {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const isFile = /\.\w+$/.test(request.url.split("?")[0] ?? "");
  return (
    isRead &&
    !isFile &&
    request.url.startsWith("/") &&
    !request.url.startsWith("/api/") &&
    !request.url.startsWith("/mqtt")
  );
}

function sendError(error: FastifyError | HubError, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  if (error instanceof HubError) {
    const { code, message, hint } = error;
    void reply.code(httpStatus[code] ?? 500).send({ code, message, hint });
    return;
  }
  const status = error.statusCode ?? 500;
  if (/^SQLITE_(FULL|IOERR)/.test(error.code ?? "")) {
    log.error(`${request.method} ${request.url}: ${error.message}`);
    const hint = "Make room on the hub's disk, then try again.";
    void reply.code(503).send({ code: "STORE_FAILED", message: "The disk is full or cannot be written", hint });
    return;
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(error.code ?? "")) {
    log.error(`${request.method} ${request.url}: ${error.message}`);
    const hint = "Restore a backup; what other pages show is still right.";
    void reply.code(500).send({ code: "DATABASE_DAMAGED", message: "This part of the database is damaged", hint });
    return;
  }
  if (status < 500) {
    const hint = "Correct the request; /api/docs shows what is expected.";
    void reply.code(status).send({ code: "BAD_REQUEST", message: error.message, hint });
    return;
  }
  log.error(`${request.method} ${request.url}: ${error.stack ?? error.message}`);
  const hint = "Try again; if it stays so, the hub's log says more.";
  void reply.code(500).send({ code: "INTERNAL", message: "The hub made a mistake", hint });
}
