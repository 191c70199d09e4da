/** Signing in, staying in and going: passwords, refresh tokens, access tokens, cookies. */
import { SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import {
  type AccessHub,
  addPerson,
  ask,
  closeCodeOf,
  fromLan,
  type MovableClock,
  movableClock,
  openAccessHub,
  openHubForTest,
  openSocket,
  owner,
  password,
  signIn,
} from "./harness.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
let hub: AccessHub;
let clock: MovableClock;

beforeAll(async () => {
  clock = movableClock();
  hub = await openAccessHub({ clock });
  return () => hub.close();
});

const who = async (token: string) => (await ask(hub, "GET", "/api/session", { token })).status;
const refresh = (refreshToken: string) => ask(hub, "POST", "/api/session/refresh", { body: { refreshToken } });
const refreshByCookie = (faiban_refresh: string) =>
  ask(hub, "POST", "/api/session/refresh", { body: {}, cookies: { faiban_refresh } });
const tokensOf = (answer: { json<T>(): T }) => answer.json<api.Session>().tokens!;
const listed = async (token: string) => (await ask(hub, "GET", "/api/me/sessions", { token })).json<api.SignedIn[]>();

describe("signing in", () => {
  test("takes the name in any case and the password exactly", async () => {
    const send = (name: string, secret: string) =>
      ask(hub, "POST", "/api/session", { body: { name, password: secret } });
    expect(await send(" sOMCHAI ", owner.password)).toMatchObject({ status: 200 });
    expect(await send(owner.name, owner.password.toUpperCase())).toMatchObject({ status: 401, code: "SIGN_IN_FAILED" });
    expect(await send(owner.name, `${owner.password} `)).toMatchObject({ status: 401 });
  });

  test("tells nobody whether a name is known", async () => {
    const send = (name: string) => ask(hub, "POST", "/api/session", { body: { name, password: "wrong password" } });
    const [known, unknown] = [await send(owner.name), await send("Nobody")];
    expect(unknown.text).toBe(known.text);
    expect(unknown.status).toBe(known.status);
  });

  test("makes whoever fails wait, by address and by name, but never the console", async () => {
    const own = await openHubForTest();
    const attempt = (from: string, secret: string, name = owner.name) =>
      ask(own, "POST", "/api/session", { headers: fromLan, from, body: { name, password: secret } });
    // All at once, so that whoever is slow in the test does not wait long enough meanwhile.
    const guess = (from: string) => Promise.all(Array.from({ length: 8 }, (_, i) => attempt(from, `guess ${i}`)));
    expect((await guess("127.0.0.2"))[0]).toMatchObject({ status: 401, code: "SIGN_IN_FAILED" });
    expect(await attempt("127.0.0.2", owner.password)).toMatchObject({ status: 429, code: "TOO_MANY_ATTEMPTS" });
    expect(await attempt("127.0.0.2", "guess", "Malee"), "another name").toMatchObject({ status: 429 });
    await guess("127.0.0.3");
    expect(await attempt("127.0.0.4", owner.password), "another address").toMatchObject({ status: 429 });
    expect((await attempt("127.0.0.4", "guess", "Malee")).status, "neither of the two").toBe(401);
    await signIn(own);
  });
});

describe("a refresh token", () => {
  test("is of use once and is followed by another", async () => {
    const first = await signIn(hub);
    const second = tokensOf(await refresh(first.refreshToken));
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await who(second.accessToken)).toBe(200);
    expect(await refresh(second.refreshToken)).toMatchObject({ status: 200 });
  });

  test("that comes again after half a minute was stolen, and ends the session", async () => {
    const first = await signIn(hub);
    const second = tokensOf(await refresh(first.refreshToken));
    clock.advance(31_000);
    expect(await refresh(first.refreshToken)).toMatchObject({ status: 401 });
    expect(await who(second.accessToken)).toBe(401);
    expect(await refresh(second.refreshToken)).toMatchObject({ status: 401 });
  });

  test("of two exchanges ago was stolen too, and ends the session", async () => {
    const first = await signIn(hub);
    const second = tokensOf(await refresh(first.refreshToken)); // whoever stole the token exchanges it twice,
    const third = tokensOf(await refresh(second.refreshToken));
    expect(await refresh(first.refreshToken)).toMatchObject({ status: 401 }); // then its owner comes
    expect(await who(third.accessToken)).toBe(401);
    expect(await refresh(third.refreshToken)).toMatchObject({ status: 401 });
  });

  test("may come from two tabs at the same moment: both stay signed in, and one token is good", async () => {
    const signed = await ask(hub, "POST", "/api/session", { body: owner });
    const cookie = signed.cookies.faiban_refresh?.value ?? "";
    const tabs = await Promise.all([refreshByCookie(cookie), refreshByCookie(cookie)]);
    expect(tabs.map(({ status }) => status)).toEqual([200, 200]);
    for (const tab of tabs) expect(await who(tab.cookies.faiban_access?.value ?? "")).toBe(200);
    const next = tabs.flatMap((tab) => tab.cookies.faiban_refresh?.value ?? []);
    expect(next).toHaveLength(1);
    expect(await refreshByCookie(next[0] ?? "")).toMatchObject({ status: 200 });
  });

  test("that is not good takes its cookies away", async () => {
    const answer = await refreshByCookie("not.good");
    expect(answer).toMatchObject({
      status: 401,
      cookies: { faiban_access: { value: "" }, faiban_refresh: { value: "" } },
    });
    expect(answer.cookies.faiban_refresh?.attributes).toMatch(/Expires=Thu, 01 Jan 1970/);
  });

  test("of a cookie needs no body", async () => {
    const { cookies } = await ask(hub, "POST", "/api/session", { body: owner });
    const sent = { faiban_refresh: cookies.faiban_refresh?.value ?? "" };
    expect(await ask(hub, "POST", "/api/session/refresh", { cookies: sent })).toMatchObject({ status: 200 });
  });

  test("is no access token, and an access token no refresh token", async () => {
    const { token, refreshToken } = await signIn(hub);
    expect(await who(refreshToken)).toBe(401);
    expect((await refresh(token)).status).toBeGreaterThanOrEqual(400);
  });

  test("outlives a restart, and ends after ninety days without use", async () => {
    const time = movableClock();
    const before = await openHubForTest({ clock: time });
    const { refreshToken } = await signIn(before);
    await before.stop();
    const again = await openHubForTest({ folder: before.folder, clock: time });
    const send = (token: string) => ask(again, "POST", "/api/session/refresh", { body: { refreshToken: token } });
    time.advance(89 * dayMs);
    const next = tokensOf(await send(refreshToken));
    time.advance(91 * dayMs);
    expect(await send(next.refreshToken)).toMatchObject({ status: 401 });
  });
});

describe("signing out", () => {
  test("ends the access token and the open socket at once", async () => {
    const [here, elsewhere] = [await signIn(hub), await signIn(hub)];
    const closed = closeCodeOf(await openSocket(hub, "/api/live", { authorization: `Bearer ${here.token}` }));
    expect(await ask(hub, "DELETE", "/api/session", { token: here.token })).toMatchObject({ status: 204 });
    expect(await closed).toBe(4401);
    expect(await who(here.token)).toBe(401);
    expect(await refresh(here.refreshToken)).toMatchObject({ status: 401 });
    expect(await who(elsewhere.token)).toBe(200);
  });

  test("everywhere ends every session of the person, and nobody else's", async () => {
    const [here, elsewhere] = [await signIn(hub), await signIn(hub)];
    const malee = await addPerson(hub, here.token, "Malee", "member");
    const closed = closeCodeOf(await openSocket(hub, "/api/live", { authorization: `Bearer ${elsewhere.token}` }));
    expect(await ask(hub, "DELETE", "/api/me/sessions", { token: here.token })).toMatchObject({ status: 204 });
    expect(await closed).toBe(4401);
    expect(await who(here.token)).toBe(401);
    expect(await who(elsewhere.token)).toBe(401);
    expect(await who(malee.token)).toBe(200);
  });

  test("somewhere else ends that session alone, and only one's own", async () => {
    const [here, elsewhere] = [await signIn(hub), await signIn(hub)];
    const there = (await listed(elsewhere.token)).find(({ isThis }) => isThis)!.id;
    const niran = await addPerson(hub, here.token, "Niran", "member");
    const end = (token: string) => ask(hub, "DELETE", `/api/me/sessions/${there}`, { token });
    expect(await end(niran.token)).toMatchObject({ status: 404 });
    expect(await who(elsewhere.token)).toBe(200);
    expect(await end(here.token)).toMatchObject({ status: 204 });
    expect(await who(elsewhere.token)).toBe(401);
    expect(await who(here.token)).toBe(200);
  });

  test("happens everywhere else when the password changes", async () => {
    const { token: ownerToken } = await signIn(hub);
    await addPerson(hub, ownerToken, "Somsak", "viewer");
    const somsak = { name: "Somsak", password };
    const [here, elsewhere] = [await signIn(hub, somsak), await signIn(hub, somsak)];
    const closed = closeCodeOf(await openSocket(hub, "/api/live", { authorization: `Bearer ${elsewhere.token}` }));
    const change = (old: string) =>
      ask(hub, "PATCH", "/api/me", { token: here.token, body: { password: { old, new: "a new password" } } });
    expect(await change("not the old one")).toMatchObject({ status: 401, code: "SIGN_IN_FAILED" });
    expect(await who(elsewhere.token)).toBe(200);
    expect(await change(password)).toMatchObject({ status: 200 });
    expect(await closed).toBe(4401);
    expect(await who(elsewhere.token)).toBe(401);
    expect(await who(here.token)).toBe(200);
    await expect(signIn(hub, somsak)).rejects.toThrow("SIGN_IN_FAILED");
  });
});

describe("an access token", () => {
  const parts = (token: string) => token.split(".") as [string, string, string];
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claimsOf = (token: string) => JSON.parse(Buffer.from(parts(token)[1], "base64url").toString());
  const sign = (claims: object, key: string | Uint8Array) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(key));

  test("is good for fifteen minutes", async () => {
    const { token, refreshToken } = await signIn(hub);
    clock.advance(14 * minuteMs);
    expect(await who(token)).toBe(200);
    clock.advance(2 * minuteMs);
    expect(await who(token)).toBe(401);
    expect(await refresh(refreshToken)).toMatchObject({ status: 200 });
  });

  test("that is forged is nobody's", async () => {
    const { token } = await signIn(hub);
    const [header, , signature] = parts(token);
    const claims = claimsOf(token);
    const unsigned = new UnsecuredJWT(claims).encode();
    const trust = (await ask(hub, "GET", "/api/trust")).text;
    const guessedKeys = ["", "faiban", "secret", claims.sub, claims.sid, trust, Buffer.alloc(32), header];
    const forged = [
      unsigned,
      `${unsigned}${signature}`,
      `${encode({ alg: "none" })}.${parts(token)[1]}.`,
      `${encode({ alg: "NONE", typ: "JWT" })}.${parts(token)[1]}.${signature}`,
      `${header}.${parts(token)[1]}.`,
      `${header}.${encode({ ...claims, exp: claims.exp + 3600 })}.${signature}`,
      `${header}.${encode({ ...claims, sub: "somebody else" })}.${signature}`,
      ...(await Promise.all(guessedKeys.filter((key) => key.length > 0).map((key) => sign(claims, key)))),
    ];
    expect(await who(token)).toBe(200);
    for (const one of forged) expect(await who(one), one).toBe(401);
  });

  test("of another hub is nobody's", async () => {
    const other = await openHubForTest();
    expect(await who((await signIn(other)).token)).toBe(401);
  });
});

describe("cookies", () => {
  test("over http are read by no script and sent by no other site", async () => {
    const { cookies } = await ask(hub, "POST", "/api/session", { body: owner });
    expect(cookies.faiban_access?.attributes).toMatch(/^Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookies.faiban_refresh?.attributes).toMatch(/^Max-Age=\d+; Path=\/api\/session; HttpOnly; SameSite=Strict$/);
    expect(
      await ask(hub, "GET", "/api/session", { cookies: { faiban_access: cookies.faiban_access!.value } }),
    ).toMatchObject({
      status: 200,
    });
  });

  test("over https are Secure, by their name too, and no http cookie stands for them", async () => {
    const own = await openHubForTest({ flags: ["--tls", "on"] });
    const { cookies } = await ask(own, "POST", "/api/session", { body: owner, isHttps: true });
    expect(Object.keys(cookies)).toEqual(["__Secure-faiban_access", "__Secure-faiban_refresh"]);
    for (const { attributes } of Object.values(cookies)) {
      expect(attributes.split("; ")).toEqual(expect.arrayContaining(["HttpOnly", "Secure", "SameSite=Strict"]));
    }
    const { value } = cookies["__Secure-faiban_access"]!;
    const status = async (name: string) =>
      (await ask(own, "GET", "/api/session", { isHttps: true, cookies: { [name]: value } })).status;
    expect(await status("__Secure-faiban_access")).toBe(200);
    expect(await status("faiban_access")).toBe(401);
  });

  test("are not set for a program that asks for tokens", async () => {
    expect((await ask(hub, "POST", "/api/session", { body: { ...owner, wantsTokens: true } })).cookies).toEqual({});
  });
});
