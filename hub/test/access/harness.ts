/** A claimed hub with its people, devices and attackers, shared by the tests of one file. */
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type * as api from "../../src/api/contract.ts";
import type { ClockWorld } from "../../src/clock/clock.ts";
import { readConfig } from "../../src/config.ts";
import { startHub } from "../../src/hub.ts";
import { type Log, logLevels } from "../../src/log.ts";

export const owner = { name: "Somchai", password: "correct horse battery" };
export const password = "staple of the house";

/** Of a request that did not come from the hub itself: no proxy is trusted unless a test says so. */
export const fromLan = { "x-forwarded-for": "192.0.2.7" };

export interface AccessHub {
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly httpsPort: number | null;
  readonly mqttsPort: number | null;
  readonly url: string;
  readonly folder: string;
  /** Every line of the log so far, from debug up. */
  readonly logged: string[];
  claimCode(): string | null;
  /** Stops the hub and keeps its folder. */
  stop(): Promise<void>;
  /** Stops the hub and removes its folder. */
  close(): Promise<void>;
}

export interface HubChoices {
  /** Of a hub that was stopped; without one a new folder. */
  folder?: string;
  flags?: readonly string[];
  /** False leaves the hub without an owner. */
  isClaimed?: boolean;
  clock?: ClockWorld;
}

/** Starts a hub that the caller closes, as with the function that `beforeAll` returns. */
export async function openAccessHub(choices: HubChoices = {}): Promise<AccessHub> {
  const { flags = [], isClaimed = true, clock = movableClock() } = choices;
  const folder = choices.folder ?? mkdtempSync(path.join(tmpdir(), "faiban-access-"));
  const environment = isClaimed ? { FAIBAN_OWNER_NAME: owner.name, FAIBAN_OWNER_PASSWORD: owner.password } : {};
  const loopback = ["--http-host", "127.0.0.1", "--mqtt-host", "127.0.0.1", "--http-port", "0", "--mqtt-port", "0"];
  const config = readConfig({ flags: [...loopback, "--data", folder, ...flags], environment, folder });
  const { log, logged } = listeningLog();
  const hub = await startHub({ config, log, world: clock, bootId: null, machineStartedMs: null });
  let isOpen = true;
  const stop = async () => {
    if (isOpen) await hub.close();
    isOpen = false;
  };
  return {
    ...{ httpPort: hub.httpPort, mqttPort: hub.mqttPort, httpsPort: hub.httpsPort, mqttsPort: hub.mqttsPort },
    ...{ url: `http://127.0.0.1:${hub.httpPort}`, folder, logged, claimCode: hub.claimCode, stop },
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same, closed with the test. */
export async function openHubForTest(choices: HubChoices = {}): Promise<AccessHub> {
  const hub = await openAccessHub(choices);
  onTestFinished(hub.close);
  return hub;
}

function listeningLog(): { log: Log; logged: string[] } {
  const logged: string[] = [];
  const log = Object.fromEntries(
    logLevels.map((level) => [level, (text: string) => void logged.push(`${level} ${text}`)]),
  );
  return { log: log as Log, logged };
}

export interface MovableClock extends ClockWorld {
  advance(ms: number): void;
}

/** This machine's clocks, right and synchronized, which a test may move on. */
export function movableClock(): MovableClock {
  let aheadMs = 0;
  return {
    wallMs: () => Date.now() + aheadMs,
    monotonicMs: () => performance.now() + aheadMs,
    isSynchronized: () => true,
    advance(ms) {
      aheadMs += ms;
    },
  };
}

export interface Question {
  headers?: Record<string, string>;
  /** A text is sent as it is, anything else as JSON. */
  body?: unknown;
  token?: string | undefined;
  cookies?: Record<string, string>;
  /** Loopback address to ask from, such as 127.0.0.2. */
  from?: string;
  isHttps?: boolean;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Of an API error. */
  code: string | undefined;
  /** Values of the cookies that were set, with their attributes. */
  cookies: Record<string, { value: string; attributes: string }>;
  json<T = unknown>(): T;
}

/** Asks the hub, with exactly these headers. */
export async function ask(
  hub: Pick<AccessHub, "httpPort" | "httpsPort">,
  method: string,
  address: string,
  { headers = {}, body, token, cookies, from, isHttps = false }: Question = {},
): Promise<Answer> {
  const sent = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const cookie = Object.entries(cookies ?? {}).map(([name, value]) => `${name}=${value}`);
  const options = {
    ...{
      host: "127.0.0.1",
      port: isHttps ? hub.httpsPort : hub.httpPort,
      method,
      path: address,
      agent: false as const,
    },
    ...(from !== undefined && { localAddress: from }),
    rejectUnauthorized: false, // these tests ask for cookies; the certificate has tests of its own
    headers: {
      ...(sent !== undefined && {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(sent)),
      }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookie.length > 0 && { cookie: cookie.join("; ") }),
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const request = (isHttps ? requestHttps : requestHttp)(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(answerOf(response.statusCode ?? 0, response.headers, text)));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(sent);
  });
}

function answerOf(status: number, headers: IncomingHttpHeaders, text: string): Answer {
  const isJson = headers["content-type"]?.startsWith("application/json") ?? false;
  const json = <T>() => JSON.parse(text) as T;
  const cookies = (headers["set-cookie"] ?? []).map((line) => {
    const [, name = "", value = "", attributes = ""] = /^([^=]+)=([^;]*);?\s*(.*)$/.exec(line) ?? [];
    return [name, { value, attributes }] as const;
  });
  const code = isJson && text !== "" && status >= 400 ? json<api.ApiError>().code : undefined;
  return { status, headers, text, code, cookies: Object.fromEntries(cookies), json };
}

export interface SignedIn {
  id: string;
  token: string;
  refreshToken: string;
}

/** Signs a person in as a program does, from the hub itself: nobody waits there. */
export async function signIn(hub: AccessHub, who: { name: string; password: string } = owner): Promise<SignedIn> {
  const answer = await ask(hub, "POST", "/api/session", { body: { ...who, wantsTokens: true } });
  if (answer.status !== 200) throw new Error(`${who.name} cannot sign in: ${answer.text}`);
  const { person, tokens } = answer.json<api.Session>();
  if (!tokens) throw new Error("The hub gave no tokens");
  return { id: person.id, token: tokens.accessToken, refreshToken: tokens.refreshToken };
}

/** Invites somebody and lets them join with `password`. */
export async function addPerson(hub: AccessHub, ownerToken: string, name: string, role: api.PersonRole) {
  const invitation = await ask(hub, "POST", "/api/invitations", {
    token: ownerToken,
    body: { role, expiresInHours: 1 },
  });
  const { code } = invitation.json<api.NewInvitation>();
  const joined = await ask(hub, "POST", `/api/join/${code}`, { body: { name, password, language: "th" } });
  if (joined.status !== 200) throw new Error(`${name} cannot join: ${joined.text}`);
  return { id: joined.json<api.Session>().person.id, token: joined.cookies.faiban_access?.value ?? "" };
}

export async function makeToken(
  hub: AccessHub,
  token: string,
  scopes: readonly api.Scope[],
  expiresInDays: number | null = null,
): Promise<api.NewApiToken> {
  const answer = await ask(hub, "POST", "/api/me/tokens", {
    token,
    body: { name: scopes.join(" and "), scopes, expiresInDays },
  });
  if (answer.status !== 200) throw new Error(`No token: ${answer.text}`);
  return answer.json<api.NewApiToken>();
}

/** An open WebSocket, with what it has received. */
export type OpenSocket = WebSocket & { messages: string[] };

/** Opens a WebSocket, ended with the test; resolves to it, or to the status that refused it. */
export function openSocket(
  hub: { httpPort: number },
  address: string,
  headers: Record<string, string> = {},
  protocols: string[] = [],
): Promise<OpenSocket | number> {
  return new Promise((resolve, reject) => {
    const socket = Object.assign(new WebSocket(`ws://127.0.0.1:${hub.httpPort}${address}`, protocols, { headers }), {
      messages: [] as string[],
    });
    socket.on("message", (data) => void socket.messages.push(String(data)));
    onTestFinished(() => socket.terminate());
    socket.once("open", () => resolve(socket));
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.once("error", reject);
  });
}

/** With which code a socket is closed. */
export function closeCodeOf(socket: OpenSocket | number): Promise<number> {
  if (typeof socket === "number") throw new Error(`The socket was refused with ${socket}`);
  return new Promise((resolve) => socket.once("close", resolve));
}
