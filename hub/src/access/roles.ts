/** What each role may do. The rules of routes, sockets and MQTT all ask here. */

export const permissions = [
  /** See the home: use, history, costs. */
  "home.view",
  /** See meters, devices and what they send. */
  "meters.view",
  /** Send commands, such as switching a plug. */
  "switch",
  /** Pair, rename and remove meters and devices. */
  "meters.manage",
  /** The home's settings: retention, tariff, backups. */
  "home.manage",
  /** Invite, change and remove people. */
  "people.manage",
  "audit.view",
] as const;
export type Permission = (typeof permissions)[number];

export const roles = {
  owner: permissions,
  member: ["home.view", "meters.view", "switch"],
  viewer: ["home.view", "meters.view"],
  installer: ["meters.view", "meters.manage"],
} as const satisfies Record<string, readonly Permission[]>;
export type PersonRole = keyof typeof roles;

/** What an API token may do at most; people and the audit log are never a token's business. */
export const scopes = {
  read: ["home.view", "meters.view"],
  switch: ["home.view", "meters.view", "switch"],
  manage: ["home.view", "meters.view", "meters.manage", "home.manage"],
} as const satisfies Record<string, readonly Permission[]>;
export type Scope = keyof typeof scopes;

/** What a role allows, narrowed by a token's scopes (null: a person who signed in). */
export function permissionsOf(role: PersonRole, tokenScopes: readonly Scope[] | null): Permission[] {
  const allowed: readonly Permission[] = roles[role];
  if (tokenScopes === null) return [...allowed];
  const scoped = new Set<Permission>(tokenScopes.flatMap((scope) => scopes[scope]));
  return allowed.filter((permission) => scoped.has(permission));
}

/** Who asks something of the hub, and what they may do. */
export interface Identity {
  /** `local`: a program on the hub itself, before anybody has claimed it. */
  kind: "person" | "token" | "local";
  /** null for `local`. */
  personId: string | null;
  /** For the audit log. */
  name: string;
  role: PersonRole;
  permissions: ReadonlySet<Permission>;
  /** Of a signed-in person. */
  sessionId: string | null;
  /** Of a program with a person's API token. */
  tokenId: string | null;
}

/** A program on a hub that nobody has claimed yet. */
export const localIdentity: Identity = {
  kind: "local",
  personId: null,
  name: "this machine",
  role: "owner",
  permissions: new Set(roles.owner),
  sessionId: null,
  tokenId: null,
};
