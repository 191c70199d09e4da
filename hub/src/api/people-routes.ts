/** Routes of people: where they are signed in, their API tokens and data; who belongs to the home, and who is invited. */
import { Type } from "typebox";
import type { InvitationRow, PersonRow } from "../records.ts";
import {
  ApiError,
  ApiToken,
  Invitation,
  NewApiToken,
  NewInvitation,
  Person,
  PersonRole,
  Scope,
  SignedIn,
} from "./contract.ts";
import { clearSessionCookies } from "./cookies.ts";
import { askerOf, byWhom, fromOf, selfOf } from "./guard.ts";
import type { Api } from "./home-routes.ts";
import type { SessionRoutes } from "./session-routes.ts";

export interface PeopleRoutes extends Pick<SessionRoutes, "people" | "audit" | "basePath" | "nowMs"> {
  /** What the audit log has of a person, for their own export. */
  auditOf(personId: string): unknown[];
}

const Id = Type.Object({ id: Type.String({ maxLength: 64 }) });
const errors = { 400: ApiError, 401: ApiError, 403: ApiError, 404: ApiError, 409: ApiError, 429: ApiError };
const none = { 204: Type.Null(), ...errors };
const hourMs = 3600_000;
const dayMs = 24 * hourMs;

export function addPeopleRoutes(api: Api, options: PeopleRoutes): void {
  addOwnRoutes(api, options);
  addTokenRoutes(api, options);
  addHouseholdRoutes(api, options);
  addInvitationRoutes(api, options);
}

function addOwnRoutes(api: Api, { people, audit, basePath, nowMs, auditOf }: PeopleRoutes): void {
  const config = { access: "self" } as const;
  const tags = ["people"];
  api.get(
    "/api/me/sessions",
    { config, schema: { summary: "Where I am signed in", tags, response: { 200: Type.Array(SignedIn), ...errors } } },
    (request) => {
      const { personId, sessionId } = selfOf(request);
      return people.sessionsOf(personId).map(({ id, device, address, createdMs, rotatedMs }) => ({
        ...{ id, isThis: id === sessionId, device, address, createdMs, lastUsedMs: rotatedMs },
      }));
    },
  );
  api.delete(
    "/api/me/sessions",
    { config, schema: { summary: "Sign out everywhere", tags, response: none } },
    async (request, reply) => {
      const { personId } = selfOf(request);
      people.endAllSessions(personId);
      audit({ ...byWhom(request), action: "session.end_all" });
      clearSessionCookies(reply, basePath);
      return reply.code(204).send(null);
    },
  );
  api.delete(
    "/api/me/sessions/:id",
    { config, schema: { summary: "Sign out somewhere else", tags, params: Id, response: none } },
    async (request, reply) => {
      const { personId } = selfOf(request);
      people.endSession(personId, request.params.id);
      audit({ ...byWhom(request), action: "session.end" });
      return reply.code(204).send(null);
    },
  );
  api.get(
    "/api/me/export",
    { config, schema: { summary: "All that the hub keeps of me", tags, response: { 200: Type.Unknown(), ...errors } } },
    async (request, reply) => {
      const { personId } = selfOf(request);
      const { id, name, language, role, createdMs, lastSeenMs } = people.person(personId);
      const sessions = people.sessionsOf(personId);
      const tokens = people.apiTokensOf(personId).map(({ tokenHash, ...token }) => token);
      reply.header("content-disposition", `attachment; filename="faiban-me.json"`);
      return {
        exportedMs: Math.round(nowMs()),
        person: { id, name, language, role, createdMs, lastSeenMs },
        ...{ sessions, tokens, activity: auditOf(personId) },
      };
    },
  );
  api.delete(
    "/api/me",
    {
      config,
      schema: {
        summary: "Delete me: my name, password, sessions and tokens",
        tags,
        body: Type.Object({ password: Type.String({ maxLength: 256 }) }, { additionalProperties: false }),
        response: none,
      },
    },
    async (request, reply) => {
      const { personId, name } = selfOf(request);
      await people.checkPassword(personId, request.body.password, fromOf(request));
      people.remove(personId);
      audit({ ...byWhom(request), action: "person.delete", target: name });
      clearSessionCookies(reply, basePath);
      return reply.code(204).send(null);
    },
  );
}

function addTokenRoutes(api: Api, { people, audit }: PeopleRoutes): void {
  const config = { access: "self" } as const;
  const tags = ["people"];
  api.get(
    "/api/me/tokens",
    { config, schema: { summary: "My API tokens", tags, response: { 200: Type.Array(ApiToken), ...errors } } },
    (request) => people.apiTokensOf(selfOf(request).personId).map(({ personId, tokenHash, ...token }) => token),
  );
  api.post(
    "/api/me/tokens",
    {
      config,
      schema: {
        summary: "Make an API token; it is told this once",
        tags,
        body: Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 64, pattern: "\\S" }),
            scopes: Type.Array(Scope, { minItems: 1, maxItems: 3, uniqueItems: true }),
            expiresInDays: Type.Union([Type.Integer({ minimum: 1, maximum: 3_650 }), Type.Null()]),
          },
          { additionalProperties: false },
        ),
        response: { 200: NewApiToken, ...errors },
      },
    },
    (request) => {
      const { personId } = selfOf(request);
      const { expiresInDays, ...wanted } = request.body;
      const forMs = expiresInDays === null ? null : expiresInDays * dayMs;
      const { row, token } = people.makeApiToken(personId, { ...wanted, forMs });
      audit({ ...byWhom(request), action: "token.make", target: row.name, detail: row.scopes.join(" ") });
      const { personId: _, tokenHash, ...shown } = row;
      return { ...shown, token };
    },
  );
  api.delete(
    "/api/me/tokens/:id",
    { config, schema: { summary: "End an API token", tags, params: Id, response: none } },
    async (request, reply) => {
      const { personId } = selfOf(request);
      people.removeApiToken(personId, request.params.id);
      audit({ ...byWhom(request), action: "token.end", target: request.params.id });
      return reply.code(204).send(null);
    },
  );
}

function addHouseholdRoutes(api: Api, { people, audit }: PeopleRoutes): void {
  const config = { access: "people.manage" } as const;
  const tags = ["people"];
  const viewOf = ({ id, name, role, createdMs, lastSeenMs }: PersonRow, selfId: string | null): Person => ({
    ...{ id, name, role, createdMs, lastSeenMs, isSelf: id === selfId },
  });
  api.get(
    "/api/people",
    { config, schema: { summary: "Who belongs to the home", tags, response: { 200: Type.Array(Person), ...errors } } },
    (request) => people.people().map((person) => viewOf(person, askerOf(request).personId)),
  );
  api.patch(
    "/api/people/:id",
    {
      config,
      schema: {
        summary: "Change somebody's role",
        tags,
        params: Id,
        body: Type.Object({ role: PersonRole }, { additionalProperties: false }),
        response: { 200: Person, ...errors },
      },
    },
    (request) => {
      const { params, body } = request;
      people.changeRole(params.id, body.role);
      const person = people.person(params.id);
      const asker = askerOf(request);
      audit({
        ...{ ...byWhom(request), action: "person.role", target: person.name, detail: body.role },
      });
      return viewOf(person, asker.personId);
    },
  );
  api.delete(
    "/api/people/:id",
    { config, schema: { summary: "Remove somebody from the home", tags, params: Id, response: none } },
    async (request, reply) => {
      const { name } = people.person(request.params.id);
      people.remove(request.params.id);
      audit({ ...byWhom(request), action: "person.remove", target: name });
      return reply.code(204).send(null);
    },
  );
}

function addInvitationRoutes(api: Api, { people, audit }: PeopleRoutes): void {
  const config = { access: "people.manage" } as const;
  const tags = ["people"];
  const viewOf = (row: InvitationRow): Invitation => {
    const { id, role, createdMs, expiresMs } = row;
    return { id, role, createdBy: people.inviter(row), createdMs, expiresMs };
  };
  api.get(
    "/api/invitations",
    { config, schema: { summary: "Open invitations", tags, response: { 200: Type.Array(Invitation), ...errors } } },
    () => people.invitations().map(viewOf),
  );
  api.post(
    "/api/invitations",
    {
      config,
      schema: {
        summary: "Invite somebody; the code is told this once",
        tags,
        body: Type.Object(
          { role: PersonRole, expiresInHours: Type.Integer({ minimum: 1, maximum: 720 }) },
          { additionalProperties: false },
        ),
        response: { 200: NewInvitation, ...errors },
      },
    },
    (request) => {
      const { role, expiresInHours } = request.body;
      const { row, code } = people.invite(role, selfOf(request).personId, expiresInHours * hourMs);
      audit({ ...byWhom(request), action: "person.invite", detail: role });
      return { ...viewOf(row), code, path: `/join/${code}` };
    },
  );
  api.delete(
    "/api/invitations/:id",
    { config, schema: { summary: "Take an invitation back", tags, params: Id, response: none } },
    async (request, reply) => {
      people.removeInvitation(request.params.id);
      audit({ ...byWhom(request), action: "person.uninvite" });
      return reply.code(204).send(null);
    },
  );
}
