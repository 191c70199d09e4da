/** The API's shapes of people, devices and trust: who may come in, and what they may do. */
import { type Static, Type } from "typebox";

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const TimeMs = Type.Number({ description: "Epoch milliseconds, UTC" });
const closed = { additionalProperties: false };

export const PersonRole = Type.Union(
  [Type.Literal("owner"), Type.Literal("member"), Type.Literal("viewer"), Type.Literal("installer")],
  { description: "owner: everything; member: sees and switches; viewer: sees; installer: meters only" },
);
export type PersonRole = Static<typeof PersonRole>;

export const Permission = Type.Union(
  [
    Type.Literal("home.view"),
    Type.Literal("meters.view"),
    Type.Literal("switch"),
    Type.Literal("meters.manage"),
    Type.Literal("home.manage"),
    Type.Literal("people.manage"),
    Type.Literal("audit.view"),
  ],
  { description: "What a role, or a token's scopes, allow" },
);
export type Permission = Static<typeof Permission>;

export const Language = Type.Union([Type.Literal("th"), Type.Literal("en")]);
export type Language = Static<typeof Language>;

const PersonName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: "\\S",
  description: "What the person signs in with",
});
const NewPassword = Type.String({ minLength: 8, maxLength: 256 });
const Password = Type.String({ minLength: 1, maxLength: 256 });

/** A home's settings that its owner chooses. */
export const HomeSettings = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, pattern: "\\S" }),
    timeZone: Type.String({ maxLength: 64, description: "IANA name, such as Asia/Bangkok" }),
    currency: Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217" }),
    tariffRegion: Type.Union([Type.Literal("TH-MEA"), Type.Literal("TH-PEA"), Type.Literal("other")], {
      description: "Whose tariffs are offered first: Bangkok's MEA, the provinces' PEA, or none",
    }),
  },
  closed,
);
export type HomeSettings = Static<typeof HomeSettings>;

/** What everybody may know of the hub, before signing in. */
export const Hub = Type.Object({
  state: Type.Union([Type.Literal("unclaimed"), Type.Literal("claimed")]),
  version: Type.String(),
  isDemo: Type.Boolean(),
  isLocal: Type.Boolean({ description: "This request comes from the hub itself; an unclaimed hub serves only those" }),
  needsCode: Type.Boolean({ description: "Claiming needs the one-time code that the hub prints on its console" }),
  home: nullable(HomeSettings),
  fixed: Type.Array(Type.String(), { description: "Of `home`, what the machine's settings decide" }),
  httpsUrl: nullable(Type.String({ description: "Where the app is served encrypted; null when it is not" })),
});
export type Hub = Static<typeof Hub>;

export const Claim = Type.Object(
  {
    code: Type.Optional(Type.String({ maxLength: 32, description: "Not needed on the hub itself" })),
    name: PersonName,
    password: NewPassword,
    language: Language,
    home: HomeSettings,
  },
  closed,
);
export type Claim = Static<typeof Claim>;

export const SignIn = Type.Object(
  {
    name: PersonName,
    password: Password,
    wantsTokens: Type.Optional(
      Type.Boolean({ description: "For API clients: the tokens come in the answer, and no cookies are set" }),
    ),
  },
  closed,
);
export type SignIn = Static<typeof SignIn>;

export const Session = Type.Object({
  person: Type.Object({ id: Type.String(), name: Type.String(), language: Language }),
  role: PersonRole,
  permissions: Type.Array(Permission),
  home: Type.Object({ id: Type.String(), name: Type.String() }),
  tokens: Type.Optional(
    Type.Object({
      accessToken: Type.String({ description: "JWT; send it as `Authorization: Bearer …`" }),
      accessExpiresMs: TimeMs,
      refreshToken: Type.String({ description: "Of use once, at POST /api/session/refresh" }),
    }),
  ),
});
export type Session = Static<typeof Session>;

export const Refresh = Type.Object({ refreshToken: Type.Optional(Type.String({ maxLength: 256 })) }, closed);

export const Me = Type.Object(
  {
    name: Type.Optional(PersonName),
    language: Type.Optional(Language),
    password: Type.Optional(Type.Object({ old: Password, new: NewPassword }, closed)),
  },
  closed,
);
export type Me = Static<typeof Me>;

/** One place where a person is signed in. */
export const SignedIn = Type.Object({
  id: Type.String(),
  isThis: Type.Boolean(),
  device: Type.String({ description: "Browser and system, as far as known" }),
  address: Type.String(),
  createdMs: TimeMs,
  lastUsedMs: TimeMs,
});
export type SignedIn = Static<typeof SignedIn>;

export const Person = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: PersonRole,
  isSelf: Type.Boolean(),
  createdMs: TimeMs,
  lastSeenMs: nullable(TimeMs),
});
export type Person = Static<typeof Person>;

export const Invitation = Type.Object({
  id: Type.String(),
  role: PersonRole,
  createdBy: Type.String(),
  createdMs: TimeMs,
  expiresMs: TimeMs,
});
export type Invitation = Static<typeof Invitation>;

/** An invitation as it is made: the only time that its code is told. */
export const NewInvitation = Type.Object({
  ...Invitation.properties,
  code: Type.String(),
  path: Type.String({ description: "Of the page to open, such as /join/CODE; for a link or a QR code" }),
});
export type NewInvitation = Static<typeof NewInvitation>;

/** What the invited sees before accepting. */
export const InvitationFace = Type.Object({
  homeName: Type.String(),
  role: PersonRole,
  createdBy: Type.String(),
  expiresMs: TimeMs,
});
export type InvitationFace = Static<typeof InvitationFace>;

export const AcceptInvitation = Type.Object({ name: PersonName, password: NewPassword, language: Language }, closed);
export type AcceptInvitation = Static<typeof AcceptInvitation>;

export const Scope = Type.Union([Type.Literal("read"), Type.Literal("switch"), Type.Literal("manage")], {
  description: "read: see home and meters; switch: commands too; manage: meters and settings",
});
export type Scope = Static<typeof Scope>;

export const ApiToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Scope),
  createdMs: TimeMs,
  lastUsedMs: nullable(TimeMs),
  expiresMs: nullable(TimeMs),
});
export type ApiToken = Static<typeof ApiToken>;

export const NewApiToken = Type.Object({
  ...ApiToken.properties,
  token: Type.String({ description: "Told this once; send it as `Authorization: Bearer …`, or as MQTT password" }),
});
export type NewApiToken = Static<typeof NewApiToken>;

/** A measured value of a device that waits for approval. */
const SeenReading = Type.Object({ quantity: Type.String(), value: Type.Number(), unit: Type.String() });

export const PendingDevice = Type.Object({
  clientId: Type.String(),
  address: Type.String(),
  firstSeenMs: TimeMs,
  lastSeenMs: TimeMs,
  isConnected: Type.Boolean(),
  hasPassword: Type.Boolean({ description: "It sent a password, which will be its own once approved" }),
  dialect: nullable(Type.String({ description: "What it speaks; null while nothing of it was understood" })),
  name: nullable(Type.String()),
  model: nullable(Type.String()),
  messages: Type.Integer(),
  topics: Type.Array(Type.String(), { description: "The first ten it sent on" }),
  readings: Type.Array(SeenReading, { description: "The newest ten it measured" }),
});
export type PendingDevice = Static<typeof PendingDevice>;

export const Pairing = Type.Object({
  openUntilMs: nullable(TimeMs),
  pending: Type.Array(PendingDevice),
});
export type Pairing = Static<typeof Pairing>;

export const DeviceKind = Type.Union([Type.Literal("device"), Type.Literal("program")], {
  description: "device: bound to one client id; program: any client id, many topics (Node-RED, Zigbee2MQTT)",
});
export type DeviceKind = Static<typeof DeviceKind>;

export const Device = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: DeviceKind,
  dialect: nullable(Type.String()),
  clientId: nullable(Type.String({ description: "null: the first client that uses the credential is bound to it" })),
  username: nullable(Type.String()),
  hasPassword: Type.Boolean({
    description: "false: known by its client id alone, which anybody on the network could imitate",
  }),
  isOnline: Type.Boolean(),
  address: nullable(Type.String()),
  createdMs: TimeMs,
  lastSeenMs: nullable(TimeMs),
  unusedUntilMs: nullable(TimeMs),
  topics: Type.Array(Type.String(), { description: "Where it alone may publish" }),
  meters: Type.Array(Type.String(), { description: "Ids of the meters it speaks for" }),
  certificate: nullable(Type.Object({ serial: Type.String(), expiresMs: TimeMs })),
});
export type Device = Static<typeof Device>;

/** How to set a device up, with its credential filled in. */
export const SetupCard = Type.Object({
  dialect: Type.String(),
  values: Type.Array(Type.Object({ field: Type.String(), value: Type.String() }), {
    description: "What goes into which field of the device's own form: host, port, user, password, clientId, topic",
  }),
  snippet: nullable(
    Type.Object({
      language: Type.Union([Type.Literal("console"), Type.Literal("yaml"), Type.Literal("cpp"), Type.Literal("shell")]),
      text: Type.String(),
    }),
  ),
});
export type SetupCard = Static<typeof SetupCard>;

/** A device as its credential is made or renewed: the only time that the password is told. */
export const NewDevice = Type.Object({ device: Device, password: Type.String(), card: SetupCard });
export type NewDevice = Static<typeof NewDevice>;

/** A certificate for a device; the key is null when the device made its own (CSR). */
export const DeviceCertificate = Type.Object({
  serial: Type.String(),
  expiresMs: TimeMs,
  certificatePem: Type.String(),
  keyPem: nullable(Type.String()),
  authorityPem: Type.String({ description: "What the device checks the hub by" }),
});
export type DeviceCertificate = Static<typeof DeviceCertificate>;

export const AuditEntry = Type.Object({
  seq: Type.Integer(),
  timeMs: TimeMs,
  actor: Type.String({ description: "A person's or device's name, or hub" }),
  action: Type.String({ description: "Such as session.begin, device.approve, settings.change" }),
  target: nullable(Type.String()),
  address: nullable(Type.String()),
  detail: nullable(Type.String()),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditPage = Type.Object({
  entries: Type.Array(AuditEntry, { description: "Newest first" }),
  nextBefore: nullable(Type.Integer({ description: "For the next page; null at the end" })),
});
export type AuditPage = Static<typeof AuditPage>;

export const AuditCheck = Type.Object({
  isIntact: Type.Boolean(),
  entries: Type.Integer(),
  brokenAt: nullable(Type.Integer({ description: "The first entry that was changed, added or removed afterwards" })),
});
export type AuditCheck = Static<typeof AuditCheck>;

/** How the hub proves who it is. */
export const Trust = Type.Object({
  mode: Type.Union([Type.Literal("off"), Type.Literal("own_authority"), Type.Literal("files"), Type.Literal("acme")]),
  urls: Type.Array(Type.String(), { description: "https addresses of the app" }),
  fingerprint: nullable(Type.String({ description: "SHA-256 of the hub's own authority, AA:BB:…" })),
  expiresMs: nullable(TimeMs),
  problem: nullable(Type.String()),
});
export type Trust = Static<typeof Trust>;
