/** The web server: the API with its documentation, the live socket, MQTT over WebSocket, and the app's files. */
import { existsSync } from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import fastifySwagger from "@fastify/swagger";
import fastifySwaggerUi from "@fastify/swagger-ui";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import fastifyWebsocket from "@fastify/websocket";
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from "fastify";
import { HubError } from "../errors.ts";
import type { Log } from "../log.ts";
import { addExportRoutes, type ExportRoutes } from "./export-routes.ts";
import { type Api, addHomeRoutes, type HomeRoutes } from "./home-routes.ts";
import { addMeterRoutes, type MeterRoutes } from "./meter-routes.ts";
import { addSocketRoutes, type SocketRoutes } from "./socket-routes.ts";
import { addStorageRoutes, type StorageRoutes } from "./storage-routes.ts";

export interface ServerOptions extends HomeRoutes, MeterRoutes, SocketRoutes, StorageRoutes, ExportRoutes {
  version: string;
  /** Folder of the built app; without it only the API is served. */
  appFolder: string;
  log: Log;
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
};

/** Builds the server; `server.server` is the HTTP server, not yet listening. */
export async function createServer(options: ServerOptions) {
  const server = Fastify({
    bodyLimit,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, options.log),
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: true,
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
      servers: [{ url: "/" }],
    },
  });
  await server.register(fastifySwaggerUi, { routePrefix: "/api/docs" });
  await server.register(fastifyWebsocket, { options: { maxPayload: 256 * 1024 } });
  addHomeRoutes(server, options);
  addMeterRoutes(server, options);
  addSocketRoutes(server, options);
  addStorageRoutes(server, options);
  addExportRoutes(server, options);
  server.get("/api/openapi.json", { schema: { hide: true } }, () => server.swagger());
  await addApp(server, options.appFolder);
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

/** The app's files; any other page address is the app's own, which shows its "not found". */
async function addApp(server: Api, folder: string): Promise<void> {
  const hasApp = existsSync(path.join(folder, "index.html"));
  if (hasApp) {
    await server.register(fastifyStatic, {
      root: folder,
      setHeaders(response, file) {
        // Vite names assets by their content, so they never change.
        const isAsset = file.startsWith(path.join(folder, "assets"));
        response.header("cache-control", isAsset ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  server.setNotFoundHandler((request, reply) => {
    if (hasApp && isPage(request)) return reply.sendFile("index.html");
    const hint = "See /api/docs for what there is.";
    return reply.code(404).send({ code: "NOT_FOUND", message: `There is no ${request.method} ${request.url}`, hint });
  });
}

function isPage(request: FastifyRequest): boolean {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const isFile = /\.\w+$/.test(request.url.split("?")[0] ?? "");
  return isRead && !isFile && !request.url.startsWith("/api/") && !request.url.startsWith("/mqtt");
}

function sendError(error: FastifyError | HubError, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  if (error instanceof HubError) {
    const { code, message, hint } = error;
    void reply.code(httpStatus[code] ?? 500).send({ code, message, hint });
    return;
  }
  const status = error.statusCode ?? 500;
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
