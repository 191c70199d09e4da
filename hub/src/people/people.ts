/** The people of a home: the first owner claims the hub, invites others, and each signs in with a name and a password. */
import { randomInt, randomUUID } from "node:crypto";
import { type Identity, type PersonRole, permissionsOf, type Scope } from "../access/roles.ts";
import type { NewEntry } from "../audit/audit.ts";
import { HubError } from "../errors.ts";
import type { ApiTokenRow, InvitationRow, PersonRow } from "../records.ts";
import { createAttempts } from "./attempts.ts";
import { cleanName, findByName, sameName } from "./names.ts";
import { hashPassword, isNobodysPassword, isPassword } from "./passwords.ts";
import type { PeopleStore } from "./people-store.ts";
import { createSessions, signInNeeded, type Tokens } from "./sessions.ts";
import { accessTokens, isToken, randomHex, randomToken, tokenHash } from "./tokens.ts";
import type { Ended } from "./watches.ts";

/** Where a request comes from. */
export interface From {
  address: string;
  /** Browser and system, or program. */
  device: string;
  /** A program on the hub itself: whoever can run one there is not locked out. */
  isLocal: boolean;
}

export interface NewPerson {
  name: string;
  password: string;
  language: "th" | "en";
}

export interface PeopleOptions {
  store: PeopleStore;
  /** 32 bytes that sign access tokens. */
  tokenKey: Uint8Array;
  nowMs(): number;
  audit(entry: NewEntry): void;
  /** Sockets and connections of these must end: of a person, or of one session or token of theirs. */
  /** The hub has its first owner. */
  onClaimed(): void;
  onEnded(ended: Ended): void;
}

export type People = ReturnType<typeof createPeople>;

const mostPeople = 100;
const mostInvitations = 100;
const mostTokensOfPerson = 50;
const tokenPrefix = "faiban";
/** Of a token's use; each one would be a write. */
const noteUsedEveryMs = 60_000;
const noteSeenEveryMs = 60_000;

export function createPeople({ store, tokenKey, nowMs, audit, onClaimed, onEnded }: PeopleOptions) {
  const sessions = createSessions({
    store,
    tokens: accessTokens(tokenKey),
    nowMs,
    onStolen(session) {
      const person = store.person(session.personId);
      const { address, device: detail } = session;
      audit({ ...(person ? named(person) : { actor: "?" }), action: "session.stolen", address, detail });
      onEnded({ personId: session.personId, sessionId: session.id });
    },
  });
  const ofAddress = createAttempts({ free: 5, longestWaitMs: 15 * 60_000 });
  // Shorter: a name's owner must not be kept out for long by somebody else who tries it.
  const ofName = createAttempts({ free: 10, longestWaitMs: 60_000 });
  const ofCode = createAttempts({ free: 10, longestWaitMs: 15 * 60_000 });
  /** Told on the console at each start. */
  const claimCode = String(randomInt(100_000_000)).padStart(8, "0");
  let isClaiming = false;

  const isClaimed = () => store.countOwners() > 0;

  /** Makes the first owner. Throws HubError ALREADY_CLAIMED, CODE_WRONG, TOO_MANY_ATTEMPTS. */
  async function claim(owner: NewPerson, code: string | null, from: From) {
    if (isClaimed() || isClaiming) throw alreadyClaimed();
    if (!from.isLocal) checkCode(code, from);
    isClaiming = true; // the password takes a moment to hash
    try {
      const person = await newPerson(owner, "owner");
      store.savePerson(person);
      audit({ ...named(person), action: "hub.claim", address: from.address });
      onClaimed();
      return await begin(person, from);
    } finally {
      isClaiming = false;
    }
  }

  function checkCode(code: string | null, from: From): void {
    waitIfNeeded(ofCode.waitMs("claim"));
    if (isToken((code ?? "").replace(/\D/g, ""), tokenHash(claimCode))) return;
    ofCode.fail("claim");
    audit({ actor: "?", action: "hub.claim_failed", address: from.address, mayFlood: true });
    throw new HubError("CODE_WRONG", "The code is not right", "It stands on the hub's console since its last start.");
  }

  /** Throws HubError SIGN_IN_FAILED or TOO_MANY_ATTEMPTS. */
  async function signIn(name: string, password: string, from: From) {
    const person = await checkedPerson(name, password, from);
    audit({ ...named(person), action: "session.begin", address: from.address, detail: from.device });
    return begin(person, from);
  }

  async function checkedPerson(name: string, password: string, from: From): Promise<PersonRow> {
    const nameKey = sameName(cleanName(name));
    if (!from.isLocal) waitIfNeeded(Math.max(ofAddress.waitMs(from.address), ofName.waitMs(nameKey)));
    const person = findByName(store.people(), name);
    const isRight = person ? await isPassword(password, person.passwordHash) : await isNobodysPassword(password);
    if (person && isRight) {
      ofAddress.succeed(from.address);
      ofName.succeed(nameKey);
      return person;
    }
    ofAddress.fail(from.address);
    ofName.fail(nameKey);
    audit({ actor: person?.name ?? "?", action: "session.failed", address: from.address, mayFlood: true });
    throw new HubError(
      "SIGN_IN_FAILED",
      "The name or the password is not right",
      "Try again, or ask the home's owner.",
    );
  }

  async function begin(person: PersonRow, from: From) {
    const begun = await sessions.begin(person.id, { device: from.device, address: from.address });
    store.notePersonSeen(person.id, nowMs());
    return { identity: identityOf(person, begun.session.id), person, tokens: begun.tokens };
  }

  async function refresh(refreshToken: string, from: From) {
    const { session, tokens } = await sessions.refresh(refreshToken, from.address);
    const person = store.person(session.personId);
    if (!person) throw signInNeeded();
    return { identity: identityOf(person, session.id), person, tokens };
  }

  /** Who bears a token: an access token or an API token; null when it is nobody's. */
  async function identify(token: string): Promise<Identity | null> {
    if (token.startsWith(`${tokenPrefix}_`)) return ofApiToken(token);
    const session = await sessions.verify(token);
    const person = session && store.person(session.personId);
    if (!session || !person) return null;
    if (nowMs() - (person.lastSeenMs ?? 0) > noteSeenEveryMs) store.notePersonSeen(person.id, nowMs());
    return identityOf(person, session.id);
  }

  function ofApiToken(token: string): Identity | null {
    const [, id = "", secret = ""] = token.split("_");
    const row = store.apiToken(id);
    const person = row && store.person(row.personId);
    const now = nowMs();
    if (!person || !isToken(secret, row.tokenHash) || (row.expiresMs !== null && row.expiresMs <= now)) return null;
    if (now - (row.lastUsedMs ?? 0) > noteUsedEveryMs) store.noteApiTokenUsed(id, now);
    return {
      kind: "token",
      personId: person.id,
      name: `${person.name} (${row.name})`,
      role: person.role,
      permissions: new Set(permissionsOf(person.role, row.scopes)),
      sessionId: null,
      tokenId: id,
    };
  }

  function endSession(personId: string, sessionId: string): void {
    const session = store.session(sessionId);
    if (session?.personId !== personId) throw notFound("session");
    store.removeSession(sessionId);
    onEnded({ personId, sessionId });
  }

  function endAllSessions(personId: string): void {
    store.atOnce(() => {
      for (const { id } of store.sessionsOf(personId)) store.removeSession(id);
    });
    onEnded({ personId });
  }

  function endOtherSessions(personId: string, keptId: string): void {
    for (const { id } of store.sessionsOf(personId)) if (id !== keptId) endSession(personId, id);
  }

  async function changePassword(personId: string, old: string, password: string, from: From): Promise<void> {
    const person = personOf(personId);
    await checkedPerson(person.name, old, from);
    store.savePerson({ ...personOf(personId), passwordHash: await hashPassword(password) });
  }

  function rename(personId: string, name: string): void {
    const clean = cleanName(name);
    const other = findByName(store.people(), clean);
    if (other && other.id !== personId) throw nameTaken(clean);
    store.savePerson({ ...personOf(personId), name: clean });
  }

  function changeRole(personId: string, role: PersonRole): void {
    const person = personOf(personId);
    if (person.role === "owner" && role !== "owner") checkOtherOwner();
    store.atOnce(() => {
      store.savePerson({ ...person, role });
      if (role !== "owner") store.removeInvitationsOf(personId); // what they may not do any more, nobody does for them
    });
    onEnded({ personId }); // open sockets were let in by the old role
  }

  function remove(personId: string): void {
    const person = personOf(personId);
    if (person.role === "owner") checkOtherOwner();
    store.removePerson(personId);
    onEnded({ personId });
  }

  function checkOtherOwner(): void {
    if (store.countOwners() > 1) return;
    throw new HubError("LAST_OWNER", "A home needs an owner", "Make somebody else an owner first.");
  }

  function personOf(id: string): PersonRow {
    const person = store.person(id);
    if (!person) throw notFound("person");
    return person;
  }

  async function newPerson({ name, password, language }: NewPerson, role: PersonRole): Promise<PersonRow> {
    const clean = cleanName(name);
    if (findByName(store.people(), clean)) throw nameTaken(clean);
    if (store.people().length >= mostPeople) throw tooMany("people", mostPeople);
    const passwordHash = await hashPassword(password);
    if (findByName(store.people(), clean)) throw nameTaken(clean);
    return { id: randomUUID(), name: clean, passwordHash, language, role, createdMs: nowMs(), lastSeenMs: null };
  }

  /** Makes an invitation; its code is told this once. */
  function invite(role: PersonRole, createdBy: string, forMs: number): { row: InvitationRow; code: string } {
    const now = nowMs();
    if (openInvitations().length >= mostInvitations) throw tooMany("invitations", mostInvitations);
    const code = randomToken(16);
    const row = {
      id: randomUUID(),
      codeHash: tokenHash(code),
      role,
      createdBy,
      createdMs: now,
      expiresMs: now + forMs,
    };
    store.saveInvitation(row);
    return { row, code };
  }

  const openInvitations = () => store.invitations().filter(({ expiresMs }) => expiresMs > nowMs());

  /** The invitation of a code. Throws HubError INVITATION_ENDED. */
  function invitation(code: string): InvitationRow {
    const row = store.invitationByHash(tokenHash(code));
    if (row && row.expiresMs > nowMs()) return row;
    throw new HubError("INVITATION_ENDED", "The invitation has ended or was used", "Ask for a new one.");
  }

  async function join(code: string, invited: NewPerson, from: From) {
    const { role } = invitation(code);
    const person = await newPerson(invited, role);
    store.atOnce(() => {
      const { id } = invitation(code); // somebody else may have used it meanwhile
      store.removeInvitation(id);
      store.savePerson(person);
    });
    audit({ ...named(person), action: "person.join", address: from.address, detail: role });
    return begin(person, from);
  }

  function makeApiToken(personId: string, wanted: { name: string; scopes: Scope[]; forMs: number | null }) {
    if (store.apiTokensOf(personId).length >= mostTokensOfPerson) throw tooMany("tokens", mostTokensOfPerson);
    const secret = randomHex();
    const row: ApiTokenRow = {
      id: randomUUID().replaceAll("-", ""),
      personId,
      name: wanted.name,
      tokenHash: tokenHash(secret),
      scopes: wanted.scopes,
      createdMs: nowMs(),
      lastUsedMs: null,
      expiresMs: wanted.forMs === null ? null : nowMs() + wanted.forMs,
    };
    store.saveApiToken(row);
    return { row, token: `${tokenPrefix}_${row.id}_${secret}` };
  }

  function removeApiToken(personId: string, id: string): void {
    if (store.apiToken(id)?.personId !== personId) throw notFound("token");
    store.removeApiToken(id);
    onEnded({ personId, tokenId: id });
  }

  return {
    isClaimed,
    /** Ends sessions and tokens whose time is over, with what is open in their name; to be called now and then. */
    endExpired(): void {
      for (const ended of store.removeExpired(nowMs())) onEnded(ended);
    },
    /** What the console tells: of use until the hub is claimed. */
    claimCode: `${claimCode.slice(0, 4)}-${claimCode.slice(4)}`,
    claim,
    signIn,
    refresh,
    identify,
    endSession,
    endAllSessions,
    endOtherSessions,
    checkPassword: async (personId: string, password: string, from: From) =>
      void (await checkedPerson(personOf(personId).name, password, from)),
    changePassword,
    changeLanguage: (personId: string, language: "th" | "en") => store.savePerson({ ...personOf(personId), language }),
    rename,
    changeRole,
    remove,
    person: personOf,
    people: () => store.people(),
    sessionsOf: (personId: string) => store.sessionsOf(personId).filter(({ expiresMs }) => expiresMs > nowMs()),
    invite,
    invitations: openInvitations,
    /** The name of whoever made an invitation. */
    inviter: (invitation: InvitationRow) => store.person(invitation.createdBy)?.name ?? "?",
    removeInvitation(id: string): void {
      if (!store.invitations().some((one) => one.id === id)) throw notFound("invitation");
      store.removeInvitation(id);
    },
    invitation,
    join,
    makeApiToken,
    apiTokensOf: (personId: string) => store.apiTokensOf(personId),
    removeApiToken,
  };
}

export interface Begun {
  identity: Identity;
  person: PersonRow;
  tokens: Tokens;
}

function identityOf(person: PersonRow, sessionId: string): Identity {
  return {
    kind: "person",
    personId: person.id,
    name: person.name,
    role: person.role,
    permissions: new Set(permissionsOf(person.role, null)),
    sessionId,
    tokenId: null,
  };
}

/** Who did something, for the audit log. */
function named({ id, name }: PersonRow): { actor: string; actorId: string } {
  return { actor: name, actorId: id };
}

function waitIfNeeded(waitMs: number): void {
  if (waitMs <= 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  throw new HubError("TOO_MANY_ATTEMPTS", "Too many attempts failed", `Wait ${seconds} seconds, then try again.`);
}

function alreadyClaimed(): HubError {
  return new HubError("ALREADY_CLAIMED", "The hub has an owner", "Sign in, or ask its owner for an invitation.");
}

function nameTaken(name: string): HubError {
  return new HubError("NAME_TAKEN", `Somebody is called "${name}" here`, "Choose another name.");
}

function notFound(what: string): HubError {
  return new HubError("NOT_FOUND", `There is no such ${what}`, "It may have been removed; look at the list again.");
}

function tooMany(what: string, most: number): HubError {
  return new HubError("TOO_MANY", `There are ${most} ${what} already`, "Remove some that are not needed any more.");
}
