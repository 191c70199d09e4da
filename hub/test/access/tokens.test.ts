/** API tokens of people's programs: no more than their owner may, for as long as their owner wants. */
import { beforeAll, describe, expect, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import {
  type AccessHub,
  addPerson,
  ask,
  closeCodeOf,
  makeToken,
  movableClock,
  openAccessHub,
  openHubForTest,
  openSocket,
  signIn,
} from "./harness.ts";

const dayMs = 24 * 3600_000;
let hub: AccessHub;
let ownerToken: string;

beforeAll(async () => {
  hub = await openAccessHub();
  ownerToken = (await signIn(hub)).token;
  return () => hub.close();
});

const status = async (method: string, address: string, token: string, body?: unknown) =>
  (await ask(hub, method, address, { token, body })).status;

describe("an API token", () => {
  test("is told once, and then only known by what it is for", async () => {
    const { id, token } = await makeToken(hub, ownerToken, ["read", "switch"]);
    const answer = await ask(hub, "GET", "/api/me/tokens", { token: ownerToken });
    expect(answer.json()).toContainEqual(expect.objectContaining({ id, scopes: ["read", "switch"], expiresMs: null }));
    expect(answer.text).not.toContain(token.split("_")[2]);
    expect(answer.text).not.toContain("Hash");
  });

  test("may do what both its scopes and its person's role allow", async () => {
    const viewer = await addPerson(hub, ownerToken, "Viewer", "viewer");
    const [ofViewer, ofOwner] = [
      (await makeToken(hub, viewer.token, ["manage"])).token,
      (await makeToken(hub, ownerToken, ["manage"])).token,
    ];
    const body = { name: "Plug", kind: "device", dialect: null };
    expect(await status("POST", "/api/devices", ofViewer, body)).toBe(403);
    expect(await status("GET", "/api/home", ofViewer)).toBe(200);
    expect(await status("POST", "/api/devices", ofOwner, body)).toBe(200);
  });

  test("of somebody whose role became less is less at once, and more again with the role", async () => {
    const person = await addPerson(hub, ownerToken, "Changing", "owner");
    const { token } = await makeToken(hub, person.token, ["manage"]);
    const change = (role: api.PersonRole) => status("PATCH", `/api/people/${person.id}`, ownerToken, { role });
    expect(await status("GET", "/api/pairing", token)).toBe(200);
    await change("viewer");
    expect(await status("GET", "/api/pairing", token)).toBe(403);
    await change("installer");
    expect(await status("GET", "/api/pairing", token)).toBe(200);
    expect(await status("GET", "/api/home", token)).toBe(403);
  });

  test("makes no tokens, changes no person, and signs nobody out", async () => {
    const { token } = await makeToken(hub, ownerToken, ["read", "switch", "manage"]);
    const body = { name: "child", scopes: ["manage"], expiresInDays: null };
    expect(await status("POST", "/api/me/tokens", token, body)).toBe(403);
    expect(await status("PATCH", "/api/me", token, { name: "Thief" })).toBe(403);
    expect(await status("DELETE", "/api/me/sessions", token)).toBe(403);
    expect(await status("GET", "/api/audit", token)).toBe(403);
    expect(await status("POST", "/api/invitations", token, { role: "owner", expiresInHours: 1 })).toBe(403);
  });

  test("ends when its time is over", async () => {
    const clock = movableClock();
    const own = await openHubForTest({ clock });
    const { token: person } = await signIn(own);
    const { token } = await makeToken(own, person, ["read"], 1);
    const home = async () => (await ask(own, "GET", "/api/home", { token })).status;
    clock.advance(dayMs - 60_000);
    expect(await home()).toBe(200);
    clock.advance(120_000);
    expect(await home()).toBe(401);
  });

  test("that is removed is dead at once, and its socket closed; only its owner removes it", async () => {
    const { id, token } = await makeToken(hub, ownerToken, ["read"]);
    const other = await addPerson(hub, ownerToken, "Other", "owner");
    const closed = closeCodeOf(await openSocket(hub, "/api/live", { authorization: `Bearer ${token}` }));
    expect(await status("DELETE", `/api/me/tokens/${id}`, other.token)).toBe(404);
    expect(await status("GET", "/api/home", token)).toBe(200);
    expect(await status("DELETE", `/api/me/tokens/${id}`, ownerToken)).toBe(204);
    expect(await closed).toBe(4401);
    expect(await status("GET", "/api/home", token)).toBe(401);
  });

  test.each(["", "x", "faiban_", "faiban__", "faiban_ID_", "faiban_ID_SECRETx", "faiban_' OR 1=1 --_x", "faiban_ID"])(
    "that is not the whole one is nobody's: %s",
    async (form) => {
      const [, id = "", secret = ""] = (await makeToken(hub, ownerToken, ["read"])).token.split("_");
      const forged = form.replace("ID", id).replace("SECRET", secret);
      expect(await status("GET", "/api/home", forged)).toBe(401);
      await ask(hub, "DELETE", `/api/me/tokens/${id}`, { token: ownerToken });
    },
  );

  test("asked for with scopes that there are not, or none, is not made", async () => {
    for (const scopes of [[], ["admin"], ["read", "read"], "read", [["manage"]]]) {
      expect(await status("POST", "/api/me/tokens", ownerToken, { name: "x", scopes, expiresInDays: null })).toBe(400);
    }
    for (const expiresInDays of [0, -1, 1.5, 1e9, "1"]) {
      expect(await status("POST", "/api/me/tokens", ownerToken, { name: "x", scopes: ["read"], expiresInDays })).toBe(
        400,
      );
    }
  });
});
