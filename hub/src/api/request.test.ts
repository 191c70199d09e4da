import type { FastifyRequest } from "fastify";
import { describe, expect, test } from "vitest";
import { deviceOf, isForeign, isFromHub, isOwnHost } from "./request.ts";

/** What these rules look at of a request. */
function request(headers: Record<string, string>, remoteAddress = "127.0.0.1"): FastifyRequest {
  const raw = { headers, socket: { remoteAddress }, httpVersion: "1.1" };
  return { raw, headers, host: headers.host ?? "" } as unknown as FastifyRequest;
}

describe("a request of the hub itself", () => {
  test.each(["localhost", "localhost:8080", "LOCALHOST", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080", "[::1]"])(
    "names it %s",
    (host) => expect(isFromHub(request({ host }))).toBe(true),
  );

  test.each([
    "127.evil.local",
    "127.0.0.1.evil.com",
    "localhost.evil.com",
    "127.",
    "127.0.0.1evil",
    "faiban.local",
    "",
  ])("does not name it %j", (host) => expect(isFromHub(request({ host }))).toBe(false));

  test.each([
    ["127.0.0.1", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["192.168.1.5", false],
    ["::ffff:192.168.1.5", false],
    ["fe80::1", false],
  ])("comes from loopback: %s", (address, isLocal) => {
    expect(isFromHub(request({ host: "localhost" }, address))).toBe(isLocal);
  });

  test.each(["forwarded", "x-forwarded-for", "x-real-ip", "via", "x-forwarded-host", "x-forwarded-proto"])(
    "came through no proxy, which would say %s",
    (name) => expect(isFromHub(request({ host: "localhost", [name]: "" }))).toBe(false),
  );
});

describe("a name of the hub", () => {
  const rules = { hosts: ["Energy.Example.com"] };
  test.each([
    ...["faiban", "faiban.local", "FAIBAN.local.", "a.b.local:8080", "x.home.arpa", "x.internal", "x.lan"],
    ...["192.168.1.5", "10.0.0.1:80", "[fd00::1]:8443", "localhost", "energy.example.com", "ENERGY.example.com:443"],
  ])("is %s", (host) => expect(isOwnHost(host, rules)).toBe(true));

  test.each([
    ...[
      "",
      " ",
      ":8080",
      "evil.com",
      "evil.com:80",
      "evil.com.",
      "local.evil.com",
      "x.local.evil.com",
      "1.2.3.4.evil.com",
    ],
    ...["evil.com:80:80", "evil.com#.local", "evil.com/.local", "evil.com\\.local", "evil.com@x.local", "[evil.com]"],
    ...["sub.energy.example.com", "1.2.3", "1.2.3.4.5", "999.1.1.1"],
  ])("is not %j", (host) => expect(isOwnHost(host, rules)).toBe(false));

  test("is not a name that is missing", () => expect(isOwnHost(undefined, rules)).toBe(false));
});

describe("a page of another site", () => {
  const host = "faiban.local:8080";
  test.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ origin: "http://faiban.local:8080" }, false],
    [{ "sec-fetch-site": "same-origin" }, false],
    [{ "sec-fetch-site": "none" }, false],
    [{ "sec-fetch-site": "same-site" }, true],
    [{ "sec-fetch-site": "cross-site" }, true],
    [{ "sec-fetch-site": "" }, true],
    [{ origin: "null" }, true],
    [{ origin: "" }, true],
    [{ origin: "http://faiban.local" }, true],
    [{ origin: "http://faiban.local:8081" }, true],
    [{ origin: "https://evil.com" }, true],
    [{ origin: "https://evil.com", "sec-fetch-site": "same-origin" }, true],
    [{ origin: "http://faiban.local:8080", "sec-fetch-site": "cross-site" }, true],
    [{ origin: "http://faiban.local:8080@evil.com" }, true],
  ])("is known by what its browser says: %o", (headers, isOfAnother) => {
    expect(isForeign(request({ host, ...headers }))).toBe(isOfAnother);
  });
});

test.each([
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
    "Safari, iPhone",
  ],
  ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36", "Chrome, Android"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"],
  ["curl/8.5.0", "curl/8.5.0"],
  ["<script>\u0000\u202e", "<script>"],
  ["", "unknown"],
  [undefined, "unknown"],
])("a device is called as people know it: %s", (agent, name) => expect(deviceOf(agent)).toBe(name));
