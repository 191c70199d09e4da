/** What the store keeps beside meters and readings, a row each: people, devices, the audit log, past bills. Types only. */
import type { PersonRole, Scope } from "./access/roles.ts";

/** A person, with their role in this home. `passwordHash` is a PHC string. */
export interface PersonRow {
  id: string;
  name: string;
  passwordHash: string;
  language: "th" | "en";
  role: PersonRole;
  createdMs: number;
  lastSeenMs: number | null;
}

/** One place where a person is signed in. */
export interface SessionRow {
  id: string;
  personId: string;
  /** Counts the refresh tokens; the newest alone is good. */
  generation: number;
  rotatedMs: number;
  createdMs: number;
  expiresMs: number;
  device: string;
  address: string;
}

/** A person's API token; `tokenHash` is SHA-256. null: never used, never ends. */
export interface ApiTokenRow {
  id: string;
  personId: string;
  name: string;
  tokenHash: Uint8Array;
  scopes: Scope[];
  createdMs: number;
  lastUsedMs: number | null;
  expiresMs: number | null;
}

/** An open invitation; `codeHash` is SHA-256. */
export interface InvitationRow {
  id: string;
  codeHash: Uint8Array;
  role: PersonRole;
  /** Id of a person, with whom it ends. */
  createdBy: string;
  createdMs: number;
  expiresMs: number;
}

/** The credential of a device or program. */
export interface DeviceRow {
  id: string;
  name: string;
  kind: "device" | "program";
  dialect: string | null;
  /** null: whoever uses the credential first is bound to it; always null for a program. */
  clientId: string | null;
  username: string | null;
  /** SHA-256; null: known by its client id alone. */
  passwordHash: Uint8Array | null;
  createdMs: number;
  lastSeenMs: number | null;
  /** A credential that nobody has used by then is of no use any more. */
  unusedUntilMs: number | null;
}

/** A device's certificate; `revokedMs` null while it is good. */
export interface CertificateRow {
  serial: string;
  deviceId: string;
  expiresMs: number;
  revokedMs: number | null;
}

/** An entry of the audit log, with the hash that chains it to the one before. */
export interface AuditRow {
  seq: number;
  /** Epoch milliseconds. */
  timeMs: number;
  /** A person's or a device's name, or `hub`. */
  actor: string;
  /** A person's, whatever their name is by now; null for everybody else. */
  actorId: string | null;
  /** Such as `session.begin`. */
  action: string;
  target: string | null;
  address: string | null;
  detail: string | null;
  hash: Uint8Array;
}

/** The bill of a past cycle as it was made. */
export interface BillRow {
  cycleStart: string;
  cycleEnd: string;
  madeMs: number;
  totalSatang: number;
  /** JSON, both. */
  bill: string;
  madeFrom: string;
}

/** The figure of the utility's own bill. */
export interface PaperRow {
  totalSatang: number;
  /** A decimal; null when it was not given. */
  kwh: string | null;
  notedMs: number;
}
