/** The audit log: who did what, and that nobody changes it unseen. */
import { cpSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { connectAsync } from "mqtt";
import { beforeAll, describe, expect, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { newFolder } from "../harness.ts";
import {
  type AccessHub,
  addPerson,
  ask,
  fromLan,
  makeToken,
  movableClock,
  openAccessHub,
  openHubForTest,
  owner,
  password,
  signIn,
} from "./harness.ts";

const dayMs = 24 * 3600_000;

const page = async (hub: AccessHub, token: string, query = "?limit=500") =>
  (await ask(hub, "GET", `/api/audit${query}`, { token })).json<api.AuditPage>();
const check = async (hub: AccessHub, token: string) =>
  (await ask(hub, "GET", "/api/audit/check", { token })).json<api.AuditCheck>();

describe("the audit log has", () => {
  test("each kind of action, with who did it, to whom, and from where", async () => {
    const hub = await openHubForTest();
    const { token } = await signIn(hub);
    const send = async <T>(method: string, address: string, body?: unknown, by = token): Promise<T> => {
      const answer = await ask(hub, method, address, { token: by, body, from: "127.0.0.5" });
      if (answer.status >= 300) throw new Error(`${method} ${address}: ${answer.text}`);
      return answer.text === "" ? (undefined as T) : answer.json<T>();
    };
    await ask(hub, "POST", "/api/session", {
      headers: fromLan,
      from: "127.0.0.6",
      body: { ...owner, password: "wrong" },
    });
    const malee = await addPerson(hub, token, "Malee", "member");
    await send("PATCH", `/api/people/${malee.id}`, { role: "viewer" });
    await send("PATCH", "/api/me", { password: { old: password, new: "a new password" } }, malee.token);
    await send("PATCH", "/api/me", { name: "Malee S." }, malee.token);
    const made = await makeToken(hub, token, ["read"]);
    await send("DELETE", `/api/me/tokens/${made.id}`);
    const invitation = await send<api.NewInvitation>("POST", "/api/invitations", { role: "viewer", expiresInHours: 1 });
    await send("DELETE", `/api/invitations/${invitation.id}`);
    const { device, password: secret } = await send<api.NewDevice>("POST", "/api/devices", {
      ...{ name: "Plug", kind: "device", dialect: null },
    });
    const mqtt = `mqtt://127.0.0.1:${hub.mqttPort}`;
    const plug = await connectAsync(mqtt, { clientId: "p", username: device.username ?? "", password: secret });
    await plug.publishAsync("tele/p/SENSOR", JSON.stringify({ ENERGY: { Power: 1 } }), { qos: 1 });
    await plug.endAsync();
    await connectAsync(mqtt, { clientId: "stranger", reconnectPeriod: 0 }).catch(() => {});
    await send("PATCH", "/api/meters/tasmota-p", { name: "Kettle" });
    await send("PATCH", `/api/devices/${device.id}`, { name: "Kettle" });
    await send("POST", `/api/devices/${device.id}/password`);
    await send("POST", "/api/pairing");
    await send("DELETE", "/api/pairing");
    await send("DELETE", `/api/devices/${device.id}`);
    await send("DELETE", "/api/meters/tasmota-p");
    await send("PUT", "/api/storage/retention", (await send<api.Storage>("GET", "/api/storage")).retention);
    await send("DELETE", `/api/people/${malee.id}`);
    await send("DELETE", "/api/session", undefined, (await signIn(hub)).token);
    await ask(hub, "GET", "/api/audit/export.csv", { token });

    const entry = (actor: string, action: string, more: object = {}) =>
      expect.objectContaining({ actor, action, ...more });
    const { entries } = await page(hub, token);
    for (const wanted of [
      entry(owner.name, "hub.claim"),
      entry(owner.name, "session.begin", { address: "127.0.0.1" }),
      entry(owner.name, "session.failed", { address: "127.0.0.6" }),
      entry(owner.name, "session.end"),
      entry(owner.name, "person.invite", { detail: "member" }),
      entry("Malee", "person.join", { detail: "member" }),
      entry(owner.name, "person.role", { target: "Malee", detail: "viewer", address: "127.0.0.5" }),
      entry("Malee", "person.password"),
      entry("Malee", expect.stringMatching(/^person\.(re)?name$/)),
      entry(owner.name, "person.uninvite"),
      entry(owner.name, "person.remove", { target: "Malee S." }),
      entry(owner.name, "token.make", { target: "read", detail: "read" }),
      entry(owner.name, "token.end"),
      entry(owner.name, "device.add", { target: "Plug" }),
      entry("Plug", "device.pair", { target: "p" }),
      entry("?", "device.refused", { target: "stranger" }),
      entry(owner.name, "device.rename", { target: "Kettle" }),
      entry(owner.name, "device.password", { target: "Kettle" }),
      entry(owner.name, "device.remove", { target: "Kettle" }),
      entry(owner.name, "pairing.open"),
      entry(owner.name, "pairing.close"),
      entry(owner.name, "meter.rename", { target: "tasmota-p" }),
      entry(owner.name, "meter.remove", { target: "tasmota-p" }),
      entry(owner.name, "settings.retention"),
      entry(owner.name, "audit.export"),
    ]) {
      expect(entries, `${wanted.sample?.actor} ${wanted.sample?.action}`).toContainEqual(wanted);
    }
    expect(await check(hub, token)).toEqual({ isIntact: true, entries: entries.length, brokenAt: null });
  });

  test("every single action of people, however many in a minute; only strangers' failures are summed up", async () => {
    const hub = await openHubForTest();
    const { token } = await signIn(hub);
    for (let i = 0; i < 30; i++) {
      await ask(hub, "POST", "/api/invitations", { token, body: { role: "viewer", expiresInHours: 1 } });
      await connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, { clientId: "noise", reconnectPeriod: 0 }).catch(() => {});
    }
    const { entries } = await page(hub, token);
    const count = (action: string) => entries.filter((entry) => entry.action === action).length;
    expect(count("person.invite")).toBe(30);
    expect(count("device.refused")).toBeLessThan(30);
  });

  test("what a token did by its own name, and what was refused not at all", async () => {
    const hub = await openHubForTest();
    const { token } = await signIn(hub);
    const made = await makeToken(hub, token, ["manage"]);
    await ask(hub, "POST", "/api/pairing", { token: made.token });
    await ask(hub, "POST", "/api/invitations", { token: made.token, body: { role: "owner", expiresInHours: 1 } });
    const { entries } = await page(hub, token);
    const byToken = entries.filter(({ actor }) => actor === `${owner.name} (manage)`);
    expect(byToken.map(({ action }) => action)).toEqual(["pairing.open"]);
  });

  test("pages, newest first, without gap or repetition", async () => {
    const hub = await openHubForTest();
    const { token } = await signIn(hub);
    for (let i = 0; i < 4; i++) await ask(hub, "POST", "/api/pairing", { token });
    const all = (await page(hub, token)).entries;
    const seen: api.AuditEntry[] = [];
    for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; ) {
      const next: api.AuditPage = await page(hub, token, `?limit=2&before=${before}`);
      seen.push(...next.entries);
      before = next.nextBefore;
    }
    expect(seen).toEqual(all);
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => all.length - i));
  });

  test("entries of a year and no older ones, and is whole after they went", async () => {
    const clock = movableClock();
    const hub = await openHubForTest({ clock });
    await signIn(hub);
    clock.advance(365 * dayMs);
    let { token } = await signIn(hub);
    expect((await page(hub, token)).entries.map(({ action }) => action)).toContain("hub.claim");
    clock.advance(2 * dayMs);
    ({ token } = await signIn(hub));
    const { entries } = await page(hub, token);
    expect(entries.map(({ action }) => action)).toEqual(["session.begin", "session.begin"]);
    expect(await check(hub, token)).toEqual({ isIntact: true, entries: 2, brokenAt: null });
  });
});

test("the log as CSV has every entry with its hash, and no cell that a spreadsheet would run", async () => {
  const hub = await openHubForTest();
  const { token } = await signIn(hub);
  await ask(hub, "POST", "/api/devices", { token, body: { name: '=cmd|"/c calc"!A1', kind: "device", dialect: null } });
  await ask(hub, "POST", "/api/devices", { token, body: { name: "a, b\n+c", kind: "device", dialect: null } });
  const answer = await ask(hub, "GET", "/api/audit/export.csv", { token });
  expect(answer.headers).toMatchObject({
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="faiban-audit.csv"',
  });
  const [header, ...lines] = answer.text.trimEnd().split("\r\n");
  expect(header).toBe("seq,time,actor,action,target,address,detail,hash");
  expect(lines).toHaveLength((await page(hub, token)).entries.length);
  expect(lines.every((line) => /,[0-9a-f]{64}$/.test(line))).toBe(true);
  expect(answer.text).toContain(`,device.add,"'=cmd|""/c calc""!A1",`);
  expect(answer.text).toContain(`,device.add,"a, b\n+c",`);
});

describe("the check of the log", () => {
  let stopped: AccessHub;

  beforeAll(async () => {
    stopped = await openAccessHub();
    const { token } = await signIn(stopped);
    for (let i = 0; i < 5; i++) await ask(stopped, "POST", "/api/pairing", { token });
    await stopped.stop();
    return () => stopped.close();
  });

  /** Changes a copy of the database, and starts a hub on it. */
  async function tamper(change: (db: Database.Database) => void): Promise<{ hub: AccessHub; token: string }> {
    const folder = newFolder();
    cpSync(stopped.folder, folder, { recursive: true });
    const db = new Database(path.join(folder, "faiban.db"));
    change(db);
    db.close();
    const hub = await openHubForTest({ folder });
    const { token } = await signIn(hub); // adds an entry
    return { hub, token };
  }

  async function found(change: (db: Database.Database) => void): Promise<api.AuditCheck> {
    const { hub, token } = await tamper(change);
    return check(hub, token);
  }

  test("finds nothing wrong after a restart", async () => {
    expect(await found(() => {})).toEqual({ isIntact: true, entries: 8, brokenAt: null });
  });

  test.each([
    ["was changed", "UPDATE audit SET actor = 'Malee' WHERE seq = 4", 4],
    ["has another time", "UPDATE audit SET time_ms = time_ms + 1 WHERE seq = 3", 3],
    ["was moved to another field", "UPDATE audit SET target = address, address = target WHERE seq = 5", 5],
    ["has the hash of another", "UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 2) WHERE seq = 3", 3],
    ["was removed", "DELETE FROM audit WHERE seq = 4", 4],
    [
      "was removed, and the others moved up",
      "DELETE FROM audit WHERE seq = 4; UPDATE audit SET seq = seq - 1 WHERE seq > 4",
      4,
    ],
    [
      "was exchanged with the next",
      "UPDATE audit SET seq = -seq WHERE seq > 5; UPDATE audit SET seq = 13 + seq WHERE seq < 0",
      6,
    ],
    [
      "was added",
      "INSERT INTO audit SELECT 8, time_ms, actor, actor_id, action, target, address, detail, hash FROM audit WHERE seq = 7",
      8,
    ],
    ["was the first and is gone", "DELETE FROM audit WHERE seq = 1", 1],
    ["was the last and is gone", "DELETE FROM audit WHERE seq = 7", 7],
    ["was there at all is gone", "DELETE FROM audit", 1],
  ])("tells where an entry %s", async (_what, sql, brokenAt) => {
    expect(await found((db) => db.exec(sql))).toMatchObject({ isIntact: false, brokenAt });
  });

  test("is not misled by who removes the log's end, and what the hub knows of it, together", async () => {
    const result = await found((db) => {
      db.exec("DELETE FROM audit WHERE seq > 5");
      db.exec("DELETE FROM secret WHERE name LIKE 'audit%' AND name NOT LIKE '%key%'");
    });
    expect(result).toMatchObject({ isIntact: false });
  });

  test("still finds what was done to the log after more was written to it", async () => {
    const { hub, token } = await tamper((db) => db.exec("DELETE FROM audit WHERE seq >= 4"));
    for (let i = 0; i < 5; i++) await ask(hub, "POST", "/api/pairing", { token });
    expect((await page(hub, token)).entries).toHaveLength(9);
    expect(await check(hub, token)).toMatchObject({ isIntact: false, brokenAt: 4 });
  });
});
