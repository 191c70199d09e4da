/** The hub behind a real nginx: at the root and under a path, with and without the hub's trust. */
import { connectAsync, type MqttClient } from "mqtt";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { until } from "../harness.ts";
import { type AccessHub, ask, makeToken, openAccessHub, openSocket, owner, signIn } from "./harness.ts";
import { startNginx, usualHeaders } from "./nginx.harness.ts";

type Door = Pick<AccessHub, "httpPort" | "httpsPort">;

let root: AccessHub;
let nested: AccessHub;
let wary: AccessHub;
let unclaimed: AccessHub;
const doors: Record<"root" | "stripped" | "whole" | "wary" | "https" | "unclaimed" | "plain", Door> = {} as never;

beforeAll(async () => {
  const trusting = ["--trusted-proxies", "127.0.0.1"];
  root = await openAccessHub({ flags: trusting });
  nested = await openAccessHub({ flags: [...trusting, "--base-path", "/faiban/"] });
  wary = await openAccessHub();
  unclaimed = await openAccessHub({ isClaimed: false, flags: trusting });
  const site = { location: "/", pass: "http://127.0.0.1:PORT", headers: usualHeaders };
  const overHttps = usualHeaders.map((line) => line.replace("$scheme", "https"));
  const sites = {
    root: { ...site, hubPort: root.httpPort },
    stripped: { ...site, location: "/faiban/", pass: "http://127.0.0.1:PORT/", hubPort: nested.httpPort },
    whole: { ...site, location: "/faiban/", hubPort: nested.httpPort },
    wary: { ...site, hubPort: wary.httpPort },
    https: { ...site, hubPort: root.httpPort, headers: overHttps },
    unclaimed: { ...site, hubPort: unclaimed.httpPort },
    /** As people write it who set no header at all. */
    plain: { ...site, hubPort: unclaimed.httpPort, headers: [] },
  };
  const nginx = await startNginx(Object.values(sites));
  Object.keys(sites).forEach((name, i) => {
    doors[name as keyof typeof doors] = { httpPort: nginx.ports[i] ?? 0, httpsPort: null };
  });
  return async () => {
    await nginx.close();
    for (const hub of [root, nested, wary, unclaimed]) await hub.close();
  };
}, 300_000); // nginx may have to be installed

const paths = [
  { door: "root", base: "/" },
  { door: "stripped", base: "/faiban/" },
  { door: "whole", base: "/faiban/" },
] as const;
const hubOf = (base: string) => (base === "/" ? root : nested);

describe.each(paths)("through nginx at $base ($door)", ({ door, base }) => {
  test("the app finds its files and its API", async () => {
    const page = await ask(doors[door], "GET", base);
    expect(page.status).toBe(200);
    expect(page.text).toContain(`<base href="${base}">`);
    const script = /src="\.?\/?(assets\/[^"]+\.js)"/.exec(page.text)?.[1];
    const file = await ask(doors[door], "GET", `${base}${script}`);
    expect(file).toMatchObject({ status: 200, headers: { "content-type": expect.stringContaining("javascript") } });
    expect((await ask(doors[door], "GET", `${base}settings`)).text).toContain(`<base href="${base}">`);
    expect(await ask(doors[door], "GET", `${base}api/hub`)).toMatchObject({ status: 200 });
  });

  test("the documentation of the API is found, and names the path", async () => {
    const { token } = await signIn(hubOf(base));
    const document = (await ask(doors[door], "GET", `${base}api/openapi.json`, { token })).json();
    expect(document).toMatchObject({ servers: [{ url: base }] });
    const docs = await ask(doors[door], "GET", `${base}api/docs`, { token });
    const address = new URL(docs.headers.location ?? "", `http://127.0.0.1${base}api/docs`).pathname;
    expect(address.startsWith(base), address).toBe(true);
    if (docs.status >= 300) expect(await ask(doors[door], "GET", address, { token })).toMatchObject({ status: 200 });
  });

  test("signing in sets cookies for this path alone, and they are believed", async () => {
    const origin = `http://127.0.0.1:${doors[door].httpPort}`;
    const signed = await ask(doors[door], "POST", `${base}api/session`, { body: owner, headers: { origin } });
    expect(signed.status, signed.text).toBe(200);
    expect(signed.cookies.faiban_access?.attributes).toContain(`Path=${base};`);
    expect(signed.cookies.faiban_refresh?.attributes).toContain(`Path=${base}api/session;`);
    const cookies = { faiban_access: signed.cookies.faiban_access?.value ?? "" };
    expect(await ask(doors[door], "GET", `${base}api/session`, { cookies })).toMatchObject({ status: 200 });
  });

  test("live events come, and MQTT is spoken", async () => {
    const { token } = await signIn(hubOf(base));
    const { token: password } = await makeToken(hubOf(base), token, ["read"]);
    const socket = await openSocket(doors[door], `${base}api/live`, { authorization: `Bearer ${token}` });
    if (typeof socket === "number") throw new Error(`refused with ${socket}`);
    expect(JSON.parse(await until(() => socket.messages[0], "the snapshot"))).toMatchObject({ event_type: "snapshot" });
    const client: MqttClient = await connectAsync(`ws://127.0.0.1:${doors[door].httpPort}${base}mqtt`, {
      ...{ clientId: `web-${door}`, username: "token", password, reconnectPeriod: 0 },
    });
    onTestFinished(() => void client.end(true));
    await client.subscribeAsync("home/home/#");
    expect(await openSocket(doors[door], `${base}api/live`, {}), "nobody").toBe(401);
  });
});

describe("what a proxy says of a request", () => {
  const addressOf = async (door: Door, question: Parameters<typeof ask>[3]) => {
    const body = { ...owner, wantsTokens: true };
    const signed = await ask(door, "POST", "/api/session", { ...question, body });
    const token = signed.json<api.Session>().tokens?.accessToken;
    const sessions = (await ask(door, "GET", "/api/me/sessions", { token })).json<api.SignedIn[]>();
    return sessions.find(({ isThis }) => isThis)?.address;
  };

  test("is believed of a trusted proxy: the address is the visitor's", async () => {
    expect(await addressOf(doors.root, { from: "127.0.0.7" })).toBe("127.0.0.7");
  });

  test("is not what the visitor makes it say", async () => {
    const headers = { "x-forwarded-for": "203.0.113.9" };
    expect(await addressOf(doors.root, { from: "127.0.0.7", headers })).toBe("127.0.0.7");
  });

  test("is not believed of anybody else", async () => {
    const headers = { "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-forwarded-host": "evil.com" };
    expect(await addressOf(root, { from: "127.0.0.2", headers })).toBe("127.0.0.2");
    expect(await addressOf(wary, { headers })).toBe("127.0.0.1");
    expect(await addressOf(doors.wary, { from: "127.0.0.7" })).toBe("127.0.0.1");
    const signed = await ask(wary, "POST", "/api/session", { body: owner, headers });
    expect(Object.keys(signed.cookies)).toEqual(["faiban_access", "faiban_refresh"]);
  });

  test("makes cookies Secure when it serves https", async () => {
    const origin = `https://127.0.0.1:${doors.https.httpPort}`;
    const signed = await ask(doors.https, "POST", "/api/session", { body: owner, headers: { origin } });
    expect(Object.keys(signed.cookies)).toEqual(["__Secure-faiban_access", "__Secure-faiban_refresh"]);
    expect(signed.cookies["__Secure-faiban_access"]?.attributes).toMatch(/Secure/);
  });

  test("does not make another host the hub's own", async () => {
    const headers = { host: "evil.example.com" };
    expect(await ask(doors.root, "GET", "/api/hub", { headers })).toMatchObject({ status: 421 });
    const hidden = { "x-forwarded-host": "evil.example.com" };
    expect([200, 421]).toContain((await ask(doors.root, "GET", "/api/hub", { headers: hidden })).status);
  });
});

test("whoever guesses passwords through the proxy waits, by the true address, and locks out nobody else", async () => {
  const attempt = (from: string, password: string, spoofed: string, name = "Nobody in particular") =>
    ask(doors.root, "POST", "/api/session", {
      from,
      headers: { "x-forwarded-for": spoofed },
      body: { name, password },
    });
  await Promise.all(Array.from({ length: 8 }, (_, i) => attempt("127.0.0.20", `guess ${i}`, `203.0.113.${i}`)));
  expect(await attempt("127.0.0.20", owner.password, "203.0.113.99", owner.name)).toMatchObject({ status: 429 });
  expect(await attempt("127.0.0.21", owner.password, "203.0.113.99", owner.name)).toMatchObject({ status: 200 });
});

describe("a hub that nobody has claimed", () => {
  test.each(["unclaimed", "plain"] as const)("takes no proxied request for one of its own: %s", async (door) => {
    for (const host of [`127.0.0.1:${doors[door].httpPort}`, "localhost", "faiban.local"]) {
      const headers = { host };
      expect((await ask(doors[door], "GET", "/api/hub", { headers })).json()).toMatchObject({ isLocal: false });
      expect(await ask(doors[door], "GET", "/api/home", { headers })).toMatchObject({ status: 403, code: "UNCLAIMED" });
    }
  });
});
