/** What the hub keeps of its people, as the store keeps it. */
import type { ApiTokenRow, InvitationRow, PersonRow, SessionRow } from "../records.ts";
import type { Ended } from "./watches.ts";

/** Each call that changes something is one durable transaction. */
export interface PeopleStore {
  countOwners(): number;
  people(): PersonRow[];
  person(id: string): PersonRow | null;
  /** Adds or changes a person, with the role in this home. */
  savePerson(person: PersonRow): void;
  removePerson(id: string): void;
  notePersonSeen(id: string, timeMs: number): void;
  session(id: string): SessionRow | null;
  sessionsOf(personId: string): SessionRow[];
  saveSession(session: SessionRow): void;
  removeSession(id: string): void;
  /** Removes what has expired, and tells whose it was. */
  removeExpired(nowMs: number): Ended[];
  apiToken(id: string): ApiTokenRow | null;
  apiTokensOf(personId: string): ApiTokenRow[];
  saveApiToken(token: ApiTokenRow): void;
  removeApiToken(id: string): void;
  noteApiTokenUsed(id: string, timeMs: number): void;
  invitations(): InvitationRow[];
  invitationByHash(codeHash: Uint8Array): InvitationRow | null;
  saveInvitation(invitation: InvitationRow): void;
  removeInvitation(id: string): void;
  removeInvitationsOf(personId: string): void;
  /** All in one transaction. */
  atOnce<T>(work: () => T): T;
}
