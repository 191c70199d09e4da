/** Who may use which route, as a table that is written by hand: the hub's own rules are what it checks. */
import diagnostics from "node:diagnostics_channel";
import type { FastifyInstance, RouteOptions } from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { type AccessHub, type Answer, addPerson, ask, fromLan, makeToken, openAccessHub, signIn } from "./harness.ts";

/**
 * Of a claimed hub: everybody but `nobody` bears a token; `read`, `switch` and `manage` are the owner's API tokens, and
 * `all` one of a viewer with all three scopes. Of a hub that nobody owns: `local` is a program on it, `lan` is not.
 */
const askers = [
  ...(["owner", "member", "viewer", "installer", "read", "switch", "manage", "all", "nobody"] as const),
  ...(["local", "lan"] as const),
];
type Asker = (typeof askers)[number];

const everybody: readonly Asker[] = askers;
const known: readonly Asker[] = askers.filter((asker) => asker !== "nobody" && asker !== "lan");
const people: readonly Asker[] = ["owner", "member", "viewer", "installer"];
const household: readonly Asker[] = known.filter((asker) => asker !== "installer");
const keepers: readonly Asker[] = ["owner", "installer", "manage", "local"];
const homeKeepers: readonly Asker[] = ["owner", "manage", "local"];
const owners: readonly Asker[] = ["owner", "local"];

const expected: Record<string, readonly Asker[]> = {
  "GET /": everybody,
  "GET /*": everybody,
  "GET /trust/:file": everybody,
  "GET /mqtt": everybody,
  "GET /api/hub": everybody,
  "GET /api/trust": everybody,
  "POST /api/claim": everybody,
  "POST /api/session": everybody,
  "POST /api/session/refresh": everybody,
  "GET /api/join/:code": everybody,
  "POST /api/join/:code": everybody,

  "GET /api/docs": known,
  "GET /api/docs/json": known,
  "GET /api/docs/yaml": known,
  "GET /api/docs/static/*": known,
  "GET /api/docs/static/index.html": known,
  "GET /api/docs/static/swagger-initializer.js": known,
  "GET /api/openapi.json": known,

  "GET /api/session": people,
  "DELETE /api/session": people,
  "PATCH /api/me": people,
  "DELETE /api/me": people,
  "GET /api/me/export": people,
  "GET /api/me/sessions": people,
  "DELETE /api/me/sessions": people,
  "DELETE /api/me/sessions/:id": people,
  "GET /api/me/tokens": people,
  "POST /api/me/tokens": people,
  "DELETE /api/me/tokens/:id": people,

  "GET /api/tariffs": household,
  "GET /api/tariff": household,
  "PUT /api/tariff": homeKeepers,
  "GET /api/bill": household,
  "GET /api/bill/compare": household,
  "GET /api/bill/split": household,
  "GET /api/bills": household,
  "GET /api/bills/:cycleStart": household,
  "GET /api/bills/:cycleStart.csv": household,
  "POST /api/bills/:cycleStart/recompute": homeKeepers,
  "PUT /api/bills/:cycleStart/paper": homeKeepers,

  "GET /api/health": known,
  "GET /api/live": known,
  "POST /api/channels/:channelId/switch": ["owner", "member", "switch", "local"],
  "POST /api/meters/:meterId/command": keepers,
  "GET /api/commands": known,
  "GET /api/commands/:id": known,
  "GET /api/meters": known,
  "GET /api/meters/:meterId": known,
  "GET /api/channels": known,
  "GET /api/latest": known,
  "GET /api/rejections": known,
  "GET /api/unknown-topics": known,
  "GET /api/devices": known,

  "GET /api/home": household,
  "GET /api/home/history": household,
  "GET /api/history": household,
  "GET /api/storage": household,
  "GET /api/export/readings.csv": household,

  "PATCH /api/meters/:meterId": keepers,
  "DELETE /api/meters/:meterId": keepers,
  "PATCH /api/channels/:channelId": keepers,
  "GET /api/pairing": keepers,
  "POST /api/pairing": keepers,
  "DELETE /api/pairing": keepers,
  "POST /api/pairing/:clientId": keepers,
  "DELETE /api/pairing/:clientId": keepers,
  "POST /api/devices": keepers,
  "PATCH /api/devices/:id": keepers,
  "DELETE /api/devices/:id": keepers,
  "POST /api/devices/:id/password": keepers,
  "POST /api/devices/:id/certificate": keepers,
  "DELETE /api/devices/:id/certificate": keepers,

  "GET /api/brokers": homeKeepers,
  "POST /api/brokers": homeKeepers,
  "PUT /api/brokers/:id": homeKeepers,
  "DELETE /api/brokers/:id": homeKeepers,
  "POST /api/brokers/:id/test": homeKeepers,
  "PUT /api/storage/retention": homeKeepers,
  "POST /api/storage/rebuild/:meterId": homeKeepers,

  "GET /api/people": owners,
  "PATCH /api/people/:id": owners,
  "DELETE /api/people/:id": owners,
  "GET /api/invitations": owners,
  "POST /api/invitations": owners,
  "DELETE /api/invitations/:id": owners,
  "GET /api/audit": owners,
  "GET /api/audit/check": owners,
  "GET /api/audit/export.csv": owners,
};

const routes = new Set<string>();
/** Every route that a server of this process adds, the hidden and the plugins' ones too. */
diagnostics.subscribe("fastify.initialization", (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook("onRoute", ({ method, url }: RouteOptions) => {
    for (const one of [method].flat()) routes.add(`${one} ${url}`);
  });
});

let claimed: AccessHub;
let unclaimed: AccessHub;
const tokens: Partial<Record<Asker, string>> = {};

beforeAll(async () => {
  claimed = await openAccessHub();
  unclaimed = await openAccessHub({ isClaimed: false });
  const { token } = await signIn(claimed);
  tokens.owner = token;
  for (const role of ["member", "viewer", "installer"] as const) {
    tokens[role] = (await addPerson(claimed, token, role, role)).token;
  }
  for (const scope of ["read", "switch", "manage"] as const) {
    tokens[scope] = (await makeToken(claimed, token, [scope])).token;
  }
  tokens.all = (await makeToken(claimed, tokens.viewer ?? "", ["read", "switch", "manage"])).token;
  return async () => {
    await claimed.close();
    await unclaimed.close();
  };
});

/** A body that no route reads: whoever may use a route that changes something hears so, and nothing is changed. */
const unreadable = { headers: { "content-type": "application/x-nothing" }, body: "?" };

function askRoute(asker: Asker, method: string, url: string): Promise<Answer> {
  const hub = asker === "local" || asker === "lan" ? unclaimed : claimed;
  const { headers, ...body } = method === "GET" || method === "HEAD" ? { headers: {} } : unreadable;
  const address = url.replace(/[:*]\w*/g, "nothing");
  return ask(hub, method, address, {
    ...body,
    headers: { ...headers, ...(asker === "lan" && fromLan) },
    token: tokens[asker],
  });
}

function isLetIn({ status, code }: Answer): boolean {
  if (code !== undefined) return !["SIGN_IN_NEEDED", "NOT_ALLOWED", "UNCLAIMED"].includes(code);
  return status !== 401 && status !== 403;
}

test("every route of the hub has its line in the table, and every line its route", () => {
  const withoutHead = [...routes].filter((route) => !route.startsWith("HEAD "));
  expect(withoutHead.toSorted()).toEqual(Object.keys(expected).toSorted());
});

describe.each(Object.keys(expected))("%s", (route) => {
  const [method = "", url = ""] = route.split(" ");

  test("lets in exactly those whom it should", async () => {
    const letIn: Asker[] = [];
    for (const asker of askers) {
      const answer = await askRoute(asker, method, url);
      expect(answer.status, `${asker}: ${answer.text}`).toBeLessThan(500);
      if (isLetIn(answer)) letIn.push(asker);
    }
    expect(letIn).toEqual(askers.filter((asker) => expected[route]?.includes(asker)));
  });
});

test("HEAD asks for the same leave as GET", async () => {
  const reads = [...routes].filter((route) => route.startsWith("GET /api/") && routes.has(`HEAD ${route.slice(4)}`));
  expect(reads.length).toBeGreaterThan(10);
  for (const read of reads) {
    const { status } = await askRoute("nobody", "HEAD", read.slice(4));
    expect(status === 401, read).toBe(!expected[read]?.includes("nobody"));
  }
});

test("what is refused says why: nobody is told to sign in, the LAN to claim the hub, a viewer whom to ask", async () => {
  expect(await askRoute("nobody", "GET", "/api/people")).toMatchObject({ status: 401, code: "SIGN_IN_NEEDED" });
  expect(await askRoute("lan", "GET", "/api/people")).toMatchObject({ status: 403, code: "UNCLAIMED" });
  expect(await askRoute("viewer", "GET", "/api/people")).toMatchObject({ status: 403, code: "NOT_ALLOWED" });
});
