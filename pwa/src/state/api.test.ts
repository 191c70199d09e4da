import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { getJson, inWords, patchJson, RequestFailure, whenSignedOut } from "./api.ts";

const needed = { code: "SIGN_IN_NEEDED", message: "Nobody is signed in", hint: "Sign in." };
const failed = { code: "SIGN_IN_FAILED", message: "Not right", hint: "Try again." };

/** What the hub answers to each request, by method and path. */
let answers: (request: string, turn: number) => Response | Promise<Response>;
let asked: string[] = [];
let signedOut = 0;

beforeEach(() => {
  asked = [];
  signedOut = 0;
  whenSignedOut(() => signedOut++);
  vi.stubGlobal("document", { baseURI: "http://hub.local/faiban/" });
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    const request = `${init.method ?? "GET"} ${new URL(address).pathname}`;
    asked.push(request);
    return answers(request, asked.filter((one) => one === request).length);
  });
});
afterEach(() => vi.unstubAllGlobals());

const json = (status: number, body: object) => Response.json(body, { status });
const refresh = "POST /faiban/api/session/refresh";

test("requests that meet an ended session wait for one renewal, and are then repeated", async () => {
  answers = async (request, turn) => {
    if (request === refresh) return json(200, {});
    return turn === 1 ? json(401, needed) : json(200, { request });
  };
  const [meters, people] = await Promise.all([getJson("/api/meters"), getJson("/api/people")]);
  expect(meters).toEqual({ request: "GET /faiban/api/meters" });
  expect(people).toEqual({ request: "GET /faiban/api/people" });
  expect(asked.filter((request) => request === refresh)).toHaveLength(1);
  expect(signedOut).toBe(0);
});

test("when the session cannot be renewed the person is signed out", async () => {
  answers = () => json(401, needed);
  await expect(getJson("/api/meters")).rejects.toMatchObject({ code: "SIGN_IN_NEEDED" });
  expect(asked).toEqual(["GET /faiban/api/meters", refresh]);
  expect(signedOut).toBe(1);
});

test("a hub that goes away during the renewal signs nobody out", async () => {
  answers = (request) => {
    if (request === refresh) throw new TypeError("no network");
    return json(401, needed);
  };
  await expect(getJson("/api/meters")).rejects.toMatchObject({ code: "UNREACHABLE" });
  expect(signedOut).toBe(0);
});

test("a wrong password is no ended session", async () => {
  answers = () => json(401, failed);
  await expect(patchJson("/api/me", {})).rejects.toMatchObject({ code: "SIGN_IN_FAILED", status: 401 });
  expect(asked).toEqual(["PATCH /faiban/api/me"]);
});

test("a failure tells how long to wait, and is told in the app's words where it has them", async () => {
  answers = () => json(429, { code: "TOO_MANY_ATTEMPTS", message: "Too many", hint: "Wait 30 seconds." });
  const failure = await getJson("/api/hub").catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ waitS: 30 });
  expect(inWords(failure)).toBe("Too many tries. Please wait a little and try again.");
  expect(inWords(new RequestFailure({ code: "ODD", message: "It is odd", hint: "Look again." }))).toBe(
    "It is odd. Look again.",
  );
});
