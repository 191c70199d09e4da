/** What the hub writes down of people's and devices' secrets: nothing that could be used. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { type AccessHub, ask, makeToken, openHubForTest, owner, password, signIn } from "./harness.ts";

/** Everything that the hub keeps, file by file. */
function filesOf(folder: string): { name: string; bytes: Buffer }[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => ({ name: path.relative(folder, file), bytes: readFileSync(file) }));
}

/** Uses every kind of secret, rightly and wrongly; returns all of them by what they are. */
async function useSecrets(hub: AccessHub): Promise<Record<string, string>> {
  const { token, refreshToken } = await signIn(hub);
  const wrong = "a password typed wrongly";
  await ask(hub, "POST", "/api/session", { body: { name: owner.name, password: wrong } });
  await ask(hub, "GET", `/api/home?token=${token}`, {});
  const apiToken = (await makeToken(hub, token, ["read"])).token;
  const send = async <T>(address: string, body?: unknown) =>
    (await ask(hub, "POST", address, { token, body })).json<T>();
  const invitation = await send<api.NewInvitation>("/api/invitations", { role: "member", expiresInHours: 1 });
  const joined = await ask(hub, "POST", `/api/join/${invitation.code}`, {
    body: { name: "Malee", password, language: "th" },
  });
  const device = await send<api.NewDevice>("/api/devices", { name: "Plug", kind: "device", dialect: "tasmota" });
  const mqtt = `mqtt://127.0.0.1:${hub.mqttPort}`;
  const credential = { username: device.device.username ?? "", password: device.password, reconnectPeriod: 0 };
  await (await connectAsync(mqtt, { ...credential, clientId: "plug-1" })).endAsync();
  await connectAsync(mqtt, { ...credential, clientId: "thief" }).catch(() => {});
  await send("/api/pairing");
  const waiting = "what a waiting device sends";
  const client = await connectAsync(mqtt, { clientId: "waits", username: "x", password: waiting, reconnectPeriod: 0 });
  client.on("error", () => {});
  await send("/api/pairing/waits", { name: "Waits" });
  await client.endAsync(true);
  return {
    "the owner's password": owner.password,
    "another person's password": password,
    "a wrong password": wrong,
    "an access token": token,
    "its signature": token.split(".")[2] ?? "",
    "a refresh token": refreshToken.split(".")[2] ?? "",
    "the refresh cookie": joined.cookies.faiban_refresh?.value.split(".")[2] ?? "",
    "an API token": apiToken.split("_")[2] ?? "",
    "an invitation's code": invitation.code,
    "a device's password": device.password,
    "a password that a device brought along": waiting,
  };
}

test("no password, token or code is in the log or in any file, in whatever spelling", async () => {
  const hub = await openHubForTest({ flags: ["--tls", "on"] });
  const secrets = await useSecrets(hub);
  await hub.stop();
  const files = filesOf(hub.folder);
  expect(files.map(({ name }) => name)).toContain("master.key");
  const log = hub.logged.join("\n");
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret.length, what).toBeGreaterThan(10);
    const spellings = [
      secret,
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      Buffer.from(secret).toString("hex"),
    ];
    for (const spelling of spellings) {
      expect(log.includes(spelling), `${what} in the log`).toBe(false);
      expect(
        files.filter(({ bytes }) => bytes.includes(spelling)).map(({ name }) => name),
        what,
      ).toEqual([]);
    }
  }
});

test("private keys and the keys of tokens lie sealed, and the master key is readable by the hub's user alone", async () => {
  const hub = await openHubForTest({ flags: ["--tls", "on"] });
  await hub.stop();
  expect(statSync(path.join(hub.folder, "master.key")).mode & 0o777).toBe(0o600);
  const masterKey = readFileSync(path.join(hub.folder, "master.key"), "utf8");
  const others = filesOf(hub.folder).filter(({ name }) => name !== "master.key");
  for (const clue of ["PRIVATE KEY", masterKey, Buffer.from(masterKey, "base64")]) {
    expect(others.filter(({ bytes }) => bytes.includes(clue)).map(({ name }) => name)).toEqual([]);
  }
});

test("a database without its master key opens for nobody", async () => {
  const hub = await openHubForTest();
  await hub.stop();
  writeFileSync(path.join(hub.folder, "master.key"), Buffer.alloc(32, 7).toString("base64"));
  await expect(openHubForTest({ folder: hub.folder })).rejects.toMatchObject({
    code: "SECRETS_UNREADABLE",
    hint: expect.stringContaining("master.key"),
  });
});
