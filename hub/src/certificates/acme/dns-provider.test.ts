import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { createDnsProvider, type DnsProviderName } from "./dns-provider.ts";
import { failureOf } from "./errors.ts";

const name = "_acme-challenge.home.example.com";
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  json: unknown;
}
type Answer = { status?: number; body: unknown; headers?: Record<string, string> };

/** The provider against a receiver that answers as `api` says. */
async function withApi(provider: DnsProviderName, api: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const text = Buffer.concat(await request.toArray()).toString();
    const one = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      authorization: request.headers.authorization,
      json: text === "" ? null : JSON.parse(text),
    };
    asked.push(one);
    const { status = 200, body, headers = {} } = api(one);
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signal = new AbortController().signal;
  return { ...createDnsProvider({ provider, secret: "secret-token", signal, apiUrl }), asked };
}

/** Cloudflare with the zone example.com. */
function cloudflareApi() {
  const records = new Map<string, { name: string; content: string }>();
  let next = 1;
  const api = ({ method, path: at, query, json }: Asked): Answer => {
    if (at === "/zones") return { body: { result: query.get("name") === "example.com" ? [{ id: "zone-1" }] : [] } };
    if (method === "POST") records.set(String(next++), json as { name: string; content: string });
    if (method === "DELETE") records.delete(at.split("/").at(-1) ?? "");
    const found = [...records].filter(([, record]) => record.name === query.get("name"));
    return { body: { result: found.map(([id, { content }]) => ({ id, content })) } };
  };
  return { records, api };
}

/** deSEC with the zone example.com. */
function desecApi() {
  const sets = new Map<string, { subname: string; records: string[]; ttl: number }>();
  const api = ({ method, path: at, query, json }: Asked): Answer => {
    if (at === "/domains/") {
      return { body: query.get("owns_qname")?.endsWith("example.com") ? [{ name: "example.com" }] : [] };
    }
    if (method === "PATCH") {
      for (const set of json as { subname: string; records: string[]; ttl: number }[]) sets.set(set.subname, set);
      return { body: json };
    }
    const set = sets.get(at.split("/")[4] ?? "");
    return set?.records.length ? { body: set } : { status: 404, body: { detail: "Not found." } };
  };
  return { sets, api };
}

describe("Cloudflare", () => {
  test("gets a TXT record in the zone that it has, with the token, and only ours is removed", async () => {
    const { records, api } = cloudflareApi();
    records.set("other", { name, content: '"kept"' });
    const { add, remove, asked } = await withApi("cloudflare", api);
    await add(name, "value-1");
    expect(records.get("1")).toEqual({ type: "TXT", name, content: '"value-1"', ttl: 60 });
    await add(name, "value-1");
    expect(records.size).toBe(2);
    await remove(name, "value-1");
    await remove(name, "value-1");
    expect([...records.keys()]).toEqual(["other"]);
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer secret-token"]));
  });

  test("without the zone is told so", async () => {
    const { add } = await withApi("cloudflare", cloudflareApi().api);
    await expect(add("_acme-challenge.other.org", "v")).rejects.toThrow(/no zone for _acme-challenge\.other\.org/);
  });
});

describe("deSEC", () => {
  test("gets a value beside those that are there, and only ours is removed", async () => {
    const { sets, api } = desecApi();
    const { add, remove, asked } = await withApi("desec", api);
    await add(name, "one");
    await add(name, "two");
    await add(name, "two");
    expect(sets.get("_acme-challenge.home")).toMatchObject({ type: "TXT", ttl: 3600, records: ['"one"', '"two"'] });
    await remove(name, "one");
    expect(sets.get("_acme-challenge.home")?.records).toEqual(['"two"']);
    await remove(name, "two");
    await remove(name, "two");
    expect(sets.get("_acme-challenge.home")?.records).toEqual([]);
    expect(asked[0]?.authorization).toBe("Token secret-token");
  });

  test("without the domain is told so", async () => {
    const { add } = await withApi("desec", desecApi().api);
    await expect(add("_acme-challenge.other.org", "v")).rejects.toThrow(/no zone/);
  });
});

describe("Duck DNS", () => {
  test("is asked for its own name, whatever is below it", async () => {
    const { add, remove, asked } = await withApi("duckdns", () => ({ body: "OK" }));
    await add("_acme-challenge.sub.home.duckdns.org", "v");
    await remove("_acme-challenge.home.duckdns.org", "v");
    expect(asked.map(({ query }) => Object.fromEntries(query))).toEqual([
      { domains: "home", token: "secret-token", txt: "v" },
      { domains: "home", token: "secret-token", txt: "v", clear: "true" },
    ]);
  });

  test("refuses other names, and says what a KO means", async () => {
    const { add } = await withApi("duckdns", () => ({ body: "KO" }));
    await expect(add(name, "v")).rejects.toMatchObject({ hint: expect.stringContaining("duckdns.org") });
    await expect(add("_acme-challenge.home.duckdns.org", "v")).rejects.toMatchObject({
      hint: expect.stringContaining("token"),
    });
  });
});

describe.each(["cloudflare", "desec"] as const)("%s", (provider) => {
  test("with a wrong token says so, without showing it", async () => {
    const { add } = await withApi(provider, () => ({ status: 403, body: "secret-token is wrong" }));
    const error = await add(name, "v").catch((caught) => caught);
    expect(error).toMatchObject({ code: "ACME_FAILED", hint: expect.stringContaining("token") });
    expect(`${error.message}${error.hint}`).not.toContain("secret-token");
  });

  test("that is asked too often says when to come back", async () => {
    const { add } = await withApi(provider, () => ({ status: 429, body: "", headers: { "retry-after": "90" } }));
    expect(failureOf(await add(name, "v").catch((caught) => caught)).retryAfterMs).toBe(90_000);
  });

  test("that answers with a web page is told apart", async () => {
    const { add } = await withApi(provider, () => ({ body: "<html>" }));
    await expect(add(name, "v")).rejects.toThrow("not JSON");
  });
});

test("a provider that is not there is told", async () => {
  const apiUrl = "http://127.0.0.1:1";
  const signal = new AbortController().signal;
  const { add } = createDnsProvider({ provider: "desec", secret: "secret-token", signal, apiUrl });
  await expect(add(name, "v")).rejects.toThrow("cannot be reached");
});

describe("a program", () => {
  function withProgram(script: string) {
    const folder = mkdtempSync(path.join(os.tmpdir(), "faiban-dns-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const program = path.join(folder, "dns hook.sh");
    writeFileSync(program, `#!/bin/sh\n${script}`);
    chmodSync(program, 0o755);
    const provider = createDnsProvider({ provider: "command", secret: program, signal: new AbortController().signal });
    return { ...provider, output: () => readFileSync(path.join(folder, "out"), "utf8") };
  }

  test("is run with action, name and value as they are: no shell reads them", async () => {
    const { add, remove, output } = withProgram(`printf '[%s]' "$@" >> "$(dirname "$0")/out"\n`);
    await add(name, "$(id) ; 'x'");
    await remove(name, "v");
    expect(output()).toBe(`[add][${name}][$(id) ; 'x'][remove][${name}][v]`);
  });

  test("that fails is told with what it said", async () => {
    const { add } = withProgram("echo no such zone >&2; exit 3\n");
    await expect(add(name, "v")).rejects.toThrow(/dns hook\.sh add failed: no such zone$/);
  });
});
