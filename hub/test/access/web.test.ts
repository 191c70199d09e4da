/** What browsers are talked into, and what attackers send to the web server. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { until } from "../harness.ts";
import { type AccessHub, ask, openAccessHub, openHubForTest, openSocket, signIn } from "./harness.ts";

let hub: AccessHub;
let token: string;

beforeAll(async () => {
  hub = await openAccessHub({ flags: ["--hosts", "energy.example.com"] });
  token = (await signIn(hub)).token;
  return () => hub.close();
});

/** A connection on which the test writes what it likes. */
async function openRaw(text = "", from = "127.0.0.1") {
  const socket: Socket = connect({ port: hub.httpPort, host: "127.0.0.1", localAddress: from });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  const raw = { socket, received: "", isClosed: false };
  socket.on("data", (chunk) => {
    raw.received += chunk;
  });
  socket.on("close", () => {
    raw.isClosed = true;
  });
  await once(socket, "connect");
  if (text) socket.write(text);
  return raw;
}

const sendRaw = async (text: string) => {
  const raw = await openRaw(text);
  await until(() => raw.isClosed, "the hub to close the connection", 20_000);
  return raw.received;
};

describe("the hub's name", () => {
  test.each([
    "evil.example.com",
    "energy.example.com.evil.net",
    "127.0.0.1.nip.io",
    "localhost.evil.com",
    "192.168.1.5.evil.com",
    "faiban.local.evil.com",
    "evil.com#.local",
    "evil.com:80:80",
    "evil.com/.local",
  ])("is not %s: a page of the internet whose name points to the hub gets nothing", async (host) => {
    for (const address of ["/", "/api/hub", "/api/home", "/trust/faiban-ca.pem"]) {
      const answer = await ask(hub, "GET", address, { token, headers: { host } });
      expect([400, 421], address).toContain(answer.status);
      expect(answer.text).not.toContain("html");
    }
    expect(await openSocket(hub, "/api/live", { host, authorization: `Bearer ${token}` })).not.toBeTypeOf("object");
    expect(await openSocket(hub, "/mqtt", { host }, ["mqtt"])).not.toBeTypeOf("object");
  });

  test.each([
    "192.168.1.5:8080",
    "[fe80::1]:8080",
    "faiban",
    "faiban-1234.local",
    "hub.home.arpa",
    "ENERGY.example.com",
  ])("may be %s", async (host) => {
    expect(await ask(hub, "GET", "/api/hub", { headers: { host } })).toMatchObject({ status: 200 });
  });

  test("is no proof of being on the hub itself: 127.evil.local is a name like any other", async () => {
    const own = await openHubForTest({ isClaimed: false });
    const headers = { host: "127.evil.local", origin: "http://127.evil.local" };
    expect(await ask(own, "GET", "/api/people", { headers })).toMatchObject({ status: 403, code: "UNCLAIMED" });
  });
});

describe("a page of another site", () => {
  const foreign = [
    { origin: "https://evil.example.com" },
    { origin: "null" },
    { origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "content-type": "text/plain" },
  ];

  test("changes nothing by whatever route, though the browser sends the cookies along", async () => {
    const document = (await ask(hub, "GET", "/api/openapi.json", { token })).json<{ paths: Record<string, object> }>();
    const changing = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).flatMap((method) => (method === "get" ? [] : `${method.toUpperCase()} ${path}`)),
    );
    expect(changing.length).toBeGreaterThan(25);
    for (const route of changing) {
      const [method = "", path = ""] = route.split(" ");
      for (const headers of foreign) {
        const address = path.replace(/\{\w+\}/g, "x");
        const answer = await ask(hub, method, address, { cookies: { faiban_access: token }, body: {}, headers });
        expect(answer, `${route} ${JSON.stringify(headers)}`).toMatchObject({ status: 403, code: "FOREIGN_SITE" });
      }
    }
  });

  test("reads nothing, and no answer gives it leave to", async () => {
    for (const headers of foreign) {
      for (const address of ["/api/home", "/api/me/export", "/api/hub", "/"]) {
        const answer = await ask(hub, "GET", address, { cookies: { faiban_access: token }, headers });
        if (address !== "/api/hub" && address !== "/") expect(answer.status, address).toBe(403);
        const cors = Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"));
        expect(cors, address).toEqual([]);
      }
    }
    const preflight = await ask(hub, "OPTIONS", "/api/session", {
      headers: { origin: "https://evil.example.com", "access-control-request-method": "DELETE" },
    });
    expect(preflight.status).toBeGreaterThanOrEqual(400);
    expect(preflight.headers).not.toHaveProperty("access-control-allow-origin");
  });

  test("opens no live socket", async () => {
    for (const headers of foreign) {
      const cookie = `faiban_access=${token}`;
      expect(await openSocket(hub, "/api/live", { ...headers, cookie }), JSON.stringify(headers)).toBe(403);
    }
    const cookie = `faiban_access=${token}`;
    expect(await openSocket(hub, "/api/live", { cookie, origin: hub.url }), "the app").toBeTypeOf("object");
  });

  test("is nobody in particular over MQTT, though its visitor is signed in or sits at the hub", async () => {
    const unclaimed = await openHubForTest({ isClaimed: false });
    const connectPacket = Buffer.from("100d00044d5154540402003c000161", "hex"); // client id "a", no name, clean session
    for (const [target, cookie] of [
      [hub, `faiban_access=${token}`],
      [unclaimed, ""],
    ] as const) {
      for (const headers of foreign) {
        const socket = await openSocket(target, "/mqtt", { ...headers, cookie }, ["mqtt"]);
        if (typeof socket === "number") continue; // refused at the door is good too
        const answer = once(socket, "message");
        socket.send(connectPacket);
        const [connack] = (await answer) as [Buffer];
        expect(connack[3], `CONNACK of ${JSON.stringify(headers)}`).not.toBe(0);
      }
    }
  });

  test("the app's own page may do all this", async () => {
    const headers = { origin: hub.url, "sec-fetch-site": "same-origin" };
    const answer = await ask(hub, "PATCH", "/api/me", {
      ...{ cookies: { faiban_access: token }, headers },
      body: { language: "th" },
    });
    expect(answer).toMatchObject({ status: 200 });
  });
});

describe("files", () => {
  const escapes = [
    "/../package.json",
    "/../../package.json",
    "/%2e%2e/package.json",
    "/..%2fpackage.json",
    "/..%5cpackage.json",
    "/assets/../../package.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/assets/..%2f..%2fpackage.json",
    "/%252e%252e/package.json",
    "/....//package.json",
    "//etc/passwd",
    "/%00/../package.json",
    "/index.html%00.js",
    "/.%00./package.json",
    "/assets/%c0%ae%c0%ae/package.json",
  ];
  test.each(escapes)("outside the app's folder are not served: %s", async (address) => {
    const answer = await ask(hub, "GET", address);
    expect(answer.text).not.toMatch(/"dependencies"|"devDependencies"|root:x:/);
    expect(answer.status === 200 ? answer.headers["content-type"] : "text/html; charset=utf-8").toMatch(/^text\/html/);
  });

  test.each([
    "../master.key",
    "..%2fmaster.key",
    "%2e%2e%2fmaster.key",
    "..%5c..%5cmaster.key",
    "faiban-ca.pem%00",
    "__proto__",
    "constructor",
    "toString",
  ])("of trust are those by their names alone: %s", async (file) => {
    const answer = await ask(hub, "GET", `/trust/${file}`);
    expect([400, 403, 404]).toContain(answer.status);
  });

  test("that look like the app's pages are the app, and hidden ones are not served", async () => {
    expect((await ask(hub, "GET", "/.env")).status).toBe(404);
    expect((await ask(hub, "GET", "/settings")).headers["content-type"]).toMatch(/^text\/html/);
    expect((await ask(hub, "GET", "/api/nothing")).headers["content-type"]).toMatch(/^application\/json/);
  });
});

describe("a request", () => {
  test("that is too large is refused: body, header, address, name", async () => {
    const body = { name: "x".repeat(70_000), password: "y" };
    expect(await ask(hub, "POST", "/api/session", { body })).toMatchObject({ status: 413 });
    expect((await ask(hub, "GET", "/api/hub", { headers: { "x-long": "x".repeat(20_000) } })).status).toBe(431);
    expect((await ask(hub, "GET", `/api/hub?${"x".repeat(20_000)}`)).status).toBe(431);
    expect((await ask(hub, "GET", `/api/meters/${"x".repeat(1_000)}`, { token })).status).toBe(404);
  });

  test("with a body that grows without end is cut off", async () => {
    const raw = await openRaw(
      `POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `1000\r\n${" ".repeat(0x1000)}\r\n`;
    for (let i = 0; i < 40 && !raw.received; i++) {
      raw.socket.write(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => raw.received.startsWith("HTTP/1.1 413"), "413");
  });

  test.each([
    '{"__proto__": {"role": "owner"}, "name": "a", "password": "b"}',
    '{"name": "a", "password": "b", "constructor": {"prototype": {"isAdmin": true}}}',
    '{"name": {"__proto__": null}, "password": "b"}',
    '{"name": "a", "password": "b", "wantsTokens": true, "wantsTokens": "x"}',
    '{"name": ["a"], "password": "b"}',
    '{"name": "a", "password": {"$ne": ""}}',
    "[]",
    "null",
    '"text"',
    '{"name": "a"',
    "\u0000",
  ])("with JSON that no form makes is refused: %s", async (body) => {
    expect(await ask(hub, "POST", "/api/session", { body })).toMatchObject({ status: 400, code: "BAD_REQUEST" });
    expect(({} as { role?: string; isAdmin?: boolean }).role).toBeUndefined();
    expect(({} as { role?: string; isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test("in another form than JSON is refused, so that no foreign form can send it", async () => {
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]) {
      const answer = await ask(hub, "POST", "/api/session", {
        ...{ headers: { "content-type": type }, body: '{"name":"Somchai","password":"correct horse battery"}' },
      });
      expect([400, 415], type).toContain(answer.status);
    }
  });

  test.each([
    ["both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"],
    ["both lengths, the other way", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"],
    ["two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}"],
    ["a length with a sign", "Content-Length: +2\r\n", "{}"],
    ["a hidden encoding", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"],
    ["an unknown encoding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"],
    ["a folded header", "X-A: b\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"],
    ["a chunk size that is none", "Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"],
    ["a lone line feed", "X-A: b\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"],
  ])("that two readers would understand differently is refused: %s", async (_what, headers, body) => {
    const smuggled = "GET /api/hub HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    const answer = await sendRaw(
      `POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${headers}\r\n${body}${smuggled}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect(answer.match(/HTTP\/1\.1/g), "one answer").toHaveLength(1);
  });

  test("without a host, with an empty one, or with two, is refused", async () => {
    const close = "Connection: close\r\n\r\n";
    expect(await sendRaw(`GET /api/hub HTTP/1.1\r\nHost: \r\n${close}`)).toMatch(/^HTTP\/1\.1 (400|421)/);
    expect(await sendRaw(`GET /api/hub HTTP/1.1\r\n${close}`)).toMatch(/^HTTP\/1\.1 400/);
    expect(await sendRaw(`GET /api/hub HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.com\r\n${close}`)).toMatch(
      /^HTTP\/1\.1 (400|421)/,
    );
    expect(await sendRaw(`GET http://evil.com/api/home HTTP/1.1\r\nHost: 127.0.0.1\r\n${close}`)).toMatch(
      /^HTTP\/1\.1 4\d\d/,
    );
  });
});

describe("somebody who keeps connections open", () => {
  test("is cut off too when a live socket was refused", async () => {
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    const raw = await openRaw(
      `GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\n${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await until(() => raw.received.startsWith("HTTP/1.1 401"), "the refusal");
    await until(() => raw.isClosed, "the end of the connection");
  });

  test("and says nothing, or a byte at a time, leaves room for the others", async () => {
    const slow = await Promise.all(
      Array.from({ length: 100 }, () => openRaw("GET /api/hub HTTP/1.1\r\nHost: 127.0.0.1\r\nX-", "127.0.0.9")),
    );
    expect(slow).toHaveLength(100);
    expect(await ask(hub, "GET", "/api/hub")).toMatchObject({ status: 200 });
  });

  test("a thousand of them locks out nobody at another address", async () => {
    const greedy = [];
    for (let i = 0; i < 22; i++) {
      greedy.push(...(await Promise.all(Array.from({ length: 50 }, () => openRaw("GET / HTTP/1.1\r\n", "127.0.0.9")))));
    }
    expect(greedy.length).toBeGreaterThan(1_000);
    expect(await ask(hub, "GET", "/api/hub").catch((error: Error) => error.message)).toMatchObject({ status: 200 });
  });

  test("is cut off when the headers do not come", async () => {
    const raw = await openRaw("GET /api/hub HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    await until(() => raw.isClosed, "the end of a slow request", 20_000);
    expect(raw.received).toMatch(/^HTTP\/1\.1 408/);
  });
});

describe("answers", () => {
  test.each(["/", "/settings", "/api/hub", "/api/nothing", "/trust/nothing", "/manifest.webmanifest"])(
    "of %s keep a browser from what the app never asks for",
    async (address) => {
      const { headers } = await ask(hub, "GET", address);
      const policy = headers["content-security-policy"] ?? "";
      for (const rule of ["default-src 'self'", "script-src 'self'", "object-src 'none'", "frame-ancestors 'none'"]) {
        expect(policy).toContain(rule);
      }
      expect(policy).not.toMatch(/unsafe|\*|http:/);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "permissions-policy": expect.stringContaining("camera=()"),
      });
      expect(headers).not.toHaveProperty("x-powered-by");
      expect(headers).not.toHaveProperty("server");
    },
  );

  test("of the API are kept by no cache", async () => {
    expect((await ask(hub, "GET", "/api/home", { token })).headers["cache-control"]).toBe("no-store");
    expect((await ask(hub, "GET", "/api/nothing", { token })).headers["cache-control"]).toBe("no-store");
  });

  test("to what is wrong tell what to do, and nothing of the hub's inside", async () => {
    const questions: [method: string, address: string, body?: unknown][] = [
      ["GET", "/api/meters/%E0%A4%A"],
      ["GET", "/api/history?channel=%00&from=1e400&to=NaN"],
      ["GET", "/api/export/readings.csv?from=x"],
      ["POST", "/api/session", "{"],
      ["POST", "/api/devices/x/certificate", { csrPem: "-----BEGIN CERTIFICATE REQUEST-----" }],
      ["DELETE", "/api/people/%00"],
      ["PUT", "/api/storage/retention", { rawDays: -1 }],
      ["PROPFIND", "/api/home"],
      ["TRACE", "/api/home"],
      ["GET", "/api/audit?before=0"],
      ["POST", `/api/join/${"%F0%9F%92%A9".repeat(20)}`, { name: "x", password: "12345678", language: "en" }],
    ];
    for (const [method, address, body] of questions) {
      const answer = await ask(hub, method, address, { token, body });
      expect(answer.status, address).toBeGreaterThanOrEqual(400);
      expect(answer.status, `${address}: ${answer.text}`).toBeLessThan(500);
      expect(answer.text, address).not.toMatch(/node_modules|\.ts:|\bat \w+ \(|SQLITE|hub\/src/);
    }
    expect(hub.logged.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("tell a member no more of an unknown id than that it is unknown", async () => {
    const answer = await ask(hub, "DELETE", "/api/people/nobody", { token });
    expect(answer.json<api.ApiError>()).toMatchObject({ code: "NOT_FOUND", hint: expect.any(String) });
  });
});
