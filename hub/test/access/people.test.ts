/** Who belongs to the home: invitations, roles, removal, and what each may know of the others. */
import { beforeAll, describe, expect, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { until } from "../harness.ts";
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
  owner,
  password,
  signIn,
} from "./harness.ts";

let hub: AccessHub;
let ownerToken: string;

beforeAll(async () => {
  hub = await openAccessHub();
  ownerToken = (await signIn(hub)).token;
  return () => hub.close();
});

const who = async (token: string) => (await ask(hub, "GET", "/api/session", { token })).status;
const people = async () => (await ask(hub, "GET", "/api/people", { token: ownerToken })).json<api.Person[]>();
const invite = async (role: api.PersonRole = "member") => {
  const answer = await ask(hub, "POST", "/api/invitations", { token: ownerToken, body: { role, expiresInHours: 1 } });
  return answer.json<api.NewInvitation>();
};
const join = (code: string, name: string, more: object = {}) =>
  ask(hub, "POST", `/api/join/${code}`, { body: { name, password, language: "en", ...more } });
const remove = (id: string) => ask(hub, "DELETE", `/api/people/${id}`, { token: ownerToken });
const changeRole = (id: string, role: api.PersonRole) =>
  ask(hub, "PATCH", `/api/people/${id}`, { token: ownerToken, body: { role } });

describe("an invitation", () => {
  test("shows what it invites to, gives its role and no other, and is of use once", async () => {
    const { code, path } = await invite("viewer");
    expect(path).toBe(`/join/${code}`);
    expect((await ask(hub, "GET", `/api/join/${code}`)).json()).toMatchObject({
      role: "viewer",
      createdBy: owner.name,
    });
    expect(await join(code, "Malee", { role: "owner" })).toMatchObject({ status: 400 });
    const joined = await join(code, "Malee");
    expect(joined.json()).toMatchObject({ role: "viewer", permissions: ["home.view", "meters.view"] });
    expect(await join(code, "Another")).toMatchObject({ status: 404, code: "INVITATION_ENDED" });
    expect(await ask(hub, "GET", `/api/join/${code}`)).toMatchObject({ status: 404 });
  });

  test("lets in one of two who accept it at once", async () => {
    const { code } = await invite();
    const answers = await Promise.all([join(code, "First"), join(code, "Second")]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404]);
    expect((await people()).filter(({ name }) => ["First", "Second"].includes(name))).toHaveLength(1);
  });

  test("ends after its hours, and when it is taken back", async () => {
    const clock = movableClock();
    const own = await openHubForTest({ clock });
    const { token } = await signIn(own);
    const make = async () => {
      const body = { role: "member", expiresInHours: 1 };
      return (await ask(own, "POST", "/api/invitations", { token, body })).json<api.NewInvitation>();
    };
    const face = async (code: string) => (await ask(own, "GET", `/api/join/${code}`)).status;
    const [late, back] = [await make(), await make()];
    expect(await face(back.code)).toBe(200);
    expect(await ask(own, "DELETE", `/api/invitations/${back.id}`, { token })).toMatchObject({ status: 204 });
    expect(await face(back.code)).toBe(404);
    expect(await face(late.code)).toBe(200);
    clock.advance(61 * 60_000);
    expect(await face(late.code)).toBe(404);
  });

  test("that somebody made is of no use once that person is removed", async () => {
    const { code: ownerCode } = await invite("owner");
    const second = (await join(ownerCode, "Second owner")).json<api.Session>().person.id;
    const { token } = await signIn(hub, { name: "Second owner", password });
    const backDoor = (
      await ask(hub, "POST", "/api/invitations", { token, body: { role: "owner", expiresInHours: 720 } })
    ).json<api.NewInvitation>();
    expect(await remove(second)).toMatchObject({ status: 204 });
    expect(await join(backDoor.code, "Back again")).toMatchObject({ status: 404, code: "INVITATION_ENDED" });
  });

  test("lets nobody take a name that somebody has, in whatever case or form", async () => {
    await addPerson(hub, ownerToken, "Zoë", "viewer");
    for (const name of ["zoë", "ZOË", "Zoe\u0308", " Zoë ", "Z\u200boë", owner.name.toUpperCase()]) {
      const { code } = await invite();
      expect(await join(code, name), name).toMatchObject({ status: 409, code: "NAME_TAKEN" });
    }
  });
});

describe("the last owner", () => {
  test("cannot go and cannot become less, until there is another", async () => {
    const own = await openHubForTest();
    const { id, token } = await signIn(own);
    const tasks = () =>
      Promise.all([
        ask(own, "DELETE", `/api/people/${id}`, { token }),
        ask(own, "PATCH", `/api/people/${id}`, { token, body: { role: "member" } }),
        ask(own, "DELETE", "/api/me", { token, body: { password: owner.password } }),
      ]);
    expect((await tasks()).map(({ code }) => code)).toEqual(["LAST_OWNER", "LAST_OWNER", "LAST_OWNER"]);
    const second = await addPerson(own, token, "Malee", "owner");
    const answers = await Promise.all([
      ask(own, "PATCH", `/api/people/${id}`, { token: second.token, body: { role: "member" } }),
      ask(own, "PATCH", `/api/people/${second.id}`, { token, body: { role: "member" } }),
    ]);
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
  });
});

describe("somebody who is removed", () => {
  test("is out at once: token, API token, refresh token, socket and sign-in", async () => {
    const gone = await addPerson(hub, ownerToken, "Gone", "member");
    const session = await signIn(hub, { name: "Gone", password });
    const api = await makeToken(hub, gone.token, ["read"]);
    const closed = closeCodeOf(await openSocket(hub, "/api/live", { authorization: `Bearer ${api.token}` }));
    expect(await remove(gone.id)).toMatchObject({ status: 204 });
    expect(await closed).toBe(4401);
    expect(await who(gone.token)).toBe(401);
    expect(await ask(hub, "GET", "/api/home", { token: api.token })).toMatchObject({ status: 401 });
    const body = { refreshToken: session.refreshToken };
    expect(await ask(hub, "POST", "/api/session/refresh", { body })).toMatchObject({ status: 401 });
    await expect(signIn(hub, { name: "Gone", password })).rejects.toThrow("SIGN_IN_FAILED");
  });

  test("removes themselves with their password, and nobody else's", async () => {
    const self = await addPerson(hub, ownerToken, "Self", "viewer");
    const send = (secret: string) => ask(hub, "DELETE", "/api/me", { token: self.token, body: { password: secret } });
    expect(await send("wrong password")).toMatchObject({ status: 401 });
    expect(await who(self.token)).toBe(200);
    expect(await send(password)).toMatchObject({ status: 204 });
    expect(await who(self.token)).toBe(401);
    expect((await people()).map(({ name }) => name)).not.toContain("Self");
  });
});

describe("a role", () => {
  test("that changes holds from the next request on, and closes what the old one had opened", async () => {
    const niran = await addPerson(hub, ownerToken, "Niran", "owner");
    const list = async () => (await ask(hub, "GET", "/api/people", { token: niran.token })).status;
    expect(await list()).toBe(200);
    const closed = closeCodeOf(await openSocket(hub, "/api/live", { authorization: `Bearer ${niran.token}` }));
    expect(await changeRole(niran.id, "installer")).toMatchObject({ status: 200 });
    expect(await closed).toBe(4401);
    expect(await list()).toBe(403);
  });

  test("of the installer gets no word of the home over the live socket", async () => {
    const installer = await addPerson(hub, ownerToken, "Electrician", "installer");
    const socket = await openSocket(hub, "/api/live", { authorization: `Bearer ${installer.token}` });
    if (typeof socket === "number") throw new Error(`refused with ${socket}`);
    const first = await until(() => socket.messages[0], "the snapshot");
    expect(JSON.parse(first).data).toMatchObject({ home: null });
  });
});

describe("what one may know of oneself", () => {
  test("is everything but secrets", async () => {
    const wanee = await addPerson(hub, ownerToken, "Wanee", "member");
    await makeToken(hub, wanee.token, ["read"]);
    const answer = await ask(hub, "GET", "/api/me/export", { token: wanee.token });
    expect(answer.json()).toMatchObject({
      person: { name: "Wanee", role: "member" },
      sessions: [{ address: expect.any(String) }],
      tokens: [{ name: "read" }],
      activity: expect.arrayContaining([expect.objectContaining({ action: "token.make" })]),
    });
    expect(answer.text).not.toMatch(/hash|argon2/i);
  });

  test("is nothing of the hub's, of strangers, or of those who had the name before", async () => {
    await ask(hub, "POST", "/api/session", { body: { name: "Stranger", password: "guess" } });
    const curious = await addPerson(hub, ownerToken, "Curious", "viewer");
    const leaver = await addPerson(hub, ownerToken, "Leaver", "member");
    await remove(leaver.id);
    for (const name of ["?", "hub", "this machine", "Leaver"]) {
      const renamed = await ask(hub, "PATCH", "/api/me", { token: curious.token, body: { name } });
      if (renamed.status !== 200) continue; // a name that nobody may take shows nothing either
      const answer = await ask(hub, "GET", "/api/me/export", { token: curious.token });
      const activity = answer.json<{ activity: api.AuditEntry[] }>().activity;
      const foreign = activity.filter(({ action }) => /^(session\.failed|hub\.|person\.join|device\.)/.test(action));
      expect(
        foreign.filter(({ detail }) => detail !== "viewer"),
        name,
      ).toEqual([]);
    }
  });
});
