/** The first owner: a hub belongs to whoever stands before it, once. */
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { type AccessHub, ask, closeCodeOf, fromLan, openHubForTest, openSocket, owner, signIn } from "./harness.ts";

const home: api.HomeSettings = { name: "บ้าน", timeZone: "Asia/Bangkok", currency: "THB", tariffRegion: "TH-MEA" };
const claim: api.Claim = { ...owner, language: "th", home };

function claimFromLan(hub: AccessHub, code?: string, name = owner.name) {
  return ask(hub, "POST", "/api/claim", { headers: fromLan, body: { ...claim, name, ...(code && { code }) } });
}

test("on the hub itself claiming needs no code, and happens once", async () => {
  const hub = await openHubForTest({ isClaimed: false });
  expect((await ask(hub, "GET", "/api/hub")).json()).toMatchObject({ state: "unclaimed", isLocal: true });
  const answer = await ask(hub, "POST", "/api/claim", { body: claim });
  expect(answer.json()).toMatchObject({ person: { name: owner.name }, role: "owner", home: { name: "บ้าน" } });
  expect(Object.keys(answer.cookies)).toEqual(["faiban_access", "faiban_refresh"]);
  expect(await ask(hub, "POST", "/api/claim", { body: claim })).toMatchObject({ status: 409, code: "ALREADY_CLAIMED" });
  expect(hub.claimCode()).toBeNull();
  expect((await ask(hub, "GET", "/api/hub")).json()).toMatchObject({ state: "claimed", needsCode: false });
});

test("from the network claiming needs the code of the console, with or without its dash", async () => {
  const hub = await openHubForTest({ isClaimed: false });
  expect((await ask(hub, "GET", "/api/hub", { headers: fromLan })).json()).toMatchObject({ needsCode: true });
  expect(await claimFromLan(hub)).toMatchObject({ status: 403, code: "CODE_WRONG" });
  expect(await claimFromLan(hub, "0000-0000x")).toMatchObject({ status: 403, code: "CODE_WRONG" });
  expect(await claimFromLan(hub, hub.claimCode()?.replace("-", " "))).toMatchObject({ status: 200 });
});

test("of two who claim at once one becomes the owner", async () => {
  const hub = await openHubForTest({ isClaimed: false });
  const code = hub.claimCode() ?? "";
  const answers = await Promise.all(["Malee", "Somsak", "Niran"].map((name) => claimFromLan(hub, code, name)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
  const token = answers.find(({ status }) => status === 200)?.cookies.faiban_access?.value;
  expect((await ask(hub, "GET", "/api/people", { token })).json()).toHaveLength(1);
});

test("whoever guesses codes must wait, from whatever address, and then the right code does not help either", async () => {
  const hub = await openHubForTest({ isClaimed: false });
  const answers = [];
  for (let guess = 0; guess < 12; guess++) {
    const from = `127.0.0.${2 + guess}`;
    answers.push(
      await ask(hub, "POST", "/api/claim", { headers: fromLan, from, body: { ...claim, code: `${guess}` } }),
    );
  }
  expect(answers.slice(0, 10).map(({ code }) => code)).toEqual(Array(10).fill("CODE_WRONG"));
  expect(answers.slice(10)).toMatchObject([{ status: 429 }, { status: 429, code: "TOO_MANY_ATTEMPTS" }]);
  expect(await claimFromLan(hub, hub.claimCode() ?? "")).toMatchObject({ status: 429 });
  expect(await ask(hub, "POST", "/api/claim", { body: claim }), "the console").toMatchObject({ status: 200 });
});

test("a claim that the hub cannot use leaves it unclaimed", async () => {
  const hub = await openHubForTest({ isClaimed: false });
  const send = (changes: object) => ask(hub, "POST", "/api/claim", { body: { ...claim, ...changes } });
  expect(await send({ password: "short" })).toMatchObject({ status: 400 });
  expect(await send({ name: " " })).toMatchObject({ status: 400 });
  expect(await send({ name: "\u200b" })).toMatchObject({ status: 400 });
  expect(await send({ role: "owner" })).toMatchObject({ status: 400 });
  expect(await send({ home: { ...home, timeZone: "Mars/Olympus" } })).toMatchObject({ status: 400 });
  expect((await ask(hub, "GET", "/api/hub")).json()).toMatchObject({ state: "unclaimed" });
});

test("settings claim a hub without the app, and change nothing later", async () => {
  const hub = await openHubForTest();
  expect((await ask(hub, "GET", "/api/hub")).json()).toMatchObject({ state: "claimed" });
  const { token } = await signIn(hub);
  await ask(hub, "PATCH", "/api/me", { token, body: { password: { old: owner.password, new: "another password" } } });
  await hub.stop();
  const again = await openHubForTest({ folder: hub.folder });
  await expect(signIn(again)).rejects.toThrow("SIGN_IN_FAILED");
  await signIn(again, { name: owner.name, password: "another password" });
});

test("what came in before there was an owner goes when there is one", async () => {
  const hub = await openHubForTest({ isClaimed: false });
  const live = await openSocket(hub, "/api/live");
  const program = await connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, { reconnectPeriod: 0 });
  onTestFinished(() => void program.end(true));
  const ended = Promise.all([
    closeCodeOf(live),
    new Promise<void>((resolve) => program.once("close", () => resolve())),
  ]);
  expect(await ask(hub, "POST", "/api/claim", { body: claim })).toMatchObject({ status: 200 });
  expect((await ended)[0]).toBe(4401);
  await expect(connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, { reconnectPeriod: 0 })).rejects.toThrow(/authorized/i);
});

test("an owner's hub is nobody's again only with a new database", async () => {
  const hub = await openHubForTest();
  const { token } = await signIn(hub);
  const body = { password: owner.password };
  expect(await ask(hub, "DELETE", "/api/me", { token, body })).toMatchObject({ status: 409, code: "LAST_OWNER" });
  expect((await ask(hub, "GET", "/api/hub")).json()).toMatchObject({ state: "claimed" });
});
