import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memorySecrets, quietLog, settableClock } from "../harness.ts";
import { dayMs } from "../validity.ts";
import { type AcmeCertificate, type AcmeOptions, openAcme } from "./acme.ts";
import { startAcmeServer } from "./acme-server.harness.ts";

const names = ["home.duckdns.org", "*.home.duckdns.org"];
const record = "_acme-challenge.home.duckdns.org";
const minuteMs = 60_000;

let dns: Map<string, Set<string>>;
let server: Awaited<ReturnType<typeof startAcmeServer>>;
let provider: Server;
let providerUrl: string;
const opened: AcmeCertificate[] = [];

/** Duck DNS, as far as its TXT record goes. */
function answerDuckdns(url: string): string {
  const query = new URL(url, "http://localhost").searchParams;
  if (query.get("token") !== "secret-token") return "KO";
  const name = `_acme-challenge.${query.get("domains")}.duckdns.org`;
  dns.set(name, new Set(query.get("clear") === "true" ? [] : [query.get("txt") ?? ""]));
  return "OK";
}

beforeEach(async () => {
  dns = new Map();
  server = await startAcmeServer(dns);
  provider = createServer((request, response) => response.end(answerDuckdns(request.url ?? "")));
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  providerUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const acme of opened.splice(0)) await acme.close();
  await server.close();
  provider.closeAllConnections();
  provider.close();
});

function open(more: Partial<AcmeOptions> = {}, settings: Partial<AcmeOptions["settings"]> = {}) {
  const world = { monotonicMs: 0, clock: settableClock(), renewals: 0, sleptMs: [] as number[], views: 0 };
  const log = quietLog();
  const secrets = memorySecrets();
  const acme = openAcme({
    settings: {
      ...{
        directoryUrl: server.directoryUrl,
        names,
        email: "me@example.com",
        provider: "duckdns",
        secret: "secret-token",
      },
      ...settings,
    },
    ...{ secrets, clock: world.clock, monotonicMs: () => world.monotonicMs, log },
    onRenewed: () => world.renewals++,
    world: {
      providerUrl,
      // The record shows up at the second look.
      view: async (name, value) => (world.views++ % 2 === 1 && dns.get(name)?.has(value) ? "shown" : "missing"),
      sleep: async (durationMs) => void world.sleptMs.push(durationMs),
    },
    ...more,
  });
  opened.push(acme);
  const attempt = async () => {
    acme.check();
    await acme.settled();
  };
  return { ...acme, attempt, world, log, secrets };
}

describe("a certificate by ACME", () => {
  test("is got for a name and its wildcard, and its TXT record is removed", async () => {
    const { attempt, current, world, log, problem } = open();
    await attempt();
    expect(problem()).toBeNull();
    const { key, cert } = current() ?? { key: "", cert: "" };
    const certificate = new X509Certificate(cert);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.subjectAltName).toBe("DNS:home.duckdns.org, DNS:*.home.duckdns.org");
    expect(cert.match(/-----END CERTIFICATE-----\n/g)).toHaveLength(2);
    expect(dns.get(record)?.size).toBe(0);
    expect(world.renewals).toBe(1);
    expect([...server.accounts.values()].map(({ contact }) => contact)).toEqual([["mailto:me@example.com"]]);
    expect(log.lines.join()).not.toContain("secret-token");
  });

  test("is kept over a restart, and renewed at two thirds of its life with the same account and another key", async () => {
    const { attempt, current, secrets } = open();
    await attempt();
    const again = open({ secrets });
    expect(again.current()).toEqual(current());
    await again.attempt();
    expect(server.orders).toHaveLength(1);
    const { validFromDate, validToDate } = new X509Certificate(current()?.cert ?? "");
    again.world.clock.timeMs = validFromDate.getTime() + 0.66 * (validToDate.getTime() - validFromDate.getTime());
    await again.attempt();
    expect(server.orders).toHaveLength(1);
    again.world.clock.timeMs += dayMs;
    await again.attempt();
    expect(server.orders).toHaveLength(2);
    expect(server.accounts.size).toBe(1);
    expect(again.current()?.key).not.toBe(current()?.key);
  });

  test("for other names than before is asked for anew", async () => {
    const { attempt, secrets } = open();
    await attempt();
    const { current } = open({ secrets }, { names: ["other.duckdns.org"] });
    expect(current()).toBeNull();
  });

  test("waits for the time to be known, and for the record to be shown", async () => {
    const { attempt, world } = open();
    world.clock.isKnown = false;
    await attempt();
    expect(server.requests).toEqual([]);
    world.clock.isKnown = true;
    await attempt();
    expect(world.sleptMs.filter((durationMs) => durationMs === 5000)).toHaveLength(2);
  });

  test("is got though a nonce was refused, and though nonces are refused a few times", async () => {
    server.faults.push({ path: "/new-order", times: 1, status: 400, type: "badNonce" });
    server.faults.push({ path: "/finalize", times: 3, status: 400, type: "badNonce" });
    const { attempt, current } = open();
    await attempt();
    expect(current()).not.toBeNull();
  });

  test("waits between looks as long as the server says", async () => {
    const { attempt, world } = open();
    await attempt();
    expect(world.sleptMs.filter((durationMs) => durationMs === 1000).length).toBeGreaterThanOrEqual(2);
  });
});

describe("without a certificate", () => {
  test("the hub tries again after a quarter of an hour, then twice that, up to a day", async () => {
    server.faults.push({ path: "/new-order", times: 99, status: 500, type: "serverInternal" });
    const { attempt, world, problem, log } = open();
    const pauses: number[] = [];
    for (let i = 0; i < 9; i++) {
      const orders = () => server.requests.filter((path) => path === "/new-order").length;
      const before = orders();
      let pause = 0;
      for (; orders() === before && pause < 100; pause++) {
        if (pause > 0) world.monotonicMs += 15 * minuteMs;
        await attempt();
      }
      pauses.push(pause - 1);
    }
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 96]);
    expect(problem()).toContain("no: serverInternal");
    expect(log.lines[0]).toContain("Next try in 15 min");
  });

  test("after too many orders the hub waits as long as the authority says", async () => {
    const headers = { "retry-after": String(3 * 3600) };
    server.faults.push({ path: "/new-order", times: 1, status: 429, type: "rateLimited", headers });
    const { attempt, world, problem, current } = open();
    await attempt();
    expect(problem()).toMatch(/no: rateLimited.*when the authority allows it/);
    world.monotonicMs += 179 * minuteMs;
    await attempt();
    expect(current()).toBeNull();
    world.monotonicMs += minuteMs;
    await attempt();
    expect(current()).not.toBeNull();
    expect(problem()).toBeNull();
  });

  test("a refused proof is told, and its TXT record is removed", async () => {
    const view = async () => {
      dns.set(record, new Set(["wrong"]));
      return "shown" as const;
    };
    const { attempt, problem, current } = open({ world: { providerUrl, view, sleep: async () => {} } });
    await attempt();
    expect(current()).toBeNull();
    expect(problem()).toMatch(/refused home\.duckdns\.org: Incorrect TXT record\. Check that the domain is yours/);
    expect(dns.get(record)?.size).toBe(0);
    expect(server.orders[0]?.status).toBe("pending");
  });

  test("a record that never shows is told before the authority is asked", async () => {
    const world = { providerUrl, view: async () => "missing" as const, sleep: async () => {} };
    const { attempt, problem } = open({ world });
    await attempt();
    expect(problem()).toContain("do not show the TXT record _acme-challenge.home.duckdns.org");
    expect(server.requests.some((path) => path.startsWith("/challenge"))).toBe(false);
    expect(dns.get(record)?.size).toBe(0);
  });

  test.each<[string, Partial<AcmeOptions["settings"]>, RegExp]>([
    ["the token is wrong", { secret: "other" }, /Duck DNS refused.*Check the token/],
    ["the server is not there", { directoryUrl: "https://localhost:1/directory" }, /cannot be reached.*internet/],
  ])("because %s, the log says what to do", async (_, settings, expected) => {
    const { attempt, log } = open({}, settings);
    await attempt();
    expect(log.lines.join()).toMatch(expected);
  });

  test("because the server sends a certificate of another key, nothing is kept", async () => {
    server.made.isForWrongKey = true;
    const { attempt, problem, secrets } = open();
    await attempt();
    expect(problem()).toContain("no certificate for the hub's key");
    expect(secrets.all.has("acme-certificate")).toBe(false);
  });

  test("that could be kept, there is one until the restart", async () => {
    const secrets = memorySecrets();
    const { attempt, current, world } = open({
      secrets: {
        ...secrets,
        save(name, secret) {
          if (name === "acme-certificate") throw new Error("no space left");
          secrets.save(name, secret);
        },
      },
    });
    await attempt();
    expect(current()).not.toBeNull();
    expect(world.renewals).toBe(1);
  });

  test("a hub that closes leaves an attempt at once", async () => {
    const { attempt, close, log } = open({
      world: {
        providerUrl,
        view: async () => "missing",
        sleep: (_, signal) => once(signal, "abort").then(() => signal.throwIfAborted()),
      },
    });
    const attempting = attempt();
    await expect.poll(() => dns.get(record)?.size).toBe(1);
    await close();
    await attempting;
    expect(log.lines).toEqual([]);
  });
});

test.each([[["home"]], [[]], [["a b.example.com"]], [["192.168.1.5"]]])("the names %j are refused", (wrong) => {
  expect(() => open({}, { names: wrong })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

test("a provider without its token is refused", () => {
  expect(() => open({}, { secret: "" })).toThrow(/lacks its token/);
});
