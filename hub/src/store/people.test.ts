import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "./database.ts";
import { peopleTables } from "./people.ts";

function open() {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-people-"));
  const db = openDatabase(path.join(folder, "faiban.db"));
  onTestFinished(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });
  const people = peopleTables(db, "home's");
  people.savePerson({
    ...{ id: "malee", name: "Malee", passwordHash: "", language: "th", role: "owner" },
    ...{ createdMs: 1, lastSeenMs: null },
  });
  return people;
}

const session = (id: string, expiresMs: number) => ({
  ...{ id, personId: "malee", generation: 1, rotatedMs: 1, createdMs: 1, expiresMs, device: "", address: "" },
});
const token = (id: string, expiresMs: number | null) => ({
  ...{ id, personId: "malee", name: id, tokenHash: Buffer.alloc(32), scopes: ["read" as const] },
  ...{ createdMs: 1, lastUsedMs: null, expiresMs },
});

test("what has expired is removed, and it is told whose it was", () => {
  const people = open();
  people.saveSession(session("old", 100));
  people.saveSession(session("new", 101));
  people.saveApiToken(token("short", 100));
  people.saveApiToken(token("for ever", null));
  expect(people.removeExpired(100)).toEqual([
    { personId: "malee", sessionId: "old" },
    { personId: "malee", tokenId: "short" },
  ]);
  expect(people.sessionsOf("malee").map(({ id }) => id)).toEqual(["new"]);
  expect(people.apiTokensOf("malee").map(({ id }) => id)).toEqual(["for ever"]);
});

test("with a person go their sessions, tokens and invitations", () => {
  const people = open();
  people.saveSession(session("one", 100));
  people.saveApiToken(token("one", null));
  people.saveInvitation({
    ...{ id: "i", codeHash: Buffer.alloc(32), role: "owner", createdBy: "malee", createdMs: 1, expiresMs: 100 },
  });
  people.removePerson("malee");
  expect([people.session("one"), people.apiToken("one"), ...people.invitations()]).toEqual([null, null]);
});
