import { beforeEach, describe, expect, test } from "vitest";
import type { SessionRow } from "../records.ts";
import type { PeopleStore } from "./people-store.ts";
import { createSessions } from "./sessions.ts";
import { accessTokens } from "./tokens.ts";

const dayMs = 24 * 3600_000;
const from = { device: "Firefox, Linux", address: "192.0.2.7" };

/** The part of the store that sessions use, in memory. */
function memoryStore() {
  const rows = new Map<string, SessionRow>();
  const store = {
    session: (id: string) => rows.get(id) ?? null,
    sessionsOf: (personId: string) => [...rows.values()].filter((row) => row.personId === personId),
    saveSession: (row: SessionRow) => void rows.set(row.id, row),
    removeSession: (id: string) => void rows.delete(id),
    atOnce: <T>(work: () => T) => work(),
  };
  return { rows, store: store as unknown as PeopleStore };
}

let nowMs: number;
let stolen: SessionRow[];
let rows: Map<string, SessionRow>;
let sessions: ReturnType<typeof createSessions>;

beforeEach(() => {
  nowMs = Date.UTC(2026, 5, 1);
  stolen = [];
  const memory = memoryStore();
  rows = memory.rows;
  sessions = createSessions({
    ...{ store: memory.store, tokens: accessTokens(new Uint8Array(32)), nowMs: () => nowMs },
    onStolen: (session) => void stolen.push(session),
  });
});

const ended = expect.objectContaining({ code: "SIGN_IN_NEEDED" });
const begin = async (personId = "malee") => (await sessions.begin(personId, from)).tokens;
const refresh = async (token: string | null) => (await sessions.refresh(token ?? "", "192.0.2.8")).tokens;

describe("a session", () => {
  test("is known by its access token until it ends, though the token has not expired", async () => {
    const { accessToken } = await begin();
    const session = await sessions.verify(accessToken);
    expect(session).toMatchObject({ personId: "malee", ...from });
    rows.delete(session?.id ?? "");
    expect(await sessions.verify(accessToken)).toBeNull();
  });

  test("goes on with each refresh, and notes from where", async () => {
    let tokens = await begin();
    for (let i = 0; i < 5; i++) {
      nowMs += 80 * dayMs;
      tokens = await refresh(tokens.refreshToken);
    }
    expect(await sessions.verify(tokens.accessToken)).toMatchObject({ address: "192.0.2.8", rotatedMs: nowMs });
    nowMs += 90 * dayMs;
    await expect(refresh(tokens.refreshToken)).rejects.toEqual(ended);
  });

  test("ends when its old token comes after the grace, and whose it was is told", async () => {
    const first = await begin();
    const second = await refresh(first.refreshToken);
    nowMs += 30_001;
    await expect(refresh(first.refreshToken)).rejects.toEqual(ended);
    expect(stolen).toMatchObject([{ personId: "malee" }]);
    expect(await sessions.verify(second.accessToken)).toBeNull();
    await expect(refresh(second.refreshToken)).rejects.toEqual(ended);
  });

  test("ends when a token of any time before comes: the thief may have gone on since", async () => {
    const first = await begin();
    const second = await refresh(first.refreshToken);
    const third = await refresh(second.refreshToken);
    await expect(refresh(first.refreshToken)).rejects.toEqual(ended);
    expect(stolen).toHaveLength(1);
    expect(await sessions.verify(third.accessToken)).toBeNull();
  });

  test("gives the second of two tabs an access token, and no refresh token that would push out the first's", async () => {
    const first = await begin();
    const second = await refresh(first.refreshToken);
    nowMs += 29_000;
    const tab = await refresh(first.refreshToken);
    expect(tab.refreshToken).toBeNull();
    expect(await sessions.verify(tab.accessToken)).not.toBeNull();
    expect((await refresh(second.refreshToken)).refreshToken).not.toBeNull();
    expect(stolen).toEqual([]);
  });

  test.each(["", ".", "x.y", "SESSION.", "SESSION.wrong", "SESSION", "wrong.SECRET"])(
    "goes on by nothing else: %s",
    async (form) => {
      const [id = "", secret = ""] = (await begin()).refreshToken?.split(".") ?? [];
      await expect(refresh(form.replace("SESSION", id).replace("SECRET", secret))).rejects.toEqual(ended);
      expect(stolen).toEqual([]);
      expect(rows.size).toBe(1);
    },
  );
});

test("a person has fifty sessions at most: the one used longest ago makes room, and nobody else's does", async () => {
  const other = await begin("niran");
  const first = await begin();
  const all = [];
  for (let i = 0; i < 49; i++) {
    nowMs += 1_000;
    all.push(await begin());
  }
  const used = await refresh(first.refreshToken);
  nowMs += 1_000;
  await begin();
  expect([...rows.values()].filter(({ personId }) => personId === "malee")).toHaveLength(50);
  expect(await sessions.verify(used.accessToken)).not.toBeNull();
  expect(await sessions.verify(all[0]?.accessToken ?? "")).toBeNull();
  expect(await sessions.verify(other.accessToken)).not.toBeNull();
});
