import { randomBytes } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { accessMs, accessTokens, isToken, randomHex, randomToken, tokenHash } from "./tokens.ts";

const nowMs = Date.UTC(2026, 5, 1);
const key = randomBytes(32);
const { sign, verify } = accessTokens(key);
const session = { id: "session-1", personId: "person-1" };

const good = { sid: "session-1", sub: "person-1", iss: "faiban", aud: "faiban", exp: nowMs / 1_000 + 60 };
const make = (changes: object, by: Uint8Array = key, alg = "HS256") =>
  new SignJWT({ ...good, ...changes }).setProtectedHeader({ alg }).sign(by);

describe("an access token", () => {
  test("names its session from when it was signed until it expires", async () => {
    const token = await sign(session, nowMs);
    expect(await verify(token, nowMs)).toBe("session-1");
    expect(await verify(token, nowMs + accessMs - 1_000)).toBe("session-1");
    expect(await verify(token, nowMs + accessMs)).toBeNull();
  });

  test("tells nobody more than its session, its person and its time", async () => {
    const claims = JSON.parse(Buffer.from((await sign(session, nowMs)).split(".")[1] ?? "", "base64url").toString());
    expect(Object.keys(claims).toSorted()).toEqual(["aud", "exp", "iat", "iss", "sid", "sub"]);
  });

  test("as another program would make it with the key is good, so that what follows fails for one reason alone", async () => {
    expect(await verify(await make({}), nowMs)).toBe("session-1");
  });

  test.each<[string, () => Promise<string> | string]>([
    ["of another hub's key", () => make({}, randomBytes(32))],
    ["of another issuer", () => make({ iss: "somebody" })],
    ["for another audience", () => make({ aud: "somebody" })],
    ["that has expired", () => make({ exp: nowMs / 1_000 - 1 })],
    ["that is not yet good", () => make({ nbf: nowMs / 1_000 + 60 })],
    ["that never expires", () => make({ exp: undefined })],
    ["of nobody", () => make({ sub: undefined })],
    ["of no session", () => make({ sid: undefined })],
    ["of a session that is no text", () => make({ sid: { $ne: "" } })],
    ["of another algorithm under the same key", () => make({}, Buffer.concat([key, key]), "HS512")],
    ["of the key, by another algorithm", () => make({}, key, "HS384").catch(() => "")],
    ["without signature", () => new UnsecuredJWT(good).encode()],
    ["of an empty text", () => ""],
    ["of dots", () => ".."],
    ["of an encrypted form", () => "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c"],
  ])("%s is not good", async (_what, token) => {
    expect(await verify(await token(), nowMs)).toBeNull();
  });

  test("that was changed anywhere is not good", async () => {
    const token = await sign(session, nowMs);
    for (let at = 0; at < token.length - 1; at++) {
      const letter = token[at] === "A" ? "B" : "A";
      expect(await verify(token.slice(0, at) + letter + token.slice(at + 1), nowMs), `${at}`).toBeNull();
    }
  });
});

test("a random token is long, and is known by its hash alone", () => {
  expect(randomToken()).toMatch(/^[\w-]{43}$/);
  expect(randomHex()).toMatch(/^[0-9a-f]{64}$/);
  expect(randomToken()).not.toBe(randomToken());
  const token = randomToken();
  expect(isToken(token, tokenHash(token))).toBe(true);
  expect(isToken(`${token}x`, tokenHash(token))).toBe(false);
  expect(isToken(token, null)).toBe(false);
  expect(isToken("", new Uint8Array())).toBe(false);
});
