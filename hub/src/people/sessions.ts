/**
 * Where people are signed in. A session has a short access token and a refresh token that is of use once: each refresh
 * gives a new one. A refresh token that comes again has been stolen, or its answer was lost, so the session ends.
 */
import { randomUUID } from "node:crypto";
import { HubError } from "../errors.ts";
import type { SessionRow } from "../records.ts";
import type { PeopleStore } from "./people-store.ts";
import { type AccessTokens, accessMs } from "./tokens.ts";

/** Without use a session ends after this long. */
const idleMs = 90 * 24 * 3600_000;
/** Two tabs refresh at the same moment with the same cookie: the second is no thief. It gets no refresh token. */
const graceMs = 30_000;
/** Places where one person is signed in; the one used longest ago makes room. */
const mostSessions = 50;

export interface Tokens {
  accessToken: string;
  accessExpiresMs: number;
  /** null: the client has a newer one already. */
  refreshToken: string | null;
  refreshExpiresMs: number;
}

export interface SessionsOptions {
  store: PeopleStore;
  tokens: AccessTokens;
  nowMs(): number;
  /** The session ended otherwise than by the hand of its person. */
  onStolen(session: SessionRow): void;
}

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions({ store, tokens, nowMs, onStolen }: SessionsOptions) {
  async function begin(personId: string, from: { device: string; address: string }) {
    const now = nowMs();
    const session: SessionRow = {
      id: randomUUID(),
      personId,
      generation: 1,
      rotatedMs: now,
      createdMs: now,
      expiresMs: now + idleMs,
      ...from,
    };
    store.atOnce(() => {
      const others = store.sessionsOf(personId).toSorted((a, b) => b.rotatedMs - a.rotatedMs);
      for (const oldest of others.slice(mostSessions - 1)) store.removeSession(oldest.id);
      store.saveSession(session);
    });
    return { session, tokens: await tokensOf(session) };
  }

  async function tokensOf(session: SessionRow, hasNewer = false): Promise<Tokens> {
    const now = nowMs();
    return {
      accessToken: await tokens.sign(session, now),
      accessExpiresMs: now + accessMs,
      refreshToken: hasNewer ? null : tokens.refreshToken(session),
      refreshExpiresMs: session.expiresMs,
    };
  }

  /** Exchanges a refresh token. Throws HubError SIGN_IN_NEEDED. */
  async function refresh(refreshToken: string, address: string) {
    const shown = tokens.readRefreshToken(refreshToken);
    const session = shown && store.session(shown.id);
    const now = nowMs();
    if (!session || session.expiresMs <= now) throw signInNeeded();
    const { generation } = session;
    if (shown.generation === generation) {
      const rotated = { ...session, generation: generation + 1, rotatedMs: now, expiresMs: now + idleMs, address };
      store.saveSession(rotated);
      return { session: rotated, tokens: await tokensOf(rotated) };
    }
    if (shown.generation !== generation - 1 || now - session.rotatedMs > graceMs) {
      store.removeSession(session.id);
      onStolen(session);
      throw signInNeeded();
    }
    return { session, tokens: await tokensOf(session, true) };
  }

  /** The session of an access token, null when it is none or its session has ended. */
  async function verify(accessToken: string): Promise<SessionRow | null> {
    const id = await tokens.verify(accessToken, nowMs());
    return id === null ? null : store.session(id);
  }

  return { begin, refresh, verify };
}

/** The request is nobody's. */
export function signInNeeded(): HubError {
  return new HubError(
    "SIGN_IN_NEEDED",
    "Nobody is signed in",
    "Sign in, or send a token as `Authorization: Bearer …`.",
  );
}
