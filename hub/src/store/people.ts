/** People, where they are signed in, their API tokens and invitations. */
import type { ApiTokenRow, InvitationRow, PersonRow, SessionRow } from "../records.ts";
import type { Db } from "./database.ts";

const personColumns = `id, name, password_hash AS passwordHash, language, role, created_ms AS createdMs,
  last_seen_ms AS lastSeenMs`;
const sessionColumns = `id, person_id AS personId, generation,
  rotated_ms AS rotatedMs, created_ms AS createdMs, expires_ms AS expiresMs, device, address`;
const tokenColumns = `id, person_id AS personId, name, token_hash AS tokenHash, scopes, created_ms AS createdMs,
  last_used_ms AS lastUsedMs, expires_ms AS expiresMs`;
const invitationColumns = `id, code_hash AS codeHash, role, created_by AS createdBy, created_ms AS createdMs,
  expires_ms AS expiresMs`;

/** The people of one home. */
export function peopleTables(db: Db, homeId: string) {
  const ofHome = `FROM person JOIN membership ON person_id = id AND home_id = ${db.prepare("SELECT quote(?)").pluck().get(homeId)}`;
  const countOwners = db.prepare(`SELECT count(*) ${ofHome} WHERE role = 'owner'`).pluck();
  const people = db.prepare(`SELECT ${personColumns} ${ofHome} ORDER BY created_ms, id`);
  const person = db.prepare(`SELECT ${personColumns} ${ofHome} WHERE id = ?`);
  const savePerson = db.prepare(
    `INSERT INTO person (id, name, password_hash, language, created_ms, last_seen_ms)
     VALUES (@id, @name, @passwordHash, @language, @createdMs, @lastSeenMs)
     ON CONFLICT (id) DO UPDATE SET name = @name, password_hash = @passwordHash, language = @language`,
  );
  const saveMembership = db.prepare("INSERT OR REPLACE INTO membership (person_id, home_id, role) VALUES (?, ?, ?)");
  const removePerson = db.prepare("DELETE FROM person WHERE id = ?");
  const notePersonSeen = db.prepare("UPDATE person SET last_seen_ms = ? WHERE id = ?");
  const session = db.prepare(`SELECT ${sessionColumns} FROM session WHERE id = ?`);
  const sessionsOf = db.prepare(`SELECT ${sessionColumns} FROM session WHERE person_id = ? ORDER BY created_ms`);
  const saveSession = db.prepare(
    `INSERT OR REPLACE INTO session (id, person_id, generation, rotated_ms, created_ms, expires_ms, device, address)
     VALUES (@id, @personId, @generation, @rotatedMs, @createdMs, @expiresMs, @device, @address)`,
  );
  const removeSession = db.prepare("DELETE FROM session WHERE id = ?");
  const expired = ["session", "api_token", "invitation"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE expires_ms <= ?`),
  );
  const expiredSessions = db.prepare(
    "SELECT person_id AS personId, id AS sessionId FROM session WHERE expires_ms <= ?",
  );
  const expiredTokens = db.prepare("SELECT person_id AS personId, id AS tokenId FROM api_token WHERE expires_ms <= ?");
  const apiToken = db.prepare(`SELECT ${tokenColumns} FROM api_token WHERE id = ?`);
  const apiTokensOf = db.prepare(`SELECT ${tokenColumns} FROM api_token WHERE person_id = ? ORDER BY created_ms`);
  const saveApiToken = db.prepare(
    `INSERT INTO api_token (id, person_id, name, token_hash, scopes, created_ms, last_used_ms, expires_ms)
     VALUES (@id, @personId, @name, @tokenHash, @scopes, @createdMs, @lastUsedMs, @expiresMs)`,
  );
  const removeApiToken = db.prepare("DELETE FROM api_token WHERE id = ?");
  const noteApiTokenUsed = db.prepare("UPDATE api_token SET last_used_ms = ? WHERE id = ?");
  const invitations = db.prepare(`SELECT ${invitationColumns} FROM invitation ORDER BY created_ms`);
  const invitationByHash = db.prepare(`SELECT ${invitationColumns} FROM invitation WHERE code_hash = ?`);
  const saveInvitation = db.prepare(
    `INSERT INTO invitation (id, code_hash, role, created_by, created_ms, expires_ms)
     VALUES (@id, @codeHash, @role, @createdBy, @createdMs, @expiresMs)`,
  );
  const removeInvitation = db.prepare("DELETE FROM invitation WHERE id = ?");
  const removeInvitationsOf = db.prepare("DELETE FROM invitation WHERE created_by = ?");
  const atOnce = <T>(work: () => T): T => db.transaction(work)();

  return {
    countOwners: () => countOwners.get() as number,
    people: () => people.all() as PersonRow[],
    person: (id: string) => (person.get(id) as PersonRow | undefined) ?? null,
    savePerson: (row: PersonRow) =>
      atOnce(() => {
        savePerson.run(row);
        saveMembership.run(row.id, homeId, row.role);
      }),
    removePerson: (id: string) => void removePerson.run(id),
    notePersonSeen: (id: string, timeMs: number) => void notePersonSeen.run(timeMs, id),
    session: (id: string) => (session.get(id) as SessionRow | undefined) ?? null,
    sessionsOf: (personId: string) => sessionsOf.all(personId) as SessionRow[],
    saveSession: (row: SessionRow) => void saveSession.run(row),
    removeSession: (id: string) => void removeSession.run(id),
    /** Removes what has expired, and tells whose it was. */
    removeExpired(nowMs: number): { personId: string; sessionId?: string; tokenId?: string }[] {
      return atOnce(() => {
        const ended = [
          ...(expiredSessions.all(nowMs) as { personId: string; sessionId: string }[]),
          ...(expiredTokens.all(nowMs) as { personId: string; tokenId: string }[]),
        ];
        for (const statement of expired) statement.run(nowMs);
        return ended;
      });
    },
    apiToken: (id: string) => tokenOf(apiToken.get(id)),
    apiTokensOf: (personId: string) => apiTokensOf.all(personId).map((row) => tokenOf(row) as ApiTokenRow),
    saveApiToken: (row: ApiTokenRow) => void saveApiToken.run({ ...row, scopes: JSON.stringify(row.scopes) }),
    removeApiToken: (id: string) => void removeApiToken.run(id),
    noteApiTokenUsed: (id: string, timeMs: number) => void noteApiTokenUsed.run(timeMs, id),
    invitations: () => invitations.all() as InvitationRow[],
    invitationByHash: (hash: Uint8Array) => (invitationByHash.get(hash) as InvitationRow | undefined) ?? null,
    saveInvitation: (row: InvitationRow) => void saveInvitation.run(row),
    removeInvitation: (id: string) => void removeInvitation.run(id),
    removeInvitationsOf: (personId: string) => void removeInvitationsOf.run(personId),
    atOnce,
  };
}

function tokenOf(row: unknown): ApiTokenRow | null {
  if (!row) return null;
  const stored = row as Omit<ApiTokenRow, "scopes"> & { scopes: string };
  return { ...stored, scopes: JSON.parse(stored.scopes) };
}
